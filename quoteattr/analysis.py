"""What the quotation and people stages share about a text, or several: tokens without blanks, sentences, lines, marks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from quoteattr.lexicon import AUXILIARY, VERB, Lexicon
from quoteattr.marks import LINE, Stretch, find_stretches
from quoteattr.tokens import SHAPES, IntArray, Tokens

BoolArray = npt.NDArray[np.bool_]
_MARK, _DIGITS, _LETTER = (SHAPES.index(name) for name in ("mark", "digits", "Letter"))


@dataclass(frozen=True, slots=True)
class TokenLists:
    """The tokens of one text as lists: for what goes from token to token, where arrays are slow.

    Attributes
    ----------
    text : str
    lexicon : Lexicon
    words, starts, ends, sentence, line : list of int
        As in `Analysis`, offsets counted from the text's own start.
    is_inside : list of bool
        Whether a token stands between quotation marks.
    opens_sentence : set of int
        The first token of each sentence.
    """

    text: str
    lexicon: Lexicon
    words: list[int]
    starts: list[int]
    ends: list[int]
    sentence: list[int]
    line: list[int]
    is_inside: list[bool]
    opens_sentence: set[int]

    def __len__(self) -> int:
        return len(self.words)

    def word(self, i: int) -> str:
        """The characters of a token."""
        return self.text[self.starts[i] : self.ends[i]]


class Analysis:
    """The token arrays of one text, or of several that were joined; blanks left out, line breaks kept as one token each.

    Parameters
    ----------
    tokens : Tokens
    lexicon : Lexicon
    sentences : sequence of (start, end)
    boilerplate : sequence of bool
        Whether each sentence is.
    places : sequence of (start, end), optional
        Where each of several texts stands; each has a sentence.

    Attributes
    ----------
    words, shapes, starts, ends : int arrays
        As in `Tokens`; quotation marks of every form and length are one token, the word for an opening or a closing mark.
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
        places: Sequence[tuple[int, int]] | None = None,
    ):
        self.text = tokens.text
        self.lexicon = lexicon
        is_break = tokens.words == lexicon.line_break
        keep = (tokens.shapes != 0) | is_break
        self.places = places or [(0, len(self.text))]
        self.sentences = sentences
        self.boilerplate = np.array(boilerplate, bool)
        self.stretches: list[Stretch] = find_stretches(self.text, self._dropped_lines(), self.places)
        ends = self._whole_marks(tokens, keep)
        again = is_break[1:] & is_break[:-1]
        if len(self.places) > 1:  # what stands between texts is kept, to keep them apart
            number = np.searchsorted([s for s, _ in self.places], tokens.starts, side="right") - 1
            between = tokens.starts >= np.array([e for _, e in self.places])[number]
            again &= ~(between[1:] | between[:-1])
        keep[1:] &= ~again
        self.words: IntArray = tokens.words[keep]
        self.shapes: IntArray = tokens.shapes[keep]
        self.starts: IntArray = tokens.starts[keep]
        self.ends: IntArray = ends[keep]
        sentence_starts = np.array([s for s, _ in sentences] or [0])
        self.sentence: IntArray = (np.searchsorted(sentence_starts, self.starts, side="right") - 1).astype(np.int32)
        first = np.searchsorted(sentence_starts, [s for s, _ in self.places])
        self.sentence = np.maximum(self.sentence, first[self.number])
        self.line: IntArray = np.cumsum(self.words == lexicon.line_break, dtype=np.int32)
        self.dropped: BoolArray = self.boilerplate[self.sentence] if len(boilerplate) else np.zeros(len(self), bool)
        self._place_marks()

    def __len__(self) -> int:
        return len(self.words)

    def _whole_marks(self, tokens: Tokens, keep: BoolArray) -> IntArray:
        """Keep one token of a mark that has several (two apostrophes, an HTML entity); give the ends of the tokens then."""
        ends = tokens.ends
        marks = [m for s in self.stretches for m in ((s.outer_start, s.start), (s.end, s.outer_end)) if m[1] - m[0] > 1]
        if marks:
            ends = ends.copy()
            # Those that lie within it: of marks in a wrong encoding the last byte may have run into a word.
            first = np.searchsorted(tokens.starts, [start for start, _ in marks])
            last = np.searchsorted(tokens.ends, [end for _, end in marks], side="right")
            for low, high in zip(first.tolist(), last.tolist()):
                if low < high:
                    keep[low + 1 : high] = False
                    ends[low] = tokens.ends[high - 1]
        return ends

    def _place_marks(self) -> None:
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
        kept = [s for (s, _), b in zip(self.sentences, self.boilerplate.tolist()) if not b]
        lines = [match.span() for match in LINE.finditer(self.text)]
        return [(start, end) for start, end in lines if bisect_left(kept, start) == bisect_left(kept, end)]

    def at(self, offsets: npt.ArrayLike) -> IntArray:
        """The first token that ends after each offset."""
        return np.searchsorted(self.ends, offsets, side="right").astype(np.int32)

    def before(self, offsets: npt.ArrayLike) -> IntArray:
        """One past the last token that starts before each offset."""
        return np.searchsorted(self.starts, offsets, side="left").astype(np.int32)

    @cached_property
    def token_from(self) -> IntArray:
        """The first token of each text; one entry more than there are texts."""
        return np.append(self.before([s for s, _ in self.places]), len(self)).astype(np.int32)

    @cached_property
    def number(self) -> IntArray:
        """The text that each token stands in."""
        return np.repeat(np.arange(len(self.places)), np.diff(self.token_from)).astype(np.int32)

    @cached_property
    def line_of_text(self) -> IntArray:
        """The line of each token, counted from its text's first."""
        before = np.append([0], self.line)[self.token_from[:-1]]
        result: IntArray = self.line - before[self.number]
        return result

    @cached_property
    def mark_lists(self) -> tuple[list[int], list[int], list[int]]:
        """`inside`, `opens` and `closes` as lists: for what asks token by token, where arrays are slow."""
        return self.inside.tolist(), self.opens.tolist(), self.closes.tolist()

    @cached_property
    def starts_sentence(self) -> BoolArray:
        """Which tokens are the first of a sentence."""
        result = np.zeros(len(self) + 1, bool)
        result[self.sentence_from] = True
        return result[:-1]

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
    def word_category(self) -> IntArray:
        """What each token's word does in a clause, wherever it stands: an index into `WORD_CATEGORIES`."""
        return self.lexicon.category(self.words, self.shapes)

    @cached_property
    def part(self) -> IntArray:
        """The part of speech of each token: an index into `PARTS`."""
        return self.lexicon.tagger(self)

    @cached_property
    def category(self) -> IntArray:
        """What each token does in its clause: an index into `CATEGORIES`."""
        return self.lexicon.in_context(self.words, self.word_category, self.part)

    @cached_property
    def cues_before(self) -> IntArray:
        """How many verbs of saying, outside quotation marks, stand before each position."""
        verb = self.lexicon.classes["report_verb"][self.words] & (self.inside < 0)
        return np.concatenate([[0], np.cumsum(verb, dtype=np.int32)])

    @cached_property
    def words_before(self) -> npt.NDArray[np.intp]:
        """How many words stand before each position."""
        return np.append([0], np.cumsum(self.shapes > _MARK))

    @cached_property
    def is_finite(self) -> BoolArray:
        """Which tokens are finite verbs, auxiliaries and modals: where one stands, there is a clause."""
        result: BoolArray = (self.part == VERB) | (self.part == AUXILIARY)
        return result

    @cached_property
    def is_verb(self) -> BoolArray:
        """Which tokens are verbs or auxiliaries."""
        result: BoolArray = self.form > 0
        return result

    @cached_property
    def is_capital(self) -> BoolArray:
        """Which tokens are words with a capital."""
        result: BoolArray = (self.shapes >= SHAPES.index("Title")) & (self.shapes != _DIGITS)
        return result

    @cached_property
    def in_name(self) -> BoolArray:
        """Which tokens stand in runs of capitalised words: names, as far as spelling tells."""
        closed = self.lexicon.any_of(
            "determiner", "preposition", "conjunction", "subordinator", "auxiliary", "modal", "subject_pronoun", "object_pronoun",
            "possessive", "weekday", "month", "quantity", "negation", "time", "adverb_of_saying",
        )  # fmt: skip
        words = self.words
        capital = self.is_capital & ~closed[words] & ~self.dropped & (words != self.lexicon.number("according"))
        joint = self.lexicon.one_of((".", "'", "\u2019", "&", "of", "de", "van", "bin", "al", "la"))[words]
        between = joint & np.append([False], capital[:-1]) & np.append(capital[1:], False)
        abbreviated = (self.shapes == _LETTER) | self.lexicon.classes["title"][words]
        between &= (words != self.lexicon.number(".")) | np.append([False], abbreviated[:-1])
        result: BoolArray = capital | between
        return result

    @cached_property
    def behind_title(self) -> BoolArray:
        """Which tokens are the name behind a title: the "Dale" of "Mr. Dale" and "Sir Dale"."""
        title = self.lexicon.classes["title"][self.words] & self.is_capital
        with_stop = np.append([False], title[:-1]) & (self.words == self.lexicon.number("."))
        result: BoolArray = self.is_capital & np.append([False], (title | with_stop)[:-1])
        return result

    @cached_property
    def is_possessive(self) -> BoolArray:
        """Which tokens are an "s" right behind a mark: that of a possessive, or the last letter of "U.S."."""
        glued = np.append([False], (self.starts[1:] == self.ends[:-1]) & (self.shapes[:-1] == _MARK))
        result: BoolArray = (self.words == self.lexicon.number("s")) & glued[: len(self)]
        return result

    @cached_property
    def form(self) -> IntArray:
        """The form of each verb and auxiliary: an index into `FORMS`."""
        return self.lexicon.forms_in_context(self.words, self.part)

    @cached_property
    def punctuation(self) -> BoolArray:
        """Which tokens are marks that no clause ends with."""
        return self.lexicon.classes["punctuation"][self.words]

    @cached_property
    def in_number(self) -> BoolArray:
        """Which positions stand beside the comma of "1,000"; one more than there are tokens."""
        digits, at = self.shapes == _DIGITS, np.flatnonzero(self.is_comma)
        at = at[(at > 0) & (at < len(self) - 1)]
        tight = (self.starts[at] == self.ends[at - 1]) & (self.starts[at + 1] == self.ends[at])
        at = at[tight & digits[at - 1] & digits[at + 1]]
        result = np.zeros(len(self) + 1, bool)
        result[at] = result[at + 1] = True
        return result

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

    def lists(self) -> Iterator[TokenLists]:
        """The tokens of each text as lists."""
        offset = np.array([s for s, _ in self.places])[self.number]
        columns = self.words, self.starts - offset, self.ends - offset, self.sentence, self.line, self.inside >= 0
        every = [column.tolist() for column in columns]
        first = self.sentence_from[:-1]
        edges = self.token_from.tolist()
        firsts = np.split(first, np.searchsorted(first, edges[1:-1]))
        for (start, end), low, high, opening in zip(self.places, edges, edges[1:], firsts):
            words, starts, ends, sentence, line, inside = (column[low:high] for column in every)
            opens = set((opening - low).tolist())
            yield TokenLists(self.text[start:end], self.lexicon, words, starts, ends, sentence, line, inside, opens)

    def word(self, i: int) -> str:
        """The characters of a token."""
        return self.text[self.starts[i] : self.ends[i]]
