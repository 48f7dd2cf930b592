"""The one scan of the characters that all else shares: tokens, interned to numbers.

A token is a word (letters, digits, inner hyphens), one other character, or one white-space character that no
word follows; a single space in front belongs to the token, so that the tokens add up to the text and their
offsets are running sums of lengths. Each token is interned to a word (its lower-case form, or a suffix class
where the vocabulary lacks it) and a shape (Title, UPPER, digits ...): small integers that index tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import repeat

import numpy as np
import numpy.typing as npt

from quoteattr.segmenter import LINE_BREAKS

IntArray = npt.NDArray[np.int32]

_TOKEN = re.compile(r" ?\w+(?:-\w+)*| ?[^\w\s]|\s")
SHAPES = ("space", "mark", "lower", "Title", "UPPER", "Letter", "digits", "mixed")
_SPACE, _MARK, _LOWER, _TITLE, _UPPER, _LETTER, _DIGITS, _MIXED = range(8)
_SUFFIX = 3
UNKNOWN = "~"
_REMEMBERED = 50_000
_SEPARATOR = "\n" * 12  # wider than any window of words looks


def join(texts: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Texts laid end to end, to be read as one in a few array steps, and where each of them stands.

    They stand so far apart that whoever looks at the words around a word sees nothing of the next text.
    """
    places, start = [], 0
    for text in texts:
        places.append((start, start + len(text)))
        start += len(text) + len(_SEPARATOR)
    return _SEPARATOR.join(texts), places


def shape_of(word: str) -> int:
    """The shape of a token without its leading space, as an index into `SHAPES`."""
    if "-" in word and len(word) > 1:
        word = word[: word.index("-")]
    if word.islower():
        return _LOWER
    if not word[:1].isalnum():
        return _SPACE if word.isspace() else _MARK
    if word.isdigit():
        return _DIGITS
    if word.isupper():
        return _LETTER if len(word) == 1 else _UPPER
    if word[0].isupper() and word[1:].islower():
        return _TITLE
    return _MIXED


def backoff(word: str) -> str:
    """The class of a word that the vocabulary lacks: digits by their number, else the last letters."""
    if word.isdigit():
        return UNKNOWN + "0" * min(len(word), 5)
    if not word[:1].isalnum():
        return UNKNOWN
    return UNKNOWN + word[-_SUFFIX:].lower()


class Vocabulary:
    """The known words, in a fixed order; word number 0 is the unknown one.

    Parameters
    ----------
    words : iterable of str
        Lower-case words, marks and suffix classes (`backoff`), without repetition.
    alike : mapping of str to str, optional
        Further words, each with the one of `words` whose number it shares: what nothing tells apart.
    """

    def __init__(self, words: Iterable[str], alike: Mapping[str, str] | None = None):
        self.words = list(words)
        self.alike = dict(alike or {})
        self.index = {word: i for i, word in enumerate(self.words)}
        self.index.update({word: self.index[other] for word, other in self.alike.items()})
        # What a raw token interns to: word << 8 | shape << 1 | has a leading space.
        self._known: dict[str, int] = {}
        for i, word in enumerate(self.words):  # the others are rare: they are looked up when they come
            if word.startswith(UNKNOWN):
                continue
            for form in (word, word.title()) if word[:1].isalpha() else (word,):
                code = i << 8 | shape_of(form) << 1
                self._known[form] = code
                self._known[" " + form] = code | 1

        for char in LINE_BREAKS:
            self._known[char] = self.index.get("\n", 0) << 8 | _SPACE << 1
        # Unseen tokens are remembered as they come, up to a bound: what they intern to never changes.
        self._most = len(self._known) + _REMEMBERED

    def __len__(self) -> int:
        return len(self.words)

    def intern(self, strings: list[str]) -> npt.NDArray[np.int64]:
        """The code of each raw token."""
        codes = np.fromiter(map(self._known.get, strings, repeat(-1)), np.int64, len(strings))
        for i in np.flatnonzero(codes < 0).tolist():
            codes[i] = self._unseen(strings[i])
            if len(self._known) < self._most:
                self._known[strings[i]] = int(codes[i])
        return codes

    def _unseen(self, raw: str) -> int:
        word = raw[1:] if len(raw) > 1 and raw[0] == " " else raw
        lower = word.lower()
        number = self.index.get(lower)
        if number is None:
            number = self.index.get(backoff(word), 0)
        return number << 8 | shape_of(word) << 1 | (len(word) < len(raw))


class Tokens:
    """The tokens of a text: parallel arrays.

    Attributes
    ----------
    text : str
    strings : list of str
        The raw tokens, leading space included.
    words, shapes : int arrays
        Vocabulary number and shape of each token.
    starts, ends : int arrays
        Offsets of each token, its leading space left out.
    """

    __slots__ = ("__dict__", "ends", "shapes", "starts", "strings", "text", "words")

    def __init__(self, text: str, vocabulary: Vocabulary):
        self.text = text
        self.strings: list[str] = _TOKEN.findall(text)
        codes = vocabulary.intern(self.strings)
        self.words: IntArray = (codes >> 8).astype(np.int32)
        self.shapes: IntArray = ((codes >> 1) & 127).astype(np.int32)
        lengths = np.fromiter(map(len, self.strings), np.int32, len(self.strings))
        self.ends: IntArray = lengths.cumsum(dtype=np.int32)
        self.starts: IntArray = self.ends - lengths + (codes & 1).astype(np.int32)

    def __len__(self) -> int:
        return len(self.strings)

    @cached_property
    def spaced(self) -> npt.NDArray[np.bool_]:
        """Whether white space stands before each token (the text's first token counts as spaced)."""
        gap = np.ones(len(self), bool)
        if len(self) > 1:
            gap[1:] = (self.starts[1:] > self.ends[:-1]) | (self.shapes[:-1] == _SPACE)
        return gap

    def index_at(self, offsets: npt.ArrayLike) -> IntArray:
        """The first token that ends after each offset."""
        return np.searchsorted(self.ends, offsets, side="right").astype(np.int32)
