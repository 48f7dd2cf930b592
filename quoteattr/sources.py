"""Sources: which mention beside a cue names the speaker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quoteattr.analysis import Analysis, BoolArray
from quoteattr.cues import CONFIGURATIONS
from quoteattr.lexicon import CATEGORIES, FORMS, PARTS
from quoteattr.linear import WORD, Slot, bucket, window
from quoteattr.mentions import Mentions
from quoteattr.tokens import IntArray

_K, _FORMS = len(CATEGORIES), len(FORMS)
_BREAK = CATEGORIES.index("break")
_REACH = 7  # how many mentions on either side of a cue may be its source
_RELATIONS = ("governed", "governed, with a verb behind", "behind a verb", "in front of a verb", "other")
_HEARSAY = ("alleged", "said", "reported", "claimed", "believed", "thought", "understood", "rumoured", "rumored")
_FINDING_OUT = tuple(
    "determine determines determined determining establish establishes established establishing assess".split()
)
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
    Slot("verb forms behind and of the cue", _FORMS * _FORMS * 2),
    Slot("verb form behind, subjects between and category before the cue", _FORMS * 3 * _K * 2),
    Slot("verb form behind, verbs and subordinators between", _FORMS * 4 * 3 * 2),
    # The subject of "..., warning that" or "to say that" stands far in front, behind no preposition.
    Slot("relation, commas between and form of the cue", len(_RELATIONS) * 3 * _FORMS * 2),
    Slot("relation, subjects between and form of the cue", len(_RELATIONS) * 3 * _FORMS * 2),
    Slot("relation, place in the sentence and form of the cue", len(_RELATIONS) * 4 * _FORMS * 2),
    Slot("relation, category before the cue and form of the cue", len(_RELATIONS) * _K * _FORMS * 2),
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
    # Behind "according to" the source comes first: what stands behind a comma is somebody else.
    apart = (a.words[at[cue]] == a.lexicon.number("according")) & (a.commas[mentions.start[item]] > a.commas[at[cue]])
    keep = same & outside & ~apart
    return Candidates(cue[keep].astype(np.int32), item[keep].astype(np.int32))


_SIDE = np.array([0 if c == "none" or c[1] == "0" else 1 if c[1] == "l" else 2 for c in CONFIGURATIONS])


def source_columns(
    a: Analysis, mentions: Mentions, at: IntArray, configuration: IntArray, c: Candidates
) -> list[IntArray]:
    """The slots of every pair of a cue and a mention."""
    start, end, cue = mentions.start[c.item], mentions.end[c.item], at[c.cue]
    left = (end <= cue).astype(np.int32)
    pad = a.lexicon.line_break
    before = window(a.words, start, (-2, -1), pad)
    behind = window(a.words, end, (0, 1), pad)
    front, back = window(a.category, start, (-1,), _BREAK)[0], window(a.category, end, (0,), _BREAK)[0]
    at_cue = window(a.category, cue, (-1,), _BREAK)[0]
    gap = np.maximum(np.where(left, cue - end, start - cue - 1), 0)
    commas = a.commas
    low, high = np.where(left, end, cue), np.where(left, cue, start)
    between = (commas[np.maximum(high, 0)] - commas[low]).clip(0, 3)
    marks = np.append([0], np.cumsum(a.closes >= 0))
    marked = (marks[high] > marks[low]).astype(np.int32)
    index = np.searchsorted(mentions.start, cue)
    rank = np.where(left, index - 1 - c.item, c.item - index).clip(0, _REACH)
    form = np.append(a.form, FORMS.index("none"))
    adverb = np.append(a.part == PARTS.index("adverb"), False)
    verb_at = mentions.end + adverb[mentions.end]  # "Dale also said"
    verbs = np.append([0], np.cumsum(a.is_verb))
    clauses = np.append([0], np.cumsum(a.lexicon.classes["subordinator"][a.words]))
    # A mention with a verb right behind it is a subject; one that stands nearer to the cue is likelier to govern it.
    is_subject = form[verb_at] > 0
    subjects = np.append([0], np.cumsum(is_subject))
    subjects_between = np.where(left, subjects[index] - subjects[c.item + 1], subjects[c.item] - subjects[index])
    at_first = start - a.sentence_from[a.sentence[start]]
    in_front = np.append(a.part, PARTS.index("other"))[start - 1]
    particle = (start == cue + 2) & a.lexicon.classes["verb_particle"][before[1]]  # "chimed in Peter Foy"
    governed = (in_front == PARTS.index("preposition")) & ~particle
    behind_verb = np.append(a.form, FORMS.index("none"))[start - 1] > 0
    has_verb = is_subject[c.item].astype(np.int32)
    relation = np.where(governed, has_verb, np.where(behind_verb, 2, 4 - has_verb))  # an index into _RELATIONS
    cue_form, behind_form = form[cue] * 2 + left, form[verb_at[c.item]]
    return [
        *before, *behind, a.words[end - 1], a.words[start], a.words[cue],
        configuration[c.cue] * 2 + left,
        (bucket(gap, (1, 2, 3, 4, 5, 7, 10, 15, 25)) * 2 + left) * 3 + between.clip(0, 2),
        (rank * 2 + left) * 6 + mentions.type[c.item] * 2 + mentions.tagged[c.item],
        (between * 2 + left) * 2 + (a.words[np.maximum(cue - 1, 0)] == a.lexicon.number(",")),
        (at_first == 0) * 2 + left, window(a.words, cue, (-1,), pad)[0], marked,
        front * _K + back, back * _K + at_cue, ((mentions.type[c.item] * 2 + mentions.tagged[c.item]) * _K + back) * 2 + left,
        (behind_form * _FORMS + form[cue]) * 2 + left, ((behind_form * 3 + subjects_between.clip(0, 2)) * _K + at_cue) * 2 + left,
        ((behind_form * 4 + (verbs[high] - verbs[low]).clip(0, 3)) * 3 + (clauses[high] - clauses[low]).clip(0, 2)) * 2 + left,
        (relation * 3 + between.clip(0, 2)) * 2 * _FORMS + cue_form, (relation * 3 + subjects_between.clip(0, 2)) * 2 * _FORMS + cue_form,
        (relation * 4 + bucket(at_first, (1, 3, 6))) * 2 * _FORMS + cue_form, (relation * _K + at_cue) * 2 * _FORMS + cue_form,
    ]  # fmt: skip


def by_ranker(mentions: Mentions, at: IntArray, c: Candidates) -> dict[str, BoolArray]:
    """Which pairs of a cue and a mention each of the two rankers judges: mentions before and behind the cue."""
    left: BoolArray = mentions.end[c.item] <= at[c.cue]
    return {"source_left": left, "source_right": ~left}


def is_unsaid(a: Analysis, mentions: Mentions, cue: IntArray, source: IntArray) -> BoolArray:
    """Which cues report the words of nobody: those of data, hearsay, and verbs that only look like saying."""
    return _is_data(a, mentions, cue, source) | _is_hearsay(a, cue) | _is_other_verb(a, mentions, cue, source)


def _is_data(a: Analysis, mentions: Mentions, cue: IntArray, source: IntArray) -> BoolArray:
    """Which cues have data ("the latest figures") for a source: they show, but they say nothing.

    Names ("Bureau of Labor Statistics") and phrases with a person or body in them ("the head of statistics") are none.
    """
    # Behind "according to" the phrase counts whether or not it was taken for a mention, as far as its sentence goes.
    behind, last = cue + 2, a.sentence_to[a.sentence[cue]]
    stops = np.append(np.flatnonzero(a.lexicon.any_of("punctuation", "preposition")[a.words]), len(a))
    according = (a.words[cue] == a.lexicon.number("according")) & (behind < last)
    at = np.maximum(source, 0)
    start = np.where(according, behind, np.append(mentions.start, 0)[at])
    phrase_end = np.minimum(stops[np.searchsorted(stops, np.minimum(behind, len(a)))], last)
    end = np.where(according, phrase_end, np.append(mentions.end, 1)[at])
    capital = np.append([0], np.cumsum(a.in_name))
    speakers = np.append([0], np.cumsum(a.lexicon.any_of("role", "body")[a.words]))
    is_common = (capital[end] == capital[start]) & (speakers[end] == speakers[start])
    data = a.lexicon.classes["data"][a.words]
    # "New figures have revealed": also where no mention was found, or only "new".
    subject = cue - 1
    for _ in range(2):
        subject = subject - a.lexicon.classes["auxiliary"][a.words[np.maximum(subject, 0)]]
    subject = np.maximum(subject, 0)
    plain = data[subject] & ~a.in_name[subject] & ~according & ((source < 0) | ((end == subject) & is_common))
    result: BoolArray = (data[end - 1] & is_common & (according | (source >= 0))) | plain
    return result


def _is_other_verb(a: Analysis, mentions: Mentions, cue: IntArray, source: IntArray) -> BoolArray:
    """ "They continue to serve", "an inquiry to determine whether it was", "it is important to note that it was"."""
    words, one_of, last = a.words, a.lexicon.one_of, len(a) - 1
    before, following = words[np.maximum(cue - 1, 0)], words[np.minimum(cue + 1, last)]
    to = a.lexicon.number("to")
    goes_on = one_of(("continue", "continues", "continued", "continuing"))[words[cue]] & (following == to)
    asks = one_of(_FINDING_OUT)[words[cue]] & one_of(("whether", "if", "how", "what", "who", "why"))[following]
    it = np.append(mentions.start, 0)[source]
    is_it = (source >= 0) & (words[it] == a.lexicon.number("it"))
    is_it &= a.lexicon.classes["be"][words[np.minimum(it + 1, last)]] & (before == to)
    result: BoolArray = goes_on | asks | is_it
    return result


def _is_hearsay(a: Analysis, cue: IntArray) -> BoolArray:
    """Which cues report what nobody in the text says: "is alleged to have", "was said to be"."""
    words, last = a.words, len(a) - 1
    passive = a.lexicon.classes["be"][words[np.maximum(cue - 1, 0)]] & a.lexicon.one_of(_HEARSAY)[words[cue]]
    result: BoolArray = passive & (words[np.minimum(cue + 1, last)] == a.lexicon.number("to"))
    return result
