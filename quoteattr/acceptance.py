"""Acceptance: which of the possible quotations are quotations.

What the linear scorers made of a cue is looked at as a whole: cue, source and content together, beside the other cues
of the sentence. Boosted trees over a few dozen numbers say whether it is an utterance.
"""

from __future__ import annotations

import numpy as np

from quoteattr.analysis import Analysis
from quoteattr.contents import Contents, Frames
from quoteattr.cues import CONFIGURATIONS, NONE, Cues
from quoteattr.lexicon import CATEGORIES
from quoteattr.linear import FloatArray, Linear, product
from quoteattr.mentions import Mentions
from quoteattr.tokens import IntArray

_BREAK = CATEGORIES.index("break")
_SIDES = np.array([[c[0] in "LB", c[0] in "RB", c[1] == "l", c[1] == "r"] for c in CONFIGURATIONS], np.float32)
_STARTS = tuple(
    CATEGORIES.index(c)
    for c in ("that", "determiner", "possessive", "subject_pronoun", "Name", "subordinator", "opening")
)


def acceptance_features(
    a: Analysis, mentions: Mentions, f: Frames, c: Contents, cues: Cues, scorer: Linear
) -> FloatArray:
    """What decides on each frame: a row a frame; `scorer` is what gave the cues their probabilities."""
    n = len(a)
    at, probability = cues.at, cues.probability
    row = np.searchsorted(at, f.cue)
    p = probability[row]
    odds = np.log(1 / p[:, NONE].clip(1e-5, 1 - 1e-5) - 1)
    sentence = a.sentence[f.cue]
    first, last = a.sentence_from[sentence], a.sentence_to[sentence]
    category = np.append(a.category, _BREAK)  # before the first token and behind the last
    source, has = np.maximum(f.source, 0), f.source >= 0
    nothing = np.zeros(len(f), np.int32)
    start, end, type_, tagged = (
        (mentions.start[source], mentions.end[source], mentions.type[source] * has, mentions.tagged[source] * has)
        if len(mentions)
        else (nothing,) * 4
    )
    gap = np.where(has, np.where(start > f.cue, start - f.cue - 1, f.cue - end), -1)
    # The other cues of the sentence: how likely the likeliest before and behind is, and how many are likely.
    own = a.sentence[at]
    before, behind = _neighbours(own, 1 - probability[:, NONE])
    likely = np.bincount(own, probability[:, NONE] < 0.5, len(a.sentences))[sentence]
    verbs, finites, marked = (np.append([0], np.cumsum(x)) for x in (a.is_verb, a.is_finite, a.inside >= 0))
    chosen = p[np.arange(len(p)), f.configuration]
    margins = scorer.margins([column[row] for column in cues.columns], f.configuration, NONE)
    columns = [
        *margins.T, odds, chosen, chosen / p[:, 1:].sum(axis=1), *product(p[:, 1:], _SIDES[1:]).T, *_SIDES[f.configuration].T,
        has, f.source_probability, type_, tagged, gap,
        category[f.cue - 1], category[f.cue + 1], category[np.minimum(f.cue + 2, n)], a.category[f.cue], a.shapes[f.cue], a.part[f.cue], a.form[f.cue],
        f.cue - first, last - f.cue, last - first, before[row], behind[row], likely,
        np.minimum(a.line_of_text[f.cue], 5), np.where(f.cue > first, a.commas[f.cue] - a.commas[first], 0),
        marked[last] - marked[first],
    ]  # fmt: skip
    for side in range(2):
        low, high = c.start[:, side], c.end[:, side]
        there = low >= 0
        low, high = np.where(there, low, 0), np.where(there, high, 0)
        length = high - low
        opening = category[low]
        columns += [
            there, c.share[:, side], length, np.where(there, np.abs(f.cue - np.where(side, low, high)), -1),
            (verbs[high] - verbs[low]), (finites[high] - finites[low]), (marked[high] - marked[low]) / np.maximum(length, 1),
            *(there & (opening == k) for k in _STARTS), there & (category[low - 1] == _STARTS[0]),
            np.where(there, opening, -1), np.where(there, category[high], -1),
            there & (high >= a.sentence_to[a.sentence[np.maximum(high - 1, 0)]] - 1),
            there & (low == a.sentence_from[a.sentence[low]]),
        ]  # fmt: skip
    return np.column_stack(columns).astype(np.float32)


def _neighbours(sentence: IntArray, likely: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For each candidate: how likely the likeliest one before it and behind it in its sentence is."""
    before, behind = np.zeros_like(likely), np.zeros_like(likely)
    same = sentence[1:] == sentence[:-1]
    best = 0.0
    values = likely.tolist()
    for i, together in enumerate(same.tolist(), 1):
        best = max(best, values[i - 1]) if together else 0.0
        before[i] = best
    best = 0.0
    for i in range(len(values) - 2, -1, -1):
        best = max(best, values[i + 1]) if same[i] else 0.0
        behind[i] = best
    return before, behind
