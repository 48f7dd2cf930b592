"""The sentence classifier: what it reads of a text, and that what was fitted is what is scored."""

import random

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from quoteattr.classifier import SentenceClassifier, first_stage
from quoteattr.features import LABELS, SHAPE_SLOTS, Context, SentenceFeatures
from quoteattr.linear import sigmoid
from quoteattr.tokens import Tokens
from quoteattr.training import augment, sentences
from quoteattr.training.annotation import parse
from quoteattr.training.fit import WordFeatures
from quoteattr.training.words import build_lexicon

HEADER = "id: a\nstyle: s\nbeat: b\nsplit: train\n\n"
BODY = """navigation| Menu
-| Pool to close in May

c| The council voted 7-2 on Monday to close the pool in Mill Road.
+-| It was a long night.

donation| Support us from £3 a month.

c| The pool opened in 1987 and had 40,000 visitors last year.
c| The council spent £2m on repairs of the pool in 2019.

related| Read more: Bus fares rise
comments| 12 comments
rights| © 2024 Mill Media
"""


@pytest.fixture(scope="module")
def article():
    return parse(HEADER + BODY)


@pytest.fixture(scope="module")
def sample(article):
    return augment.sample_of(article)


@pytest.fixture(scope="module")
def lexicon(article, root):
    return build_lexicon([article.text], root / "training_data" / "lexicons")


@pytest.fixture(scope="module")
def read(lexicon):
    return lambda text, spans: SentenceFeatures(Tokens(text, lexicon.vocabulary), spans, lexicon)


@pytest.fixture(scope="module")
def classifier(article, lexicon):
    settings = sentences.Settings(folds=2, rounds=1)
    return sentences.fit_classifier([article] * 4, lexicon, WordFeatures(lexicon), settings)


def shifted(sample, by):
    return [(start + by, end + by) for start, end in sample.spans]


def test_exported_trees_give_the_probabilities_of_the_estimator():
    generator = np.random.default_rng(0)
    X = generator.normal(size=(300, 5)).astype(np.float32)
    y = X[:, 0] * X[:, 1] + X[:, 2] > 0
    model = GradientBoostingClassifier(n_estimators=20, max_depth=4, random_state=0).fit(X, y)
    assert sigmoid(sentences.export(model).scores(X)) == pytest.approx(model.predict_proba(X)[:, 1], abs=1e-5)


def test_first_stage_tables_give_the_scores_of_the_estimator(sample, lexicon, read):
    features, word_features = read(sample.text, sample.spans), WordFeatures(lexicon)
    X = sentences.first_design(features, word_features)
    first = sentences.fit_first(X, [sample], word_features, sentences.Settings())
    used = np.flatnonzero(np.asarray((X != 0).sum(axis=0)).ravel() >= 2)
    model = LogisticRegression(C=1.0, max_iter=300, tol=1e-3).fit(X[:, used], sample.labels)
    scores = first_stage(features, *first)[:, model.classes_]
    assert scores == pytest.approx(model.decision_function(X[:, used]), abs=0.1)  # weights are rounded


def test_kind_weights_give_the_scores_of_the_estimator():
    generator = np.random.default_rng(0)
    X, labels = generator.normal(size=(200, 6)).astype(np.float32), generator.integers(0, 4, 200).astype(np.int32)
    weights = sentences.fit_kinds(X, labels, C=1.0)
    model = LogisticRegression(C=1.0, max_iter=300, tol=1e-3).fit(X[labels > 0], labels[labels > 0])
    assert (X @ weights[:-1] + weights[-1])[:, :3] == pytest.approx(model.decision_function(X), abs=1e-4)


def test_a_kind_that_was_never_seen_is_never_given():
    X, labels = np.eye(4, dtype=np.float32), np.array([1, 2, 1, 2], np.int32)
    weights = sentences.fit_kinds(X, labels, C=1.0)
    assert set((X @ weights[:-1] + weights[-1]).argmax(axis=1).tolist()) <= {0, 1}


def test_fitting_twice_gives_the_same_arrays(article, lexicon, classifier):
    settings = sentences.Settings(folds=2, rounds=1)
    again = sentences.fit_classifier([article] * 4, lexicon, WordFeatures(lexicon), settings)
    assert np.array_equal(again.words, classifier.words)
    assert np.array_equal(again.kind, classifier.kind)
    assert all(np.array_equal(a, again.boilerplate.arrays()[n]) for n, a in classifier.boilerplate.arrays().items())


def test_slots_stay_within_their_sizes(sample, read):
    slots = read(sample.text, sample.spans).slots
    assert all(c.min() >= 0 and c.max() < s.size for s, c in zip(SHAPE_SLOTS, slots, strict=True))


@pytest.mark.parametrize("lead", ["\n\n", "   ", "\u00a0\n"])
def test_leading_white_space_changes_no_score(sample, lexicon, classifier, lead):
    plain = classifier.score(Tokens(sample.text, lexicon.vocabulary), sample.spans, lexicon)
    led = classifier.score(Tokens(lead + sample.text, lexicon.vocabulary), shifted(sample, len(lead)), lexicon)
    assert np.array_equal(plain.claim, led.claim)
    assert np.array_equal(plain.kind, led.kind)


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_lines_are_the_same_with_every_line_ending(sample, read, ending):
    lines = augment.lines_of(sample)
    text, spans = "", []
    for line in lines:
        text += ending if text else ""
        start = len(text)
        text += " ".join(piece.text for piece in line.pieces)
        spans.append((start, len(text)))
    assert read(text, spans).line.tolist() == list(range(len(lines)))


def test_sentences_on_one_line_share_it(sample, read):
    features = read(sample.text, sample.spans)
    assert features.line.tolist() == [0, 1, 2, 2, 3, 4, 5, 6, 7, 8]
    assert features.alone.tolist() == [True, True, False, False] + [True] * 6


def test_copies_count_the_same_words_in_any_case(read):
    features = read("Share\nNews\nSHARE", [(0, 5), (6, 10), (11, 16)])
    assert features.copies.tolist() == [[0, 2], [0, 1], [1, 2]]


def test_a_headline_given_again_is_seen(read):
    text = "Pool to close in May\nRead on\nPool to close in May"
    features = read(text, [(0, 20), (21, 28), (29, 49)])
    context = Context(features, np.zeros((3, len(LABELS) + 1), np.float32))
    context.boilerplate()
    assert context._like_headline().tolist() == [0, 0, 1]


def test_cohesion_counts_content_words_of_other_prose(read):
    text = (
        "The council voted on Monday to close the old pool in the north of the town.\nThe pool is old.\nBus fares rise."
    )
    ends = [text.index("\n"), text.rindex("\n"), len(text)]
    starts = [0, ends[0] + 1, ends[1] + 1]
    first = np.zeros((3, len(LABELS) + 1), np.float32)
    first[:, 0] = 5
    cohesion = Context(read(text, list(zip(starts, ends, strict=True))), first).cohesion
    assert cohesion[1] > cohesion[2]


def test_windows_are_means_over_lines_weighted_by_tokens(sample, read):
    features = read(sample.text, sample.spans)
    first = np.random.default_rng(0).normal(size=(len(features), len(LABELS) + 1)).astype(np.float32)
    context = Context(features, first)
    (before,) = context._windows(((-2, 0),))
    chosen = np.isin(features.line, (1, 2))
    expected = np.average(context.score[chosen], weights=features.length[chosen])
    assert before[3, -1] == pytest.approx(expected, rel=1e-5)


def test_no_sentences_give_no_scores(lexicon, classifier):
    scores = classifier.score(Tokens("", lexicon.vocabulary), [], lexicon)
    assert len(scores.boilerplate) == len(scores.kind) == len(scores.claim) == 0


@pytest.mark.parametrize("text", ["x", "\x00", "—", "\ud800", "🦦"])
def test_one_character_is_scored(lexicon, classifier, text):
    scores = classifier.score(Tokens(text, lexicon.vocabulary), [(0, len(text))], lexicon)
    assert 0 <= scores.boilerplate[0] <= 1
    assert 0 <= scores.claim[0] <= 1


def test_a_sample_taken_apart_and_put_together_keeps_its_sentences(sample):
    again = augment.assemble(augment.lines_of(sample))
    assert [again.text[s:e] for s, e in again.spans] == [sample.text[s:e] for s, e in sample.spans]
    assert again.labels.tolist() == sample.labels.tolist()
    assert again.text == sample.text


@pytest.mark.parametrize("change", augment.CHANGES)
def test_a_variant_keeps_labels_with_their_sentences(sample, change):
    lines = augment.lines_of(sample)
    known = {piece.text: piece for line in lines for piece in line.pieces}
    for seed in range(10):
        pieces = [p for line in change(list(lines), lines, random.Random(seed)) for p in line.pieces]
        assert all(known[p.text] == p for p in pieces if p.text in known)
        assert all(p.label == 0 for p in pieces if p.text not in known)


def test_leftovers_keep_the_article(sample):
    lines = augment.lines_of(sample)
    left = augment.leftover(lines, lines, random.Random(1))
    assert [line for line in left if not line.boilerplate][-3:] == [line for line in lines[2:] if not line.boilerplate]


def test_variants_are_the_same_on_every_run(sample):
    first, second = (augment.variants([sample] * 5, 2) for _ in range(2))
    assert [s.text for _, s in first] == [s.text for _, s in second]


def test_the_classifier_is_importable_from_its_module():
    assert SentenceClassifier.__name__ == "SentenceClassifier"
