"""Parts of speech: words that may be several things are told apart by their sentence."""

import numpy as np
import pytest

from quoteattr import AnnotationError, model
from quoteattr.analysis import Analysis
from quoteattr.lexicon import PARTS
from quoteattr.tokens import Tokens, join
from quoteattr.training.parts_of_speech import read_tagged, read_tagged_folder

FLOOR = 0.93  # share of right tags on the sentences of dev; it only rises


@pytest.fixture(scope="module")
def lexicon():
    return model.read().lexicon


def part_of(a, word):
    """The part of a word that a text has once."""
    return PARTS[a.part[[a.word(n) for n in range(len(a))].index(word)]]


@pytest.mark.parametrize(
    ("text", "word", "part"),
    [
        ("The mayor claims the bridge is safe.", "claims", "verb"),
        ("The claims of the mayor were false.", "claims", "noun"),
        ("They plan to close the baths.", "plan", "verb"),
        ("The plan was dropped.", "plan", "noun"),
        ("The plan published on Monday was dropped.", "published", "participle"),
        ("She accused him of theft.", "accused", "verb"),
        ("He left, warning that it would rain.", "warning", "ing form"),
        ("The warning came too late.", "warning", "noun"),
        ("She said that it would rain.", "that", "subordinator"),
        ("The letter that arrived was short.", "that", "relative"),
        ("That man left.", "That", "determiner"),
        ("He went to the baths.", "to", "preposition"),
        ("He promised to leave.", "to", "to"),
        ("They have left.", "have", "auxiliary"),
        ("They have a boat.", "have", "verb"),
        ("It rained in the US on Monday.", "US", "name"),
        ("She met Bill Walker.", "Bill", "name"),
    ],
)
def test_a_word_is_what_its_sentence_makes_of_it(analyse, text, word, part):
    assert part_of(analyse(text), word) == part


def test_marks_are_nothing_of_the_kind(analyse):
    a = analyse("“No,” she said.")

    assert {PARTS[p] for p in a.part[a.shapes <= 1]} == {"other"}


def test_what_is_dropped_has_no_parts(lexicon):
    text = "Give now.\nIt rained."
    a = Analysis(Tokens(text, lexicon.vocabulary), lexicon, [(0, 9), (10, 20)], [True, False])

    assert {PARTS[p] for p in a.part[a.dropped]} == {"other"}
    assert PARTS[a.part[a.at(13)]] == "verb"


def test_a_text_has_the_same_parts_among_others(analyse, lexicon):
    texts = ["She claims", "that he left.", "They plan to have"]
    joined, places = join(texts)
    batch = Analysis(Tokens(joined, lexicon.vocabulary), lexicon, places, [False] * 3, places)
    parts = [batch.part[low:high] for low, high in zip(batch.token_from, batch.token_from[1:])]

    for text, own in zip(texts, parts):
        alone = analyse(text).part
        assert own[: len(alone)].tolist() == alone.tolist()


def test_an_empty_text_has_no_parts(analyse):
    assert len(analyse("").part) == 0


def test_most_words_of_unseen_sentences_are_tagged_right(root, lexicon):
    a, gold = read_tagged(root / "training_data" / "parts_of_speech" / "dev.txt", lexicon)
    words = gold >= 0

    assert np.mean(a.part[words] == gold[words]) >= FLOOR


def test_a_file_gives_tokens_with_their_parts(tmp_path, lexicon):
    path = tmp_path / "train-1.txt"
    path.write_text("He/O’s/X said/E no/Z.\nWell-known/A.\n", "utf-8")

    a, parts = read_tagged(path, lexicon)

    assert [(a.word(n), PARTS[p]) for n, p in enumerate(parts) if p >= 0] == [
        ("He", "pronoun"), ("s", "auxiliary"), ("said", "participle"), ("no", "other"), ("Well-known", "adjective"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "why"),
    [("He/O said", "not every word"), ("He/O said/J", "there is no such tag"), ("said", "not every word")],
)
def test_a_wrong_line_is_named(tmp_path, lexicon, line, why):
    path = tmp_path / "train-1.txt"
    path.write_text("No/Z.\n" + line + "\n", "utf-8")

    with pytest.raises(AnnotationError, match=rf"train-1.txt:2: .*{why}"):
        read_tagged(path, lexicon)


def test_a_folder_without_sentences_is_an_error(tmp_path, lexicon):
    with pytest.raises(AnnotationError, match="no train-"):
        read_tagged_folder(tmp_path, lexicon)
