"""Quotation marks: which stretches stand between them, whatever the typography, and however damaged."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quoteattr.marks import find_stretches

BODY = "Pool to close\n\nIt rained.\n\nIt rained again.\n\n"  # the first lines may be headlines, where more counts as a mark
PIECES = [
    *"\"'“”‘’«»„`\n\r .,?!—(a1sT£",
    "''",
    "``",
    "&quot;",
    "&ldquo;",
    "&rdquo;",
    "â€œ",
    "â€\x9d",
    "â€™",
    "said",
    "the Foys’",
]
texts = st.text(st.characters()) | st.lists(st.sampled_from(PIECES)).map("".join)


def marked(text, dropped=()):
    return [text[s.start : s.end] for s in find_stretches(text, dropped)]


def links(text, dropped=()):
    return [s.continues for s in find_stretches(text, dropped)]


# --- typographies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("“", "”"),
        ('"', '"'),
        ("„", "“"),
        ("„", "”"),
        ("«", "»"),
        ("``", "''"),
        ("''", "''"),
        ("”", "”"),
        ("“", '"'),
        ("&quot;", "&quot;"),
        ("&#34;", "&#34;"),
        ("&ldquo;", "&rdquo;"),
        ("&#8220;", "&#8221;"),
        ("&#x201c;", "&#x201d;"),
        ("&laquo;", "&raquo;"),
        ("â€œ", "â€\x9d"),
        ("â€œ", "â€"),
    ],
)
def test_every_typography_is_read(opening, closing):
    assert marked(f"{BODY}{opening}We lost the pool,{closing} said Ann Foy.") == ["We lost the pool,"]


@pytest.mark.parametrize(("opening", "closing"), [("“", "”"), ('"', '"'), ("«", "»"), ("&ldquo;", "&rdquo;")])
def test_two_stretches_of_a_line_are_two(opening, closing):
    text = f"{BODY}{opening}We lost,{closing} said Ann Foy. {opening}We will be back.{closing}"

    assert marked(text) == ["We lost,", "We will be back."]


def test_the_outer_offsets_take_the_marks_in():
    text = BODY + "He said: &ldquo;We lost.&rdquo;"
    (stretch,) = find_stretches(text)

    assert text[stretch.outer_start : stretch.outer_end] == "&ldquo;We lost.&rdquo;"


def test_a_stretch_with_both_marks_is_opened_and_closed():
    (stretch,) = find_stretches(BODY + "“We lost,” he said.")

    assert (stretch.opened, stretch.closed) == (True, True)


@pytest.mark.parametrize("before", ["(", "—", "–", "-", ":", "[", "/", "\u200b", "*"])
def test_a_straight_mark_may_open_behind_other_marks(before):
    assert marked(f'{BODY}So{before}"We lost," he said.') == ["We lost,"]


@pytest.mark.parametrize(
    "inner", ["£5m was lost", "…and then it went", "#poolgate", "[The pool] closed", "(Almost) all"]
)
def test_a_stretch_may_begin_with_a_mark_of_another_kind(inner):
    assert marked(f'{BODY}She said "{inner}" on Monday.') == [inner]


def test_single_marks_within_double_ones_are_part_of_the_stretch():
    assert marked(BODY + "“He said ‘never again’ twice,” she said.") == ["He said ‘never again’ twice,"]


def test_three_marks_side_by_side_nest():
    assert marked(BODY + "“‘Never again,’ he said,” she said.") == ["‘Never again,’ he said,"]


def test_empty_marks_hold_nothing():
    assert marked(BODY + 'He wrote "" and left.') == []


@pytest.mark.parametrize("text", ["", " ", "\n\r\n", "No marks here at all.", "\x00\ud800"])
def test_a_text_without_marks_has_no_stretch(text):
    assert marked(text) == []


# --- damage ----------------------------------------------------------------------------------------------------------


def test_an_unclosed_stretch_ends_with_its_line():
    text = BODY + "“We lost the pool, said Ann Foy.\nIt rained."

    assert marked(text) == ["We lost the pool, said Ann Foy."]


def test_an_unclosed_stretch_says_so():
    (stretch,) = find_stretches(BODY + "“We lost the pool.\nIt rained.")

    assert (stretch.opened, stretch.closed) == (True, False)


def test_a_lost_opening_mark_is_made_up_at_the_start_of_the_line():
    text = BODY + "We lost the pool,” said Ann Foy."

    assert marked(text) == ["We lost the pool,"]


def test_a_stretch_with_a_lost_opening_mark_says_so():
    (stretch,) = find_stretches(BODY + "We lost the pool,” said Ann Foy.")

    assert (stretch.opened, stretch.closed) == (False, True)


def test_a_stray_mark_costs_no_more_than_its_line():
    text = BODY + "The “ was stray.\nShe said: “We lost.”"

    assert marked(text)[-1] == "We lost."


def test_a_stray_closing_mark_in_mid_sentence_closes_nothing():
    assert marked(BODY + "The pool” is closed.") == []


def test_a_reversed_opening_mark_opens():
    assert marked(BODY + "She said: ”We lost the pool.”") == ["We lost the pool."]


def test_a_reversed_closing_mark_closes():
    assert marked(BODY + "“We lost the pool,“ she said.") == ["We lost the pool,"]


# --- what only looks like a mark -------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ['6ft 2"', "a 15'' screen", 'the 12" pipe', 'between 3" and 4"'])
def test_inches_open_nothing(size):
    assert marked(f"{BODY}He measured {size} of it.") == []


def test_inches_do_not_disturb_the_marks_of_their_line():
    assert marked(BODY + 'The 12" pipe burst. "We saw it," she said.') == ["We saw it,"]


def test_a_mark_behind_a_number_closes_what_is_open():
    assert marked(BODY + 'She said "it was 1987" and left.') == ["it was 1987"]


@pytest.mark.parametrize(
    "word", ["don’t", "the Foys’ pool", "’twas", "the ’80s", "rock ’n’ roll", "O’Neill’s", "fish 'n' chips"]
)
def test_apostrophes_are_no_marks(word):
    assert marked(f"{BODY}She saw {word} and left the pool at once.") == []


def test_an_apostrophe_read_as_windows_1252_is_no_mark():
    assert marked(BODY + "It wasnâ€™t the councilâ€™s pool.") == []


def test_an_apostrophe_in_a_stretch_does_not_close_it():
    assert marked(BODY + "“We don’t swim at the Foys’ pool,” she said.") == ["We don’t swim at the Foys’ pool,"]


# --- British single marks --------------------------------------------------------------------------------------------


def test_single_marks_count_where_the_text_uses_them_for_speech():
    text = BODY + "‘We have lost the pool,’ said Ann Foy. ‘It is over for us.’"

    assert marked(text) == ["We have lost the pool,", "It is over for us."]


def test_straight_single_marks_count_where_the_text_uses_them_for_speech():
    text = BODY + "'We have lost the pool,' said Ann Foy. 'It is over for us.'"

    assert marked(text) == ["We have lost the pool,", "It is over for us."]


def test_an_apostrophe_in_single_marks_does_not_close_them():
    text = BODY + "‘We don’t have Ann’s pool any more,’ she said."

    assert marked(text) == ["We don’t have Ann’s pool any more,"]


def test_a_plural_possessive_in_single_marks_does_not_close_them():
    text = BODY + "‘We have lost the swimmers’ pool for good,’ she said."

    assert marked(text) == ["We have lost the swimmers’ pool for good,"]


def test_single_marks_are_no_stretches_where_the_text_speaks_in_double_ones():
    text = BODY + "“We have lost the pool,” said Ann Foy. The ‘beach’ stays.\nThe ‘lido’ does too."

    assert marked(text) == ["We have lost the pool,"]


def test_single_marks_count_in_a_headline():
    text = "Pool loss ‘a disgrace’\n\n“We have lost the pool,” said Ann Foy."

    assert marked(text)[0] == "a disgrace"


def test_doubled_apostrophes_are_double_marks():
    text = BODY + "''We have lost the old pool,'' she said. ''Don't cry for the rowers' hut now.''"

    assert marked(text) == ["We have lost the old pool,", "Don't cry for the rowers' hut now."]


def test_double_marks_nest_in_single_ones():
    text = BODY + "‘She called it “a bad day” for all of us,’ he said."

    assert marked(text) == ["She called it “a bad day” for all of us,"]


# --- several paragraphs ----------------------------------------------------------------------------------------------


def test_a_stretch_left_open_goes_on_in_the_next_paragraph():
    text = BODY + "“We lost the pool.\n\n“It is over,” she said."

    assert links(text) == [-1, 0]


def test_a_stretch_may_go_on_over_many_paragraphs():
    assert links(BODY + "“One.\n“Two.\n“Three.\n“Four.”") == [-1, 0, 1, 2]


def test_a_single_mark_left_open_in_a_line_goes_on_in_the_next_paragraph():
    text = BODY + "‘We have lost the pool,’ she said. ‘It is not over.\n\n‘We will swim,’ she said. ‘And win it.’"

    assert links(text) == [-1, -1, 1, -1]


def test_a_closed_stretch_does_not_go_on():
    assert links(BODY + "“We lost the pool.”\n“It is over,” she said.") == [-1, -1]


def test_a_stretch_does_not_go_on_in_the_middle_of_a_line():
    assert links(BODY + "“We lost the pool.\nShe said: “It is over.”") == [-1, -1]


def test_a_stretch_does_not_go_on_behind_a_paragraph_of_narration():
    assert links(BODY + "“We lost the pool.\nIt rained.\n“It is over,” she said.") == [-1, -1]


def test_a_stretch_goes_on_behind_a_dropped_line():
    text = BODY + "“We lost the pool.\nAdvertisement\n“It is over,” she said."
    at = text.index("Advertisement")

    assert links(text, [(at, at + len("Advertisement"))]) == [-1, 0]


def test_a_dropped_line_holds_no_stretch():
    text = BODY + "Read more: “We lost”"
    at = text.index("Read")

    assert marked(text, [(at, len(text))]) == []


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\n\n\n"])
def test_paragraphs_may_be_broken_in_any_way(line_break):
    assert links(line_break.join(["Pool to close", "It rained.", "“One.", "“Two.”"])) == [-1, 0]


@pytest.mark.parametrize("line_break", ["\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_no_stretch_runs_over_a_rare_line_break(line_break):
    assert not any(
        line_break in stretch for stretch in marked(f"{BODY}“We lost the pool.{line_break}It rained.” Then.")
    )


# --- what holds for every text ---------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(texts)
def test_stretches_are_in_order_and_share_nothing(text):
    at = 0

    for s in find_stretches(text):
        assert at <= s.outer_start <= s.start < s.end <= s.outer_end <= len(text)
        at = s.outer_end


@settings(max_examples=200, deadline=None)
@given(texts)
def test_no_stretch_holds_a_line_break(text):
    assert not any("\n" in stretch or "\r" in stretch for stretch in marked(text))


@settings(max_examples=200, deadline=None)
@given(texts)
def test_a_stretch_goes_on_only_from_an_unclosed_one_before_it(text):
    stretches = find_stretches(text)

    for n, s in enumerate(stretches):
        assert s.continues == -1 or (s.continues == n - 1 and not stretches[n - 1].closed)
