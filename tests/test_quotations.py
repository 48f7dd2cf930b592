"""Quotations: content, cue, mention and kind, through the public labeller; tests/cases holds many more."""

import numpy as np
import pytest

from quoteattr.boundaries import likeliest
from quoteattr.contents import Contents, Frames, left_start_candidates, right_start_candidates
from quoteattr.document import Span
from quoteattr.mentions import find_mentions, mentions_of
from quoteattr.quotations import (
    Utterance,
    _drop_unmarked_halves,
    is_best_of_cue,
    likely_configurations,
    without_overlaps,
)


def pieces(label, text):
    """The content of each quote, piece by piece."""
    doc = label(text)
    return [[doc.text[s.start : s.end] for s in q.spans] for q in doc.quotes]


def only_quote(label, text):
    (quote,) = label(text).quotes
    return quote


def words(label, text, what):
    """The cue or the mention of the only quote of a text."""
    doc = label(text)
    (quote,) = doc.quotes
    span = getattr(quote, what)
    return span and doc.text[span.start : span.end]


# --- content ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opening", "closing"), [("“", "”"), ('"', '"'), ("``", "''"), ("«", "»"), ("&quot;", "&quot;"), ("‘", "’")]
)
def test_outer_marks_stay_out_of_a_direct_content(in_story, opening, closing):
    text = f"{opening}We have lost the pool for good,{closing} said Marian Pike."

    assert pieces(in_story, text) == [["We have lost the pool for good,"]]


def test_marks_stay_in_a_mixed_content(in_story):
    text = "Marian Pike said the vote was “a stitch-up” by people who never swim."

    assert pieces(in_story, text) == [["the vote was “a stitch-up” by people who never swim"]]


def test_a_leading_that_stays_out(in_story):
    assert pieces(in_story, "Marian Pike said that the pool would close.") == [["the pool would close"]]


def test_the_final_full_stop_stays_out_of_an_indirect_content(in_story):
    assert pieces(in_story, "Marian Pike said the pool would close.") == [["the pool would close"]]


def test_a_final_comma_inside_the_marks_is_content(in_story):
    assert pieces(in_story, "“The pool will close,” said Marian Pike.") == [["The pool will close,"]]


def test_an_interrupted_quotation_is_one_quote_of_two_pieces(in_story):
    text = "“The pool,” said Marian Pike, “will close in May.”"

    assert pieces(in_story, text) == [["The pool,", "will close in May."]]


def test_a_quotation_over_paragraphs_has_a_piece_for_each(in_story):
    text = "Marian Pike said: “The pool will close.\n\n“It is a disgrace.\n\n“We will fight.”"

    assert pieces(in_story, text) == [["The pool will close.", "It is a disgrace.", "We will fight."]]


@pytest.mark.parametrize(
    "text",
    [
        "Joan Dale said: “We tried to stop the water.\n\n“We failed and we are sorry,” she added.",
        "“We tried,” said Joan Dale. “We had no chance.\n\n“We failed and we are sorry,” she added.",
    ],
)
def test_a_quotation_over_paragraphs_with_a_cue_in_each_is_reported_once(in_story, text):
    found = [piece for content in pieces(in_story, text) for piece in content]

    assert len(found) == len(set(found))


def test_a_piece_is_never_a_mark_alone(in_story):
    text = "“The road will open in May,” said Joan Dale. She pointed to the map. “It will take one more month.”"

    assert [piece for content in pieces(in_story, text) for piece in content if not any(map(str.isalnum, piece))] == []


def test_the_next_speaker_of_a_paragraph_is_not_swallowed(in_story):
    text = "“The sheep are fine,” said Susan Poole. “The barn is not,” said Peter Marsh."

    assert pieces(in_story, text) == [["The sheep are fine,"], ["The barn is not,"]]


def test_the_next_cue_of_a_paragraph_is_not_swallowed(in_story):
    text = "“It is safe,” said Joan Dale. “We checked,” she added."

    assert not any("added" in piece for content in pieces(in_story, text) for piece in content)


def test_an_utterance_within_a_quotation_is_not_reported_by_itself(in_story):
    text = "“The mayor told me that the pool was safe,” said Marian Pike."

    assert pieces(in_story, text) == [["The mayor told me that the pool was safe,"]]


def test_a_text_may_hold_many_quotes(in_story):
    text = "\n\n".join(f"“We lost {n} pools,” said Marian Pike." for n in range(200))

    assert pieces(in_story, text) == [[f"We lost {n} pools,"] for n in range(200)]


# --- kind ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("“The pool will close,” said Marian Pike.", "direct"),
        ("Marian Pike said the pool was “a disgrace”.", "mixed"),
        ("Marian Pike said the pool would close.", "indirect"),
        ("Marian Pike called the vote “a stitch-up”.", "mixed"),
        ("“The pool will close,” Marian Pike said, and left.", "direct"),
    ],
)
def test_marks_make_the_kind(in_story, text, kind):
    assert only_quote(in_story, text).kind == kind


# --- cue and mention -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("“The pool will close,” said Marian Pike.", "said"),
        ("“The pool will close,” Marian Pike warned.", "warned"),
        ("Marian Pike has said that the pool will close.", "said"),
        ("Marian Pike: “The pool will close.”", ":"),
        ("Marian Pike told the Gazette that the pool would close.", "told"),
        ("The pool will close, according to Marian Pike.", "according to"),
        ("“The pool will close,” Marian Pike went on.", "went on"),
        ("“The pool will close,” Marian Pike pointed out.", "pointed out"),
    ],
)
def test_the_cue_is_the_words_of_saying(in_story, text, cue):
    assert words(in_story, text, "cue") == cue


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("“The pool will close,” said Marian Pike, 61.", "Marian Pike"),
        ("“The pool will close,” said council leader Joan Dale.", "council leader Joan Dale"),
        ("“The pool will close,” said a neighbour.", "a neighbour"),
        ("“The pool will close,” she said.", "she"),
        ("A Met Police spokesperson said the pool would close.", "A Met Police spokesperson"),
    ],
)
def test_the_mention_is_the_words_that_name_the_speaker(in_story, text, mention):
    assert words(in_story, text, "mention") == mention


def test_a_mention_holds_no_lone_bracket(in_story):
    text = "The Rail Workers Union (RWU) said talks had failed. “We tried,” said Marian Pike (61)."
    doc = in_story(text)
    mentions = [doc.text[q.mention.start : q.mention.end] for q in doc.quotes if q.mention]

    assert [m for m in mentions if m.count("(") != m.count(")")] == []


def test_a_quote_that_names_nobody_has_no_mention(in_story):
    quotes = in_story(
        "“The pool will close,” said Marian Pike.\n\n“It is a great shame for all of us in this town.”"
    ).quotes

    assert quotes[1].mention is None


def test_the_mention_of_a_further_quotation_is_the_source_of_the_one_before(in_story):
    text = "“The pool will close,” said Marian Pike. Her face fell. “It is a great shame for all of us in this town.”"
    doc = in_story(text)

    assert [doc.text[q.mention.start : q.mention.end] for q in doc.quotes] == ["Marian Pike", "Marian Pike"]


def test_a_source_of_another_paragraph_is_not_the_mention(in_story):
    text = (
        "“The pool will close,” said Marian Pike.\n\nHer face fell. “It is a great shame for all of us in this town.”"
    )
    doc = in_story(text)

    assert doc.quotes[1].mention is None or doc.quotes[1].mention.start > doc.quotes[0].mention.end


# --- speaker and confidence ------------------------------------------------------------------------------------------


def test_quotes_of_one_speaker_share_the_speaker(in_story):
    doc = in_story("“The pool will close,” said Marian Pike.\n\nMs Pike said it was a disgrace.")

    assert doc.quotes[0].speaker is doc.quotes[1].speaker is doc.speakers[0]


def test_where_nobody_is_named_the_speaker_is_none(in_story):
    quotes = in_story(
        "Pool to close\n\n“We tried everything we could and it was not enough in the end.”\n\nIt opened in 1987."
    ).quotes

    assert [q.speaker for q in quotes] == [None]


def test_a_plain_quotation_is_surer_than_one_without_a_name(in_story):
    plain = only_quote(in_story, "“We have lost the pool for good,” said Marian Pike.")
    bare = only_quote(in_story, "“We have lost the pool for good and nobody seems to care.”")

    assert plain.confidence > bare.confidence + 0.2


def test_the_evidence_says_what_decided(in_story):
    evidence = only_quote(in_story, "“We have lost the pool,” chimed in Marian Pike.").evidence

    assert evidence["cue"] == "chimed in"
    assert evidence["speaker_by"] == "name"
    assert 0 <= evidence["cue_probability"] <= 1


# --- in boilerplate --------------------------------------------------------------------------------------------------


def test_an_advert_within_a_quotation_is_no_part_of_it(labeller):
    text = (
        "Pool to close\n\nJoan Dale said: “The pool will close in May and everyone who loves it will miss it.\n\nAdvertisement\n\n"
        "“We are sorry for all who learnt to swim there, and we thank them for their patience.”"
    )

    assert pieces(labeller, text) == [
        [
            "The pool will close in May and everyone who loves it will miss it.",
            "We are sorry for all who learnt to swim there, and we thank them for their patience.",
        ]
    ]


def test_offsets_do_not_depend_on_what_stands_before(labeller):
    text = "“We have lost the pool,” said Marian Pike."
    before = "It rained.\r\n\r\n"

    shifted = [Span(s.start + len(before), s.end + len(before)) for s in only_quote(labeller, text).spans]

    assert list(only_quote(labeller, before + text).spans) == shifted


# --- configurations and acceptance -----------------------------------------------------------------------------------


def test_a_cue_has_its_likeliest_configuration_and_a_rival():
    probability = np.array([[0.5, 0.3, 0.19, 0.01], [0.1, 0.89, 0.005, 0.005]], np.float32)

    row, configuration = likely_configurations(probability)

    assert list(zip(row.tolist(), configuration.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 1)]


def test_of_the_frames_of_a_cue_the_most_probable_is_taken():
    cue = np.array([3, 3, 8], np.int32)
    probability = np.array([0.4, 0.7, 0.2], np.float32)
    frames = Frames(cue, cue, probability, cue, probability, cue, cue)

    assert is_best_of_cue(frames).tolist() == [False, True, True]


@pytest.mark.parametrize("source", ["The latest figures", "The data"])
def test_data_say_nothing(in_story, source):
    assert all(q.mention is None for q in in_story(f"{source} said that the pool had lost £2m in May.").quotes)


@pytest.mark.parametrize("source", ["The Office for National Statistics", "The head of statistics"])
def test_whoever_keeps_the_data_says_something(in_story, source):
    assert words(in_story, f"{source} said that prices had risen by 4% in May.", "mention") == source


def test_an_indirect_quotation_that_is_unlikely_is_not_given(labeller, monkeypatch):
    text = "Marian Pike said the pool would close. “We have lost it,” said Joan Dale."
    monkeypatch.setattr(labeller.attributor, "_confidence", lambda _: -2.0)

    doc = labeller(text)

    assert [q.kind for q in doc.quotes] == ["direct"]
    assert [s.name for s in doc.speakers] == ["Joan Dale"]


def test_the_phrase_behind_according_to_ends_with_its_text(labeller):
    text = "The council closed the pool last week and the library will follow in May, according to leaked"

    alone, among = labeller(text), next(labeller.pipe([text, "figures. It rained."]))

    assert among == alone


@pytest.mark.parametrize("rest", [".", "\n\nThe mayor said it was bad."])
def test_figures_are_no_source_to_the_end_of_their_line(labeller, rest):
    doc = labeller("The pool will close in May, according to figures" + rest)

    assert not any(quote.cue and doc.text[quote.cue.start : quote.cue.end] == "according to" for quote in doc.quotes)


def test_candidates_far_behind_the_best_one_are_left_out():
    owner, scores = np.array([0, 0, 1]), np.array([0.0, 9.0, -9.0], np.float32)

    assert likeliest(owner, scores).tolist() == [1, 2]


def test_a_content_does_not_begin_behind_a_title(in_story):
    text = "Officials said Mr. Halloran had for months asked the mayor for a meeting."

    assert pieces(in_story, text) == [["Mr. Halloran had for months asked the mayor for a meeting"]]


def test_a_content_does_not_begin_with_a_comma(in_story):
    text = "Marian Pike said that, during the years when the pool was empty, the roof had been mended twice."

    assert not any(piece.startswith(",") for found in pieces(in_story, text) for piece in found)


@pytest.mark.parametrize("adverb", ["initially", "repeatedly", "now"])
def test_an_adverb_is_no_source(in_story, adverb):
    text = f"Marian Pike, after the row over the pool broke in March, {adverb} said that there was no money for it."

    assert words(in_story, text, "mention") == "Marian Pike"


def test_an_utterance_inside_a_surer_or_less_sure_one_is_not_reported(analyse):
    text = "The pool, which Joan Dale says is safe, will close in May, the council announced on Monday."
    a = analyse(text)
    says, announced = (next(i for i in range(len(a)) if a.word(i) == w) for w in ("says", "announced"))

    def utterance(cue, pieces, probability):
        return Utterance(cue, "Rl", -1, pieces, {"cue": probability})

    inner, outer = utterance(says, [(says + 1, says + 3)], 0.9), utterance(announced, [(0, announced - 3)], 0.4)
    groups = {says: (says - 2, says + 1), announced: (announced - 2, announced + 1)}

    assert without_overlaps(a, [inner, outer], groups) == [outer]


def test_a_content_does_not_begin_with_the_name_of_who_is_told(in_story):
    text = "Joan Dale, who told the Harbour Daily Post seeing this many cases was “staggering”, has resigned."

    assert pieces(in_story, text) == [["seeing this many cases was “staggering”"]]


def phrases(a):
    """What may be a mention where no tagger has found any."""
    found = mentions_of(a, np.zeros(len(a), np.int32))
    return [a.text[a.starts[s] : a.ends[e - 1]] for s, e in zip(found.start, found.end, strict=True)]


@pytest.mark.parametrize("word", ["There", "Even", "Meanwhile"])
def test_an_adverb_that_opens_a_sentence_is_no_mention(analyse, word):
    assert phrases(analyse(f"{word} in the north it rained.")) == ["the north", "it"]


@pytest.mark.parametrize("name", ["Kelly", "Connolly", "Will", "Early"])
def test_a_name_that_looks_like_an_adverb_or_a_modal_may_open_a_sentence(labeller, name):
    doc = labeller(f"{name} said: “The plan would cost too much.”")

    assert [quote.speaker.name for quote in doc.quotes] == [name]


def test_a_participle_that_opens_a_sentence_is_no_mention(analyse):
    assert "Securing" not in phrases(analyse("Securing and keeping the trust of the town is the aim."))
    assert "Noting" not in phrases(analyse("Noting that it rained, Ann Foy left."))


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("Managing director Fiona Reay left.", "Managing director Fiona Reay"),
        ("We saw the head teacher Joan Dale.", "the head teacher Joan Dale"),
        ("The mayor, Ann Foy, left.", "Ann Foy"),
    ],
)
def test_a_role_right_in_front_of_a_name_is_one_mention_with_it(labeller, analyse, text, mention):
    a = analyse(text)
    found = find_mentions(a, *labeller.attributor.taggers)
    assert mention in [a.text[a.starts[s] : a.ends[e - 1]] for s, e in zip(found.start, found.end, strict=True)]


def test_a_day_behind_the_cue_is_no_content(in_story):
    assert pieces(in_story, "Marian Pike said Wednesday she would not stand again.") == [["she would not stand again"]]


def test_figures_without_a_source_say_nothing(in_story):
    assert pieces(in_story, "The pool has lost £2m in a year, new figures have revealed.") == []


def test_of_a_list_with_semicolons_no_part_is_taken_alone(analyse):
    text = "Forty were held; twelve were charged; and two fled, she said."
    a = analyse(text)
    end = next(i for i in range(len(a)) if a.word(i) == "fled") + 1

    _, position = left_start_candidates(a, np.array([end], np.int32))

    assert position.tolist()[0] == 0
    assert "twelve" not in {a.word(i) for i in position.tolist()}


def test_a_name_may_begin_with_an_adverb(analyse):
    assert phrases(analyse("Just Stop Oil marched."))[0].endswith("Stop Oil")


def test_a_relative_pronoun_may_be_a_source(analyse):
    assert "which" in phrases(analyse("We read the letter, which said no."))
    assert "that" in phrases(analyse("Ann held a sign that read no."))


def test_that_is_no_source_in_front_of_a_noun_or_behind_a_cue(analyse):
    assert "that" not in phrases(analyse("That claim angered us, and that study said that plans failed."))


def test_a_noun_phrase_does_not_begin_with_a_relative_pronoun(analyse):
    assert "which officials" not in phrases(analyse("The changes, which officials said will come, are small."))


def test_no_content_begins_with_the_s_of_a_possessive(analyse):
    a = analyse("She told the paper's readers the pool was shut.")
    told = next(i for i in range(len(a)) if a.word(i) == "told")
    cue, one = np.array([told], np.int32), np.ones(1, np.float32)
    frames = Frames(cue, cue, one, cue - 1, one, cue - 1, cue + 1)

    _, position = right_start_candidates(a, frames)

    assert "readers" in {a.word(i) for i in position.tolist()}
    assert "s" not in {a.word(i) for i in position.tolist()}


@pytest.mark.parametrize(
    ("text", "is_kept"),
    [("“Oh no,” he said, urging them to stay.", False), ("“Oh no,” he said, “urge them to stay.”", True)],
)
def test_a_quotation_that_is_marked_as_a_whole_goes_on_in_marks_only(analyse, text, is_kept):
    a = analyse(text)
    said = next(i for i in range(len(a)) if a.word(i) == "said")
    contents = Contents(
        np.array([[0, said + 2]], np.int32), np.array([[said - 1, len(a) - 1]], np.int32), np.ones((1, 2), np.float32)
    )

    _drop_unmarked_halves(a, contents)

    assert (contents.start[0, 1] >= 0) == is_kept


def test_a_text_may_be_one_cue(labeller):
    assert labeller("told").quotes == ()
