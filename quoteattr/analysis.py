"""What the quotation and people stages share about one text: tokens without blanks, sentences, lines, marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from quoteattr.lexicon import Lexicon
from quoteattr.marks import Stretch, find_stretches
from quoteattr.tokens import IntArray, Tokens

BoolArray = npt.NDArray[np.bool_]
_LINE = re.compile(r"[^\n\r]+")


class Analysis:
    """The token arrays of one text, blanks left out and line breaks kept as one token each.

    Attributes
    ----------
    words, shapes, starts, ends : int arrays
        As in `Tokens`; quotation marks of every form are the one word for an opening or a closing mark.
    sentence, line : int arrays
        The sentence and the line of each token.
    stretches : list of Stretch
    inside : int array
        The stretch that a token stands in, or -1.
    opens, closes : int arrays
        The stretch whose opening (closing) mark a token is, or -1.
    dropped : bool array
        Whether a token stands in boilerplate.
    """

    def __init__(
        self,
        tokens: Tokens,
        lexicon: Lexicon,
        sentences: Sequence[tuple[int, int]],
        boilerplate: Sequence[bool],
    ):
        self.text = tokens.text
        self.lexicon = lexicon
        is_break = tokens.words == lexicon.line_break
        keep = (tokens.shapes != 0) | is_break
        keep[1:] &= ~(is_break[1:] & is_break[:-1])
        self.words: IntArray = tokens.words[keep]
        self.shapes: IntArray = tokens.shapes[keep]
        self.starts: IntArray = tokens.starts[keep]
        self.ends: IntArray = tokens.ends[keep]
        self.sentences = sentences
        sentence_starts = np.array([s for s, _ in sentences] or [0])
        self.sentence: IntArray = (np.searchsorted(sentence_starts, self.starts, side="right") - 1).clip(0).astype(np.int32)
        self.line: IntArray = np.cumsum(self.words == lexicon.line_break, dtype=np.int32)
        self.boilerplate = np.array(boilerplate, bool)
        self.dropped: BoolArray = self.boilerplate[self.sentence] if len(boilerplate) else np.zeros(len(self), bool)
        self._find_marks()

    def __len__(self) -> int:
        return len(self.words)

    def _find_marks(self) -> None:
        self.stretches: list[Stretch] = find_stretches(self.text, self._dropped_lines())
        self.inside: IntArray = np.full(len(self), -1, np.int32)
        self.opens: IntArray = np.full(len(self), -1, np.int32)
        self.closes: IntArray = np.full(len(self), -1, np.int32)
        if not self.stretches:
            return
        edges = np.array([(s.outer_start, s.start, s.end, s.outer_end) for s in self.stretches], np.int64)
        a, b, c, d = self.at(edges).T
        self.stretch_from, self.stretch_to = b.astype(np.int32), c.astype(np.int32)
        for n, (first, start, end, last) in enumerate(zip(a.tolist(), b.tolist(), c.tolist(), d.tolist())):
            self.inside[start:end] = n
            self.opens[first:start] = n
            self.closes[end:last] = n
        self.words[self.opens >= 0] = self.lexicon.opening
        self.words[self.closes >= 0] = self.lexicon.closing

    def _dropped_lines(self) -> list[tuple[int, int]]:
        """The lines of which every sentence is boilerplate."""
        if not self.boilerplate.any():
            return []
        kept = np.array([s for (s, _), b in zip(self.sentences, self.boilerplate) if not b], np.int64)
        lines = []
        for match in _LINE.finditer(self.text):
            low, high = np.searchsorted(kept, match.span())
            if low == high and match[0].strip():
                lead = len(match[0]) - len(match[0].lstrip())
                lines.append((match.start() + lead, match.end()))
        return lines

    def at(self, offsets: npt.ArrayLike) -> IntArray:
        """The first token that ends after each offset."""
        return np.searchsorted(self.ends, offsets, side="right").astype(np.int32)

    def before(self, offsets: npt.ArrayLike) -> IntArray:
        """One past the last token that starts before each offset."""
        return np.searchsorted(self.starts, offsets, side="left").astype(np.int32)

    @cached_property
    def sentence_from(self) -> IntArray:
        """The first token of each sentence; one entry more than there are sentences."""
        return np.searchsorted(self.sentence, np.arange(len(self.sentences) + 1)).astype(np.int32)

    @cached_property
    def sentence_to(self) -> IntArray:
        """One past the last token of each sentence, line break left out."""
        return self.before([e for _, e in self.sentences])

    def word(self, i: int) -> str:
        """The characters of a token."""
        return self.text[self.starts[i] : self.ends[i]]
