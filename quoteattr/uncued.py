"""Quoted stretches that no cue has claimed: is this a quotation at all, and is there a cue after all?"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from quoteattr.analysis import Analysis
from quoteattr.cues import CONFIGURATIONS, previous
from quoteattr.linear import WORD, FloatArray, Slot, bucket, window
from quoteattr.tokens import SHAPES, IntArray

FREE_SLOTS = (
    *(Slot(f"before {o:+d}", WORD) for o in (-3, -2, -1)),
    *(Slot(f"behind {o:+d}", WORD) for o in (0, 1, 2)),
    Slot("first word", WORD),
    Slot("last word", WORD),
    Slot("first shape", len(SHAPES)),
    Slot("length", 11),
    Slot("place", 8),
    Slot("since the last quotation", 11 * 2),
    Slot("length and place", 88),
    Slot("line number", 4),
)


def free_columns(a: Analysis, stretch: IntArray, covered: npt.NDArray[np.bool_]) -> list[IntArray]:
    """The slots of stretches that no cue has claimed; `covered` says which tokens stand in contents."""
    start, end = a.stretch_from[stretch], a.stretch_to[stretch]
    pad = a.lexicon.line_break
    before = window(a.words, start, (-4, -3, -2), pad)
    behind = window(a.words, end, (1, 2, 3), pad)
    at = np.minimum(start, len(a) - 1)
    first, last = a.words[at], a.words[np.maximum(end - 1, 0)]
    closed = np.array([a.stretches[k].closed for k in stretch.tolist()])
    starts_line = before[-1] == pad
    ends_line = (behind[0] == pad) | ~closed
    final = a.lexicon.classes["punctuation"][last]
    length = bucket(end - start, (2, 3, 4, 5, 7, 10, 15, 20, 30, 50))
    place = starts_line + 2 * ends_line + 4 * final
    last_covered = previous(covered, start)
    last_covered = np.where(a.number[last_covered] == a.number[at], last_covered, -1)
    gap = np.where(last_covered >= 0, bucket(start - last_covered, (2, 3, 4, 6, 10, 20, 40, 80, 160)) + 1, 0)
    same_line = (last_covered >= 0) & (a.line[last_covered] == a.line[at])
    return [
        *before, *behind, first, last, a.shapes[at], length, place.astype(np.int32),
        gap.clip(0, 10) * 2 + same_line, length * 8 + place, bucket(a.line_of_text[at], (1, 2, 4)),
    ]  # fmt: skip


def free_stretches(a: Analysis, covered: npt.NDArray[np.bool_]) -> IntArray:
    """The stretches outside boilerplate that share no token with a content."""
    if not a.stretches:
        return np.zeros(0, np.int32)
    counts = np.append([0], np.cumsum(covered))
    filled = a.stretch_to > a.stretch_from
    untouched = counts[a.stretch_to] == counts[a.stretch_from]
    kept = ~a.dropped[np.minimum(a.stretch_from, len(a) - 1)]
    return np.flatnonzero(filled & untouched & kept).astype(np.int32)


_LIKELY = 0.06  # how likely a cue beside an unclaimed quotation must be for its configuration


def second_chance(
    a: Analysis, free: IntArray, at: IntArray, probability: FloatArray, taken: set[int]
) -> dict[int, tuple[int, int, float]]:
    """For unclaimed quotations the likeliest cue of their sentence: (cue, configuration, probability) by stretch.

    That a quotation stands there is evidence for a cue which alone would not pass.
    """
    n = len(a)
    left = [i for i, name in enumerate(CONFIGURATIONS) if name[0] == "L" or name[0] == "B"]
    right = [i for i, name in enumerate(CONFIGURATIONS) if name[0] == "R"]
    found: dict[int, tuple[int, int, float]] = {}
    for k in free.tolist():
        behind, before = a.stretch_outer_to[k], a.stretch_outer_from[k]
        last_sentence = a.sentence[min(behind, n) - 1]
        options = []
        for sides, low, high in (
            (left, behind, a.sentence_to[last_sentence]),
            (right, a.sentence_from[a.sentence[before]], before),
        ):
            first, last = np.searchsorted(at, (low, high))
            for row in range(first, last):
                if int(at[row]) not in taken:
                    c = max(sides, key=lambda i: probability[row, i])
                    options.append((float(probability[row, sides].sum()), int(at[row]), c))
        if options and max(options)[0] >= _LIKELY:
            p, cue, c = max(options)
            found[k] = (cue, c, p)
            taken = taken | {cue}
    return found


def columns_of(rows: Iterable[tuple[int, int, float]]) -> tuple[IntArray, IntArray, FloatArray]:
    """Cues, configurations and probabilities as arrays."""
    table = list(rows)
    return (
        np.array([r[0] for r in table], np.int32),
        np.array([r[1] for r in table], np.int32),
        np.array([r[2] for r in table], np.float32),
    )
