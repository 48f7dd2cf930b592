"""Fitting the sentence classifier."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from quoteattr import classifier as cla
from quoteattr.classifier import SentenceClassifier, SentenceFeatures
from quoteattr.lexicon import Lexicon
from quoteattr.linear import FloatArray, Linear
from quoteattr.tokens import Tokens
from quoteattr.training.annotation import Article
from quoteattr.training.fit import WordFeatures, design
from quoteattr.trees import Trees


def features_of(article: Article, lexicon: Lexicon) -> SentenceFeatures:
    """The features of an article's gold sentences."""
    tokens = Tokens(article.text, lexicon.vocabulary)
    return SentenceFeatures(tokens, [(s.start, s.end) for s in article.sentences], lexicon)


def labels_of(article: Article) -> tuple[list[int], list[bool]]:
    """Label number and claim of each sentence."""
    return (
        [cla.LABELS.index(s.boilerplate) if s.boilerplate else 0 for s in article.sentences],
        [s.claim for s in article.sentences],
    )


def first_design(features: SentenceFeatures, word_features: WordFeatures) -> sparse.csr_matrix:
    """Word counts, hashed pair counts and shape slots of each sentence."""
    n = len(features.spans)
    scale = (1 / np.sqrt(features.length.astype(np.float32)))[features.owner]
    words = sparse.csr_matrix((scale, (features.owner, features.words)), (n, word_features.matrix.shape[0]))
    pairs = sparse.csr_matrix((scale, (features.owner, features.pairs)), (n, cla.PAIRS))
    shape = design(cla.SHAPE_SLOTS, features.shape_columns(), word_features)
    return sparse.hstack([words @ word_features.matrix, pairs, shape], format="csr")


def fit_first(X: sparse.csr_matrix, labels: npt.NDArray[np.int32], claims: npt.NDArray[np.bool_], word_features: WordFeatures, C: float = 3.0):
    """The first stage: a multinomial model of the labels and a binary one of claims, as tables."""
    used = np.flatnonzero(np.asarray((X != 0).sum(axis=0)).ravel() >= 2)
    outputs = len(cla.LABELS) + 1
    coefficients, bias = np.zeros((X.shape[1], outputs), np.float32), np.full(outputs, -15.0, np.float32)
    kinds = LogisticRegression(C=C, max_iter=300, tol=1e-3).fit(X[:, used], labels)
    for row, label in enumerate(kinds.classes_):
        coefficients[used, label], bias[label] = kinds.coef_[row], kinds.intercept_[row]
    article = labels == 0
    claim = LogisticRegression(C=C / 3, max_iter=300, tol=1e-3).fit(X[article][:, used], claims[article])
    coefficients[used, -1], bias[-1] = claim.coef_[0], claim.intercept_[0]
    width = word_features.matrix.shape[1]
    words = np.asarray(word_features.matrix @ coefficients[:width], np.float16).astype(np.float32)
    pairs = coefficients[width : width + cla.PAIRS].astype(np.float16).astype(np.float32)
    tables, at = [], width + cla.PAIRS
    for slot in cla.SHAPE_SLOTS:
        tables.append(coefficients[at : at + slot.size].astype(np.float16).astype(np.float32))
        at += slot.size
    return words, pairs, Linear(cla.SHAPE_SLOTS, (*cla.LABELS, "claim"), tables, bias)


def export(model: GradientBoostingClassifier) -> Trees:
    """A fitted binary booster as arrays."""
    trees = [t.tree_ for t in model.estimators_[:, 0]]
    nodes = max(t.node_count for t in trees)
    shape = (len(trees), nodes)
    feature, left, right = (np.zeros(shape, np.int32) for _ in range(3))
    threshold, value = (np.zeros(shape, np.float32) for _ in range(2))
    for i, t in enumerate(trees):
        n = t.node_count
        leaf = t.children_left < 0
        own = np.arange(n)
        feature[i, :n] = np.where(leaf, -1, t.feature)
        left[i, :n], right[i, :n] = np.where(leaf, own, t.children_left), np.where(leaf, own, t.children_right)
        # scikit-learn compares float32 features with float64 thresholds: round down so that "<=" keeps its meaning
        rounded = t.threshold.astype(np.float32)
        threshold[i, :n] = np.where(rounded > t.threshold, np.nextafter(rounded, np.float32(-np.inf)), rounded)
        value[i, :n] = model.learning_rate * t.value[:, 0, 0]
    prior = float(model.init_.class_prior_[1])
    return Trees(feature, threshold, left, right, value, max(t.max_depth for t in trees), float(np.log(prior / (1 - prior))))


def boost(X: FloatArray, y: npt.NDArray[np.bool_], trees: int = 120, depth: int = 4) -> Trees:
    """Fit boosted trees."""
    model = GradientBoostingClassifier(
        n_estimators=trees, max_depth=depth, learning_rate=0.08, subsample=0.7, min_samples_leaf=15, max_features=0.5, random_state=0
    )
    return export(model.fit(X, y))


def fit_classifier(articles: Sequence[Article], lexicon: Lexicon, word_features: WordFeatures, folds: int = 5) -> SentenceClassifier:
    """Both stages; the second is fitted to first-stage scores of articles that the first stage has not seen."""
    features = [features_of(a, lexicon) for a in articles]
    matrices = [first_design(f, word_features) for f in features]
    labels = [np.array(labels_of(a)[0], np.int32) for a in articles]
    claims = [np.array(labels_of(a)[1], bool) for a in articles]

    def first(which: list[int]):
        return fit_first(
            sparse.vstack([matrices[i] for i in which], format="csr"), np.concatenate([labels[i] for i in which]),
            np.concatenate([claims[i] for i in which]), word_features,
        )  # fmt: skip

    empty = np.zeros((1, 1), np.int32)
    stub = Trees(empty - 1, empty.astype(np.float32), empty, empty, empty.astype(np.float32), 0, 0.0)
    contexts: dict[int, FloatArray] = {}
    for fold in range(folds):
        stage = SentenceClassifier(*first([i for i in range(len(articles)) if i % folds != fold]), stub, stub)
        for i in range(fold, len(articles), folds):
            contexts[i] = features[i].context(*cla.split(stage.first_stage(features[i])))
    X = np.concatenate([contexts[i] for i in range(len(articles))])
    y, c = np.concatenate(labels), np.concatenate(claims)
    return SentenceClassifier(*first(list(range(len(articles)))), boost(X, y > 0), boost(X[y == 0], c[y == 0], trees=80, depth=3))
