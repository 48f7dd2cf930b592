"""Quotations: cue, source and content of every reported utterance.

The cue comes first and everything else is conditioned on it (Pareti 2015). A cue classifier says for every
candidate word whether it reports speech and in which configuration: content to the right, to the left or on both
sides of it, source to the left, to the right or nowhere. Given that, one ranker picks the source among the mentions
near the cue, two more pick the boundaries of the content. All are linear in words at fixed offsets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quoteattr.analysis import Analysis
from quoteattr.lexicon import CATEGORIES
from quoteattr.linear import WORD, FloatArray, Linear, Slot, bucket, sigmoid, softmax, window
from quoteattr.mentions import Mentions
from quoteattr.tokens import SHAPES, IntArray

# Content to the Right of the cue, to the Left or on Both sides; source left, right or 0 for nowhere.
CONFIGURATIONS = ("none", "Rl", "R0", "Rr", "Ll", "Lr", "L0", "Bl", "Br", "B0")
NONE = 0

_K = len(CATEGORIES)
_BREAK = CATEGORIES.index("break")
_CUE_WORDS = (-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6)
_CUE_SHAPES = (-3, -2, -1, 0, 1, 2, 3)
_DISTANCES = (1, 2, 3, 4, 5, 7, 10, 15, 30)
_LENGTHS = (1, 2, 4, 8, 20)
CUE_SLOTS = (
    *(Slot(f"word {o:+d}", WORD) for o in _CUE_WORDS),
    *(Slot(f"shape {o:+d}", len(SHAPES)) for o in _CUE_SHAPES),
    Slot("closing mark before", 11 * 6),
    Slot("opening mark behind", 11 * 6),
    Slot("marks before and behind", 121),
    Slot("place in sentence", 11 * 3),
    Slot("to the sentence's end", 11),
    Slot("mention before", 11 * 4),
    Slot("mention behind", 11 * 4),
    Slot("commas before", 4 * 3),
    Slot("next line quoted", 3),
    Slot("mention behind the mark, verbs to the cue", 2 * 3 * 11),
    Slot("mark, mention and cue side by side", 5 * 5 * 6),
    Slot("marks of the sentence", 2 * 2 * 2 * 2 * 3),
    *(Slot(f"categories {o:+d} {o + 1:+d}", _K * _K) for o in (-3, -2, 1, 2)),
    Slot("categories -1 +1", _K * _K),
)


def cue_candidates(a: Analysis) -> IntArray:
    """Tokens that may be cues: words of saying, verb-like words beside a quotation mark, colons and dashes at one."""
    words, lexicon = a.words, a.lexicon
    n = len(a)
    if not n:
        return np.zeros(0, np.int32)
    colon, dash = lexicon.number(":"), [lexicon.number(c) for c in "\u2014\u2013-"]
    likely = lexicon.any_of("report_verb", "report_noun")[words] | (words == lexicon.number("according"))
    opening = words == lexicon.opening
    near_closing, near_opening = np.zeros(n, bool), np.zeros(n, bool)
    for at in np.flatnonzero(words == lexicon.closing).tolist():
        near_closing[at : at + 8] = True
    for at in np.flatnonzero(opening).tolist():
        near_opening[max(0, at - 5) : at] = True
    verb_like = lexicon.classes["verb_like"][words] & (a.shapes == SHAPES.index("lower"))
    next_word = np.append(words[1:], 0)
    next_break = next_word == lexicon.line_break
    ends_line = next_break | (np.arange(n) == n - 1)
    at_line_start = np.zeros(n, bool)
    at_line_start[np.flatnonzero(np.append([True], words[:-1] == lexicon.line_break))] = True
    early = np.zeros(n, bool)
    for at in np.flatnonzero(at_line_start).tolist():
        early[at : at + 9] = True
    is_colon = (words == colon) & (np.append(opening[1:], False) | ends_line | early)
    after_mark = np.append([False], words[:-1] == lexicon.closing)
    is_dash = np.isin(words, dash) & after_mark
    free = (a.inside < 0) & ~a.dropped
    found = (likely | (verb_like & (near_closing | near_opening)) | is_colon | is_dash) & free
    return np.flatnonzero(found).astype(np.int32)


def _previous(mask: npt.NDArray[np.bool_], at: IntArray) -> IntArray:
    """The last position before each `at` where the mask holds; -1 where there is none."""
    where = np.flatnonzero(mask)
    index = np.searchsorted(where, at) - 1
    return np.where(index >= 0, where[index.clip(0)] if len(where) else -1, -1).astype(np.int32)


def _next(mask: npt.NDArray[np.bool_], at: IntArray) -> IntArray:
    """The first position after each `at` where the mask holds; the length of the mask where there is none."""
    where = np.append(np.flatnonzero(mask), len(mask))
    return where[np.searchsorted(where, at, side="right")].astype(np.int32)


def _stretch_length(a: Analysis, stretch: IntArray) -> IntArray:
    """Bucketed number of tokens in each stretch; 0 for no stretch."""
    if not a.stretches:
        return np.zeros(len(stretch), np.int32)
    length = a.stretch_to - a.stretch_from
    return np.where(stretch >= 0, bucket(length[stretch], _LENGTHS), 0).astype(np.int32)


def cue_columns(a: Analysis, mentions: Mentions, at: IntArray) -> list[IntArray]:
    """The slots of every cue candidate."""
    n = len(a)
    words = window(a.words, at, _CUE_WORDS, a.lexicon.line_break)
    shapes = window(a.shapes, at, _CUE_SHAPES, 0)
    category = window(a.category, at, (-3, -2, -1, 1, 2, 3), _BREAK)
    line, padded_line = a.line[at], np.append(a.line, -1)
    before, behind = _previous(a.closes >= 0, at), _next(a.opens >= 0, at)
    has_before = (before >= 0) & (a.line[before] == line)
    has_behind = (behind < n) & (padded_line[behind.clip(max=n)] == line)
    d_before = np.where(has_before, bucket(at - before, _DISTANCES), 0)
    d_behind = np.where(has_behind, bucket(behind - at, _DISTANCES), 0)
    l_before = _stretch_length(a, np.where(has_before, a.closes[before], -1))
    l_behind = _stretch_length(a, np.where(has_behind, a.opens[behind.clip(max=n - 1)], -1))
    first, last = a.sentence_from[a.sentence[at]], a.sentence_to[a.sentence[at]]
    starts_line = (np.append([0], a.line)[first] != a.line[first]) | (first == 0)
    place = bucket(at - first, _DISTANCES) * 3 + starts_line + (a.inside[first] >= 0)
    comma, commas = a.is_comma, a.commas
    comma_before = at - 1 >= 0
    commas_between = (commas[at] - commas[first]).clip(0, 3) * 3 + comma[(at - 1).clip(0)] * comma_before
    commas_between = commas_between + (comma[at + 1])
    index = np.searchsorted(mentions.start, at)
    left, right = index - 1, index
    m_type = np.append(mentions.type, 3)
    m_end, m_start = np.append(mentions.end, 0), np.append(mentions.start, n + 99)
    same_left = (left >= 0) & (m_end[left] > first) & (m_end[left] <= at)
    same_right = m_start[right] < last
    mention_left = np.where(same_left, bucket(at - m_end[left] + 1, _DISTANCES) * 4 + m_type[left], 3)
    mention_right = np.where(same_right, bucket(m_start[right] - at, _DISTANCES) * 4 + m_type[right], 3)
    # A mention right behind a closing mark and no verb up to the cue: "...," the head of the school, a man of 60, said.
    begins = np.zeros(n + 3, bool)
    begins[mentions.start] = True
    behind_mark = has_before & (begins[before + 1] | begins[before + 2])
    verbs = np.append([0], np.cumsum(a.lexicon.any_of("report_verb", "auxiliary", "modal")[a.words]))
    verbs_between = np.where(has_before, (verbs[at] - verbs[before.clip(0)]).clip(0, 2), 0)
    left_start = np.append(mentions.start, 0)[left]
    mark_gap = np.where(has_before & same_left & (left_start > before), bucket(left_start - before - 1, (1, 2, 4)), 4)
    cue_gap = np.where(same_left, bucket(at - m_end[left], (1, 2, 4)), 4)
    opening, closing = a.opens >= 0, a.closes >= 0
    opened, closed = np.append([0], np.cumsum(opening)), np.append([0], np.cumsum(closing))
    closed_in_front = closed[at] > closed[first]
    opened_behind = opened[last] > opened[at]
    next_opens = (np.append(opening, False)[last.clip(max=n)]) & (padded_line[last.clip(max=n)] == line)
    starts_marked = (a.inside[first] >= 0) | opening[first]
    before_mark = a.words[(before - 1).clip(0)]
    comma_at_mark = np.where(before_mark == a.lexicon.number(","), 1, np.where(a.lexicon.classes["punctuation"][before_mark], 2, 0))
    marks = (((closed_in_front * 2 + opened_behind) * 2 + next_opens) * 2 + starts_marked) * 3 + comma_at_mark
    at_end = (at + 1 >= last) | ((at + 2 >= last) & (np.append(a.words, 0)[at + 1] == a.lexicon.number(":")))
    follow = a.opens_padded[(last + 1).clip(max=n)]
    next_line = np.where(at_end, 1 + (follow >= 0), 0)
    return [
        *words, *shapes, d_before * 6 + l_before, d_behind * 6 + l_behind, d_before * 11 + d_behind, place,
        bucket(last - at, _DISTANCES), mention_left, mention_right, commas_between, next_line,
        (behind_mark * 3 + verbs_between) * 11 + d_before, (mark_gap * 5 + cue_gap) * 6 + l_before, marks,
        *(category[k] * _K + category[k + 1] for k in (0, 1, 3, 4)), category[2] * _K + category[3],
    ]  # fmt: skip


# --- sources -----------------------------------------------------------------------------------------------------

_REACH = 7  # how many mentions on either side of a cue may be its source
SOURCE_SLOTS = (
    *(Slot(f"before {o:+d}", WORD) for o in (-2, -1)),
    *(Slot(f"behind {o:+d}", WORD) for o in (0, 1)),
    Slot("last word", WORD),
    Slot("first word", WORD),
    Slot("cue", WORD),
    Slot("side and configuration", 2 * len(CONFIGURATIONS)),
    Slot("distance", 2 * 11 * 3),
    Slot("rank and type", 2 * (_REACH + 1) * 6),
    Slot("commas between", 2 * 4 * 2),
    Slot("starts the sentence", 4),
    Slot("before the cue", WORD),
    Slot("marks between", 2),
    Slot("categories before and behind", _K * _K),
    Slot("category behind and before the cue", _K * _K),
    Slot("type and category behind", 6 * _K * 2),
)


@dataclass(slots=True)
class Candidates:
    """Pairs of a cue (by its number) and something that may belong to it."""

    cue: IntArray
    item: IntArray


def source_candidates(a: Analysis, mentions: Mentions, at: IntArray, configuration: IntArray) -> Candidates:
    """The mentions of a cue's sentence on the side where its configuration has the source."""
    side = _SIDE[configuration]
    index = np.searchsorted(mentions.start, at)
    cue = np.repeat(np.arange(len(at), dtype=np.int32), _REACH)
    rank = np.tile(np.arange(_REACH, dtype=np.int32), len(at))
    left = side[cue] == 1
    item = np.where(left, index[cue] - 1 - rank, index[cue] + rank)
    # The sentence's own mentions; for a source to the left of a colon or cue at its line's start none from elsewhere.
    valid = (item >= 0) & (item < len(mentions)) & (side[cue] > 0)
    cue, item = cue[valid], item[valid]
    same = a.sentence[mentions.start[item]] == a.sentence[at[cue]]
    outside = a.inside[mentions.start[item]] < 0
    keep = same & outside
    return Candidates(cue[keep].astype(np.int32), item[keep].astype(np.int32))


_SIDE = np.array([0 if c == "none" or c[1] == "0" else 1 if c[1] == "l" else 2 for c in CONFIGURATIONS])


def source_columns(a: Analysis, mentions: Mentions, at: IntArray, configuration: IntArray, c: Candidates) -> list[IntArray]:
    """The slots of every pair of a cue and a mention."""
    start, end, cue = mentions.start[c.item], mentions.end[c.item], at[c.cue]
    left = (end <= cue).astype(np.int32)
    pad = a.lexicon.line_break
    before = window(a.words, start, (-2, -1), pad)
    behind = window(a.words, end, (0, 1), pad)
    front, back = window(a.category, start, (-1,), _BREAK)[0], window(a.category, end, (0,), _BREAK)[0]
    at_cue = window(a.category, cue, (-1,), _BREAK)[0]
    gap = np.where(left, cue - end, start - cue - 1).clip(0)
    comma, commas = a.is_comma, a.commas
    low, high = np.where(left, end, cue), np.where(left, cue, start)
    between = (commas[high.clip(0)] - commas[low]).clip(0, 3)
    marks = np.append([0], np.cumsum(a.closes >= 0))
    marked = (marks[high] > marks[low]).astype(np.int32)
    index = np.searchsorted(mentions.start, cue)
    rank = np.where(left, index - 1 - c.item, c.item - index).clip(0, _REACH)
    first = a.sentence_from[a.sentence[start]]
    at_first = start - first
    return [
        *before, *behind, a.words[end - 1], a.words[start], a.words[cue],
        configuration[c.cue] * 2 + left,
        (bucket(gap, (1, 2, 3, 4, 5, 7, 10, 15, 25)) * 2 + left) * 3 + between.clip(0, 2),
        (rank * 2 + left) * 6 + mentions.type[c.item] * 2 + mentions.tagged[c.item],
        (between * 2 + left) * 2 + (a.words[(cue - 1).clip(0)] == a.lexicon.number(",")),
        (at_first == 0) * 2 + left, window(a.words, cue, (-1,), pad)[0], marked,
        front * _K + back, back * _K + at_cue, ((mentions.type[c.item] * 2 + mentions.tagged[c.item]) * _K + back) * 2 + left,
    ]  # fmt: skip


# --- contents ----------------------------------------------------------------------------------------------------

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
)


@dataclass(slots=True)
class Frames:
    """Cues with what was found to belong to them: parallel arrays, a row a cue."""

    cue: IntArray
    configuration: IntArray
    probability: FloatArray
    source: IntArray  # a mention's number or -1
    source_probability: FloatArray
    group_from: IntArray  # the cue together with its source
    group_to: IntArray

    def __len__(self) -> int:
        return len(self.cue)

    def select(self, keep: npt.NDArray[np.bool_]) -> Frames:
        """Some of the rows."""
        return Frames(*(getattr(self, name)[keep] for name in self.__slots__))


def group_of(cue: IntArray, source_from: IntArray, source_to: IntArray) -> tuple[IntArray, IntArray]:
    """First token and one past the last of each cue together with its source; a source of -1 is none."""
    has = source_from >= 0
    start = np.where(has, np.minimum(source_from, cue), cue)
    end = np.where(has, np.maximum(source_to, cue + 1), cue + 1)
    return start.astype(np.int32), end.astype(np.int32)


def ranges(low: IntArray, high: IntArray) -> tuple[IntArray, IntArray]:
    """All integers from low to high, high excluded, of each pair: (number of the pair, integer)."""
    length = (high - low).clip(0)
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
    following = np.where(breaks[last.clip(max=n)], last + 1, last).clip(max=n)
    extra = np.flatnonzero((opens[following] >= 0) & (following >= low))
    owner = np.concatenate([owner, extra]).astype(np.int32)
    position = np.concatenate([position, following[extra]]).astype(np.int32)
    # Not inside a quoted stretch: its opening mark stands for it.
    keep = a.inside_padded[position] < 0
    keep &= np.append(a.closes, -1)[position] < 0
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
    return ok


def right_end_candidates(a: Analysis, f: Frames, start: IntArray) -> tuple[IntArray, IntArray]:
    """Where a content that starts behind the cue may end: in the sentence where it starts."""
    n = len(a)
    last = a.sentence_to[a.sentence[start.clip(max=n - 1)]]
    stretch = a.opens_padded[start]
    if a.stretches:  # a content that opens with a mark ends behind the closing one at the earliest
        low = np.where(stretch >= 0, a.stretch_to[stretch.clip(0)] + _closed(a, stretch), start + 1)
    else:
        low = start + 1
    tail = a.inside_padded[(last - 1).clip(0)]
    if a.stretches:  # a marked part that goes on behind the sentence is part of the content
        runs_on = (tail >= 0) & (tail != stretch) & (a.stretch_to[tail.clip(0)] > last - 1)
        last = np.where(runs_on, a.stretch_to[tail.clip(0)] + _closed(a, tail), last)
    high = np.maximum(np.minimum(last, low + _MAX_CANDIDATES), low) + 1
    owner, position = ranges(low.astype(np.int32), high.astype(np.int32))
    position = position.clip(max=n)
    keep = end_allowed(a)[position] | (position == low[owner])
    return owner[keep], position[keep]


def _closed(a: Analysis, stretch: IntArray) -> IntArray:
    """How many closing-mark tokens end each stretch."""
    return (a.stretch_outer_to - a.stretch_to)[stretch.clip(0)]


def left_end_candidates(a: Analysis, f: Frames) -> tuple[IntArray, IntArray]:
    """Where a content in front of the cue may end: in its sentence, before cue and source."""
    first = a.sentence_from[a.sentence[f.cue]]
    low = np.maximum(first, f.group_from - _MAX_CANDIDATES)
    # A sentence that opens with its cue may report the quotation that ended right before it.
    low = np.where(low >= f.group_from, (f.group_from - 2).clip(0), low)
    owner, position = ranges((low + 1).astype(np.int32), (f.group_from + 1).astype(np.int32))
    keep = end_allowed(a)[position]
    return owner[keep], position[keep]


def left_start_candidates(a: Analysis, f: Frames, end: IntArray) -> tuple[IntArray, IntArray]:
    """Where a content in front of the cue may begin: in its sentence, or where the stretch that it ends with opens."""
    first = a.sentence_from[a.sentence[(end - 1).clip(0)]]
    closing = a.closes[(end - 1).clip(0)]
    if a.stretches:
        opening = a.stretch_outer_from[closing.clip(0)]
        long = (closing >= 0) & (opening < first)
        low = np.where(long, opening, first)
        high = np.where(long, opening + 1, end)
    else:
        low, high = first, end
    owner, position = ranges(low.astype(np.int32), np.maximum(high, low + 1).astype(np.int32))
    keep = (a.inside[position] < 0) & (a.closes[position] < 0)
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
    sentence = a.sentence[position.clip(max=n - 1)]
    first, last = a.sentence_from[sentence], a.sentence_to[sentence]
    previous_last = a.sentence_to[a.sentence[(position - 1).clip(0)]]
    tail = np.append(a.punctuation, True)
    at_end = (position >= previous_last) | ((position + 1 >= previous_last) & tail[position])
    place = (position == first) + 2 * at_end
    comma, commas = a.is_comma, a.commas
    marked_before = window(a.closes, f.group_from[owner], (-1,), -1)[0] >= 0
    marked_behind = (a.opens_padded[f.group_to[owner]] >= 0) | (a.opens_padded[f.group_to[owner] + 1] >= 0)
    low, high = np.minimum(position, cue), np.maximum(position, cue)
    between = (commas[high] - commas[low]).clip(0, 3)
    if anchor is None:
        known = np.zeros(len(owner), np.int32)
        anchor_mark = known
    else:
        known = bucket(np.abs(position - anchor[owner]), _DISTANCES) + 1
        anchor_mark = a.opens_padded[anchor[owner]] >= 0
        anchor_mark = np.where(anchor_mark, 1 + closing, 0)
    # A mention right behind the cue may be who was told: 1 the boundary behind it, 2 within a mention, 3 before one.
    index = np.searchsorted(mentions.start, position, side="right") - 1
    m_start, m_end = np.append(mentions.start, n + 9)[index], np.append(mentions.end, n + 9)[index]
    previous = np.searchsorted(mentions.end, position)
    told = np.append(mentions.end, -1)[previous] == position
    told &= np.append(mentions.start, -1)[previous] - f.cue[owner] <= 2
    addressee = np.where(told, 1, np.where((index >= 0) & (m_start < position) & (m_end > position), 2, np.where(m_start == position, 3, 0)))
    stretch = np.where(opening, a.opens_padded[position], np.where(closing, a.closes_before[position], -1))
    return [
        *words, *shapes, a.words[cue], configuration * 2 + right,
        bucket(np.abs(position - cue), _DISTANCES) * 2 + right,
        (mark * 4 + place) * 2 + right, between * 2 + right,
        bucket(np.abs(position - edge), _DISTANCES) * 2 + right,
        known.clip(0, 10) * 3 + anchor_mark, bucket((last - position).clip(0), _DISTANCES) * 2 + right,
        _stretch_length(a, stretch), ((mark * 2 + marked_before) * 2 + marked_behind) * 2 + right,
        *(category[k] * _K + category[k + 1] for k in range(4)), (category[2] * _K + category[3]) * _K + category[4],
        (category[2] * 2 + (a.cues_before[last] > a.cues_before[np.minimum(position, last)])) * 2 + right,
        (addressee * 2 + a.lexicon.classes["takes_addressee"][a.words[cue]]) * 2 + right,
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


@dataclass(slots=True)
class Utterance:
    """A found quotation: pieces are token ranges, marks of mixed contents included."""

    cue: int
    configuration: str
    source: int
    pieces: list[tuple[int, int]]
    features: dict[str, float]


class QuotationModel:
    """The scorers of this module, by name."""

    names = ("cue", "source", "right_start", "right_end", "left_end", "left_start", "free")

    def __init__(self, scorers: dict[str, Linear]):
        self.scorers = scorers

    def cues(self, a: Analysis, mentions: Mentions) -> tuple[IntArray, FloatArray]:
        """The cue candidates and the probabilities of their configurations."""
        at = cue_candidates(a)
        if not len(at):
            return at, np.zeros((0, len(CONFIGURATIONS)), np.float32)
        return at, softmax(self.scorers["cue"].scores(cue_columns(a, mentions, at)))

    def frames(self, a: Analysis, mentions: Mentions, at: IntArray, configuration: IntArray, probability: FloatArray) -> Frames:
        """Cues of known configurations with their sources."""
        source = np.full(len(at), -1, np.int32)
        share = np.zeros(len(at), np.float32)
        c = source_candidates(a, mentions, at, configuration)
        if len(c.cue):
            scores = self.scorers["source"].scores(source_columns(a, mentions, at, configuration, c))[:, 0]
            row, share = best(c.cue, scores, len(at))
            source = np.where(row >= 0, c.item[row.clip(0)], -1).astype(np.int32)
        has = source >= 0
        start = np.where(has, mentions.start[source.clip(0)], -1) if len(mentions) else source
        end = np.where(has, mentions.end[source.clip(0)], -1) if len(mentions) else source
        return Frames(at, configuration, probability, source, share, *group_of(at, start, end))

    def contents(self, a: Analysis, mentions: Mentions, f: Frames) -> list[list[tuple[int, int, float]]]:
        """The pieces of each frame's content, as (first token, one past the last, share of the scores)."""
        pieces: list[list[tuple[int, int, float]]] = [[] for _ in range(len(f))]
        sides = np.array([CONFIGURATIONS[c][0] for c in f.configuration.tolist()])
        left, right = np.isin(sides, ["L", "B"]), np.isin(sides, ["R", "B"])
        if left.any():
            self._side(a, mentions, f, left, "left", pieces)
        if right.any():
            self._side(a, mentions, f, right, "right", pieces)
        return pieces

    def _side(self, a: Analysis, mentions: Mentions, f: Frames, chosen: npt.NDArray[np.bool_], side: str, pieces: list[list[tuple[int, int, float]]]) -> None:
        rows = np.flatnonzero(chosen)
        g = f.select(chosen)
        if side == "left":
            first, second = "left_end", "left_start"
            owner, position = left_end_candidates(a, g)
        else:
            first, second = "right_start", "right_end"
            owner, position = right_start_candidates(a, g)
        if not len(owner):
            return
        near, near_share = best(owner, self.scorers[first].scores(boundary_columns(a, mentions, g, owner, position))[:, 0], len(g))
        found = near >= 0
        rows, g, near, near_share = rows[found], g.select(found), position[near[found]], near_share[found]
        candidates = left_start_candidates if side == "left" else right_end_candidates
        owner, position = candidates(a, g, near)
        if not len(owner):
            return
        far, far_share = best(owner, self.scorers[second].scores(boundary_columns(a, mentions, g, owner, position, near))[:, 0], len(g))
        for row, p, q, share in zip(rows.tolist(), near.tolist(), position[far].tolist(), (near_share * far_share).tolist()):
            low, high = min(p, q), max(p, q)
            if low < high:
                pieces[row].append((low, high, share))


# --- quotations without a cue ------------------------------------------------------------------------------------

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
    first, last = a.words[start.clip(max=len(a) - 1)], a.words[(end - 1).clip(0)]
    closed = np.array([a.stretches[k].closed for k in stretch.tolist()])
    starts_line = before[-1] == pad
    ends_line = (behind[0] == pad) | ~closed
    final = a.lexicon.classes["punctuation"][last]
    length = bucket(end - start, (2, 3, 4, 5, 7, 10, 15, 20, 30, 50))
    place = starts_line + 2 * ends_line + 4 * final
    previous = _previous(covered, start)
    gap = np.where(previous >= 0, bucket(start - previous, (2, 3, 4, 6, 10, 20, 40, 80, 160)) + 1, 0)
    same_line = (previous >= 0) & (a.line[previous] == a.line[start.clip(max=len(a) - 1)])
    return [
        *before, *behind, first, last, a.shapes[start.clip(max=len(a) - 1)], length, place.astype(np.int32),
        gap.clip(0, 10) * 2 + same_line, length * 8 + place, bucket(a.line[start.clip(max=len(a) - 1)], (1, 2, 4)),
    ]  # fmt: skip


def find_utterances(a: Analysis, mentions: Mentions, model: QuotationModel) -> list[Utterance]:
    """Every quotation of a text, without overlaps, in text order."""
    at, probability = model.cues(a, mentions)
    sure = probability[:, NONE] < 0.5
    configuration = (probability[:, 1:].argmax(axis=1) + 1).astype(np.int32) if len(at) else at
    frames = model.frames(a, mentions, at[sure], configuration[sure], 1 - probability[sure, NONE])
    groups = {int(c): (int(s), int(e)) for c, s, e in zip(frames.cue, frames.group_from, frames.group_to)}
    found = without_overlaps(a, _utterances(model, a, mentions, frames), groups)
    covered = np.zeros(len(a), bool)
    for u in found:
        _cover(a, u, covered)
    free = free_stretches(a, covered)
    if len(free):
        is_quote = sigmoid(model.scorers["free"].scores(free_columns(a, free, covered))[:, 0])
        free, is_quote = free[is_quote >= 0.5], is_quote[is_quote >= 0.5]
        second = _second_chance(a, free, at, probability, {u.cue for u in found})
        rows = {k: n for n, k in enumerate(second)}
        frames = model.frames(a, mentions, *_columns_of(second.values()))
        for k, p in zip(free.tolist(), is_quote.tolist()):
            if covered[a.stretch_from[k]]:
                continue
            u = Utterance(-1, "free", -1, [stretch_piece(a, k)], {"cue": p, "source": 0.0, "content": 1.0})
            if k in rows:
                n = rows[k]
                u.cue, u.source = int(frames.cue[n]), int(frames.source[n])
                u.configuration = CONFIGURATIONS[frames.configuration[n]]
                u.features = {"cue": float(frames.probability[n]), "source": float(frames.source_probability[n]), "content": p}
            _cover(a, u, covered)
            found.append(u)
    return sorted(found, key=lambda u: u.pieces[0])


def _utterances(model: QuotationModel, a: Analysis, mentions: Mentions, frames: Frames) -> list[Utterance]:
    """The frames that have a content."""
    found = []
    for row, pieces in enumerate(model.contents(a, mentions, frames)):
        if pieces:
            features = {
                "cue": float(frames.probability[row]),
                "source": float(frames.source_probability[row]),
                "content": float(np.prod([p[2] for p in pieces])),
            }
            configuration = CONFIGURATIONS[frames.configuration[row]]
            pairs = [(p[0], p[1]) for p in sorted(pieces)]
            found.append(Utterance(int(frames.cue[row]), configuration, int(frames.source[row]), pairs, features))
    return found


def _cover(a: Analysis, u: Utterance, covered: npt.NDArray[np.bool_]) -> None:
    """Add an utterance's other paragraphs, and mark its tokens as taken."""
    u.pieces = with_continuations(a, u.pieces)
    for start, end in u.pieces:
        covered[start:end] = True


_LIKELY = 0.06  # how likely a cue beside an unclaimed quotation must be for its configuration


def _second_chance(
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
                    c = max(sides, key=lambda i: probability[row, i])  # noqa: B023
                    options.append((float(probability[row, sides].sum()), int(at[row]), c))
        if options and max(options)[0] >= _LIKELY:
            p, cue, c = max(options)
            found[k] = (cue, c, p)
            taken = taken | {cue}
    return found


def _columns_of(rows: Iterable[tuple[int, int, float]]) -> tuple[IntArray, IntArray, FloatArray]:
    """Cues, configurations and probabilities as arrays."""
    table = list(rows)
    return (
        np.array([r[0] for r in table], np.int32),
        np.array([r[1] for r in table], np.int32),
        np.array([r[2] for r in table], np.float32),
    )


def stretch_piece(a: Analysis, k: int) -> tuple[int, int]:
    """The tokens of a stretch with its marks."""
    return int(a.stretch_outer_from[k]), int(a.stretch_outer_to[k])


def free_stretches(a: Analysis, covered: npt.NDArray[np.bool_]) -> IntArray:
    """The stretches outside boilerplate that share no token with a content."""
    if not a.stretches:
        return np.zeros(0, np.int32)
    counts = np.append([0], np.cumsum(covered))
    filled = a.stretch_to > a.stretch_from
    untouched = counts[a.stretch_to] == counts[a.stretch_from]
    kept = ~a.dropped[a.stretch_from.clip(max=len(a) - 1)]
    return np.flatnonzero(filled & untouched & kept).astype(np.int32)


def with_continuations(a: Analysis, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pieces with the other paragraphs of a quotation that runs over several."""
    if not a.stretches:
        return pieces
    result = dict.fromkeys(pieces)
    for start, end in pieces:
        first = a.inside[start] if a.inside[start] >= 0 else a.opens[start]
        while first >= 0 and a.stretches[first].continues >= 0:
            first = a.stretches[first].continues
            result[stretch_piece(a, first)] = None
        last = a.inside[end - 1] if a.inside[end - 1] >= 0 else a.closes[end - 1]
        while 0 <= last < len(a.stretches) - 1 and not a.stretches[last].closed and a.stretches[last + 1].continues == last:
            last += 1
            result[stretch_piece(a, last)] = None
    return sorted(result)


def without_overlaps(a: Analysis, found: list[Utterance], groups: dict[int, tuple[int, int]]) -> list[Utterance]:
    """The utterances without overlaps, the surest first.

    Where the next clause ("..., and she added that ...") has run into a content, the content is cut; a piece that
    overlaps otherwise goes, and with its last piece the utterance: an utterance inside another one's content is not
    reported by itself.
    """
    joins = a.lexicon.any_of("conjunction", "punctuation")
    kept: list[Utterance] = []

    def cut(start: int, end: int, other: Utterance) -> tuple[int, int] | None:
        """What is left of a piece that another utterance's cue stands in; None if that is nested, not joined on."""
        at = max(start, min(groups[other.cue][0], other.cue))
        if other.configuration[0] != "R" or at <= start + 1 or not joins[a.words[at - 1]]:
            return None
        while at > start and joins[a.words[at - 1]]:
            at -= 1
        return (start, at) if at > start else None

    for u in sorted(found, key=lambda u: (-u.features["cue"], u.cue)):
        holders = [(other, n) for other in kept for n, (s, e) in enumerate(other.pieces) if s <= u.cue < e]
        shortened = [(other, n, cut(*other.pieces[n], u)) for other, n in holders]
        if any(piece is None for _, _, piece in shortened):
            continue
        pieces = []
        for start, end in u.pieces:
            piece: tuple[int, int] | None = (start, end)
            for other in kept:
                if piece and piece[0] <= other.cue < piece[1]:
                    piece = cut(*piece, other)
            replaced = {(id(other), n): p for other, n, p in shortened}
            for other in kept:
                for n, own in enumerate(other.pieces):
                    s, e = replaced.get((id(other), n)) or own
                    if piece and s < piece[1] and piece[0] < e:
                        piece = None
            if piece:
                pieces.append(piece)
        if pieces:
            for other, n, piece in shortened:
                if piece:
                    other.pieces[n] = piece
            u.pieces = pieces
            kept.append(u)
    return kept


def spans_of(a: Analysis, pieces: list[tuple[int, int]]) -> tuple[list[tuple[int, int]], str]:
    """The content spans in characters and the kind: a piece that is one whole stretch loses its marks."""
    spans, kinds = [], []
    for start, end in pieces:
        k = a.opens[start]
        while start < end - 1 and a.opens[start] >= 0 and a.opens[start + 1] == k:
            start += 1
        first = start + 1 if a.opens[start] >= 0 else start
        inner = a.inside[first] if first < len(a) else -1
        if inner >= 0 and a.stretch_from[inner] == first and (end <= first or a.inside[end - 1] == inner or a.closes[end - 1] == inner):
            stretch = a.stretches[inner]
            spans.append(_trim(a.text, stretch.start, stretch.end))
            kinds.append("direct")
        else:
            spans.append((int(a.starts[start]), int(a.ends[end - 1])))
            inside = a.inside[start:end]
            marked = (inside >= 0).any() or (a.opens[start:end] >= 0).any()
            kinds.append("direct" if (inside >= 0).all() else "mixed" if marked else "indirect")
    if "mixed" in kinds or len(set(kinds)) > 1:
        return spans, "mixed"
    return spans, kinds[0]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
