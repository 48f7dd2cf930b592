"""Document.claims: which sentences, whose words, and what in them can be looked up."""

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quoteattr import Document
from quoteattr.claims import CHECKABLE_KINDS

NOBODY = {"kind": "direct", "cue": None, "mention": None, "confidence": 0.9, "evidence": {}}


def document(text, *, sentences=None, speakers=(), quotes=(), boilerplate=()):
    """A document of which every sentence is a claim; each line is one unless their texts are given.

    A speaker is a name or (name, kind); a quote is its text, or (text, speaker's number, cue, mention).
    """
    rows, at = [], 0
    for number, piece in enumerate(text.splitlines() if sentences is None else sentences):
        at = text.index(piece, at)
        tags = ["boilerplate"] if number in boilerplate else ["claim"]
        scores = {"quote": 0.0, "boilerplate": 0.0, "claim": 0.75}
        rows.append({"start": at, "end": at + len(piece), "tags": tags, "scores": scores, "boilerplate_kind": None})
        at += len(piece)

    def span(words):
        return words and [text.index(words), text.index(words) + len(words)]

    named = [(s, "person") if isinstance(s, str) else s for s in speakers]
    given_quotes = [(q, None, None, None) if isinstance(q, str) else q for q in quotes]
    return Document.from_dict(
        {
            "schema_version": 1, "library_version": "0", "model_version": "0", "text": text, "sentences": rows,
            "speakers": [{"name": name, "kind": kind, "mentions": []} for name, kind in named],
            "quotes": [
                {**NOBODY, "spans": [span(words)], "text": words, "speaker": n, "cue": span(cue), "mention": span(who)}
                for words, n, cue, who in given_quotes
            ],
        }
    )  # fmt: skip


def found(text, kind, **more):
    """The checkable stretches of one kind in a text of one line or more."""
    return [c.text for claim in document(text, **more).claims for c in claim.checkable if c.kind == kind]


# --- Which sentences, and whose --------------------------------------------------------------------------------------


def test_the_claims_are_the_sentences_tagged_so(labeller):
    doc = labeller("The council voted 7-2 on Monday to close the pool.\n\nWho knows what will come of it?")

    assert [c.sentence for c in doc.claims] == [s for s in doc.sentences if "claim" in s.tags]


def test_a_claim_gives_its_words_and_its_probability():
    (claim,) = document("The pool opened in 1987.").claims

    assert (claim.text, claim.score) == ("The pool opened in 1987.", 0.75)


def test_a_claim_inside_a_quotation_carries_its_speaker():
    text = "She told the Courier that 900 people had signed it."
    doc = document(text, speakers=["Ann Foy"], quotes=[("900 people had signed it", 0, "told", "She")])
    (claim,) = doc.claims

    assert (claim.speaker.name, claim.quote) == ("Ann Foy", doc.quotes[0])


def test_a_claim_of_the_article_has_no_speaker():
    text = "The council, which called it “a joke”, voted 7-2 on Monday to close the pool."
    (claim,) = document(text, speakers=["council"], quotes=[("“a joke”", 0, "called", "The council")]).claims

    assert (claim.speaker, claim.quote) == (None, None)


def test_cue_and_mention_do_not_count_as_the_articles_words():
    text = "“It was 9p,” explained Professor Dame Marian Pike."
    quotes = [("It was 9p,", 0, "explained", "Professor Dame Marian Pike")]

    assert document(text, speakers=["Marian Pike"], quotes=quotes).claims[0].speaker.name == "Marian Pike"


def test_a_quote_over_several_sentences_gives_each_its_speaker():
    text = "“We lost 900 votes. We won 40 back.”"
    sentences = ["“We lost 900 votes.", "We won 40 back.”"]
    doc = document(
        text, sentences=sentences, speakers=["Ann Foy"], quotes=[("We lost 900 votes. We won 40 back.", 0, None, None)]
    )

    assert [c.speaker.name for c in doc.claims] == ["Ann Foy", "Ann Foy"]


def test_two_quotes_of_one_speaker_count_together():
    text = "He said the road was shut in May and added that 40 shops had closed."
    quotes = [("the road was shut in May", 0, "said", "He"), ("40 shops had closed", 0, "added", None)]
    (claim,) = document(text, speakers=["Lee Okoro"], quotes=quotes).claims

    assert (claim.speaker.name, claim.quote.text) == ("Lee Okoro", "the road was shut in May")


def test_a_quote_of_nobody_knows_whom_has_no_speaker():
    (claim,) = document("“The pool lost 9,000 visitors.”", quotes=["The pool lost 9,000 visitors."]).claims

    assert claim.speaker is None
    assert claim.quote.text == "The pool lost 9,000 visitors."


def test_a_document_that_came_back_from_json_has_the_same_claims(labeller):
    doc = labeller("“We have 900 names,” said Marian Pike on Monday.\nThe pool opened in 1987 in Mill Road.")

    assert doc.claims
    assert Document.from_dict(json.loads(json.dumps(doc.to_dict()))).claims == doc.claims


# --- What can be looked up -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number",
    [
        "7", "1,240", "£3", "$3m", "US$ 40", "€1.5 billion", "12.5%", "12.5 per cent", "two thirds", "two-thirds",
        "a third", "twenty-one", "three hundred and twelve", "one in five", "40 miles", "1.9 grams", "97mph", "a dozen",
        "one million", "3-1", "14th", "₦214.6bn", "Rs 4,870 crore",
    ],
)  # fmt: skip
def test_numbers_come_with_unit_and_currency(number):
    number_alone = number.removesuffix(" grams")  # no unit of ours

    assert found(f"they lost {number} of it", "number") == [number_alone]


@pytest.mark.parametrize(
    "date",
    [
        "in 2019", "since March", "last Tuesday", "on Monday night", "on 1 July 2022", "Sept. 12", "by 3 May", "10pm",
        "at 10.30 a.m.", "last week", "yesterday", "two years ago", "a decade earlier", "in the 1980s", "2014-15",
        "five o’clock", "on April 2, 2019", "midnight",
    ],
)  # fmt: skip
def test_dates_come_with_what_ties_them(date):
    assert found(f"it shut {date} for good", "date") == [date.removeprefix("at ")]


@pytest.mark.parametrize(
    "words",
    [
        "more than", "fewer than", "higher than", "the highest", "third-largest", "doubled", "twice as many as", "fell by",
        "rose to", "three times as much as", "the worst", "outnumbered", "a record high", "compared with", "the only",
    ],
)  # fmt: skip
def test_comparisons_are_found(words):
    expected = words if words == "the only" else words.removeprefix("the ").removeprefix("a ")

    assert found(f"it was {words} 40 others", "comparison") == [expected]


@pytest.mark.parametrize(
    "text", ["he may march on", "one of them", "they declined to comment", "at least he tried", "a fall from the roof"]
)
def test_words_that_only_look_like_it_are_left(text):
    assert [c.text for claim in document(text).claims for c in claim.checkable] == []


def test_a_year_that_counts_something_is_a_number():
    assert found("they sold 2,019 cakes 1987 km away", "number") == ["2,019", "1987 km"]


def test_names_are_runs_of_capitals_with_their_links():
    text = "it was Sir Mark Rowley of the Bank of England, not Ms Pike’s aunt."

    assert found(text, "name") == ["Sir Mark Rowley of the Bank of England", "Ms Pike"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Nobody knew.", []),
        ("The Treasury knew.", ["Treasury"]),
        ("Marian Pike knew.", ["Marian Pike"]),
        ("“Nobody,” he said, “knew.”", []),
        ("He said: “Nobody knew.”", []),
        ("I knew and I’d say so.", []),
    ],
)
def test_a_capital_that_only_begins_something_makes_no_name(text, names):
    assert found(text, "name") == names


def test_the_document_vouches_for_a_name_that_begins_a_sentence():
    assert found("Pike swam.\nthey asked Pike", "name") == ["Pike", "Pike"]


def test_a_speakers_name_vouches_too():
    assert found("Pike swam.", "name", speakers=["Marian Pike"]) == ["Pike"]


def test_boilerplate_vouches_for_nothing():
    assert found("Weather today.\nread the Weather", "name", boilerplate=[1]) == []


def test_a_headline_in_capitals_names_only_what_the_text_names():
    text = "Council Votes To Close Mill Road Pool\nthe pool in Mill Road was old"

    assert found(text, "name") == ["Mill Road", "Mill Road"]


ALPHABET = st.text(string.ascii_letters + string.digits + " .,:-£$%“”‘’'\"\n—é", max_size=120)
PHRASES = st.sampled_from(
    ["two ", "a third of ", "in 2019 ", "Mill Road ", "more than ", "1.", "May ", "up by ", "half "]
)


@given(st.lists(ALPHABET | PHRASES, max_size=12).map("".join))
def test_what_is_found_lies_inside_its_sentence_in_order_and_apart(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for claim in document(text, sentences=lines).claims:
        edges = [claim.sentence.start, *(e for c in claim.checkable for e in (c.start, c.end)), claim.sentence.end]
        assert edges == sorted(edges)
        for c in claim.checkable:
            assert c.kind in CHECKABLE_KINDS
            assert c.text == c.text.strip() != ""


@pytest.mark.parametrize(
    "piece",
    [
        "1",
        "1,",
        "two ",
        "two-",
        "A ",
        "A. ",
        "a half ",
        "up by about ",
        "in ",
        "“A",
        "twenty-",
        "1-",
        "£",
        "Mc’",
        "in 20",
    ],
)
def test_a_sentence_of_any_length_is_read_at_once(piece):
    (claim,) = document((piece * 100_000).strip()).claims  # would take hours if a pattern or a look back were quadratic

    assert all(c.end <= claim.sentence.end for c in claim.checkable)


# --- ClaimReview -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "type_"), [("person", "Person"), ("body", "Organization")])
def test_a_claim_review_draft_names_claim_and_author(kind, type_):
    words = "900 people signed it."
    (claim,) = document(words, speakers=[("Ann Foy", kind)], quotes=[(words, 0, None, None)]).claims

    assert claim.to_claim_review() == {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "claimReviewed": "900 people signed it.",
        "itemReviewed": {"@type": "Claim", "author": {"@type": type_, "name": "Ann Foy"}},
    }


def test_a_claim_review_draft_does_not_guess_an_author():
    words = "900 people signed it."
    (claim,) = document(words, speakers=[("neighbour", "unnamed")], quotes=[(words, 0, None, None)]).claims

    assert claim.to_claim_review()["itemReviewed"] == {"@type": "Claim"}
