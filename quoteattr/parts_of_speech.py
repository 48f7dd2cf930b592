"""Parts of speech: what each word does in its sentence.

"Claims" is a noun in "claims that he lied" and a verb in "she claims he lied". Two linear taggers say so, the second stacked on
the first (Cohen and Carvalho 2005): it sees what the first one thought of the neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from quoteattr.analysis import Analysis
from quoteattr.lexicon import PARTS, WORD_CATEGORIES, Lexicon
from quoteattr.linear import WORD, FloatArray, Linear, Slot, window
from quoteattr.tokens import SHAPES, IntArray

_K, _N, _P = len(WORD_CATEGORIES), len(SHAPES), len(PARTS)
_BREAK, _OTHER = WORD_CATEGORIES.index("break"), PARTS.index("other")
_MARGINS = (1.0, 3.0)  # log odds between the best and the second part: unsure, likely, sure
_LEVELS = len(_MARGINS) + 1
_MARK, _LOWER, _DIGITS = (SHAPES.index(shape) for shape in ("mark", "lower", "digits"))
_AUXILIARIES = ("none", "be", "have", "do", "modal")
_REACH = 5  # distances of an auxiliary from here on count as one
_CUTS_OFF = np.isin(
    WORD_CATEGORIES,
    ("comma", "stop", "punctuation", "opening", "closing", "break", "conjunction", "that", "subordinator", "relative"),
)
FIRST_SLOTS = (
    Slot("word", WORD),
    *(Slot(f"categories {o:+d} {o + 1:+d}", _K * _K) for o in (-3, -2, -1, 0, 1, 2)),
    Slot("categories -1 +1", _K * _K),
    Slot("shapes -1 0 and place", _N * _N * 2),
    Slot("shapes 0 +1", _N * _N),
    Slot("auxiliary before and category", len(_AUXILIARIES) * _REACH * _K),
    Slot("shape, place and category", _N * 2 * _K),
)
SECOND_SLOTS = (
    Slot("word", WORD),
    Slot("best, second and margin", _P * _P * _LEVELS),
    *(Slot(f"part {o:+d}, best", _P * _LEVELS * _P) for o in (-3, -2, -1, 1, 2, 3)),
    Slot("parts -1 +1", _P * _P),
    Slot("parts -2 -1", _P * _P),
    Slot("parts +1 +2", _P * _P),
    Slot("part -1 and category", _P * _K),
    Slot("part +1 and category", _P * _K),
)


def first_columns(a: Analysis, at: IntArray) -> list[IntArray]:
    """The slots of some tokens for the first tagger."""
    category = window(a.word_category, at, (-3, -2, -1, 0, 1, 2, 3), _BREAK)
    shape = window(a.shapes, at, (-1, 0, 1), 0)
    return [
        a.words[at], *(category[k] * _K + category[k + 1] for k in range(6)), category[2] * _K + category[4],
        (shape[0] * _N + shape[1]) * 2 + a.starts_sentence[at], shape[1] * _N + shape[2],
        _auxiliary(a, at) * _K + category[3], (shape[1] * 2 + a.starts_sentence[at]) * _K + category[3],
    ]  # fmt: skip


@lru_cache(maxsize=4)
def _auxiliaries(lexicon: Lexicon) -> IntArray:
    """Over the vocabulary: which auxiliary a word is, as an index into `_AUXILIARIES`."""
    kind = np.zeros(len(lexicon.vocabulary), np.int32)
    kind[lexicon.classes["auxiliary"]] = _AUXILIARIES.index("do")
    kind[lexicon.one_of(("have", "has", "had", "having"))] = _AUXILIARIES.index("have")
    kind[lexicon.classes["be"]] = _AUXILIARIES.index("be")
    kind[lexicon.classes["modal"]] = _AUXILIARIES.index("modal")
    return kind


def _auxiliary(a: Analysis, at: IntArray) -> IntArray:
    """The last auxiliary or modal in front of some tokens, or "none" for what cuts them off from it, and its distance."""
    kind = _auxiliaries(a.lexicon)[a.words]
    seen = np.where((kind > 0) | _CUTS_OFF[a.word_category], np.arange(len(a)), -1)
    last = np.append([-1], np.maximum.accumulate(seen)[:-1])[at]
    found = np.where(last < 0, 0, kind[last])
    result: IntArray = (found * _REACH + (at - last).clip(1, _REACH) - 1).astype(np.int32)
    return result


def second_columns(a: Analysis, at: IntArray, part: IntArray, first: FloatArray) -> list[IntArray]:
    """The slots of some tokens for the second tagger: what the first one thought; `part` is what the other tokens are."""
    rows = np.arange(len(at))
    best = first.argmax(axis=1)
    others = first.copy()
    others[rows, best] = -np.inf
    second = others.argmax(axis=1)
    level = np.searchsorted(_MARGINS, first[rows, best] - first[rows, second])
    known = part * _LEVELS + len(_MARGINS)
    known[at] = best * _LEVELS + level
    around = window(known, at, (-3, -2, -1, 1, 2, 3), _OTHER * _LEVELS + len(_MARGINS))
    near = around // _LEVELS
    category = a.word_category[at]
    return [
        a.words[at], (best * _P + second) * _LEVELS + level, *(k * _P + best for k in around),
        near[2] * _P + near[3], near[1] * _P + near[2], near[3] * _P + near[4],
        near[2] * _K + category, near[3] * _K + category,
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PartTagger:
    """Both taggers, and for each word of the vocabulary the only part that it ever is, or -1."""

    only: IntArray
    first: Linear
    second: Linear

    def __call__(self, a: Analysis) -> IntArray:
        """The part of every token, an index into `PARTS`: "other" for marks and for what is dropped."""
        part = only_part(a, self.only)
        part[a.dropped] = _OTHER
        at = np.flatnonzero(part < 0).astype(np.int32)
        if len(at):
            first = self.first.scores(first_columns(a, at))
            part[at] = self.second.scores(second_columns(a, at, part, first)).argmax(axis=1)
        return part


def only_part(a: Analysis, only: IntArray) -> IntArray:
    """The part of the tokens that can be but one, given that of such words; -1 of the others."""
    settled = np.where(a.shapes == _LOWER, only[a.words], -1)  # not "US", "Bill Page"
    part = np.where(a.shapes == _DIGITS, PARTS.index("number"), settled)
    return np.where(a.shapes <= _MARK, _OTHER, part).astype(np.int32)
