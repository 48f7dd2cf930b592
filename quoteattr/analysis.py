"""What the quotation and people stages share about one text: tokens without blanks, sentences, lines, marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from quoteattr.lexicon import CATEGORIES, Lexicon
from quoteattr.marks import Stretch, find_stretches
from quoteattr.segmenter import LINE_BREAKS
from quoteattr.tokens import SHAPES, IntArray, Tokens

BoolArray = npt.NDArray[np.bool_]
_TITLE, _DIGITS = SHAPES.index("Title"), SHAPES.index("digits")
_CLOSED = CATEGORIES.index("determiner")
_LINE = re.compile(f"[^{LINE_BREAKS}]+")


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
    stretch_from, stretch_to, stretch_outer_from, stretch_outer_to : int arrays
        The tokens of each stretch, without and with its marks.
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
        self.sentence: IntArray = (
            (np.searchsorted(sentence_starts, self.starts, side="right") - 1).clip(0).astype(np.int32)
        )
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
        nothing = np.zeros(0, np.int32)
        self.stretch_from = self.stretch_to = self.stretch_outer_from = self.stretch_outer_to = nothing
        if not self.stretches:
            return
        edges = np.array([(s.outer_start, s.start, s.end, s.outer_end) for s in self.stretches], np.int64)
        a, b, c, d = self.at(edges).T
        self.stretch_outer_from, self.stretch_from, self.stretch_to = a, b, c
        self.stretch_outer_to = self.before(edges[:, 3])
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

    # Arrays that several stages ask at positions up to the text's end.

    @cached_property
    def opens_padded(self) -> IntArray:
        """`opens`, and -1 behind the end."""
        return np.append(self.opens, np.full(3, -1, np.int32))

    @cached_property
    def closes_before(self) -> IntArray:
        """The stretch whose closing mark stands right before each position, or -1."""
        return np.concatenate([np.full(1, -1, np.int32), self.closes])

    @cached_property
    def inside_padded(self) -> IntArray:
        """`inside`, and -1 behind the end."""
        return np.append(self.inside, np.full(3, -1, np.int32))

    @cached_property
    def category(self) -> IntArray:
        """What each token does in a clause: an index into `CATEGORIES`."""
        category = self.lexicon.categories[self.words]
        capital = (self.shapes >= _TITLE) & (self.shapes != _DIGITS) & (category < _CLOSED)
        category = np.where(capital, CATEGORIES.index("Name"), category)
        return np.where(self.shapes == _DIGITS, CATEGORIES.index("digits"), category).astype(np.int32)

    @cached_property
    def cues_before(self) -> IntArray:
        """How many verbs of saying, outside quotation marks, stand before each position."""
        verb = self.lexicon.classes["report_verb"][self.words] & (self.inside < 0)
        return np.concatenate([[0], np.cumsum(verb, dtype=np.int32)])

    @cached_property
    def punctuation(self) -> BoolArray:
        """Which tokens are marks that no clause ends with."""
        return self.lexicon.classes["punctuation"][self.words]

    @cached_property
    def is_comma(self) -> BoolArray:
        """Which tokens are commas; False behind the end."""
        return np.append(self.words == self.lexicon.number(","), False)

    @cached_property
    def commas(self) -> IntArray:
        """How many commas stand before each position."""
        return np.concatenate([[0], np.cumsum(self.is_comma, dtype=np.int32)])

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
