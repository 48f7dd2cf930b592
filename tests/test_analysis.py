"""What the stages share about a text: tokens, marks as one token each, numbers left whole."""

import pytest

from quoteattr.lexicon import CATEGORIES, FORMS


@pytest.mark.parametrize(
    ("opening", "closing"), [("''", "''"), ("``", "''"), ("&ldquo;", "&rdquo;"), ("&#8220;", "&#8221;")]
)
def test_a_mark_of_several_characters_is_one_token(analyse, opening, closing):
    plain = analyse("“It rained,” said Joan Dale.")
    odd = analyse(f"{opening}It rained,{closing} said Joan Dale.")

    assert odd.words.tolist() == plain.words.tolist()
    assert odd.opens.tolist() == plain.opens.tolist()


def test_a_mark_of_several_characters_keeps_its_offsets(analyse):
    text = "She said ''no'' twice."
    a = analyse(text)

    assert [text[s:e] for s, e in zip(a.starts, a.ends, strict=True)] == [
        "She", "said", "''", "no", "''", "twice", "."
    ]  # fmt: skip


def test_a_mark_in_a_wrong_encoding_swallows_no_word(analyse):
    text = "â€œIt rained all day,â€\x9d said Joan Dale."
    a = analyse(text)
    kept = {i for s, e in zip(a.starts.tolist(), a.ends.tolist(), strict=True) for i in range(s, e)}

    assert all(i in kept for i, char in enumerate(text) if char.isalpha())


def test_boundaries_beside_the_comma_of_a_number_are_known(analyse):
    a = analyse("In 1,000 towns, 20 fell.")

    assert [i for i, inside in enumerate(a.in_number) if inside] == [2, 3]  # before the comma and behind it


def test_verbs_have_their_form(analyse):
    a = analyse("He admires them and praised the singing while we could walk.")

    assert [FORMS[n] for n in a.form] == [
        "none", "s", "none", "none", "past", "none", "none", "none", "none", "modal", "base", "none"
    ]  # fmt: skip


def test_participles_have_their_form(analyse):
    a = analyse("He had praised her, singing.")

    assert [FORMS[n] for n in a.form] == ["none", "past", "participle", "none", "none", "ing", "none"]


def test_a_verb_that_no_list_has_is_past_by_its_ending(analyse):
    a = analyse("He glonked it.")

    assert FORMS[a.form[1]] == "past"


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("The claims were old.", "report_noun"),
        ("She claims it rained.", "report_verb"),
        ("They plan to leave.", "verb"),
        ("The plan was old.", "noun"),
    ],
)
def test_the_second_word_is_what_its_sentence_makes_of_it(analyse, text, category):
    assert CATEGORIES[analyse(text).category[1]] == category


def test_a_name_is_no_verb(analyse):
    a = analyse("They met Will Walker.")

    assert [FORMS[n] for n in a.form] == ["none", "past", "none", "none", "none"]
