"""Exact counts of any number of keys in bounded memory."""

from __future__ import annotations

import sqlite3
import weakref
from collections import Counter
from collections.abc import Mapping

_CAPACITY = 200_000  # keys in memory
_CREATE = "CREATE TABLE counts (family TEXT, key TEXT, n INTEGER, PRIMARY KEY (family, key)) WITHOUT ROWID"
_ADD = "INSERT INTO counts VALUES (?, ?, ?) ON CONFLICT (family, key) DO UPDATE SET n = n + excluded.n"


class Tally:
    """Counts of keys, which are grouped in families.

    When memory holds `capacity` keys, their counts are added to those in a temporary file, which SQLite makes and
    deletes by itself. So the counts are exact however many keys there are.

    Parameters
    ----------
    capacity : int
        How many keys are held in memory.

    Examples
    --------
    >>> tally = Tally()
    >>> tally.add({("verb", "said"): 2, ("verb", "told"): 1, ("kind", "direct"): 3})
    >>> tally.add({("verb", "told"): 4})
    >>> tally.most_common("verb")
    [('told', 5), ('said', 2)]
    """

    def __init__(self, capacity: int = _CAPACITY):
        self._capacity = capacity
        self._recent: Counter[tuple[str, str]] = Counter()
        # Without a name: a file of its own, gone when closed, by whatever thread that is.
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        weakref.finalize(self, self._file.close)
        self._file.execute("PRAGMA journal_mode = OFF")  # nobody would recover it
        self._file.execute(_CREATE)

    def add(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Count keys, given with their families, so many times."""
        self._recent.update(counts)
        if len(self._recent) >= self._capacity:
            self._spill()

    def get(self, family: str, key: str) -> int:
        """How often a key was counted."""
        return self._number("SELECT n FROM counts WHERE family = ? AND key = ?", family, key)

    def total(self, family: str) -> int:
        """How often all keys of a family were counted."""
        return self._number("SELECT sum(n) FROM counts WHERE family = ?", family)

    def distinct(self, family: str) -> int:
        """How many keys a family has."""
        return self._number("SELECT count(*) FROM counts WHERE family = ?", family)

    def most_common(self, family: str, limit: int = -1) -> list[tuple[str, int]]:
        """The keys that were counted most, with their counts; equal ones in the order of the keys."""
        self._spill()
        query = "SELECT key, n FROM counts WHERE family = ? ORDER BY n DESC, key LIMIT ?"
        return self._file.execute(query, (family, limit)).fetchall()

    def _number(self, query: str, *values: str) -> int:
        self._spill()
        row = self._file.execute(query, values).fetchone()
        return row[0] or 0 if row else 0

    def _spill(self) -> None:
        if self._recent:
            rows = sorted((family, key, n) for (family, key), n in self._recent.items())
            self._file.execute("BEGIN")
            self._file.executemany(_ADD, rows)
            self._file.execute("COMMIT")
            self._recent.clear()
