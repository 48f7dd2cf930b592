"""The discourse: what is remembered of mentions and speakers, and what a candidate's row says."""

import pytest

from quoteattr.discourse import _OBJECT, _SUBJECT, NAMELESS, QUERIES, RANKER_SLOTS, Discourse
from quoteattr.mentions import find_mentions
from quoteattr.people import UNNAMED, Cluster, People
from quoteattr.quotations import Utterance

TEXT = "Ann Foy told Joan Dale.\n\n“It rained?”\n\n“No.”\n\nShe left."
SLOT = {slot.name: n for n, slot in enumerate(RANKER_SLOTS)}


@pytest.fixture
def reading(labeller, analyse):
    """A discourse of TEXT, its tokens and its clusters by name."""
    analysis = analyse(TEXT)
    mentions = find_mentions(analysis, *labeller.attributor.taggers)
    a = next(analysis.lists())
    people = People(a, mentions, set())
    discourse = Discourse(a, people, set())
    numbers = {cluster.name: cluster.number for cluster in people.clusters}
    for i, cluster in enumerate(people.of_mention):
        if cluster >= 0:
            discourse.see(cluster, int(mentions.start[i]), int(mentions.end[i]), int(mentions.type[i]))
    return discourse, a, numbers


def said(a, start, end, source=-1):
    """An utterance over the tokens of a stretch, marks included."""
    tokens = [i for i in range(len(a)) if TEXT.index(start) <= a.starts[i] < TEXT.index(end) + len(end)]
    return Utterance(-1, "free", source, [(tokens[0], tokens[-1] + 1)], {})


def test_the_latest_mention_comes_first(reading):
    discourse, _, _ = reading

    assert [c.name for c in discourse.candidates("free")[0]] == ["Joan Dale", "Ann Foy"]


def test_a_candidate_of_the_other_gender_is_none(reading):
    discourse, _, _ = reading

    assert discourse.candidates("he")[0] == []


def test_one_before_its_verb_is_a_subject_and_one_behind_it_is_none(reading):
    discourse, _, numbers = reading
    parts = {name: discourse.last[number][3] for name, number in numbers.items()}

    assert parts == {"Ann Foy": _SUBJECT, "Joan Dale": _OBJECT}


def test_the_speaker_before_the_last_is_remembered(reading):
    discourse, a, numbers = reading
    question, answer = said(a, "“It", "?”"), said(a, "“No", ".”")

    discourse.speak(numbers["Ann Foy"], question.pieces[0][0], question)
    discourse.speak(numbers["Joan Dale"], answer.pieces[0][0], answer)

    assert discourse.speaker[0] == numbers["Joan Dale"]
    assert discourse.before_last == numbers["Ann Foy"]


def test_an_answer_is_told_from_a_quotation_after_a_statement(reading):
    discourse, a, numbers = reading
    candidates, fits = discourse.candidates("free")
    question, answer = said(a, "“It", "?”"), said(a, "“No", ".”")
    at, slot = answer.pieces[0][0], SLOT["answers, last speakers and whole line"]

    discourse.speak(numbers["Ann Foy"], question.pieces[0][0], question)
    after_a_question = [row[slot] for row in discourse.rows("free", at, candidates, fits, answer)]
    discourse.speak(numbers["Ann Foy"], at, answer)
    after_a_statement = [row[slot] for row in discourse.rows("free", at, candidates, fits, answer)]

    assert after_a_question != after_a_statement


@pytest.mark.parametrize("query", list(QUERIES))
@pytest.mark.parametrize("times", [0, 1, 9])
def test_every_value_of_a_row_is_below_the_size_of_its_slot(reading, query, times):
    discourse, a, numbers = reading
    question, answer = said(a, "“It", "?”"), said(a, "“No", ".”")
    for _ in range(times):
        for number in numbers.values():
            discourse.see(number, 0, 2, 2)
            discourse.speak(number, question.pieces[0][0], question)
    unseen = Cluster(max(numbers.values()) + 1, UNNAMED, "neighbour")
    candidates = [*discourse.candidates("free")[0], unseen]
    last = len(a) - 1

    rows = [
        row
        for at in (answer.pieces[0][0], last)
        for row in discourse.rows(query, at, candidates, [1] * len(candidates), answer if query in NAMELESS else None)
    ]

    assert all(0 <= value < slot.size for row in rows for value, slot in zip(row, RANKER_SLOTS, strict=True))


@pytest.mark.parametrize(
    ("text", "is_answer"),
    [("Why so?\n\n“No.”", True), ("“Why so?”\n\n“No.”", False), ("She left.\n\n“No.”", False), ("“No.”", False)],
)
def test_a_question_of_the_text_itself_is_an_interviewers(labeller, analyse, text, is_answer):
    analysis = analyse(text)
    a = next(analysis.lists())
    discourse = Discourse(a, People(a, find_mentions(analysis, *labeller.attributor.taggers), set()), set())

    assert discourse._is_answer(Utterance(-1, "free", -1, [(len(a) - 4, len(a))], {})) == is_answer
