"""Sentences -> probabilities: boilerplate and its kind, factual claim.

Two stages. The first scores every sentence by its words, word pairs and shape alone. The second, boosted trees, sees
that score beside those of the neighbouring lines, the place in the text, repetition, and resemblance to the headline:
a menu item or a teaser is known by the company it keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quoteattr.document import BOILERPLATE_KINDS
from quoteattr.lexicon import Lexicon
from quoteattr.linear import FloatArray, Linear, Slot, bucket, sigmoid, softmax
from quoteattr.tokens import SHAPES, IntArray, Tokens
from quoteattr.trees import Trees

PAIRS = 1 << 15  # word pairs are hashed to this many rows
LABELS = ("article", *BOILERPLATE_KINDS)
_TITLE, _UPPER, _DIGITS = SHAPES.index("Title"), SHAPES.index("UPPER"), SHAPES.index("digits")

SHAPE_SLOTS = (
    Slot("tokens", 12),
    Slot("last character", 10),
    Slot("first shape", len(SHAPES)),
    Slot("capitalised share", 6),
    Slot("digits", 5),
    Slot("alone on its line", 2),
    Slot("length and end", 120),
    Slot("odd characters", 8),
    Slot("upper-case share", 4),
)
CONTEXT_FEATURES = (
    "own score", "claim score", "own line", "line -1", "line -2", "line -3", "line +1", "line +2", "line +3", "mean before", "mean behind",
    "mean around", "all before", "all behind", "place", "from the top", "from the end", "tokens", "tokens in line", "tokens line -1", "tokens line +1",
    "ends like a sentence", "line -1 ends so", "line +1 ends so", "capitalised share", "digits", "copies before", "copies in all",
    "like the headline", "since prose", "until prose", "prose before", "prose behind", "alone", "lines in text", "quotation mark",
    "blank before", "blank behind", "kind top", "short run",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SentenceScores:
    """For each sentence: probability of boilerplate and of claim, and the likeliest kind as an index."""

    boilerplate: FloatArray
    kind: IntArray
    claim: FloatArray


class SentenceFeatures:
    """The arrays of one text that both stages read."""

    def __init__(self, tokens: Tokens, spans: Sequence[tuple[int, int]], lexicon: Lexicon):
        self.tokens, self.spans, self.lexicon = tokens, spans, lexicon
        starts, ends = np.array(spans, np.int32).reshape(-1, 2).T
        self.starts, self.ends = starts, ends
        self.first = np.searchsorted(tokens.ends, starts, side="right").astype(np.int32)
        self.last = np.maximum(np.searchsorted(tokens.starts, ends, side="left"), self.first + 1).astype(np.int32)
        self.length = self.last - self.first
        words = tokens.words
        self.owner = np.repeat(np.arange(len(spans), dtype=np.int32), self.length)
        at = np.concatenate([[0], np.cumsum(self.length)[:-1]])
        self.position = (np.arange(len(self.owner)) - at[self.owner] + self.first[self.owner]).astype(np.int32)
        self.at = at
        self.words = words[self.position]
        before = np.where(np.arange(len(self.owner)) == at[self.owner], 1, np.roll(self.words, 1))
        self.pairs = ((before.astype(np.int64) * 40503 + self.words * 2654435) % PAIRS).astype(np.int32)
        text = tokens.text
        breaks = np.cumsum(np.fromiter((("\n" in text[a:b] or "\r" in text[a:b]) for a, b in zip([0, *ends.tolist()], starts.tolist())), np.int32, len(spans)))
        self.line: IntArray = (breaks - breaks[0]).astype(np.int32)
        self.blank_before = np.fromiter((text.count("\n", a, b) > 1 for a, b in zip([0, *ends.tolist()], starts.tolist())), bool, len(spans))

    def sums(self, values: npt.NDArray[np.float32]) -> FloatArray:
        """Per-sentence sums of per-token values."""
        result: FloatArray = np.add.reduceat(values, self.at, axis=0)
        return result

    def shape_columns(self) -> list[IntArray]:
        """The slots of `SHAPE_SLOTS`."""
        text = self.tokens.text
        shapes = self.tokens.shapes[self.position]
        is_word = (shapes >= 2)
        count = self.sums(is_word.astype(np.float32)).clip(1)
        self.capital = self.sums((is_word & (shapes >= _TITLE) & (shapes != _DIGITS)).astype(np.float32)) / count
        upper = self.sums((shapes == _UPPER).astype(np.float32)) / count
        self.digits = self.sums((shapes == _DIGITS).astype(np.float32))
        final = np.array([_FINAL.get(text[e - 1], 8 if text[e - 1].isalpha() else 7) for e in self.ends.tolist()], np.int32)
        long = bucket(self.length, (2, 3, 4, 6, 8, 11, 15, 20, 30, 45, 70))
        alone = np.ones(len(self.line), bool)
        alone[1:] &= self.line[1:] != self.line[:-1]
        alone[:-1] &= self.line[1:] != self.line[:-1]
        self.alone = alone
        odd = np.fromiter((_odd(text, s, e) for s, e in self.spans), np.int32, len(self.spans))
        self.ends_prose = (final <= 4) & (self.length >= 7)
        return [
            long, final, self.tokens.shapes[self.first], (self.capital * 5).astype(np.int32).clip(0, 5),
            self.digits.astype(np.int32).clip(0, 4), alone.astype(np.int32), long * 10 + final, odd,
            (upper * 3.99).astype(np.int32),
        ]  # fmt: skip

    def context(self, boilerplate: FloatArray, claim: FloatArray, top_kind: IntArray) -> FloatArray:
        """The matrix of `CONTEXT_FEATURES`; call `shape_columns` first."""
        n = len(self.spans)
        score = boilerplate.clip(-6, 6)
        lines = int(self.line[-1]) + 1
        weight = self.length.astype(np.float32)
        line_weight = np.bincount(self.line, weight, lines)
        line_score = np.bincount(self.line, score * weight, lines) / line_weight
        last_of_line = np.append(np.flatnonzero(np.diff(self.line)), n - 1)
        line_ends = self.ends_prose[last_of_line].astype(np.float32)

        def shift(values: npt.NDArray[np.floating], by: int, fill: float) -> npt.NDArray[np.floating]:
            padded = np.pad(values, 3, constant_values=fill)
            return padded[3 + by : 3 + by + lines]

        total, total_weight = np.append([0], np.cumsum(line_score * line_weight)), np.append([0], np.cumsum(line_weight))

        def mean(low: npt.NDArray[np.intp], high: npt.NDArray[np.intp]) -> npt.NDArray[np.floating]:
            low, high = low.clip(0, lines), high.clip(0, lines)
            return (total[high] - total[low]) / (total_weight[high] - total_weight[low]).clip(1)

        k = np.arange(lines)
        prose = (line_weight >= 18) & (line_ends > 0) & (line_score < 0)
        prose_at = np.flatnonzero(prose)
        if len(prose_at):
            before = np.searchsorted(prose_at, k, side="right") - 1
            behind = np.searchsorted(prose_at, k)
            since = np.where(before >= 0, k - prose_at[before.clip(0)], 40).clip(0, 40)
            until = np.where(behind < len(prose_at), prose_at[behind.clip(max=len(prose_at) - 1)] - k, 40).clip(0, 40)
        else:
            before, behind = np.full(lines, -1), np.zeros(lines, int)
            since = until = np.full(lines, 40)
        short = line_weight < 9
        run_edges = np.flatnonzero(~short)
        previous_long = np.append([-1], run_edges)[np.searchsorted(run_edges, k)]
        next_long = np.append(run_edges, lines)[np.searchsorted(run_edges, k)]
        short_run = np.where(short, (next_long - previous_long - 1).clip(0, 30), 0)
        texts = [self.tokens.text[s:e].casefold() for s, e in self.spans]
        seen: dict[str, int] = {}
        copies_before = np.zeros(n, np.float32)
        for i, t in enumerate(texts):
            copies_before[i] = seen.get(t, 0)
            seen[t] = seen.get(t, 0) + 1
        copies = np.array([seen[t] for t in texts], np.float32)
        headline = self._like_headline(prose_at)
        mark = np.array([('"' in t or "\u201c" in t or "\u201d" in t) for t in texts], np.float32)
        per_line = (
            line_score, shift(line_score, -1, 0), shift(line_score, -2, 0), shift(line_score, -3, 0), shift(line_score, 1, 0),
            shift(line_score, 2, 0), shift(line_score, 3, 0), mean(k - 6, k), mean(k + 1, k + 7), mean(k - 3, k + 4),
            mean(k * 0, k), mean(k + 1, k * 0 + lines),
        )  # fmt: skip
        line = self.line
        columns = [
            score, claim.clip(-6, 6), *(v[line] for v in per_line), line / max(lines, 1), line.clip(0, 60),
            (lines - 1 - line).clip(0, 60), self.length, line_weight[line], shift(line_weight, -1, 0)[line], shift(line_weight, 1, 0)[line],
            self.ends_prose, shift(line_ends, -1, 0)[line], shift(line_ends, 1, 0)[line], self.capital, self.digits.clip(0, 10), copies_before,
            copies, headline, since[line], until[line], (before + 1)[line], (len(prose_at) - behind)[line], self.alone,
            np.full(n, min(lines, 300)), mark, self.blank_before, np.append(self.blank_before[1:], True), top_kind, short_run[line],
        ]  # fmt: skip
        return np.stack([np.asarray(c, np.float32) for c in columns], axis=1)

    def _like_headline(self, prose_at: npt.NDArray[np.intp]) -> FloatArray:
        """Share of a sentence's longer words that stand in an earlier one of the first lines (a headline given again)."""
        share = np.zeros(len(self.spans), np.float32)
        heads: list[set[int]] = []
        limit = int(prose_at[0]) + 2 if len(prose_at) else 12
        for i in range(min(len(self.spans), 60)):
            if self.length[i] < 4 or self.length[i] > 40:
                continue
            words = set(self.words[self.at[i] : self.at[i] + self.length[i]].tolist())
            if heads:
                share[i] = max(len(words & h) / len(words) for h in heads)
            if self.line[i] <= limit and len(heads) < 8:
                heads.append(words)
        return share


_FINAL = {".": 0, "!": 1, "?": 2, '"': 3, "\u201d": 3, "\u2019": 4, "'": 4, ":": 5, "\u2026": 6, ")": 9}


def _odd(text: str, start: int, end: int) -> int:
    """Which characters of addresses, separators and rights stand in a sentence: bits."""
    piece = text[start:end]
    address = "@" in piece or "http" in piece or "www." in piece or ".com" in piece
    return address + 2 * ("|" in piece or "\u00bb" in piece or "\u203a" in piece) + 4 * ("\u00a9" in piece or "\u00d7" in piece or "\u25bc" in piece)


class SentenceClassifier:
    """Probabilities of boilerplate (with its kind) and of a factual claim.

    Parameters
    ----------
    words, pairs : float arrays
        Weights of each word and hashed word pair: a column for each of `LABELS`, and one for claim.
    shape : Linear
        Weights of the shape slots, for the same columns.
    boilerplate, claim : Trees
        The second stage.
    """

    def __init__(self, words: FloatArray, pairs: FloatArray, shape: Linear, boilerplate: Trees, claim: Trees):
        self.words, self.pairs, self.shape = words, pairs, shape
        self.boilerplate, self.claim = boilerplate, claim

    def first_stage(self, features: SentenceFeatures) -> FloatArray:
        """Scores of each sentence from its own words and shape: (sentences, labels + claim)."""
        bag = features.sums(self.words[features.words] + self.pairs[features.pairs])
        bag /= np.sqrt(features.length.astype(np.float32))[:, None]
        result: FloatArray = bag + self.shape.scores(features.shape_columns())
        return result

    def score(self, tokens: Tokens, spans: Sequence[tuple[int, int]], lexicon: Lexicon) -> SentenceScores:
        """Probabilities of the sentences of a text."""
        if not spans:
            nothing = np.zeros(0, np.float32)
            return SentenceScores(nothing, np.zeros(0, np.int32), nothing)
        features = SentenceFeatures(tokens, spans, lexicon)
        first = self.first_stage(features)
        logits, claim, kind = split(first)
        context = features.context(logits, claim, kind)
        return SentenceScores(sigmoid(self.boilerplate.scores(context)), kind, sigmoid(self.claim.scores(context)))


def split(first: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Log odds of boilerplate, log odds of claim, and likeliest kind, from the first stage's scores."""
    labels = softmax(first[:, :-1])
    article = labels[:, 0].clip(1e-6, 1 - 1e-6)
    return np.log((1 - article) / article), first[:, -1], labels[:, 1:].argmax(axis=1).astype(np.int32)
