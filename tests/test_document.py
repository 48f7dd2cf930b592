"""Span, Sentence, Quote, Speaker, Document: slices, the way through JSON, and the cleaned text."""

import copy
import json
import pickle

import pytest

from quoteattr import BOILERPLATE_KINDS, Document, InputError, Span

ARTICLE = (
    "Pool to close\n\n“It is a disgrace,” said Marian Pike. “I will not have it.”\nAdvertisement\n"
    "The council voted 7-2 on Monday, its leader said."
)


def document(*parts, gap="\n\n"):
    """A document of sentences: a str is article, a pair (text, kind) boilerplate, a triple adds its probability."""
    text, sentences = "", []
    for part in parts:
        words, kind, score = (part, None, 0.1) if isinstance(part, str) else (*part, 0.9)[:3]
        text += gap if text else ""
        sentences.append(
            {
                "start": len(text),
                "end": len(text) + len(words),
                "tags": ["boilerplate"] if kind else [],
                "scores": {"quote": 0.0, "boilerplate": score, "claim": 0.0},
                "boilerplate_kind": kind,
            }
        )
        text += words
    return Document.from_dict(
        {
            "schema_version": 1,
            "library_version": "0",
            "model_version": "0",
            "text": text,
            "sentences": sentences,
            "speakers": [],
            "quotes": [],
        }
    )


@pytest.fixture(scope="module")
def labelled(labeller):
    return labeller(ARTICLE)


# --- slices ----------------------------------------------------------------------------------------------------------


def test_spans_sort_by_start_and_then_by_end():
    assert sorted([Span(3, 4), Span(0, 9), Span(0, 2)]) == [Span(0, 2), Span(0, 9), Span(3, 4)]


def test_the_text_is_the_input_unchanged(labeller):
    text = "\ufeff \r\n“No,”\xa0said Ann Foy.\x00\r\n"

    assert labeller(text).text == text


def test_a_sentence_gives_its_own_words(labelled):
    assert [s.text for s in labelled.sentences] == [ARTICLE[s.start : s.end] for s in labelled.sentences]
    assert labelled.sentences[0].text == "Pool to close"


def test_a_quote_gives_its_pieces_joined_by_a_space(labelled):
    assert labelled.quotes[0].text == "It is a disgrace, I will not have it."


def test_a_quote_starts_with_its_first_piece_and_ends_with_its_last(labelled):
    quote = labelled.quotes[0]

    assert (quote.start, quote.end) == (quote.spans[0].start, quote.spans[-1].end)


def test_cue_and_mention_are_spans_of_the_document(labelled):
    quote = labelled.quotes[0]

    assert ARTICLE[quote.cue.start : quote.cue.end] == "said"
    assert ARTICLE[quote.mention.start : quote.mention.end] == "Marian Pike"


def test_offsets_count_code_points(labeller):
    text = "😀😀 “We won,” said Ann Foy."
    (quote,) = labeller(text).quotes

    assert text[quote.start : quote.end] == "We won,"


def test_a_speaker_lists_where_the_text_points_to_him(labelled):
    (pike,) = [s for s in labelled.speakers if s.name == "Marian Pike"]

    assert "Marian Pike" in [ARTICLE[m.start : m.end] for m in pike.mentions]


def test_versions_say_what_made_the_document(labelled, labeller):
    assert labelled.model_version == labeller.model_version
    assert labelled.library_version.count(".") == 2


@pytest.mark.parametrize(
    ("part", "name"),
    [("document", "text"), ("sentence", "start"), ("quote", "kind"), ("speaker", "name"), ("span", "start")],
)
def test_nothing_of_a_document_can_be_changed(labelled, part, name):
    quote = labelled.quotes[0]
    item = {
        "document": labelled,
        "sentence": labelled.sentences[0],
        "quote": quote,
        "speaker": quote.speaker,
        "span": quote.spans[0],
    }[part]

    with pytest.raises(AttributeError):
        setattr(item, name, None)


@pytest.mark.parametrize("part", ["sentences", "quotes", "speakers"])
def test_the_parts_of_a_document_can_be_put_into_a_set(labelled, part):
    items = getattr(labelled, part)

    assert len(set(items)) == len(items)


# --- to_dict and from_dict -------------------------------------------------------------------------------------------


def test_a_document_comes_back_from_json_as_it_was(labelled):
    assert Document.from_dict(json.loads(json.dumps(labelled.to_dict()))) == labelled


def test_a_document_that_came_back_gives_the_same_texts(labelled):
    twin = Document.from_dict(json.loads(json.dumps(labelled.to_dict())))

    assert [s.text for s in twin.sentences] == [s.text for s in labelled.sentences]
    assert [q.text for q in twin.quotes] == [q.text for q in labelled.quotes]
    assert twin.clean_text == labelled.clean_text


def test_a_document_that_came_back_gives_the_same_data_again(labelled):
    data = labelled.to_dict()

    assert Document.from_dict(data).to_dict() == data


def test_a_lone_surrogate_survives_json(labeller):
    doc = labeller("\ud800 “No,” said Ann Foy. \udfff")

    assert Document.from_dict(json.loads(json.dumps(doc.to_dict()))) == doc


def test_the_evidence_survives_json(labelled):
    twin = Document.from_dict(json.loads(json.dumps(labelled.to_dict())))

    assert [q.evidence for q in twin.quotes] == [q.evidence for q in labelled.quotes]


def test_the_data_name_their_schema_version(labelled):
    assert labelled.to_dict()["schema_version"] == 1


def test_a_quote_points_to_its_speaker_by_number(labelled):
    data = labelled.to_dict()

    assert data["speakers"][data["quotes"][0]["speaker"]]["name"] == "Marian Pike"


def test_a_quote_without_speaker_points_to_none(labelled):
    data = copy.deepcopy(labelled.to_dict())
    data["quotes"][0]["speaker"] = None

    doc = Document.from_dict(data)

    assert doc.quotes[0].speaker is None
    assert doc.to_dict()["quotes"][0]["speaker"] is None


def test_tags_are_listed_in_a_fixed_order(labelled):
    data = copy.deepcopy(labelled.to_dict())
    data["sentences"][0]["tags"] = ["claim", "quote"]

    assert Document.from_dict(data).to_dict()["sentences"][0]["tags"] == ["quote", "claim"]


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_schema_version_is_refused_with_what_to_do(labelled, version):
    data = {**labelled.to_dict(), "schema_version": version}

    with pytest.raises(InputError, match=r"schema version .*reads 1.*label the text again"):
        Document.from_dict(data)


@pytest.mark.parametrize("data", [None, [], "text", 3])
def test_what_is_no_mapping_is_refused(data):
    with pytest.raises(InputError, match=r"pass what Document\.to_dict"):
        Document.from_dict(data)


@pytest.mark.parametrize("field", ["text", "sentences", "speakers", "quotes", "library_version", "model_version"])
def test_a_missing_field_is_named(labelled, field):
    data = labelled.to_dict()
    del data[field]

    with pytest.raises(InputError, match=field):
        Document.from_dict(data)


def test_a_speaker_number_beyond_the_speakers_is_refused(labelled):
    data = copy.deepcopy(labelled.to_dict())
    data["quotes"][0]["speaker"] = 99

    with pytest.raises(InputError, match="no labelled document"):
        Document.from_dict(data)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda d: pickle.loads(pickle.dumps(d))])
def test_a_copied_or_pickled_document_is_the_same(labelled, duplicate):
    twin = duplicate(labelled)

    assert twin == labelled
    assert twin.quotes[0].text == labelled.quotes[0].text


# --- rows ------------------------------------------------------------------------------------------------------------


def test_rows_of_quotes_say_who_said_what(labelled):
    rows = labelled.to_rows("quotes")

    first = labelled.quotes[0]
    assert [row["quote"] for row in rows] == list(range(len(labelled.quotes)))
    assert (rows[0]["text"], rows[0]["kind"], rows[0]["start"], rows[0]["end"]) == (
        first.text, first.kind, first.start, first.end,
    )  # fmt: skip
    assert (rows[0]["speaker"], rows[0]["speaker_kind"], rows[0]["cue"]) == ("Marian Pike", "person", "said")


def test_rows_of_sentences_hold_tags_and_scores(labelled):
    rows = labelled.to_rows("sentences")

    assert [row["text"] for row in rows] == [sentence.text for sentence in labelled.sentences]
    assert [row["is_boilerplate"] for row in rows] == ["boilerplate" in s.tags for s in labelled.sentences]
    assert [row["claim_score"] for row in rows] == [s.scores["claim"] for s in labelled.sentences]


def test_a_quote_names_the_sentence_in_which_it_starts(labelled):
    sentences = labelled.to_rows("sentences")

    assert labelled.quotes
    for row in labelled.to_rows("quotes"):
        assert sentences[row["sentence"]]["start"] <= row["start"] < sentences[row["sentence"]]["end"]


@pytest.mark.parametrize("table", ["quotes", "sentences"])
def test_rows_are_flat(labelled, table):
    values = [value for row in labelled.to_rows(table) for value in row.values()]

    assert {type(value) for value in values} <= {str, int, float, bool, type(None)}


def test_a_quote_without_speaker_has_a_row(labelled):
    data = labelled.to_dict()
    data["quotes"][0] |= {"speaker": None, "cue": None, "mention": None}

    row = Document.from_dict(data).to_rows()[0]

    assert (row["speaker"], row["speaker_kind"], row["cue"], row["mention"]) == (None, None, None, None)


def test_an_unknown_table_is_refused(labelled):
    with pytest.raises(InputError, match="there is no table 'claims'; the tables are quotes and sentences"):
        labelled.to_rows("claims")


# --- the cleaned text ------------------------------------------------------------------------------------------------


def test_clean_text_is_clean_with_its_defaults():
    doc = document("It rained.", ("Advertisement", "ad"), "We left.")

    assert doc.clean_text == doc.clean() == "It rained.\n\nWe left."


@pytest.mark.parametrize("kind", BOILERPLATE_KINDS)
def test_every_kind_is_dropped_by_default(kind):
    assert document("It rained.", ("xyz", kind), "We left.").clean_text == "It rained.\n\nWe left."


def test_only_the_kinds_asked_for_are_dropped():
    doc = document("It rained.", ("Advertisement", "ad"), ("The flooded bridge", "caption"), "We left.")

    assert doc.clean(kinds=["ad"]) == "It rained.\n\nThe flooded bridge\n\nWe left."


def test_one_kind_may_be_a_plain_string():
    doc = document("It rained.", ("Advertisement", "ad"), ("The flooded bridge", "caption"))

    assert doc.clean(kinds="ad") == doc.clean(kinds=["ad"])


def test_with_no_kinds_everything_stays():
    doc = document("It rained.", ("Advertisement", "ad"), "We left.")

    assert doc.clean(kinds=()) == doc.text


@pytest.mark.parametrize("kinds", ["adverts", ["ad", "adverts"]])
def test_an_unknown_kind_is_refused_and_the_known_ones_are_named(kinds):
    with pytest.raises(InputError, match=r"adverts.*donation.*furniture"):
        document("It rained.").clean(kinds=kinds)


def test_a_higher_threshold_keeps_the_doubtful():
    doc = document("It rained.", ("Advertisement", "ad", 0.95), ("Our picks", "related", 0.6))

    assert doc.clean(threshold=0.8) == "It rained.\n\nOur picks"


def test_a_sentence_right_at_the_threshold_is_dropped():
    assert document("It rained.", ("Advertisement", "ad", 0.8)).clean(threshold=0.8) == "It rained."


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_threshold_that_is_no_probability_is_refused(threshold):
    with pytest.raises(InputError, match="probability from 0 to 1"):
        document("It rained.").clean(threshold=threshold)


def test_a_lower_threshold_drops_what_was_not_tagged():
    doc = document("It rained.", ("Our picks", None, 0.3))

    assert doc.clean(threshold=0.2) == "It rained."


def test_a_lower_threshold_drops_nothing_untagged_where_only_some_kinds_are_asked_for():
    doc = document("It rained.", ("Our picks", None, 0.3), ("Advertisement", "ad"))

    assert doc.clean(kinds=["ad"], threshold=0.2) == "It rained.\n\nOur picks"


def test_a_sentence_cut_by_an_advert_is_mended():
    doc = document("The council said on Monday that", ("Advertisement", "ad"), "the pool would close.")

    assert doc.clean_text == "The council said on Monday that the pool would close."


def test_a_sentence_cut_at_a_comma_by_several_adverts_is_mended():
    doc = document("On Monday,", ("Advertisement", "ad"), ("Hide Ad", "ad"), "the pool closed.")

    assert doc.clean_text == "On Monday, the pool closed."


def test_whole_sentences_around_an_advert_stay_on_lines_of_their_own():
    assert document("It rained.", ("Advertisement", "ad"), "we left.").clean_text == "It rained.\n\nwe left."


def test_a_headline_above_an_advert_is_not_joined_to_the_story():
    doc = document("Pool to close", ("Advertisement", "ad"), "The council voted 7-2.")

    assert doc.clean_text == "Pool to close\n\nThe council voted 7-2."


def test_an_open_line_without_an_advert_behind_it_is_left_as_it_is():
    doc = document("Swim, bike,", "run", ("Advertisement", "ad"))

    assert doc.clean_text == "Swim, bike,\n\nrun"


def test_paragraphs_stay_paragraphs_where_something_was_dropped():
    doc = document("It rained.", ("Advertisement", "ad"), "We left.", gap="\n\n\n")

    assert doc.clean_text == "It rained.\n\nWe left."


def test_boilerplate_within_a_line_leaves_one_space():
    assert document("It rained.", ("Read more.", "related"), "We left.", gap="  ").clean_text == "It rained. We left."


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_lines_stay_lines_whatever_breaks_them(line_break):
    doc = document("Pool to close", ("Advertisement", "ad"), "The council voted 7-2.", gap=line_break)

    assert [line for line in doc.clean_text.splitlines() if line] == ["Pool to close", "The council voted 7-2."]


def test_a_dropped_line_leaves_no_blank_line_where_there_was_none():
    doc = document("It rained.", ("Advertisement", "ad"), "We left.", gap="\n")

    assert doc.clean_text == "It rained.\nWe left."


def test_what_was_not_dropped_keeps_its_own_gaps():
    text = "It rained. \t We left.\r\n\r\n\xa0Then: sun."

    assert document(text).clean_text == text


def test_boilerplate_at_both_ends_leaves_no_blank_lines():
    doc = document(("Skip to content", "navigation"), "It rained.", ("Share", "share"))

    assert doc.clean_text == "It rained."


def test_a_document_of_boilerplate_alone_is_empty_when_cleaned():
    assert document(("Advertisement", "ad"), ("Share", "share")).clean_text == ""


def test_an_empty_text_is_empty_when_cleaned(labeller):
    assert labeller("").clean_text == ""
