"""Contents: where the reported words begin and end, given a cue and its source.

Two rankers a side: one picks the boundary nearer to the cue, one, knowing that, the boundary farther from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from quoteattr.analysis import Analysis
from quoteattr.cues import CONFIGURATIONS, DISTANCES, stretch_length
from quoteattr.lexicon import CATEGORIES
from quoteattr.linear import WORD, FloatArray, Slot, bucket, window
from quoteattr.mentions import Mentions
from quoteattr.tokens import SHAPES, IntArray

_K = len(CATEGORIES)
_BREAK = CATEGORIES.index("break")
_BOUNDARY_WORDS = (-3, -2, -1, 0, 1, 2)
_MAX_CANDIDATES = 90
BOUNDARY_SLOTS = (
    *(Slot(f"word {o:+d}", WORD) for o in _BOUNDARY_WORDS),
    *(Slot(f"shape {o:+d}", len(SHAPES)) for o in (-1, 0)),
    Slot("cue", WORD),
    Slot("side and configuration", 2 * len(CONFIGURATIONS)),
    Slot("distance", 2 * 11),
    Slot("mark and place", 2 * 3 * 4),
    Slot("commas between", 2 * 4),
    Slot("from the source", 2 * 11),
    Slot("distance and mark", 11 * 3),
    Slot("to the sentence's end", 2 * 11),
    Slot("stretch length", 6),
    Slot("marks beside the cue", 3 * 2 * 2 * 2),
    *(Slot(f"categories {o:+d} {o + 1:+d}", _K * _K) for o in (-2, -1, 0, 1)),
    Slot("categories 0 +1 +2", _K**3),
    Slot("category 0 and the rest", _K * 2 * 2),
    Slot("addressee", 4 * 2 * 2),
    Slot("beyond the sentence", 2 * 2 * 3 * len(CONFIGURATIONS)),
)


@dataclass(slots=True)
class Frames:
    """Cues with what was found to belong to them: parallel arrays, a row a cue in one configuration."""

    cue: IntArray
    configuration: IntArray
    probability: FloatArray
    source: IntArray  # a mention's number or -1
    source_probability: FloatArray
    group_from: IntArray  # the cue together with its source
    group_to: IntArray

    def __len__(self) -> int:
        return len(self.cue)

    def select(self, keep: npt.NDArray[Any]) -> Frames:
        """Some of the rows."""
        return Frames(*(getattr(self, name)[keep] for name in self.__slots__))


@dataclass(slots=True)
class Contents:
    """What stands to the left (column 0) and to the right (column 1) of each frame's cue; -1 for nothing."""

    start: IntArray
    end: IntArray
    share: FloatArray  # of the scores

    @classmethod
    def empty(cls, frames: int) -> Contents:
        """No content at all."""
        nothing = np.full((frames, 2), -1, np.int32)
        return cls(nothing, nothing.copy(), np.zeros((frames, 2), np.float32))

    def select(self, keep: npt.NDArray[Any]) -> Contents:
        """Some of the rows."""
        return Contents(self.start[keep], self.end[keep], self.share[keep])


def group_of(cue: IntArray, source_from: IntArray, source_to: IntArray) -> tuple[IntArray, IntArray]:
    """First token and one past the last of each cue together with its source; a source of -1 is none."""
    has = source_from >= 0
    start = np.where(has, np.minimum(source_from, cue), cue)
    end = np.where(has, np.maximum(source_to, cue + 1), cue + 1)
    return start.astype(np.int32), end.astype(np.int32)


def ranges(low: IntArray, high: IntArray) -> tuple[IntArray, IntArray]:
    """All integers from low to high, high excluded, of each pair: (number of the pair, integer)."""
    length = np.maximum(high - low, 0)
    owner = np.repeat(np.arange(len(low), dtype=np.int32), length)
    first = np.concatenate([[0], np.cumsum(length)[:-1]]) if len(low) else length
    return owner, (np.arange(len(owner)) - first[owner] + low[owner]).astype(np.int32)


def right_start_candidates(a: Analysis, f: Frames) -> tuple[IntArray, IntArray]:
    """Where a content behind the cue may begin: in its sentence, at the mark that opens the next one, or the next line."""
    n = len(a)
    last = a.sentence_to[a.sentence[f.cue]]
    low = np.where(f.group_to > last, f.cue + 1, np.where(f.group_from < f.cue, f.cue + 1, f.group_to))
    high = np.minimum(last, low + _MAX_CANDIDATES)
    owner, position = ranges(low.astype(np.int32), high.astype(np.int32))
    opens = a.opens_padded
    breaks = np.append(a.words == a.lexicon.line_break, False)
    following = np.where(breaks[np.minimum(last, n)], last + 1, last).clip(max=n)
    extra = np.flatnonzero((opens[following] >= 0) & (following >= low))
    owner = np.concatenate([owner, extra]).astype(np.int32)
    position = np.concatenate([position, following[extra]]).astype(np.int32)
    # Not inside a quoted stretch: its opening mark stands for it.
    keep = a.inside_padded[position] < 0
    keep &= np.append(a.closes, -1)[position] < 0
    keep &= ~a.in_number[position]
    keep &= ~np.append(a.punctuation, False)[position] | (opens[position] >= 0)
    keep &= ~np.append(a.behind_title | a.is_possessive, False)[position]
    # "said Wednesday she would go": the day belongs to the cue.
    day = np.append(a.lexicon.classes["weekday"][a.words], False)
    subject = a.lexicon.any_of("subject_pronoun", "determiner", "possessive")
    opens_clause = np.append(subject[a.words[1:]] | (a.opens[1:] >= 0), [False, False])
    keep &= ~(day[position] & opens_clause[position] & (position == f.cue[owner] + 1))
    # Not inside the addressee's name: "told the Daily Post the plan ...".
    in_name = np.append(a.in_name, False)
    told = a.lexicon.classes["takes_addressee"][a.words[f.cue[owner]]] & (position > low[owner])
    keep &= ~(in_name[position] & in_name[position - 1] & told)
    owner, position = owner[keep], position[keep]
    order = np.lexsort((position, owner))
    return owner[order], position[order]


def end_allowed(a: Analysis) -> npt.NDArray[np.bool_]:
    """For each boundary (before token i, up to and including the text's end): may a content end there?"""
    punctuation = a.punctuation
    inside = a.inside >= 0
    ok = np.zeros(len(a) + 1, bool)
    ok[1:] = ~punctuation & (a.words != a.lexicon.line_break) & (a.opens < 0)
    ok[1:] &= ~inside
    ok &= ~a.in_number
    # A full stop within a sentence belongs to the abbreviation before it.
    stop = np.flatnonzero(a.words == a.lexicon.number("."))
    within = stop[(stop + 1 < a.sentence_to[a.sentence[stop]]) & (a.closes_before[np.minimum(stop + 2, len(a))] < 0)]
    ok[within] = False
    ok[within + 1] = ~inside[within]
    return ok


def right_end_candidates(a: Analysis, start: IntArray) -> tuple[IntArray, IntArray]:
    """Where a content that starts behind the cue may end: in the sentence where it starts."""
    n = len(a)
    last = a.sentence_to[a.sentence[np.minimum(start, n - 1)]]
    stretch = a.opens_padded[start]
    if a.stretches:  # a content that opens with a mark ends behind the closing one at the earliest
        low = np.where(stretch >= 0, a.stretch_to[np.maximum(stretch, 0)] + _closed(a, stretch), start + 1)
    else:
        low = start + 1
    tail = a.inside_padded[np.maximum(last - 1, 0)]
    if a.stretches:  # a marked part that goes on behind the sentence is part of the content
        runs_on = (tail >= 0) & (tail != stretch) & (a.stretch_to[np.maximum(tail, 0)] > last - 1)
        last = np.where(runs_on, a.stretch_to[np.maximum(tail, 0)] + _closed(a, tail), last)
    high = np.maximum(np.minimum(last, low + _MAX_CANDIDATES), low) + 1
    owner, position = ranges(low.astype(np.int32), high.astype(np.int32))
    position = np.minimum(position, n)
    keep = end_allowed(a)[position] | (position == low[owner])
    return owner[keep], position[keep]


def _closed(a: Analysis, stretch: IntArray) -> IntArray:
    """How many closing-mark tokens end each stretch."""
    count: IntArray = (a.stretch_outer_to - a.stretch_to)[np.maximum(stretch, 0)]
    return count


def left_end_candidates(a: Analysis, f: Frames) -> tuple[IntArray, IntArray]:
    """Where a content in front of the cue may end: in its sentence, before cue and source."""
    first = a.sentence_from[a.sentence[f.cue]]
    low = np.maximum(first, f.group_from - _MAX_CANDIDATES)
    # A sentence that opens with its cue may report the quotation that ended right before it.
    low = np.where(low >= f.group_from, np.maximum(f.group_from - 2, 0), low)
    owner, position = ranges((low + 1).astype(np.int32), (f.group_from + 1).astype(np.int32))
    keep = end_allowed(a)[position]
    # "...," the head of the school, Jo Dale, said: where no clause stands between mark and source, the mark is the end.
    if a.stretches:
        opening = np.maximum(a.inside[first], a.opens[first])
        stretch = np.maximum(opening, 0)
        mark = a.stretch_to[stretch]
        finite = np.append([0], np.cumsum(a.is_finite))
        ends = (opening >= 0) & a.lexicon.one_of((",", "?", "!"))[a.words[mark - 1]] & (mark < f.group_from)
        ends &= finite[np.minimum(mark, f.group_from)] == finite[f.group_from]
        keep &= ~ends[owner] | (position <= a.stretch_outer_to[stretch][owner])
    return owner[keep], position[keep]


def left_start_candidates(a: Analysis, end: IntArray) -> tuple[IntArray, IntArray]:
    """Where a content in front of the cue may begin: in its sentence, or where the stretch that it ends with opens."""
    first = a.sentence_from[a.sentence[np.maximum(end - 1, 0)]]
    closing = a.closes[np.maximum(end - 1, 0)]
    if a.stretches:
        opening = a.stretch_outer_from[np.maximum(closing, 0)]
        long = (closing >= 0) & (opening < first)
        low = np.where(long, opening, first)
        high = np.where(long, opening + 1, end)
    else:
        low, high = first, end
    owner, position = ranges(low.astype(np.int32), np.maximum(high, low + 1).astype(np.int32))
    keep = (a.inside[position] < 0) & (a.closes[position] < 0) & ~a.in_number[position]
    keep &= ~a.is_possessive[position]
    # Of a list with semicolons none stands alone: "40 were held; 12 were charged; and two fled, she said".
    semicolons = np.append([0], np.cumsum(a.words == a.lexicon.number(";")))
    in_list = semicolons[end[owner]] - semicolons[first[owner]] > 1
    keep &= ~(in_list & (semicolons[position] > semicolons[first[owner]]))
    keep |= position == low[owner]
    return owner[keep], position[keep]


def boundary_columns(
    a: Analysis, mentions: Mentions, f: Frames, owner: IntArray, position: IntArray, anchor: IntArray | None = None
) -> list[IntArray]:
    """The slots of every candidate boundary; `anchor` is the boundary of the content that is known already."""
    n = len(a)
    pad = a.lexicon.line_break
    words = window(a.words, position, _BOUNDARY_WORDS, pad)
    shapes = window(a.shapes, position, (-1, 0), 0)
    category = window(a.category, position, (-2, -1, 0, 1, 2), _BREAK)
    cue, configuration = f.cue[owner], f.configuration[owner]
    right = (position > cue).astype(np.int32)
    edge = np.where(right, f.group_to[owner], f.group_from[owner])
    opening = a.opens_padded[position] >= 0
    closing = a.closes_before[position] >= 0
    mark = np.where(opening, 1, np.where(closing, 2, 0))
    sentence = a.sentence[np.minimum(position, n - 1)]
    first, last = a.sentence_from[sentence], a.sentence_to[sentence]
    previous_last = np.where(position > 0, a.sentence_to[a.sentence[np.maximum(position - 1, 0)]], 0)
    tail = np.append(a.punctuation, True)
    at_end = (position >= previous_last) | ((position + 1 >= previous_last) & tail[position])
    place = (position == first) + 2 * at_end
    commas = a.commas
    marked_before = window(a.closes, f.group_from[owner], (-1,), -1)[0] >= 0
    marked_behind = (a.opens_padded[f.group_to[owner]] >= 0) | (a.opens_padded[f.group_to[owner] + 1] >= 0)
    low, high = np.minimum(position, cue), np.maximum(position, cue)
    between = (commas[high] - commas[low]).clip(0, 3)
    if anchor is None:
        known = np.zeros(len(owner), np.int32)
        anchor_mark = np.zeros(len(owner), np.int32)
    else:
        known = bucket(np.abs(position - anchor[owner]), DISTANCES) + 1
        anchor_mark = np.where(a.opens_padded[anchor[owner]] >= 0, 1 + closing, 0).astype(np.int32)
    # A quotation that opens right behind the cue's sentence, or on the next line, competes with marks within it.
    end_of_cue = a.sentence_to[a.sentence[cue]]
    beyond = (position >= end_of_cue).astype(np.int32)
    next_marked = (a.opens_padded[end_of_cue] >= 0) | (a.opens_padded[end_of_cue + 1] >= 0)
    # A mention right behind the cue may be who was told: 1 the boundary behind it, 2 within a mention, 3 before one.
    index = np.searchsorted(mentions.start, position, side="right") - 1
    m_start, m_end = np.append(mentions.start, n + 9)[index], np.append(mentions.end, n + 9)[index]
    previous = np.searchsorted(mentions.end, position)
    told = np.append(mentions.end, -1)[previous] == position
    told &= np.append(mentions.start, -1)[previous] - f.cue[owner] <= 2
    addressee = np.where(
        told,
        1,
        np.where((index >= 0) & (m_start < position) & (m_end > position), 2, np.where(m_start == position, 3, 0)),
    )
    stretch = np.where(opening, a.opens_padded[position], np.where(closing, a.closes_before[position], -1))
    return [
        *words, *shapes, a.words[cue], configuration * 2 + right,
        bucket(np.abs(position - cue), DISTANCES) * 2 + right,
        (mark * 4 + place) * 2 + right, between * 2 + right,
        bucket(np.abs(position - edge), DISTANCES) * 2 + right,
        known.clip(0, 10) * 3 + anchor_mark, bucket(np.maximum(last - position, 0), DISTANCES) * 2 + right,
        stretch_length(a, stretch), ((mark * 2 + marked_before) * 2 + marked_behind) * 2 + right,
        *(category[k] * _K + category[k + 1] for k in range(4)), (category[2] * _K + category[3]) * _K + category[4],
        (category[2] * 2 + (a.cues_before[last] > a.cues_before[np.minimum(position, last)])) * 2 + right,
        (addressee * 2 + a.lexicon.classes["takes_addressee"][a.words[cue]]) * 2 + right,
        ((beyond * 2 + next_marked) * 3 + mark) * len(CONFIGURATIONS) + configuration,
    ]  # fmt: skip


def best(owner: IntArray, scores: FloatArray, count: int) -> tuple[IntArray, FloatArray]:
    """The best-scoring row of each owner (-1 where it has none), and its share of the owner's softmax."""
    row = np.full(count, -1, np.int32)
    share = np.zeros(count, np.float32)
    if len(owner):
        order = np.lexsort((-scores, owner))
        firsts = np.flatnonzero(np.append([True], owner[order][1:] != owner[order][:-1]))
        row[owner[order][firsts]] = order[firsts]
        top = np.zeros(count, np.float32)
        top[owner[order][firsts]] = scores[order][firsts]
        total = np.bincount(owner, np.exp(scores - top[owner]), count)
        share[owner[order][firsts]] = 1 / total[owner[order][firsts]]
    return row, share
