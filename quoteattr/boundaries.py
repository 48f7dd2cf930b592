"""The far boundary of a content, looked at again: of the likeliest few the one that makes a whole.

The linear ranker sees the words around a boundary; boosted trees see, for its best candidates, what the content and
the rest of the sentence would then be made of: clauses, commas, marks, other cues.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from quoteattr.analysis import Analysis
from quoteattr.contents import Frames
from quoteattr.lexicon import CATEGORIES, FORMS, PARTS
from quoteattr.linear import FloatArray
from quoteattr.tokens import IntArray

MOST = 5  # candidates a frame
_WITHIN = 4.0  # log odds below the best one that a candidate may stand; one in five hundred winners stood further down
_AROUND = (-2, -1, 0, 1, 2)
_SEEN = tuple(
    CATEGORIES.index(c)
    for c in ("comma", "stop", "conjunction", "that", "relative", "subordinator", "subject_pronoun", "preposition", "opening", "closing")
)  # fmt: skip


def likeliest(owner: IntArray, scores: FloatArray, most: int = MOST) -> npt.NDArray[np.intp]:
    """The rows of each owner's best candidates, the best first; owners are in order."""
    order = np.lexsort((-scores, owner))
    own = owner[order]
    first = np.searchsorted(own, own)
    rank = np.arange(len(own)) - first
    near = scores[order] >= scores[order][first] - _WITHIN
    return order[near & (rank < most)]


def boundary_features(
    a: Analysis, f: Frames, owner: IntArray, anchor: IntArray, position: IntArray, scores: FloatArray, cues: IntArray
) -> FloatArray:
    """What decides between far boundaries: a row a candidate, those of an owner side by side, the best first.

    `owner` is the frame of each, `anchor` the content's boundary near the cue, `cues` the likely cues of the text.
    """
    n = len(a)
    right = position > anchor
    low, high = np.minimum(position, anchor), np.maximum(position, anchor)
    sentence = a.sentence[np.minimum(np.where(right, low, np.maximum(high - 1, 0)), n - 1)]
    first, last = a.sentence_from[sentence], a.sentence_to[sentence]
    rest_low = np.where(right, high, np.minimum(first, low))
    rest_high = np.where(right, np.maximum(last, high), low)
    start = np.searchsorted(owner, owner)
    top = scores[start]
    share = np.exp(scores - top)
    share /= np.bincount(owner, share, len(f))[owner]
    lexicon, words = a.lexicon, a.words
    masks = (
        a.is_verb,
        a.is_finite,
        a.inside >= 0,
        a.opens >= 0,
        a.is_comma[:-1],
        a.part == PARTS.index("conjunction"),
        np.isin(a.part, (PARTS.index("relative"), PARTS.index("subordinator"))),
        a.part == PARTS.index("preposition"),
        lexicon.classes["subject_pronoun"][words],
        np.bincount(cues, minlength=n)[:n] > 0,
    )
    columns = [
        scores - top, share, np.arange(len(owner)) - start, high - low, rest_high - rest_low, right,
        a.inside_padded[position] >= 0, f.configuration[owner], lexicon.classes["takes_addressee"][words[f.cue[owner]]],
        np.abs(np.where(right, anchor - f.cue[owner], f.cue[owner] - anchor)),
    ]  # fmt: skip
    for mask in masks:
        before = np.append([0], np.cumsum(mask))
        columns += [before[high] - before[low], before[rest_high] - before[rest_low]]
    columns += _verb_forms(a, f.cue[owner], position, (low, high), (rest_low, rest_high))
    category = np.pad(a.category, 3, constant_values=CATEGORIES.index("break"))
    for offset in _AROUND:
        there = category[position + 3 + offset]
        columns.append(there)
        if -2 < offset < 2:
            columns += [there == k for k in _SEEN]
    opening = category[low + 3]
    columns += [opening, *(opening == k for k in _SEEN)]
    return np.column_stack(columns).astype(np.float32)


def _verb_forms(
    a: Analysis, cue: IntArray, position: IntArray, content: tuple[IntArray, IntArray], rest: tuple[IntArray, IntArray]
) -> list[npt.NDArray[np.generic]]:
    """The forms of cue, first verb of the content and first verb of the rest: "said he admires X and highlighted Y"."""
    form = np.append(a.form, [FORMS.index("none")] * 3)
    verbs = np.append(np.flatnonzero(a.is_verb), len(a))

    def first(low: IntArray, high: IntArray) -> tuple[IntArray, IntArray]:
        at = verbs[np.searchsorted(verbs, low)]
        return np.where(at < high, form[at], 0), np.where(at < high, at - low, -1)

    (own, _), (other, distance), saying = first(*content), first(*rest), form[cue]
    return [
        own, other, distance, saying, (other > 0) & (other == own), (other > 0) & (other == saying),
        *(form[position + k] for k in range(3)),
    ]  # fmt: skip
