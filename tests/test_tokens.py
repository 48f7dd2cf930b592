"""Tokens: they add up to the text, and each is interned to a word and a shape."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quoteattr.tokens import SHAPES, Tokens, Vocabulary, backoff, shape_of

WORDS = ["~", "\n", "said", "foy", ",", "x-ray", "~ing", "~00", "“"]
anything = st.text(st.characters()) | st.lists(
    st.sampled_from([*" \n\t\r\xa0.“-_x1é😀\ud800", "Foy", "said", "-"])
).map("".join)


@pytest.fixture
def vocabulary():
    return Vocabulary(WORDS)


def words_of(text, vocabulary):
    return [vocabulary.words[n] for n in Tokens(text, vocabulary).words]


def pieces(tokens):
    return [tokens.text[s:e] for s, e in zip(tokens.starts, tokens.ends, strict=True)]


# --- tokens ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Foy said so.", ["Foy", "said", "so", "."]),
        ("a well-known man", ["a", "well-known", "man"]),
        ("don’t", ["don", "’", "t"]),
        ("£3.5m", ["£", "3", ".", "5m"]),
        ("“No,” he said", ["“", "No", ",", "”", "he", "said"]),
        ("one\ntwo", ["one", "\n", "two"]),
        ("a - b", ["a", "-", "b"]),
        ("-a-", ["-", "a", "-"]),
        ("😀x", ["😀", "x"]),
    ],
)
def test_words_marks_and_line_breaks_are_tokens(text, expected, vocabulary):
    assert pieces(Tokens(text, vocabulary)) == expected


def test_one_space_in_front_belongs_to_the_token(vocabulary):
    assert Tokens("a  b", vocabulary).strings == ["a", " ", " b"]


def test_the_space_in_front_is_left_out_of_the_offsets(vocabulary):
    tokens = Tokens("a b", vocabulary)

    assert (tokens.starts.tolist(), tokens.ends.tolist()) == ([0, 2], [1, 3])


def test_an_empty_text_has_no_tokens(vocabulary):
    assert len(Tokens("", vocabulary)) == 0


def test_each_token_knows_whether_white_space_stands_before_it(vocabulary):
    assert Tokens("“No,” he\nsaid", vocabulary).spaced.tolist() == [True, False, False, False, True, False, True]


def test_the_token_at_an_offset_is_the_first_that_ends_behind_it(vocabulary):
    tokens = Tokens("Foy said", vocabulary)

    assert tokens.index_at([0, 2, 3, 4, 7, 8]).tolist() == [0, 0, 1, 1, 1, 2]


@settings(max_examples=100, deadline=None)
@given(anything)
def test_tokens_add_up_to_the_text(text):
    assert "".join(Tokens(text, Vocabulary(WORDS)).strings) == text


@settings(max_examples=100, deadline=None)
@given(anything)
def test_tokens_cover_every_character_but_spaces(text):
    tokens = Tokens(text, Vocabulary(WORDS))
    at = 0

    for start, end in zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True):
        assert text[at:start] in ("", " ")
        assert start < end
        at = end
    assert at == len(text)


# --- words -----------------------------------------------------------------------------------------------------------


def test_known_words_are_found_whatever_their_case(vocabulary):
    assert words_of("Said SAID said sAiD", vocabulary) == ["said"] * 4


def test_a_word_is_the_same_with_and_without_a_space_in_front(vocabulary):
    assert words_of("said said", vocabulary) == ["said", "said"]


def test_an_unknown_word_falls_back_to_its_ending(vocabulary):
    assert words_of("Swimming", vocabulary) == ["~ing"]


def test_an_unknown_number_falls_back_to_its_length(vocabulary):
    assert words_of("42", vocabulary) == ["~00"]


def test_what_has_no_class_is_the_unknown_word(vocabulary):
    assert words_of("qwertz 123456 §", vocabulary) == ["~", "~", "~"]


def test_a_compound_is_one_word(vocabulary):
    assert words_of("X-ray", vocabulary) == ["x-ray"]


def test_words_that_are_alike_share_a_number():
    vocabulary = Vocabulary(WORDS, {"muttered": "said"})

    assert words_of("muttered Muttered", vocabulary) == ["said", "said"]


def test_what_was_seen_before_changes_nothing():
    used = Vocabulary(WORDS)
    text = "Swimming, 42 X-RAY Qwertz"

    first = Tokens(text, used)
    again = Tokens(text, used)

    assert again.words.tolist() == first.words.tolist()
    assert again.shapes.tolist() == first.shapes.tolist()


def test_memory_of_unseen_words_is_bounded(monkeypatch):
    monkeypatch.setattr("quoteattr.tokens._REMEMBERED", 10)
    vocabulary = Vocabulary(WORDS)
    before = len(vocabulary._known)

    Tokens(" ".join(f"w{n}" for n in range(100)), vocabulary)

    assert len(vocabulary._known) == before + 10


def test_a_vocabulary_knows_its_size(vocabulary):
    assert len(vocabulary) == len(WORDS)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("swimming", "~ing"),
        ("NO", "~no"),
        ("7", "~0"),
        ("2024", "~0000"),
        ("1234567", "~00000"),
        ("§", "~"),
        ("“", "~"),
    ],
)
def test_backoff_is_the_number_of_digits_or_the_last_letters(word, expected):
    assert backoff(word) == expected


# --- shapes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("said", "lower"),
        ("Foy", "Title"),
        ("BBC", "UPPER"),
        ("I", "Letter"),
        ("É", "Letter"),
        ("2024", "digits"),
        ("McCoy", "mixed"),
        ("iPhone", "mixed"),
        ("3m", "lower"),
        ("Smith-Jones", "Title"),
        ("x-ray", "lower"),
        ("-", "mark"),
        ("“", "mark"),
        ("_", "mark"),
        ("😀", "mark"),
        ("\x00", "mark"),
        ("\ud800", "mark"),
        ("\n", "space"),
        (" ", "space"),
        ("\xa0", "space"),
    ],
)
def test_shape(word, expected):
    assert SHAPES[shape_of(word)] == expected


@settings(max_examples=100, deadline=None)
@given(anything)
def test_every_token_has_the_shape_of_its_own_characters(text):
    tokens = Tokens(text, Vocabulary(WORDS))

    assert tokens.shapes.tolist() == [shape_of(piece) for piece in pieces(tokens)]
