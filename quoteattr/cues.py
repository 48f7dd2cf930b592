"""Cues: the words that report speech, and how content and source stand around them.

A classifier looks at every candidate word and says whether it is a cue and in which configuration. Everything else
about a quotation is conditioned on that (Pareti 2015).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quoteattr.analysis import Analysis
from quoteattr.lexicon import CATEGORIES, FORMS, PARTS
from quoteattr.linear import WORD, FloatArray, Slot, bucket, window
from quoteattr.mentions import Mentions
from quoteattr.tokens import SHAPES, IntArray

# Content to the Right of the cue, to the Left or on Both sides; source left, right or 0 for nowhere.
CONFIGURATIONS = ("none", "Rl", "R0", "Rr", "Ll", "Lr", "L0", "Bl", "Br", "B0")
NONE = 0
DISTANCES = (1, 2, 3, 4, 5, 7, 10, 15, 30)

_K = len(CATEGORIES)
_BREAK = CATEGORIES.index("break")
_CUE_WORDS = (-2, -1, 0, 1, 2)
_CUE_SHAPES = (-3, -2, -1, 0, 1, 2, 3)
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
    *(Slot(f"categories {o:+d} {o + 1:+d}", _K * _K) for o in (-3, -2, -1, 0, 1, 2)),
    Slot("categories -1 +1", _K * _K),
    Slot("part and form", len(PARTS) * len(FORMS)),
)


@dataclass(frozen=True, slots=True)
class Cues:
    """The cue candidates of a text: their tokens, their slots, and how probable each configuration is."""

    at: IntArray
    columns: list[IntArray]
    probability: FloatArray


def cue_candidates(a: Analysis) -> IntArray:
    """Tokens that may be cues: words of saying, verbs beside a quotation mark, colons and dashes at one."""
    words, lexicon = a.words, a.lexicon
    n = len(a)
    if not n:
        return np.zeros(0, np.int32)
    colon = lexicon.number(":")
    likely = lexicon.any_of("report_verb", "report_noun")[words] | (words == lexicon.number("according"))
    opening = words == lexicon.opening
    near_closing, near_opening = np.zeros(n, bool), np.zeros(n, bool)
    for at in np.flatnonzero(words == lexicon.closing).tolist():
        near_closing[at : at + 8] = True
    for at in np.flatnonzero(opening).tolist():
        near_opening[max(0, at - 5) : at] = True
    a_verb = lexicon.any_of("verb", "maybe_verb")[words] & (a.shapes == SHAPES.index("lower"))
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
    is_dash = lexicon.one_of(("\u2014", "\u2013", "-"))[words] & after_mark
    free = (a.inside < 0) & ~a.dropped
    found = (likely | (a_verb & (near_closing | near_opening)) | is_colon | is_dash) & free
    return np.flatnonzero(found).astype(np.int32)


def previous(mask: npt.NDArray[np.bool_], at: IntArray) -> IntArray:
    """The last position before each `at` where the mask holds; -1 where there is none."""
    where = np.flatnonzero(mask)
    index = np.searchsorted(where, at) - 1
    return np.where(index >= 0, where[np.maximum(index, 0)] if len(where) else -1, -1).astype(np.int32)


def _next(mask: npt.NDArray[np.bool_], at: IntArray) -> IntArray:
    """The first position after each `at` where the mask holds; the length of the mask where there is none."""
    where = np.append(np.flatnonzero(mask), len(mask))
    return where[np.searchsorted(where, at, side="right")].astype(np.int32)


def stretch_length(a: Analysis, stretch: IntArray) -> IntArray:
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
    category = window(a.category, at, (-3, -2, -1, 0, 1, 2, 3), _BREAK)
    line, padded_line = a.line[at], np.append(a.line, -1)
    before, behind = previous(a.closes >= 0, at), _next(a.opens >= 0, at)
    has_before = (before >= 0) & (a.line[before] == line)
    has_behind = (behind < n) & (padded_line[np.minimum(behind, n)] == line)
    d_before = np.where(has_before, bucket(at - before, DISTANCES), 0)
    d_behind = np.where(has_behind, bucket(behind - at, DISTANCES), 0)
    l_before = stretch_length(a, np.where(has_before, a.closes[before], -1))
    l_behind = stretch_length(a, np.where(has_behind, a.opens[np.minimum(behind, n - 1)], -1))
    first, last = a.sentence_from[a.sentence[at]], a.sentence_to[a.sentence[at]]
    starts_text = first == a.token_from[a.number[at]]
    place = bucket(at - first, DISTANCES) * 3 + starts_text + (a.inside[first] >= 0)
    comma, commas = a.is_comma, a.commas
    comma_before = at - 1 >= 0
    commas_between = (commas[at] - commas[first]).clip(0, 3) * 3 + comma[np.maximum(at - 1, 0)] * comma_before
    commas_between = commas_between + (comma[at + 1])
    index = np.searchsorted(mentions.start, at)
    left, right = index - 1, index
    m_type = np.append(mentions.type, 3)
    m_end, m_start = np.append(mentions.end, 0), np.append(mentions.start, n + 99)
    same_left = (left >= 0) & (m_end[left] > first) & (m_end[left] <= at)
    same_right = m_start[right] < last
    mention_left = np.where(same_left, bucket(at - m_end[left] + 1, DISTANCES) * 4 + m_type[left], 3)
    mention_right = np.where(same_right, bucket(m_start[right] - at, DISTANCES) * 4 + m_type[right], 3)
    # A mention right behind a closing mark and no verb up to the cue: "...," the head of the school, a man of 60, said.
    begins = np.zeros(n + 3, bool)
    begins[mentions.start] = True
    behind_mark = has_before & (begins[before + 1] | begins[before + 2])
    verbs = np.append([0], np.cumsum(a.lexicon.any_of("report_verb", "auxiliary", "modal")[a.words]))
    verbs_between = np.where(has_before, (verbs[at] - verbs[np.maximum(before, 0)]).clip(0, 2), 0)
    left_start = np.append(mentions.start, 0)[left]
    mark_gap = np.where(has_before & same_left & (left_start > before), bucket(left_start - before - 1, (1, 2, 4)), 4)
    cue_gap = np.where(same_left, bucket(at - m_end[left], (1, 2, 4)), 4)
    opening, closing = a.opens >= 0, a.closes >= 0
    opened, closed = np.append([0], np.cumsum(opening)), np.append([0], np.cumsum(closing))
    closed_in_front = closed[at] > closed[first]
    opened_behind = opened[last] > opened[at]
    next_opens = (np.append(opening, False)[np.minimum(last, n)]) & (padded_line[np.minimum(last, n)] == line)
    starts_marked = (a.inside[first] >= 0) | opening[first]
    before_mark = a.words[np.maximum(before - 1, 0)]
    comma_at_mark = np.where(
        before_mark == a.lexicon.number(","), 1, np.where(a.lexicon.classes["punctuation"][before_mark], 2, 0)
    )
    comma_at_mark = np.where(has_before, comma_at_mark, 0)
    marks = (((closed_in_front * 2 + opened_behind) * 2 + next_opens) * 2 + starts_marked) * 3 + comma_at_mark
    at_end = (at + 1 >= last) | ((at + 2 >= last) & (np.append(a.words, 0)[at + 1] == a.lexicon.number(":")))
    follow = a.opens_padded[np.minimum(last + 1, n)]
    next_line = np.where(at_end, 1 + (follow >= 0), 0)
    return [
        *words, *shapes, d_before * 6 + l_before, d_behind * 6 + l_behind, d_before * 11 + d_behind, place,
        bucket(last - at, DISTANCES), mention_left, mention_right, commas_between, next_line,
        (behind_mark * 3 + verbs_between) * 11 + d_before, (mark_gap * 5 + cue_gap) * 6 + l_before, marks,
        *(category[k] * _K + category[k + 1] for k in range(6)), category[2] * _K + category[4],
        a.part[at] * len(FORMS) + a.form[at],
    ]  # fmt: skip
