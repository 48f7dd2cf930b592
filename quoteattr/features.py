"""What the sentence classifier sees of a sentence: its own make-up (first stage), and its surroundings (second stage).

Lines carry the surroundings: a line's score is the mean over its words, and windows of lines are differences of
running sums, so that everything is a few array steps whatever the length of the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from quoteattr.document import BOILERPLATE_KINDS
from quoteattr.lexicon import WORD_CATEGORIES, Lexicon
from quoteattr.linear import FloatArray, Slot, bucket, softmax
from quoteattr.tokens import SHAPES, IntArray, Tokens

HASHED = 1 << 15  # word pairs are hashed to this many rows ...
PAIRS = HASHED + len(WORD_CATEGORIES) ** 2  # ... and pairs of categories follow
LABELS = ("article", *BOILERPLATE_KINDS)
SHAPE_SLOTS = (
    Slot("tokens", 12),
    Slot("last character", 10),
    Slot("capitalised share", 6),
    Slot("digits", 5),
    Slot("alone on its line", 2),
    Slot("length and end", 120),
    Slot("odd characters", 8),
    Slot("upper-case share", 4),
    Slot("first shapes", len(SHAPES) ** 3),
    Slot("last shapes", len(SHAPES) ** 3),
)
# The words that the second stage counts; the first class is what remains when the words of grammar are left out.
CLASSES = (
    "content", "modal", "negation", "report_verb", "number_word", "first_person", "auxiliary", "time", "verb", "maybe_verb", "past",
    "noun", "quantity", "role", "body", "past_event", "change", "measure", "compare", "institution", "opinion_word",
    "speculation", "advice", "wish", "belief", "address",
)  # fmt: skip
GRAMMAR = (
    "determiner", "preposition", "conjunction", "auxiliary", "modal", "subject_pronoun", "possessive", "subordinator",
)  # fmt: skip
_LOWER, _TITLE, _UPPER, _DIGITS = (SHAPES.index(name) for name in ("lower", "Title", "UPPER", "digits"))
_LENGTHS = (2, 3, 4, 6, 8, 11, 15, 20, 30, 45, 70)
_FINAL = {".": 0, "!": 1, "?": 2, '"': 3, "”": 3, "’": 4, "'": 4, ":": 5, "…": 6, ")": 9}
_ENDS = 4  # the last of these that a sentence ends with
_ODD = (("@", "http", "www.", ".com"), ("|", "»", "›"), ("©", "×", "▼"))  # addresses, separators, rights and buttons

_CLAIM = len(LABELS)  # the column of the first stage's claim score, behind the labels
_PROSE, _LONG = 12, 18  # tokens from which a sentence, and a line, can be prose
_FAR = 40  # lines; nothing further away is near
_OF_KIND = 0.5  # probability from which on a line is of a kind
_SHORT = 9  # tokens below which a line is short
_MOST_HEADINGS = 20
_NO_PROSE = 10  # the line of the first prose where there is none
_GAP = 4  # lines between two of prose that are one stretch
_TOP, _HEADS = 60, 8  # sentences from the top that may repeat a headline; sentences that may be one
_EVERY = 1 << 30
OFFSETS = (0, -1, -2, -3, 1, 2, 3)  # the lines whose score is seen one by one
WINDOWS = ((-6, 0), (1, 7), (-3, 4), (-_EVERY, 0), (1, _EVERY))  # the stretches of lines whose mean score is seen
NEAR = ((-3, 0), (1, 4), (-8, 0), (1, 9))  # ... and of which the mean of every label, of cohesion and of prose is seen
TOUCHING = ((-1, 0), (0, 1), (1, 2))  # single lines, for the kind
_LISTS = tuple(LABELS.index(kind) for kind in ("comments", "related"))  # what runs on for many lines below its heading


@lru_cache(maxsize=4)
def class_table(lexicon: Lexicon) -> FloatArray:
    """Over the vocabulary: 1 where a word is in each of `CLASSES`."""
    columns = [~lexicon.any_of(*GRAMMAR), *(lexicon.classes[name] for name in CLASSES[1:])]
    return np.stack(columns, axis=1).astype(np.float32)


class SentenceFeatures:
    """What the sentences of a text, or of several that were joined, are made of: words, word pairs, characters, shapes.

    Parameters
    ----------
    tokens : Tokens
    spans : sequence of (start, end)
        The sentences; there is one.
    lexicon : Lexicon
    places : sequence of (start, end), optional
        Where each of several texts stands; each has a sentence.

    Attributes
    ----------
    words, shapes, pairs, patterns, owner : int arrays
        Of each token that stands in a sentence: its word, shape, pair with the word before (hashed) and pair of both
        words' categories, as rows below `PAIRS`, and its sentence.
    at, length, line, number : int arrays
        Of each sentence: its first token, number of tokens, line (counted through all texts), and text.
    sentence_from, line_from : int arrays
        The first sentence and line of each text; one entry more than there are texts.
    first_of_line, last_of_line : int arrays
        The sentences at the ends of each line.
    slots : list of int arrays
        The columns of `SHAPE_SLOTS`.
    """

    def __init__(
        self,
        tokens: Tokens,
        spans: Sequence[tuple[int, int]],
        lexicon: Lexicon,
        places: Sequence[tuple[int, int]] | None = None,
    ):
        self.spans, self.lexicon = spans, lexicon
        starts, ends = np.array(spans, np.int32).reshape(-1, 2).T
        places = places or [(0, len(tokens.text))]
        self.sentence_from = np.append(np.searchsorted(starts, [s for s, _ in places]), len(spans))
        self.number = np.repeat(np.arange(len(places)), np.diff(self.sentence_from))
        first = np.searchsorted(tokens.ends, starts, side="right")
        last = np.maximum(np.searchsorted(tokens.starts, ends, side="left"), first + 1)
        self.length: IntArray = (last - first).astype(np.int32)
        self.at = np.cumsum(self.length) - self.length
        self.owner = np.repeat(np.arange(len(spans)), self.length)
        position = np.arange(len(self.owner)) + (first - self.at)[self.owner]
        self.words, self.shapes = tokens.words[position], tokens.shapes[position]
        before = np.empty_like(self.words)
        before[1:] = self.words[:-1]
        before[self.at] = lexicon.line_break
        self.pairs: IntArray = ((before.astype(np.int64) * 40503 + self.words * 2654435) % HASHED).astype(np.int32)
        category = lexicon.category(self.words, self.shapes)
        category_before = np.empty_like(category)
        category_before[1:] = category[:-1]
        category_before[self.at] = WORD_CATEGORIES.index("break")
        self.patterns: IntArray = HASHED + category_before * len(WORD_CATEGORIES) + category
        self._read_characters(tokens.text, places)
        self._find_lines()
        self.slots = self._shape_columns()

    def __len__(self) -> int:
        return len(self.spans)

    def sums(self, values: npt.NDArray[np.float32]) -> FloatArray:
        """Per-sentence sums of per-token values."""
        result: FloatArray = np.add.reduceat(values, self.at, axis=0)
        return result

    @cached_property
    def is_content(self) -> npt.NDArray[np.bool_]:
        """Of each token: whether it is a word, and none of grammar."""
        result: npt.NDArray[np.bool_] = (self.shapes >= _LOWER) & (class_table(self.lexicon)[self.words, 0] > 0)
        return result

    def class_counts(self) -> FloatArray:
        """How many words of each of `CLASSES` a sentence has; only words count as content."""
        table = class_table(self.lexicon)[self.words]
        table[:, 0] = self.is_content
        return self.sums(table)

    def _read_characters(self, text: str, places: Sequence[tuple[int, int]]) -> None:
        """One walk over the sentences' strings: lines, blank lines, last and odd characters, marks, copies."""
        line = -1
        rows: list[tuple[int, bool, int, int, bool]] = []
        copies: list[tuple[int, int]] = []
        present = [(1 << bit, mark) for bit, group in enumerate(_ODD) for mark in group if mark in text]
        for (end, _), low, high in zip(places, self.sentence_from.tolist(), self.sentence_from[1:].tolist()):
            keys: list[str] = []
            line += 1
            for start, stop in self.spans[low:high]:
                gap, piece = text[end:start], text[start:stop]
                breaks = gap.count("\n") or gap.count("\r")
                line += breaks > 0 and len(keys) > 0
                final = _FINAL.get(piece[-1:], 8 if piece[-1:].isalpha() else 7)
                odd = 0
                for bit, mark in present:
                    if mark in piece:
                        odd |= bit
                rows.append((line, breaks > 1, final, odd, '"' in piece or "“" in piece or "”" in piece))
                keys.append(piece.casefold())
                end = stop
            copies += _copies(keys)
        self.line, self.blank_before, self.final, self.odd, self.mark = np.array(rows, np.int32).T
        self.copies = np.array(copies, np.float32)

    def _find_lines(self) -> None:
        change = self.line[1:] != self.line[:-1]
        self.first_of_line = np.flatnonzero(np.concatenate([[True], change]))
        self.last_of_line = np.flatnonzero(np.concatenate([change, [True]]))
        self.sentences_in_line = self.last_of_line - self.first_of_line + 1
        self.line_from = np.append(self.line[self.sentence_from[:-1]], len(self.first_of_line))
        self.alone = self.sentences_in_line[self.line] == 1
        self.ended = self.final <= _ENDS
        self.ends_prose = self.ended & (self.length >= 7)

    def _shape_columns(self) -> list[IntArray]:
        """The slots of `SHAPE_SLOTS`."""
        shapes = self.shapes
        word = shapes >= _LOWER
        kinds = [word, (shapes >= _TITLE) & (shapes != _DIGITS), shapes == _UPPER, shapes == _DIGITS]
        count, capital, upper, self.digits = self.sums(np.stack(kinds, axis=1).astype(np.float32)).T
        self.capital, self.upper = np.array([capital, upper]) / np.maximum(count, 1)
        length = bucket(self.length, _LENGTHS)
        edge = np.arange(3)[:, None]
        inside = (self.length > edge) * np.array([[64], [8], [1]])
        first = (shapes[np.minimum(self.at + edge, len(shapes) - 1)] * inside).sum(axis=0, dtype=np.int32)
        last = (shapes[np.maximum(self.at + self.length - 1 - edge, 0)] * inside).sum(axis=0, dtype=np.int32)
        return [
            length, self.final, (self.capital * 5).astype(np.int32), np.minimum(self.digits, 4).astype(np.int32),
            self.alone.astype(np.int32), length * 10 + self.final, self.odd, (self.upper * 3.99).astype(np.int32),
            first, last,
        ]  # fmt: skip


def _copies(keys: list[str]) -> list[tuple[int, int]]:
    """For each of a text's sentences: how often it stood before, and how often it stands in all."""
    counts = Counter(keys)
    if len(counts) == len(keys):
        return [(0, 1)] * len(keys)
    seen = Counter[str]()
    copies = []
    for key in keys:
        copies.append((seen[key], counts[key]))
        seen[key] += 1
    return copies


class Context:
    """The second stage's features: first-stage scores of a sentence beside those of the lines around it.

    Parameters
    ----------
    features : SentenceFeatures
    first : float array of shape (sentences, labels + claim)
        The first stage's scores.
    """

    def __init__(self, features: SentenceFeatures, first: FloatArray):
        self.features = f = features
        self.labels = softmax(first[:, :_CLAIM])
        article = self.labels[:, 0].clip(1e-6, 1 - 1e-6)
        self.log_labels = np.log(self.labels.clip(1e-4))
        self.score: FloatArray = np.log((1 - article) / article).clip(-6, 6)
        self.claim: FloatArray = first[:, _CLAIM].clip(-6, 6)
        self.counts = f.class_counts()
        self._prose_sentences: npt.NDArray[np.bool_] = f.ends_prose & (f.length >= _PROSE)
        self.shared, self.cohesion = self._cohesion(self._prose_sentences & (self.score < 0))
        weight = f.length[:, None].astype(np.float32)
        ones = np.ones(len(f), np.float32)
        columns = [self.labels, self.cohesion, self._prose_sentences, self.claim, self.score, ones]
        values = np.column_stack(columns) * weight
        by_line: FloatArray = np.add.reduceat(values, f.first_of_line, axis=0, dtype=np.float32)
        self.line_weight = by_line[:, -1]
        self._line_labels = by_line[:, :_CLAIM] / by_line[:, -1:]
        self.line_claim, self.line_score = (by_line[:, -3:-1] / by_line[:, -1:]).T
        self._sums = np.zeros((len(by_line) + 1, by_line.shape[1]))
        np.cumsum(by_line, axis=0, out=self._sums[1:])
        # Of each line: its text's first line and one past the last, and its place among them.
        lines = np.diff(f.line_from)
        self._texts = len(lines)
        self._text = np.repeat(np.arange(self._texts), lines)
        self._low, self._high = f.line_from[self._text], f.line_from[self._text + 1]
        self._place, self._lines = np.arange(len(by_line)) - self._low, lines[self._text]
        # The lines of prose, those of them that look like article, and the first of these in each text.
        self._prose_lines = (self.line_weight >= _LONG) & f.ends_prose[f.last_of_line]
        self._article_lines = np.flatnonzero(self._prose_lines & (self.line_score < 0))
        self.first_prose = np.full(self._texts, _NO_PROSE)
        backward = self._article_lines[::-1]
        self.first_prose[self._text[backward]] = self._place[backward]

    def boilerplate(self) -> FloatArray:
        """What decides on boilerplate: a row a sentence."""
        f = self.features
        near = self._windows(NEAR)
        lines = np.column_stack([
            *(self._shifted(self.line_score, by) for by in OFFSETS), self._windows(WINDOWS)[:, :, -1].T,
            *near[:, :, : _CLAIM + 2], *self._places(),
        ])  # fmt: skip
        block, of_block = self._main_block()
        own = np.column_stack([
            self.score, self.claim, f.length, f.ends_prose, f.capital, np.minimum(f.digits, 10), f.alone, f.copies,
            self._like_headline(), *self.as_headline, f.mark, f.upper, np.arange(len(f)) - f.first_of_line[f.line], self.cohesion,
            self.log_labels, *self._cohesion(of_block & self._prose_sentences),
        ])  # fmt: skip
        return np.concatenate([own, lines[f.line], block[f.line]], axis=1, dtype=np.float32)

    def kinds(self) -> FloatArray:
        """What decides on the kind: a row a sentence."""
        near = self._windows(TOUCHING + NEAR)[:, :, :_CLAIM]
        k, n = self._place, self._lines
        place = np.column_stack([k < 5, k < 15, k > n - 6, k > n - 20, k / n])
        lines = np.column_stack([*(3 * near), place])
        return np.concatenate([self.log_labels, lines[self.features.line]], axis=1, dtype=np.float32)

    def claims(self) -> FloatArray:
        """What decides on claim: a row a sentence."""
        f = self.features
        before, behind = np.roll(self.claim, 1), np.roll(self.claim, -1)
        before[f.sentence_from[:-1]] = behind[f.sentence_from[1:] - 1] = 0
        mean = np.add.reduceat(self.claim, f.sentence_from[:-1]) / np.diff(f.sentence_from)
        columns = [
            self.claim, self.line_claim[f.line], before, behind, mean[f.number],
            self.log_labels, self.cohesion, f.shapes[f.at], f.sentences_in_line[f.line], self.score, f.length, f.mark,
            np.minimum(f.digits, 10), f.capital * f.length, f.ends_prose, f.final, self.counts[:, 1:],
            np.minimum(f.line - f.line_from[f.number], 5),
        ]  # fmt: skip
        return np.column_stack(columns).astype(np.float32)

    def _cohesion(self, sentences: npt.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
        """How many of a sentence's content words stand in some others of its text too, and their share."""
        f = self.features
        content, prose = f.is_content, sentences[f.owner]
        word = f.words + f.number[f.owner] * len(f.lexicon.vocabulary)  # the same word of another text is another
        counts = np.bincount(word[prose & content], minlength=len(f.lexicon.vocabulary) * len(f.line_from[1:]))
        shared = (counts[word] > prose) & content  # more often than in the sentence itself
        count = f.sums(shared.astype(np.float32))
        return count, (count / np.maximum(self.counts[:, 0], 1)).astype(np.float32)

    @cached_property
    def as_headline(self) -> tuple[FloatArray, FloatArray]:
        """How much of what the prose is about a line above it has, by itself and beside the best of these lines."""
        f = self.features
        above = (f.line - f.line_from[f.number] < self.first_prose[f.number]) & ~f.ends_prose
        value: FloatArray = np.where(above, self.shared * self.cohesion, 0).astype(np.float32)
        best = np.maximum.reduceat(value, f.sentence_from[:-1])[f.number]
        return value, (value / np.maximum(best, 1)).astype(np.float32)

    def _windows(self, windows: tuple[tuple[int, int], ...]) -> FloatArray:
        """Means over the lines from `low` to below `high`, counted from each line: (windows, lines, columns)."""
        edges = (np.arange(len(self._low)) + np.array(windows).T[:, :, None]).clip(self._low, self._high)
        low, high = self._sums[edges]
        sums = high - low
        result: FloatArray = sums[:, :, :-1] / np.maximum(sums[:, :, -1:], 1)
        return result

    def _shifted(self, values: FloatArray, by: int) -> FloatArray:
        """Each line's value `by` lines further on; 0 beyond the ends of its text."""
        if not by:
            return values
        inside = (self._place + by >= 0) & (self._place + by < self._lines)
        result: FloatArray = np.where(inside, np.roll(values, -by), 0)
        return result

    def _places(self) -> list[npt.NDArray[Any]]:
        """Where each line stands, and how it looks among its neighbours."""
        f, k, n, prose = self.features, self._place, self._lines, self._prose_lines
        ends = f.ends_prose[f.last_of_line].astype(np.float32)
        since, until, before, behind = self._distances(self._article_lines)
        since_long, until_long, _, _ = self._distances(np.flatnonzero(self.line_weight >= _SHORT))
        score = np.bincount(self._text[prose], self.line_score[prose], self._texts)
        prose_score = score / np.maximum(np.bincount(self._text[prose], minlength=self._texts), 1)
        blank = np.append(f.blank_before[f.first_of_line], 1)
        blank_behind = np.where(k == n - 1, 1, blank[1:])
        return [
            k / n, np.minimum(k, 60), np.minimum(n - 1 - k, 60), np.minimum(n, 300), self.line_weight,
            self._shifted(self.line_weight, -1), self._shifted(self.line_weight, 1), self._shifted(ends, -1),
            self._shifted(ends, 1), since, until, before, behind, since_long + until_long, f.sentences_in_line,
            blank[:-1], blank_behind, prose_score[self._text], *self._since_headings(),
        ]  # fmt: skip

    def _since_headings(self) -> list[npt.NDArray[np.intp]]:
        """How far each line is below the last short one that speaks of comments, and how many such lines there are up to
        and from it; the same for other stories."""
        columns = []
        for label in _LISTS:
            of_kind = self._line_labels[:, label] >= _OF_KIND
            since, _, before, behind = self._distances(np.flatnonzero(of_kind & (self.line_weight < _SHORT)))
            columns += [since, np.minimum(before, _MOST_HEADINGS), np.minimum(behind, _MOST_HEADINGS)]
        return columns

    def _main_block(self) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
        """Where each line stands to the longest stretch of its text's prose, and which sentences are in that.

        Teasers and readers' posts are prose too, but stand behind the article.
        """
        k, texts, prose = np.arange(len(self._low)), self._texts, self._article_lines
        text = self._text[prose]
        begins = np.diff(prose, prepend=-_FAR) > _GAP
        begins[1:] |= text[1:] != text[:-1]
        weight = np.bincount(np.cumsum(begins) - 1, self.line_weight[prose])
        first = np.flatnonzero(begins)
        last = np.append(first[1:], len(prose)) - 1
        order = np.lexsort((weight, text[first]))  # of each text the heaviest run comes last
        first, last, of = first[order], last[order], text[first[order]]
        low, high, share = np.full(texts, -1), np.full(texts, -1), np.zeros(texts)
        low[of], high[of], share[of] = prose[first], prose[last], weight[order]
        share /= np.maximum(np.bincount(text, self.line_weight[prose], texts), 1)
        low, high, has = low[self._text], high[self._text], (high >= 0)[self._text]
        behind = np.where(has, (k - high).clip(0, _FAR), _FAR)
        before = np.where(has, (low - k).clip(0, _FAR), _FAR)
        block = np.column_stack([before, behind, share[self._text], has & (k >= low) & (k <= high)])
        return block.astype(np.float32), block[:, 3].astype(bool)[self.features.line]

    def _like_headline(self) -> FloatArray:
        """Share of a sentence's words that stand in an earlier one of the first lines (a headline given again)."""
        f = self.features
        share = np.zeros(len(f), np.float32)
        known = np.zeros((len(f.lexicon.vocabulary), _HEADS + 1), bool)
        fits = (f.length >= 4) & (f.length <= 40)
        early = fits & (f.line - f.line_from[f.number] <= self.first_prose[f.number] + 2)
        for low, high in zip(f.sentence_from.tolist(), f.sentence_from[1:].tolist()):
            n = min(high - low, _TOP)
            heads = np.flatnonzero(early[low : low + n])[:_HEADS]
            column = np.full(n, _HEADS)  # the last column is for words of no head
            column[heads] = np.arange(len(heads))
            at = f.at[low : low + n] - f.at[low]
            words = f.words[f.at[low] : f.at[low] + at[-1] + f.length[low + n - 1]]
            known[words, np.repeat(column, f.length[low : low + n])] = True
            shared = np.add.reduceat(known[words], at, axis=0, dtype=np.float32)[:, : len(heads)]
            shared[np.arange(n)[:, None] <= heads] = 0
            share[low : low + n] = shared.max(axis=1, initial=0)
            known[words] = False
        share *= fits / f.length
        return share

    def _distances(self, marked: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.intp], ...]:
        """For each line: lines since and until a marked one of its text, and how many are up to and from it."""
        k = np.arange(len(self._low))
        upto, below = np.searchsorted(marked, k, side="right"), np.searchsorted(marked, k)
        edge = np.concatenate([[-_FAR - 1], marked, [len(k) + _FAR]])
        last, following = edge[upto], edge[below + 1]
        since = np.where(last >= self._low, np.minimum(k - last, _FAR), _FAR)
        until = np.where(following < self._high, np.minimum(following - k, _FAR), _FAR)
        return since, until, upto - np.searchsorted(marked, self._low), np.searchsorted(marked, self._high) - below
