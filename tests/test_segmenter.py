"""The segmenter: sentence boundaries, their offsets, and what holds for every text.

The cases live in tests/cases/segmenter-*.json: `wild` (like scraped news, written for this test), `synthetic` (one
phenomenon each), `negative` (one sentence, which must not be split) and `known_failures`.
"""

import copy
import json
import pickle
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quoteattr import segmenter
from quoteattr.errors import InputError
from quoteattr.segmenter import LINE_BREAKS, Segmenter

CASES = Path(__file__).parent / "cases"

# Characters and words that mean something to the segmenter, so that random texts come across its decisions.
CHARACTERS = ".?!…\"'“”‘’«»()[]*-–—,:;@/_ \t\n\r\x0b\x0c\x1c\x85\xa0\u2028\u200b\ufeff\x00\x93\x94â€œ\x9d😀\ud800é花1I"
WORDS = (
    "a b The Foy U.S. Mr. No. Inc. a.m. etc. Ind. he said asked Poole Yahoo! ... [1] :) '' `` www.x.org 3.5 Foy.Poole"
)
PIECES = [*CHARACTERS, *re.split(" ", WORDS)]
texts = st.text() | st.lists(st.sampled_from(PIECES)).map("".join)


def cases(name):
    rows = json.loads((CASES / f"segmenter-{name}.json").read_text(encoding="utf-8"))
    return [pytest.param(row["text"], row.get("sentences", [row["text"]]), id=row["label"]) for row in rows]


def sentences(text, **options):
    return [text[start:end] for start, end in Segmenter(**options).spans(text)]


@pytest.mark.parametrize(("text", "expected"), cases("wild"))
def test_scraped_news_is_cut_into_its_sentences(text, expected):
    assert sentences(text) == expected


@pytest.mark.parametrize(("text", "expected"), cases("synthetic"))
def test_each_kind_of_boundary_is_found(text, expected):
    assert sentences(text) == expected


@pytest.mark.parametrize(("text", "expected"), cases("negative"))
def test_what_only_looks_like_a_boundary_is_not_one(text, expected):
    assert sentences(text) == expected


@pytest.mark.parametrize(("text", "expected"), cases("known_failures"))
@pytest.mark.xfail(strict=True, reason="known; the case's own reason says why")
def test_known_failures(text, expected):
    assert sentences(text) == expected


def test_every_case_has_a_label_of_its_own_and_a_reason():
    rows = [row for path in sorted(CASES.glob("segmenter-*.json")) for row in json.loads(path.read_text("utf-8"))]

    assert all(row["reason"] for row in rows)
    assert len(rows) == len({row["label"] for row in rows})


def test_offsets_are_code_points_into_the_text_as_given():
    text = " 😀 It rained.\r\n\xa0We left. "

    assert Segmenter().spans(text) == [(1, 13), (16, 24)]


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\xa0\u2028"])
def test_a_text_of_white_space_has_no_sentence(text):
    assert Segmenter().spans(text) == []


@pytest.mark.parametrize("line_break", [*LINE_BREAKS, "\r\n"])
def test_every_line_break_ends_a_sentence(line_break):
    assert sentences(f"it rained{line_break}and we left") == ["it rained", "and we left"]


@pytest.mark.parametrize("not_text", [None, 3, b"It rained.", ["It rained."]])
def test_what_is_no_text_is_refused_with_a_helpful_sentence(not_text):
    with pytest.raises(InputError, match=f"a str, not {type(not_text).__name__}: pass"):
        Segmenter().spans(not_text)


def test_own_abbreviations_end_no_sentence():
    text = "We met Mallam. Sani and Onb. Musa."

    assert sentences(text, abbreviations=["Mallam.", "Onb"]) == [text]
    assert len(sentences(text)) == 3


def test_one_own_abbreviation_may_be_a_plain_string():
    assert Segmenter(abbreviations="Onb.") == Segmenter(abbreviations=["Onb"])


@pytest.mark.parametrize("bad", ["", ".", "two words.", 3])
def test_an_own_abbreviation_must_be_one_word(bad):
    with pytest.raises(InputError, match="one word"):
        Segmenter(abbreviations=[bad])


def test_a_segmenter_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Segmenter().abbreviations = ("x",)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_a_copied_or_pickled_segmenter_is_the_same(duplicate):
    original = Segmenter(abbreviations=["Onb."])

    twin = duplicate(original)

    assert twin == original
    assert twin.spans("We met Onb. Musa.") == original.spans("We met Onb. Musa.")


def test_threads_share_a_segmenter():
    documents = [f'{n} rose. "We won?" Foy said. He left at {n} a.m. Monday.\n' * 50 for n in range(20)]
    shared = Segmenter()

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(shared.spans, documents))

    assert together == [Segmenter().spans(document) for document in documents]


@given(texts)
@example("\ud800. \udfff")
@example('."A')
@example('. " \n"')
def test_every_character_but_white_space_between_is_in_exactly_one_sentence(text):
    at = 0

    for start, end in Segmenter().spans(text):
        assert text[at:start].strip() == ""
        assert start < end
        assert text[start:end] == text[start:end].strip()
        at = end
    assert text[at:].strip() == ""


@given(texts)
def test_no_sentence_holds_a_line_break(text):
    assert not any(set(LINE_BREAKS) & set(sentence) for sentence in sentences(text))


@given(texts, texts, st.sampled_from(["\n", "\r\n", "\n\n", "\u2028"]))
@example('"a', '."A', "\n")
@example('? "', '"A', "\n")
def test_lines_do_not_depend_on_their_neighbours(first, second, line_break):
    shift = len(first + line_break)

    expected = Segmenter().spans(first) + [(a + shift, b + shift) for a, b in Segmenter().spans(second)]

    assert Segmenter().spans(first + line_break + second) == expected


# Repeated without end, each of these leads some decision to look far back or ahead, if it looks without bound.
UNITS = [
    *[
        ".",
        "a.",
        "A.",
        "A. ",
        ". ",
        ". . ",
        ".(",
        ".)",
        ".) ",
        "(a.) ",
        "(. ",
        '"',
        "'",
        "... ",
        "…",
        "… ",
        " ",
        "\xa0",
    ],
    *[
        '."',
        '." "',
        '."A',
        '." A',
        ".” ",
        '?"A',
        '?" Ab ',
        '?" A of A ',
        '?" Foy, 61 ',
        '?" A b c ',
        '?" "A" ',
        ".'A.'",
    ],
    *[
        "[",
        "[1]",
        ".[1]",
        ".]",
        "â",
        ".â€",
        "U.S.",
        "U.S. ",
        "No. ",
        "1",
        "1. ",
        "?” ",
        "!) ",
        "! a",
        "_._",
        ".*",
        ":)",
    ],
    *[". :)", '. "', ". ..a", ". ? ", 'J. "B ', "\ud800. ", "\n", "\r\n", ".\u200b", "-. - ", "said. ", "a.b@c"],
]


@pytest.mark.parametrize("unit", UNITS)
def test_work_grows_in_line_with_the_text(unit):
    """Counts the calls of functions, those written in C included; the next test is for what happens within them."""

    def calls(text):
        count = 0

        def profile(_frame, event, _argument):
            nonlocal count
            count += event in ("call", "c_call")

        sys.setprofile(profile)
        try:
            Segmenter().spans(text)
        finally:
            sys.setprofile(None)
        return count

    once, fourfold = calls(unit * 500), calls(unit * 2000)

    assert fourfold <= 4.1 * once + 100


@pytest.mark.parametrize("unit", UNITS)
def test_a_long_run_of_anything_is_no_trap(unit):
    """Quadratic work on these would take minutes: nobody would fail to notice, so this needs no clock."""
    Segmenter().spans("x " + unit * (200_000 // len(unit)) + " Then.")


def test_no_abbreviation_is_listed_twice():
    words = [word for listed in segmenter._ABBREVIATIONS.values() for word in listed.split()]

    assert len(words) == len(set(words))
