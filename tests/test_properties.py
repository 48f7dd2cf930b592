"""What holds for every text whatever: hypothesis looks for one that breaks it."""

import itertools
import json
import re
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from quoteattr import BOILERPLATE_KINDS, Document

# Pieces that mean something to the labeller, so that random texts come across its decisions.
CHARACTERS = "\"'“”‘’«»„`.,:;?!…-–—()[]@#£$%&* \t\n\r\x00\x0b\x0c\x1c\x85\xa0\u2028\u200b\ufeff😀\ud800\udfffé花1Aa"
PIECES = [
    *CHARACTERS,
    *("\r\n", "\n\n", "''", "``", "&quot;", "&ldquo;", "&rdquo;", "â€œ", "â€\x9d", "â€™", "👩‍👩‍👧", "e\u0301"),
    *(
        "“We lost the pool,” said Marian Pike. ",
        '"It is over." ',
        "“We tried.\n\n“We failed,” ",
        "‘Never again,’ ",
        "he said ",
        "She said that ",
    ),
    *(
        "according to the report, ",
        "the council said it cost £3m ",
        "told the BBC: ",
        "he added. ",
        "asked whether ",
        "urged drivers to stay at home ",
    ),
    *(
        "said President Emmanuel Macron. ",
        "Macron said it was over. ",
        "said John Marsh. ",
        "asked Ms Amadi. ",
        "Sir Mark Rowley",
        "Rowley",
        "Ms Pike",
        "The Health Service Executive",
        "HSE",
        "a spokesman",
        "who",
        "the head teacher, Joan Dale, ",
    ),
    *(
        "Advertisement",
        "\nAdvertisement\n",
        "Read more: Pool to close\n",
        "Sign up to our newsletter\n",
        "© 2024 Example News\n",
        "Share\n",
    ),
    *(
        "We use cookies\n",
        "Donate now\n",
        "Picture: PA\n",
        "By Ann Foy\n",
        "Pool to close\n",
        "The council voted 7-2 on Monday. ",
        "It rained.\n",
    ),
]
AWKWARD = (
    *(
        "",
        "\ud800",
        "\x00“",
        "“\n”",
        '"a"\r\n"b" he said',
        "said said said",
        ";SAID“0\n“0“SAID",
        "00;said“0\n“0“SAID",
        "+B;said",
    ),
    "“We tried.\nAdvertisement\n“We failed,” she said.",
    "Joan Dale said: “We tried to stop the water.\n\n“We failed and we are sorry,” she added.",
    "“It is safe,” said President Emmanuel Macron. Macron said it was over.",
    "“It is safe,” said John Marsh. Peter Brown said it was not.",
    "“The road will open in May,” said Joan Dale. She pointed to the map. “It will take one more month.”",
    "The Rail Workers Union (RWU) called the strike. The RWU said talks had failed.",
)
texts = st.text(st.characters()) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def always(test):
    """Check a property over texts, and over some that are easy to get wrong."""
    for text in AWKWARD:
        test = example(text=text)(test)
    return settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])(
        given(text=texts)(test)
    )


def overlaps(a, b):
    return a.start < b.end and b.start < a.end


# --- the text and its sentences --------------------------------------------------------------------------------------


@always
def test_the_text_is_unchanged(labeller, text):
    assert labeller(text).text == text


@always
def test_every_character_but_white_space_is_in_exactly_one_sentence(labeller, text):
    at = 0

    for sentence in labeller(text).sentences:
        assert text[at : sentence.start].strip() == ""
        assert sentence.start < sentence.end
        at = sentence.end
    assert text[at:].strip() == ""


@always
def test_a_sentence_is_its_slice_without_outer_white_space(labeller, text):
    for sentence in labeller(text).sentences:
        assert sentence.text == text[sentence.start : sentence.end] == sentence.text.strip() != ""


@always
def test_the_sentences_are_those_of_the_segmenter(labeller, text):
    assert [(s.start, s.end) for s in labeller(text).sentences] == labeller.segmenter.spans(text)


# --- tags ------------------------------------------------------------------------------------------------------------


@always
def test_a_sentence_is_tagged_quote_exactly_if_a_quote_overlaps_it(labeller, text):
    doc = labeller(text)
    pieces = [span for quote in doc.quotes for span in quote.spans]

    for sentence in doc.sentences:
        assert ("quote" in sentence.tags) == any(overlaps(sentence, span) for span in pieces)


@always
def test_boilerplate_excludes_the_other_tags(labeller, text):
    for sentence in labeller(text).sentences:
        assert sentence.tags <= {"quote", "claim"} or sentence.tags == {"boilerplate"}


@always
def test_a_sentence_has_a_kind_exactly_if_it_is_boilerplate(labeller, text):
    for sentence in labeller(text).sentences:
        assert (sentence.boilerplate_kind in BOILERPLATE_KINDS) == ("boilerplate" in sentence.tags)
        assert (sentence.boilerplate_kind is None) == ("boilerplate" not in sentence.tags)


@always
def test_every_tag_has_a_score_between_0_and_1(labeller, text):
    for sentence in labeller(text).sentences:
        assert set(sentence.scores) == {"quote", "boilerplate", "claim"}
        assert all(0 <= score <= 1 for score in sentence.scores.values())


@always
def test_a_tag_is_set_exactly_if_its_score_is_at_least_one_half(labeller, text):
    for sentence in labeller(text).sentences:
        assert sentence.tags == {tag for tag, score in sentence.scores.items() if score >= 0.5}


# --- quotes ----------------------------------------------------------------------------------------------------------


@always
def test_the_pieces_of_a_quote_are_in_range_and_in_order(labeller, text):
    for quote in labeller(text).quotes:
        at = 0
        assert quote.spans
        for span in quote.spans:
            assert at <= span.start < span.end <= len(text)
            at = span.end


@always
def test_a_quote_is_the_slices_of_its_pieces(labeller, text):
    for quote in labeller(text).quotes:
        slices = [text[span.start : span.end] for span in quote.spans]
        assert quote.text == " ".join(slices)
        assert all(piece == piece.strip() != "" for piece in slices)


@always
def test_a_reported_clause_holds_a_letter_or_digit(labeller, text):
    for quote in labeller(text).quotes:
        if quote.kind != "direct":
            assert all(any(map(str.isalnum, text[span.start : span.end])) for span in quote.spans)


@always
def test_no_two_quotes_share_a_character(labeller, text):
    pieces = sorted(span for quote in labeller(text).quotes for span in quote.spans)

    assert all(a.end <= b.start for a, b in itertools.pairwise(pieces))


@always
def test_quotes_are_in_the_order_of_their_first_pieces(labeller, text):
    starts = [quote.start for quote in labeller(text).quotes]

    assert starts == sorted(starts)


@always
def test_cue_and_mention_are_in_range_and_outside_the_content(labeller, text):
    for quote in labeller(text).quotes:
        for span in filter(None, (quote.cue, quote.mention)):
            assert 0 <= span.start < span.end <= len(text)
            assert text[span.start : span.end] == text[span.start : span.end].strip()
            assert not any(overlaps(span, piece) for piece in quote.spans)


@always
def test_a_quote_has_one_of_three_kinds(labeller, text):
    assert {quote.kind for quote in labeller(text).quotes} <= {"direct", "mixed", "indirect"}


@always
def test_confidence_is_between_0_and_1(labeller, text):
    assert all(0 <= quote.confidence <= 1 for quote in labeller(text).quotes)


@always
def test_no_quote_stands_in_boilerplate(labeller, text):
    doc = labeller(text)
    dropped = [sentence for sentence in doc.sentences if "boilerplate" in sentence.tags]

    assert not any(overlaps(span, sentence) for quote in doc.quotes for span in quote.spans for sentence in dropped)


# --- speakers --------------------------------------------------------------------------------------------------------


@always
def test_the_speakers_are_those_who_are_quoted(labeller, text):
    doc = labeller(text)

    assert {quote.speaker for quote in doc.quotes} - {None} == set(doc.speakers)
    assert len(set(doc.speakers)) == len(doc.speakers)


@always
def test_a_speaker_has_a_name_a_kind_and_mentions(labeller, text):
    for speaker in labeller(text).speakers:
        assert speaker.name.strip() == speaker.name != ""
        assert speaker.kind in ("person", "body", "unnamed")
        assert speaker.mentions


@always
def test_the_mentions_of_a_speaker_are_in_range_and_in_order(labeller, text):
    for speaker in labeller(text).speakers:
        assert list(speaker.mentions) == sorted(set(speaker.mentions))
        assert all(0 <= m.start < m.end <= len(text) for m in speaker.mentions)


@always
def test_speakers_are_in_the_order_of_their_first_mentions(labeller, text):
    firsts = [speaker.mentions[0] for speaker in labeller(text).speakers]

    assert firsts == sorted(firsts)


@always
def test_the_mention_of_a_quote_is_one_of_its_speaker(labeller, text):
    for quote in labeller(text).quotes:
        if quote.mention and quote.speaker:
            assert quote.mention in quote.speaker.mentions


@always
def test_a_mention_stands_in_one_sentence(labeller, text):
    doc = labeller(text)

    for mention in (m for speaker in doc.speakers for m in speaker.mentions):
        assert sum(overlaps(mention, sentence) for sentence in doc.sentences) == 1


# --- documents -------------------------------------------------------------------------------------------------------


@always
def test_a_document_comes_back_from_json_as_it_was(labeller, text):
    doc = labeller(text)

    twin = Document.from_dict(json.loads(json.dumps(doc.to_dict())))

    assert twin == doc
    assert twin.to_dict() == doc.to_dict()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(batch=st.lists(texts, max_size=5))
def test_a_text_is_labelled_alike_alone_and_among_others(labeller, batch):
    assert [d.to_dict() for d in labeller.pipe(batch)] == [labeller(text).to_dict() for text in batch]


@always
def test_the_clean_text_holds_what_is_not_boilerplate(labeller, text):
    doc = labeller(text)
    kept = "".join(s.text for s in doc.sentences if "boilerplate" not in s.tags)

    assert re.sub(r"\s", "", doc.clean_text) == re.sub(r"\s", "", kept)


@always
def test_with_no_kinds_to_drop_only_outer_white_space_goes(labeller, text):
    assert labeller(text).clean(kinds=()) == text.strip()


@always
def test_white_space_around_a_text_only_shifts_it(labeller, text):
    doc, shifted = labeller(text), labeller(f"\n\n{text}\n\n")

    assert [(s.start + 2, s.end + 2) for s in doc.sentences] == [(s.start, s.end) for s in shifted.sentences]


# --- time ------------------------------------------------------------------------------------------------------------

# Repeated without end, each of these leads some decision to look far back or ahead, if it looks without bound.
UNITS = {
    "marks": '"',
    "opening marks": "“a ",
    "closing marks": "a,” ",
    "single marks": "'a' ",
    "paragraphs left open": "“We tried again and again\n",
    "blank lines": "\n",
    "spaces": " ",
    "letters": "a",
    "hyphens": "a-",
    "names": "Foy ",
    "cues": "said ",
    "colons": "Foy: “x” ",
    "adverts": "Advertisement\n",
    "clauses in a row": "she said it fell, and ",
    "clauses in a clause": "He said that ",
    "pronouns": "“Yes,” he said.\n",
    "sentences": "Ann Foy said it rained. ",
    "descriptors": "The chair said he left. ",
}


def seconds(labeller, text):
    """Processor time of labelling, the better of two runs."""
    times = []
    for _ in range(2):
        start = time.process_time()
        labeller(text)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize("unit", UNITS.values(), ids=list(UNITS))
def test_time_grows_in_line_with_the_text(labeller, unit):
    once = seconds(labeller, unit * (4_000 // len(unit)))
    eightfold = seconds(labeller, unit * (32_000 // len(unit)))

    # 8 times as long; work that grows with the square takes 64 times as long
    assert eightfold < 24 * once + 0.05


def test_time_grows_in_line_with_the_number_of_speakers(labeller):
    def story(n):
        return "\n".join(
            f"“We lost pool {k},” said Ann Foy{chr(97 + k % 26)}{chr(97 + k // 26 % 26)}. It rained." for k in range(n)
        )

    assert seconds(labeller, story(800)) < 24 * seconds(labeller, story(100)) + 0.05
