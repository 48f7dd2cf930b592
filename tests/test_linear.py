"""Linear scorers: a score is a sum of table rows, and a scorer written as tables gives scikit-learn's own scores."""

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from quoteattr.lexicon import Lexicon
from quoteattr.linear import WORD, Linear, Slot, bucket, sigmoid, softmax, window
from quoteattr.tokens import Vocabulary
from quoteattr.training.fit import WordFeatures, design, fit
from quoteattr.training.sentences import export
from quoteattr.trees import Trees

SLOTS = (Slot("word -1", WORD), Slot("word 0", WORD), Slot("distance", 4))
FLOAT16 = {"rtol": 2e-3, "atol": 2e-2}  # tables are kept in half precision


@pytest.fixture(scope="module")
def features():
    words = ["~", "\n", "said", "asked", "foy", "pool", "council", "~ing", "~ool", "“", "”"]
    vocabulary = Vocabulary(words)
    classes = {"report_verb": ["said", "asked"], "body": ["council"]}
    return WordFeatures(Lexicon(vocabulary, {c: np.isin(words, members) for c, members in classes.items()}))


@pytest.fixture(scope="module")
def columns(features):
    random = np.random.default_rng(0)
    rows = 400
    return [
        random.integers(0, features.matrix.shape[0] if s.size == WORD else s.size, rows).astype(np.int32) for s in SLOTS
    ]


def labels_of(columns, classes):
    """Labels that the columns tell, with some noise."""
    noise = np.random.default_rng(1).integers(0, 3, len(columns[0]))
    return ((columns[0] + 2 * columns[2] + noise) % classes).astype(np.int32)


def scikit_learn(columns, labels, features, C):
    """The estimator that `fit` fits, and its matrix."""
    X = design(SLOTS, columns, features)
    used = np.flatnonzero(np.asarray((X != 0).sum(axis=0)).ravel() >= 2)
    return LogisticRegression(C=C, max_iter=300, tol=1e-3).fit(X[:, used], labels), X[:, used]


# --- scores ----------------------------------------------------------------------------------------------------------


def test_a_score_is_the_bias_plus_one_row_of_each_table():
    tables = [np.array([[1, 2], [3, 4]], np.float32), np.array([[10, 20], [30, 40], [50, 60]], np.float32)]
    scorer = Linear.rounded((Slot("a", 2), Slot("b", 3)), ("x", "y"), tables, np.array([0.5, 0.25], np.float32))

    scores = scorer.scores([np.array([0, 1], np.int32), np.array([2, 0], np.int32)])

    assert scores == pytest.approx(np.array([[51.5, 62.25], [13.5, 24.25]]), abs=0.3)


def test_margins_say_what_each_slot_adds_to_one_output_against_another():
    tables = [np.array([[1, 2], [3, 4]], np.float32), np.array([[10, 20], [30, 40], [50, 60]], np.float32)]
    scorer = Linear.rounded((Slot("a", 2), Slot("b", 3)), ("x", "y"), tables, np.array([0.5, 0.25], np.float32))
    columns = [np.array([0, 1], np.int32), np.array([2, 0], np.int32)]

    margins = scorer.margins(columns, np.array([1, 1], np.int32), 0)

    assert margins == pytest.approx(np.array([[1, 10], [1, 10]]), abs=0.5)
    scores = scorer.scores(columns) - scorer.bias
    assert margins.sum(axis=1) == pytest.approx(scores[:, 1] - scores[:, 0], rel=1e-5)


def test_no_weight_is_further_off_than_half_a_step():
    table = np.random.default_rng(5).normal(size=(1000, 3)).astype(np.float32)
    scorer = Linear.rounded((Slot("a", 1000),), ("x", "y", "z"), [table], np.zeros(3, np.float32))

    assert np.abs(scorer.weights(0) - table).max() <= np.abs(table).max() / 127 / 2 * 1.001


def test_tables_without_weights_score_nothing():
    scorer = Linear.rounded((Slot("a", 2),), ("x",), [np.zeros((2, 1), np.float32)], np.ones(1, np.float32))

    assert scorer.scores([np.array([0, 1], np.int32)]).tolist() == [[1], [1]]


def test_scoring_leaves_the_tables_as_they_were():
    table, bias = np.ones((2, 1), np.float32), np.zeros(1, np.float32)
    scorer = Linear.rounded((Slot("a", 2),), ("x",), [table], bias)

    scorer.scores([np.array([0, 1, 1], np.int32)])

    assert (table.tolist(), bias.tolist()) == ([[1], [1]], [0])


def test_no_rows_give_no_scores():
    scorer = Linear.rounded((Slot("a", 2),), ("x", "y"), [np.ones((2, 2), np.float32)], np.zeros(2, np.float32))

    assert scorer.scores([np.zeros(0, np.int32)]).shape == (0, 2)


@pytest.mark.parametrize("rows", [3, 5000])
def test_a_column_too_few_is_an_error(rows):
    scorer = Linear.rounded(
        (Slot("a", 2), Slot("b", 2)), ("x",), [np.ones((2, 1), np.float32)] * 2, np.zeros(1, np.float32)
    )

    with pytest.raises(ValueError, match=r"reshape|shorter"):
        scorer.scores([np.zeros(rows, np.int32)])


def test_a_row_scores_alike_alone_and_among_many():
    random = np.random.default_rng(3)
    tables = [random.normal(size=(size, 2)).astype(np.float32) for size in (2, 3, 4)]
    scorer = Linear.rounded((Slot("a", 2), Slot("b", 3), Slot("c", 4)), ("x", "y"), tables, np.ones(2, np.float32))
    columns = [random.integers(0, len(table), 20_000).astype(np.int32) for table in tables]

    alone = [scorer.scores([column[n : n + 1] for column in columns])[0] for n in range(50)]

    assert (np.array(alone) == scorer.scores(columns)[:50]).all()


def test_softmax_gives_probabilities_even_of_huge_scores():
    probability = softmax(np.array([[1000, 1000, -1000]], np.float32))

    assert probability.tolist() == [[0.5, 0.5, 0.0]]


@pytest.mark.parametrize(("score", "expected"), [(0, 0.5), (2, 0.880797), (-2, 0.119203), (1e9, 1), (-1e9, 0)])
def test_sigmoid_turns_log_odds_into_a_probability(score, expected):
    assert sigmoid(np.array([score], np.float32))[0] == pytest.approx(expected, abs=1e-6)


def test_a_window_holds_the_neighbours_and_pads_the_ends():
    values, at = np.array([5, 6, 7], np.int32), np.array([0, 2, 3], np.int32)

    before, behind = window(values, at, (-1, 1), pad=9)

    assert (before.tolist(), behind.tolist()) == ([9, 6, 7], [6, 9, 9])


def test_a_bucket_is_the_number_of_edges_at_or_below():
    assert bucket(np.array([0, 1, 2, 4, 99], np.int32), (1, 4)).tolist() == [0, 1, 1, 2, 2]


# --- written as tables -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("C", [0.1, 3.0])
def test_two_classes_give_the_decision_function_of_scikit_learn(features, columns, C):
    labels = labels_of(columns, 2)
    estimator, X = scikit_learn(columns, labels, features, C)

    scorer = fit(SLOTS, columns, labels, ("no", "yes"), features, C)

    np.testing.assert_allclose(scorer.scores(columns)[:, 0], estimator.decision_function(X), **FLOAT16)


@pytest.mark.parametrize("C", [0.1, 3.0])
def test_several_classes_give_the_decision_function_of_scikit_learn(features, columns, C):
    labels = labels_of(columns, 3)
    estimator, X = scikit_learn(columns, labels, features, C)

    scorer = fit(SLOTS, columns, labels, ("outside", "begin", "inside"), features, C)

    np.testing.assert_allclose(scorer.scores(columns), estimator.decision_function(X), **FLOAT16)


def test_the_probabilities_are_those_of_scikit_learn(features, columns):
    labels = labels_of(columns, 3)
    estimator, X = scikit_learn(columns, labels, features, 1.0)

    scorer = fit(SLOTS, columns, labels, ("outside", "begin", "inside"), features, 1.0)

    np.testing.assert_allclose(softmax(scorer.scores(columns)), estimator.predict_proba(X), atol=5e-3)


def test_with_two_classes_only_the_second_has_an_output(features, columns):
    scorer = fit(SLOTS, columns, labels_of(columns, 2), ("no", "yes"), features)

    assert scorer.classes == ("yes",)


def test_a_class_that_was_never_seen_is_as_good_as_impossible(features, columns):
    scorer = fit(SLOTS, columns, labels_of(columns, 2), ("a", "b", "c", "never"), features)

    assert softmax(scorer.scores(columns))[:, 2:].max() < 1e-6


def test_a_word_gathers_what_its_ending_and_its_classes_weigh(features, columns):
    # "asked" is never seen in the second slot, "said" is: both are report verbs.
    said, asked = 2, 3
    columns = [columns[0], np.where(columns[1] == asked, said, columns[1]), columns[2]]
    labels = (columns[1] == said).astype(np.int32)

    table = fit(SLOTS, columns, labels, ("no", "yes"), features).tables[1][:, 0]

    assert table[said] > table[asked] > 0.1


def test_a_column_beyond_its_slot_is_an_error(features, columns):
    columns = [*columns[:2], columns[2] + 1]

    with pytest.raises(ValueError, match=r"'distance' holds 1\.\.4, its size is 4"):
        design(SLOTS, columns, features)


def test_fitting_twice_gives_the_same_tables(features, columns):
    one, two = (fit(SLOTS, columns, labels_of(columns, 3), ("a", "b", "c"), features) for _ in range(2))

    assert all((a == b).all() for a, b in zip(one.tables, two.tables, strict=True))


# --- trees -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def boosted():
    random = np.random.default_rng(2)
    X = random.normal(size=(500, 6)).astype(np.float32)
    y = (X[:, 0] * X[:, 1] + X[:, 2] > 0.3).astype(int)
    model = GradientBoostingClassifier(n_estimators=25, max_depth=3, subsample=0.8, random_state=0).fit(X, y)
    return model, X


def test_exported_trees_give_the_decision_function_of_scikit_learn(boosted):
    model, X = boosted

    np.testing.assert_allclose(export(model).scores(X), model.decision_function(X), rtol=1e-5, atol=1e-5)


def test_exported_trees_agree_right_at_their_thresholds(boosted):
    model, X = boosted
    thresholds = np.concatenate([t.tree_.threshold for t in model.estimators_[:, 0]]).astype(np.float32)
    X = np.repeat(X[:1], len(thresholds), axis=0)
    X[:] = thresholds[:, None]

    np.testing.assert_allclose(export(model).scores(X), model.decision_function(X), rtol=1e-5, atol=1e-5)


def test_trees_come_back_from_their_arrays(boosted):
    model, X = boosted
    trees = export(model)

    twin = Trees(**trees.arrays(), depth=trees.depth, bias=trees.bias)

    assert (twin.scores(X) == trees.scores(X)).all()


def test_trees_score_no_rows(boosted):
    assert len(export(boosted[0]).scores(np.zeros((0, 6), np.float32))) == 0
