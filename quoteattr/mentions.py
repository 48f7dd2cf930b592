"""Mentions: the words that point to a person, a body or an unnamed speaker.

A linear tagger says of each token whether it begins a mention, goes on with one, or stands outside, from the
words and shapes around it; runs of tokens become mentions. Names, pronouns and descriptors are told apart by
what they are made of.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quoteattr.analysis import Analysis, BoolArray
from quoteattr.lexicon import CATEGORIES, FORMS, PARTS
from quoteattr.linear import WORD, FloatArray, Linear, Slot, bucket, coverage, softmax, window
from quoteattr.tokens import SHAPES, IntArray

OUTSIDE, BEGIN, INSIDE = range(3)
TAGS = ("outside", "begin", "inside")
PRONOUN, NAME, DESCRIPTOR = range(3)

_K = len(CATEGORIES)
_BREAK = CATEGORIES.index("break")
_LOWER = SHAPES.index("lower")
_WORD_OFFSETS = (-4, -3, -2, -1, 0, 1, 2, 3, 4)
_SHAPE_OFFSETS = (-2, -1, 0, 1, 2)
SLOTS = (
    *(Slot(f"word {o:+d}", WORD) for o in _WORD_OFFSETS),
    *(Slot(f"shape {o:+d}", len(SHAPES)) for o in _SHAPE_OFFSETS),
    Slot("shapes 0 +1", len(SHAPES) ** 2),
    Slot("shapes -1 0", len(SHAPES) ** 2),
    Slot("place", 4),
    *(Slot(f"categories {o:+d} {o + 1:+d}", _K * _K) for o in (-2, -1, 0, 1)),
)


def columns(a: Analysis) -> list[IntArray]:
    """The slots of every token."""
    everywhere = np.arange(len(a), dtype=np.int32)
    words = window(a.words, everywhere, _WORD_OFFSETS, a.lexicon.line_break)
    shapes = window(a.shapes, everywhere, _SHAPE_OFFSETS, 0)
    category = window(a.category, everywhere, (-2, -1, 0, 1, 2), _BREAK)
    place = a.starts_sentence + 2 * (a.inside >= 0)
    n = len(SHAPES)
    return [
        *words, *shapes, shapes[2] * n + shapes[3], shapes[1] * n + shapes[2], place.astype(np.int32),
        *(category[k] * _K + category[k + 1] for k in range(4)),
    ]  # fmt: skip


_TAG_OFFSETS = (-3, -2, -1, 0, 1, 2, 3)
_LEVELS = 4
_BREAKERS = tuple(
    ", ; : ( ) [ ] ! ? \u2014 \u2013 from to by with on after before over into against about during near outside".split()
)
SECOND_SLOTS = (
    *(Slot(f"word {o:+d}", WORD) for o in (-2, -1, 0, 1, 2)),
    *(Slot(f"tag {o:+d}", 3 * _LEVELS) for o in _TAG_OFFSETS),
    Slot("tags -1 0", 9 * _LEVELS),
    Slot("tags 0 +1", 9 * _LEVELS),
    Slot("tags -2 -1", 9),
    Slot("shapes 0 +1", len(SHAPES) ** 2),
    Slot("shapes -1 0", len(SHAPES) ** 2),
)


def second_columns(a: Analysis, first: FloatArray) -> list[IntArray]:
    """The slots of every token for the second tagger, which sees what the first one thought of the neighbours."""
    everywhere = np.arange(len(a), dtype=np.int32)
    words = window(a.words, everywhere, (-2, -1, 0, 1, 2), a.lexicon.line_break)
    shapes = window(a.shapes, everywhere, (-1, 0, 1), 0)
    probability = softmax(first)
    tag = probability.argmax(axis=1).astype(np.int32)
    level = bucket((probability.max(axis=1) * 100).astype(np.int32), (60, 80, 95))
    sure = window(tag * _LEVELS + level, everywhere, _TAG_OFFSETS, 3)
    tags = window(tag, everywhere, (-2, -1, 0, 1), OUTSIDE)
    n = len(SHAPES)
    return [
        *words, *sure, (tags[1] * 3 + tags[2]) * _LEVELS + level, (tags[2] * 3 + tags[3]) * _LEVELS + level,
        tags[0] * 3 + tags[1], shapes[1] * n + shapes[2], shapes[0] * n + shapes[1],
    ]  # fmt: skip


# Classes of words that belong to no noun phrase.
_OUTSIDE_PHRASE = "preposition", "conjunction", "subordinator", "auxiliary", "modal", "negation", "adverb_of_saying"
_ENDS_PHRASE = *_OUTSIDE_PHRASE, "subject_pronoun", "report_verb", "punctuation", "time"
_OPENS_PHRASE = np.isin(PARTS, ("determiner", "pronoun", "number", "adjective"))
_OF_NOUN = np.isin(PARTS, ("determiner", "number"))  # not "some" alone, but "some officials"
_IN_PHRASE = np.isin(PARTS, ("noun", "name", "adjective", "adverb", "determiner", "number", "other"))


@dataclass(frozen=True, slots=True)
class Mentions:
    """The mentions of a text, in order: token ranges and types.

    A phrase is what only looks like a mention (a capitalised run, a pronoun, a noun phrase that the taggers left
    out): it may turn out to be the source of a quotation, and is nobody otherwise.
    """

    start: IntArray
    end: IntArray
    type: IntArray
    tagged: BoolArray

    def __len__(self) -> int:
        return len(self.start)

    def part(self, low: int, high: int, token: int) -> Mentions:
        """Some of the mentions, their tokens counted from another one."""
        return Mentions(
            self.start[low:high] - token, self.end[low:high] - token, self.type[low:high], self.tagged[low:high]
        )


def find_mentions(a: Analysis, first: Linear, second: Linear) -> Mentions:
    """Every mention of a text: two taggers, the second stacked on the first (Cohen and Carvalho 2005)."""
    if not len(a):
        nothing = np.zeros(0, np.int32)
        return Mentions(nothing, nothing, nothing, nothing.astype(bool))
    label = second.scores(second_columns(a, first.scores(columns(a)))).argmax(axis=1).astype(np.int32)
    label[a.dropped] = OUTSIDE
    return mentions_of(a, label)


def mentions_of(a: Analysis, label: IntArray) -> Mentions:
    """The mentions that a sequence of tags spells out, whole names and noun phrases taken, and the phrases between."""
    breaks = breaks_mention(a)
    in_run = a.in_name
    starts_run = in_run & ~np.append([False], in_run[:-1])
    run_from, run_to = _ranges(starts_run, ~in_run)
    phrase_from, phrase_to = _noun_phrases(a)
    bare_from, bare_to = _bare_plurals(a)
    person = a.lexicon.any_of("role", "body")[a.words]
    headed = person[phrase_to - 1]
    label = np.where(breaks, OUTSIDE, label)
    for low, high in (
        (run_from, run_to),
        (phrase_from[headed], phrase_to[headed]),
        _roles_with_name(a, bare_from, bare_to, run_from, run_to),
    ):
        label = _completed(label, low, high)
    label = np.where(breaks, OUTSIDE, label)
    tagged = label != OUTSIDE
    behind_break = np.append([True], ~tagged[:-1])
    begins = tagged & (behind_break | (label == BEGIN))
    start, end = _ranges(begins, ~tagged)
    alone = (end - start == 1) & a.lexicon.classes["determiner"][a.words[start]]  # an article alone names nobody
    start, end = start[~alone], end[~alone]
    parts = [(start, end, np.ones(len(start), bool))]
    covered = coverage(start, end, len(a)) > 0
    for low, high in ((run_from, run_to), _pronouns(a), (phrase_from, phrase_to), (bare_from, bare_to)):
        counts = np.append([0], np.cumsum(covered))
        free = (counts[high] == counts[low]) & (high > low)
        low, high = low[free], high[free]
        parts.append((low, high, np.zeros(len(low), bool)))
        covered = covered | (coverage(low, high, len(a)) > 0)
    start, end, is_tagged = (np.concatenate(p) for p in zip(*parts))
    heads = np.where(_ends_no_mention(a), -1, np.arange(len(a)))
    end = np.maximum.accumulate(heads)[end - 1] + 1
    order = np.argsort(start, kind="stable")
    order = order[(end > start)[order]]
    start, end, is_tagged = start[order].astype(np.int32), end[order].astype(np.int32), is_tagged[order]
    return Mentions(start, end, types_of(a, start, end), is_tagged)


def _ends_no_mention(a: Analysis) -> BoolArray:
    """Tokens that no mention ends with: adverbs and the like ("initially", "more likely", "but"), and "There" alone."""
    lexicon = a.lexicon
    pronoun = lexicon.any_of("relative", "subject_pronoun", "indefinite", "determiner", "quantity")
    word = (lexicon.any_of(*_OUTSIDE_PHRASE) | lexicon.adverbs) & ~pronoun
    # With a capital only listed adverbs, as "Kelly", "Will" and "May" are names, and participles: "Securing and keeping the ...".
    before_name = np.append(a.in_name[1:], False)  # "Just Stop Oil"
    following, second = (np.append(a.words[k:], np.zeros(k, np.int32))[: len(a)] for k in (1, 2))
    ing = lexicon.forms == FORMS.index("ing")
    joined = (following == lexicon.number("and")) & ing[second]
    participle = ing[a.words] & (joined | lexicon.any_of("determiner", "possessive", "subordinator")[following])
    capital = (lexicon.classes["adverb"][a.words] | participle) & a.starts_sentence & ~before_name
    result: BoolArray = (word[a.words] & (a.shapes == _LOWER)) | capital
    return result


def _completed(label: IntArray, low: IntArray, high: IntArray) -> IntArray:
    """The tags, with every range that one of them touches tagged as a whole: one mention."""
    tagged = label != OUTSIDE
    counts = np.append([0], np.cumsum(tagged))
    touched = counts[high] > counts[low]
    low, high = low[touched], high[touched]
    inside = coverage(low, high, len(label)) > 0
    first = np.zeros(len(label), bool)
    first[low] = True
    within = inside & ~first
    # The range's first token keeps its tag if a mention already runs into it ("Labour councillor | Jane Dale").
    runs_in = first & tagged & (label == INSIDE)
    return np.where(within, INSIDE, np.where(first & ~runs_in, BEGIN, label)).astype(np.int32)


def breaks_mention(a: Analysis) -> BoolArray:
    """Tokens that no mention goes across: punctuation, a possessive's ending, most prepositions, line breaks."""
    number = a.lexicon.number
    possessive_s = (a.words == number("s")) & np.append([False], a.lexicon.one_of(("'", "\u2019"))[a.words[:-1]])
    possessive = possessive_s | np.append(possessive_s[1:], False)
    # A full stop within a name ("J. Dale") stays; one that ends the sentence does not.
    stop = (a.words == number(".")) & (np.arange(len(a)) + 1 >= a.sentence_to[a.sentence])
    broken = possessive | stop | a.lexicon.one_of(_BREAKERS)[a.words]
    result: BoolArray = broken | (a.opens >= 0) | (a.closes >= 0) | (a.words == a.lexicon.line_break)
    return result


def _ranges(begins: BoolArray, stops: BoolArray) -> tuple[IntArray, IntArray]:
    """From each beginning up to the next beginning or stop."""
    start = np.flatnonzero(begins)
    edge = np.append(np.flatnonzero(begins | stops), len(begins))
    return start.astype(np.int32), edge[np.searchsorted(edge, start, side="right")].astype(np.int32)


def _pronouns(a: Analysis) -> tuple[IntArray, IntArray]:
    pronoun = a.lexicon.any_of("subject_pronoun", "indefinite")[a.words] & ~_OF_NOUN[a.part]
    following = np.append(a.words[1:], a.lexicon.line_break)
    which = (a.words == a.lexicon.number("which")) & a.lexicon.verbs[following]  # "the letter, which has said"
    # "a sign that read", but not "that study" and "said that"
    before = np.append(a.lexicon.line_break, a.words[:-1])
    says = a.lexicon.classes["report_verb"][following] & ~a.lexicon.classes["noun"][following]
    that = (a.words == a.lexicon.number("that")) & says & ~a.lexicon.any_of("preposition", "report_verb")[before]
    return _ranges(pronoun | which | that, np.ones(len(a), bool))


def _noun_phrases(a: Analysis) -> tuple[IntArray, IntArray]:
    """From a determiner to the first word that can't belong to a plain noun phrase."""
    determiner = a.lexicon.any_of("determiner", "possessive", "quantity")[a.words] & _OPENS_PHRASE[a.part]
    stops = (
        a.lexicon.any_of(*_ENDS_PHRASE)[a.words]
        | ~_IN_PHRASE[a.part]
        | (a.words == a.lexicon.line_break)
        | (a.opens >= 0)
        | (a.closes >= 0)
        | (a.shapes == SHAPES.index("mark"))
    )
    several = a.lexicon.any_of("indefinite", "quantity")[a.words]
    of_them = (a.words == a.lexicon.number("of")) & np.append([False], several[:-1])  # "one of the drivers"
    follows = np.append([False], (determiner | of_them)[:-1])
    start, end = _ranges(determiner & ~follows, stops & ~determiner & ~of_them)
    keep = (end - start > 1) & (end - start <= 7)
    return start[keep], end[keep]


def _roles_with_name(
    a: Analysis, low: IntArray, high: IntArray, run_from: IntArray, run_to: IntArray
) -> tuple[IntArray, IntArray]:
    """ "Managing director Fiona Reay", "the head teacher Joan Dale": a role right in front of a name is one with it."""
    lexicon = a.lexicon
    one = lexicon.classes["role"] & ~lexicon.classes["plural_role"]
    following = np.searchsorted(run_from, high)
    joined = one[a.words[high - 1]] & ~a.in_name[high - 1] & (np.append(run_from, -1)[following] == high)
    low, high = low[joined], run_to[following[joined]]
    determiner = lexicon.any_of("determiner", "possessive")[a.words[low - 1]] & (low > 0)
    return (low - determiner).astype(np.int32), high


def _bare_plurals(a: Analysis) -> tuple[IntArray, IntArray]:
    """ "Officials", "Party leaders", "local residents": plural nouns for people or bodies, with a word or two in front."""
    head = a.lexicon.any_of("plural_role", "plural_body", "role")[a.words]
    modifier = (a.shapes == _LOWER) | (a.shapes == SHAPES.index("Title"))
    modifier &= ~a.lexicon.any_of(*_ENDS_PHRASE, "object_pronoun", "relative")[a.words] & _IN_PHRASE[a.part]
    modifier &= ~a.is_possessive
    at = np.flatnonzero(head)
    one = modifier[at - 1] & (at > 0)
    return (at - one).astype(np.int32), (at + 1).astype(np.int32)


def types_of(a: Analysis, start: IntArray, end: IntArray) -> IntArray:
    """Pronoun, name or descriptor: a name holds a capitalised word that is no common one opening the sentence."""
    if not len(start):
        return start
    pronoun = a.lexicon.any_of("he", "she", "they", "it", "first_person", "relative", "indefinite")
    common = a.lexicon.any_of("determiner", "role", "body", "quantity", "possessive", "indefinite", "preposition")
    proper = a.is_capital & ~(a.starts_sentence & common[a.words])
    counts = np.concatenate([[0], np.cumsum(proper)])
    named = counts[end] > counts[start]
    last = a.words[end - 1]
    named &= ~(a.lexicon.classes["role"][last] & (a.shapes[end - 1] == _LOWER))  # "a Met Police spokesperson"
    single = (end - start == 1) & pronoun[a.words[start]]
    return np.where(single, PRONOUN, np.where(named, NAME, DESCRIPTOR)).astype(np.int32)
