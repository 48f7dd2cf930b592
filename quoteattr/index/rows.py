"""Rows of articles: read from JSON Lines; their sites and dates in one form."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from quoteattr.errors import CorpusError

_MILLISECONDS_FROM = 1e11  # as seconds this were the year 5138


def read_rows(inputs: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of files in order, each with its place ("file:line").

    Raises
    ------
    CorpusError
        If a file is of a kind that is not read, or damaged.
    """
    for name in inputs:
        if not name.endswith((".jsonl", ".jsonl.gz")):
            raise CorpusError(f"{name} is not read: pass .jsonl or .jsonl.gz files")
        number = 0
        try:
            with gzip.open(name) if name.endswith(".gz") else Path(name).open("rb") as stream:
                for number, line in enumerate(stream, 1):
                    if line.strip():
                        yield f"{name}:{number}", _row(line, f"{name}:{number}")
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise CorpusError(f"{name}:{number + 1} cannot be read from here on: {error}") from error


def _row(line: bytes, place: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"{place}: broken JSON: {error}") from error
    if not isinstance(row, dict):
        raise CorpusError(f"{place}: a JSON object is expected, not {line[:40]!r}")
    return row


class Field:
    """A field of rows, by name; tells afterwards if it never held anything.

    Parameters
    ----------
    name : str or None
        None: no field, and no value.
    option : str
        How the command line calls the name.
    """

    def __init__(self, name: str | None, option: str):
        self.name, self.option = name, option
        self._found = self._asked = False
        self._others: list[str] = []

    def site(self, row: Mapping[str, Any]) -> str | None:
        """The site: the value, or the host where it is a URL."""
        value = self._value(row)
        return None if value is None else site_of(str(value))

    def date(self, row: Mapping[str, Any]) -> str | None:
        """The date as `iso_date` gives it."""
        value = self._value(row)
        return None if value is None else iso_date(value)

    def _value(self, row: Mapping[str, Any]) -> Any:
        if self.name is None:
            return None
        self._asked = True
        value = row.get(self.name)
        if value in (None, ""):
            self._others = [name for name in row if name != "document"]
            return None
        self._found = True
        return value

    @property
    def complaint(self) -> str | None:
        """What to say if there were rows, and the field in none of them."""
        if self._found or not self._asked:
            return None
        return f"no article has a field {self.name!r} ({self.option}); the last one's fields: {', '.join(self._others) or 'none'}"


def site_of(value: str) -> str:
    """The site that a field names.

    Examples
    --------
    >>> site_of("https://www.example.org/news/1"), site_of("Example Herald")
    ('example.org', 'Example Herald')
    """
    host = urlsplit(value).hostname if "://" in value else None
    return host.removeprefix("www.") if host else value


def iso_date(value: Any) -> str | None:
    """A date in ISO 8601, of which the earlier sorts first: a time in UTC, or a day; None for what is no date.

    Parameters
    ----------
    value : str or number
        ISO 8601, a date as e-mails and feeds have it, or seconds or milliseconds since 1970.

    Examples
    --------
    >>> iso_date("2024-03-01T09:30:00+01:00"), iso_date("2024-03-01"), iso_date("Fri, 01 Mar 2024 08:30:00 GMT")
    ('2024-03-01T08:30:00Z', '2024-03-01', '2024-03-01T08:30:00Z')
    >>> iso_date(1709281800000), iso_date("yesterday")
    ('2024-03-01T08:30:00Z', None)
    """
    try:
        if isinstance(value, (int, float)):
            seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
            moment = datetime.fromtimestamp(seconds, timezone.utc)
        else:
            moment = _parsed(str(value).strip())
            if len(str(value).strip()) == len("2024-03-01"):
                return moment.date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parsed(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value[:-1] + "+00:00" if value.endswith("Z") else value)
    except ValueError:
        return parsedate_to_datetime(value)
