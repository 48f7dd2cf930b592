"""Which earlier wordings may hold a given one: an inverted index that is only asked for a wording's rarest shingles.

A shingle is a run of words. Two wordings of one utterance share runs, and among the shorter one's rarest there is
nearly always one that the longer has too, be it a copy or six words out of forty. Frequent runs are not asked, and of
those that are asked only the latest wordings are looked at: the work for one wording does not grow with their number.

Shingles are hashed to slots of a table; a collision costs a comparison, never a wrong merge. A slot's wordings are a
linked list in flat arrays, which is a tenth of the memory of lists in a dict.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from zlib import crc32

import numpy as np
import numpy.typing as npt

_WORDS = 3  # of a shingle: in a million quotes pairs come back too often to tell one from another
_PROBES = 6
_REACH = 128  # wordings looked at for one shingle
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)  # one for each word
_FEWEST_BITS, _MOST_BITS = 16, 27
_COMMONEST = np.iinfo(np.uint16).max


class ShingleIndex:
    """Wordings by their shingles.

    Parameters
    ----------
    shingles : int
        How many there will be at most, over all wordings.
    """

    def __init__(self, shingles: int):
        self._bits = min(max(shingles.bit_length(), _FEWEST_BITS), _MOST_BITS)
        self._counts = np.zeros(1 << self._bits, np.uint16)
        self._latest = array("i", bytes(4 << self._bits))  # of each slot: a node, or 0
        self._wording, self._before = array("i", [0]), array("i", [0])  # of each node

    def count(self, wordings: Sequence[Sequence[bytes]]) -> None:
        """Count the shingles of some wordings; comes first, for all that will be asked or added."""
        slots, n = np.unique(self._slots(wordings)[0], return_counts=True)
        self._counts[slots] = np.minimum(self._counts[slots] + n, _COMMONEST)

    def rarest_first(self, wordings: Sequence[Sequence[bytes]]) -> Iterator[list[int]]:
        """The slots of each wording; those that no other wording shares are left out."""
        slots, owners = self._slots(wordings)
        counts = self._counts[slots]
        order = np.lexsort((counts, owners))
        order = order[counts[order] > 1]
        ends = np.searchsorted(owners[order], np.arange(len(wordings)), side="right").tolist()
        ordered: list[int] = slots[order].tolist()
        start = 0
        for end in ends:
            yield ordered[start:end]
            start = end

    def _slots(self, wordings: Sequence[Sequence[bytes]]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The different slots of each wording, and whose they are."""
        words = np.array([crc32(word) for wording in wordings for word in wording], np.uint64)
        lengths = np.array([len(wording) for wording in wordings])
        owners = np.repeat(np.arange(len(wordings)), lengths)
        last = len(words) + 1 - _WORDS
        whole = owners[:last] == owners[_WORDS - 1 :]
        hashes = sum(words[i : last + i] * factor for i, factor in enumerate(_FACTORS))[whole]
        hashes = (hashes ^ (hashes >> np.uint64(29))) * _FACTORS[0]
        slots = (hashes >> np.uint64(64 - self._bits)).astype(np.int64)
        both = np.sort(owners[:last][whole] << self._bits | slots)
        both = both[np.diff(both, prepend=-1) > 0]
        return both & ((1 << self._bits) - 1), both >> self._bits

    def candidates(self, slots: Sequence[int]) -> list[int]:
        """The wordings that share the rarest of these slots: most of them first, and none with less than half of that."""
        votes: dict[int, int] = {}
        for slot in slots[:_PROBES]:
            node = self._latest[slot]
            left = _REACH
            while node and left:
                wording = self._wording[node]
                votes[wording] = votes.get(wording, 0) + 1
                node = self._before[node]
                left -= 1
        most = max(votes.values(), default=0)
        return sorted((w for w, n in votes.items() if 2 * n >= most), key=votes.__getitem__, reverse=True)

    def add(self, wording: int, slots: Sequence[int]) -> None:
        """Make a wording known by its slots."""
        for slot in slots:
            self._before.append(self._latest[slot])
            self._latest[slot] = len(self._wording)
            self._wording.append(wording)
