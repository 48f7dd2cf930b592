"""Fitting the sentence classifier."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from quoteattr.classifier import BOILERPLATE, CLAIM, SentenceClassifier, Stages, first_stage, line_spans
from quoteattr.features import HASHED, LABELS, PAIRS, SHAPE_SLOTS, Context, SentenceFeatures
from quoteattr.lexicon import Lexicon
from quoteattr.linear import FloatArray, Linear
from quoteattr.tokens import IntArray, Tokens
from quoteattr.training.annotation import Article
from quoteattr.training.augment import Sample, sample_of, variants
from quoteattr.training.fit import WordFeatures, design
from quoteattr.trees import Trees

BoolArray = npt.NDArray[np.bool_]
First = tuple[npt.NDArray[np.int8], npt.NDArray[np.int8], float, Linear]
CERTAIN = 15.0  # log odds of what is never otherwise
RARE = tuple(LABELS.index(kind) for kind in ("donation", "caption"))  # they look like prose, and there are few


def features_of(sample: Sample, lexicon: Lexicon) -> SentenceFeatures:
    """The features of a sample's gold sentences."""
    return SentenceFeatures(Tokens(sample.text, lexicon.vocabulary), sample.spans, lexicon)


def first_design(features: SentenceFeatures, word_features: WordFeatures) -> sparse.csr_matrix:
    """Word counts, pair counts and shape slots of each sentence."""
    n = len(features)
    scale = (1 / np.sqrt(features.length.astype(np.float32)))[features.owner]
    words = sparse.csr_matrix((scale, (features.owner, features.words)), (n, word_features.matrix.shape[0]))
    pairs = sum(
        sparse.csr_matrix((scale, (features.owner, p)), (n, PAIRS)) for p in (features.pairs, features.patterns)
    )
    shape = design(SHAPE_SLOTS, features.slots, word_features)
    return sparse.hstack([words @ word_features.matrix, pairs, shape], format="csr")


def judged(samples: Sequence[Sample]) -> BoolArray:
    """For each sentence whether somebody judged if it is a claim."""
    return np.concatenate([np.full(len(s.labels), s.judged) for s in samples])


def fit_first(
    X: sparse.csr_matrix, samples: Iterable[Sample], word_features: WordFeatures, settings: SentenceClassifier
) -> First:
    """The first stage: a multinomial model of the labels and a binary one of claims, as tables."""
    samples = list(samples)
    labels, claims = np.concatenate([s.labels for s in samples]), np.concatenate([s.claims for s in samples])
    used = np.flatnonzero(np.asarray((X != 0).sum(axis=0)).ravel() >= 2)
    outputs = len(LABELS) + 1
    coefficients, bias = np.zeros((X.shape[1], outputs), np.float32), np.full(outputs, -CERTAIN, np.float32)
    for_labels = used[~for_claims_alone(X.shape[1])[used]]
    classes, weights, intercepts = regress(X[:, for_labels], labels, settings.c_label)
    coefficients[np.ix_(for_labels, classes)], bias[classes] = weights, intercepts
    article = (labels == 0) & judged(samples)
    classes, weights, intercepts = regress(X[article][:, used], claims[article], settings.c_claim)
    if len(classes) == 2:
        coefficients[used, -1], bias[-1] = weights[:, 1] - weights[:, 0], intercepts[1] - intercepts[0]
    else:
        bias[-1] = CERTAIN if classes.any() else -CERTAIN
    width = word_features.matrix.shape[1]
    sizes = np.cumsum([width, PAIRS, *(slot.size for slot in SHAPE_SLOTS)])
    words, pairs, *tables = np.split(coefficients, sizes[:-1])
    shape = Linear.rounded(SHAPE_SLOTS, (*LABELS, "claim"), tables, bias)
    words = word_features.matrix @ words
    step = float(max(np.abs(words).max(), np.abs(pairs).max())) / 127 or 1.0
    return np.round(words / step).astype(np.int8), np.round(pairs / step).astype(np.int8), step, shape


def regress(
    X: sparse.csr_matrix | FloatArray, y: npt.NDArray[Any], C: float
) -> tuple[npt.NDArray[Any], FloatArray, FloatArray]:
    """Logistic regression: the classes, a column of weights for each, the biases; classes that are alone weigh nothing."""
    classes = np.unique(y)
    if len(classes) < 2:
        return classes, np.zeros((X.shape[1], len(classes)), np.float32), np.zeros(len(classes), np.float32)
    model = LogisticRegression(C=C, max_iter=1000, tol=1e-3).fit(X, y)
    weights, intercepts = model.coef_.T, model.intercept_
    if len(classes) == 2:
        weights, intercepts = np.hstack([-weights, weights]) / 2, np.concatenate([-intercepts, intercepts]) / 2
    return classes, weights, intercepts


def for_claims_alone(width: int) -> BoolArray:
    """The columns of `first_design` that boilerplate is not judged by: pairs of categories."""
    end = width - sum(slot.size for slot in SHAPE_SLOTS)
    alone = np.zeros(width, bool)
    alone[end - (PAIRS - HASHED) : end] = True
    return alone


def export(model: GradientBoostingClassifier) -> Trees:
    """A fitted binary booster as arrays."""
    trees = [t.tree_ for t in model.estimators_[:, 0]]
    shape = (len(trees), max(t.node_count for t in trees))
    feature, left, right = (np.zeros(shape, np.int32) for _ in range(3))
    threshold, value = (np.zeros(shape, np.float32) for _ in range(2))
    for i, t in enumerate(trees):
        n = t.node_count
        leaf = t.children_left < 0
        own = np.arange(n)
        feature[i, :n] = np.where(leaf, -1, t.feature)
        left[i, :n], right[i, :n] = np.where(leaf, own, t.children_left), np.where(leaf, own, t.children_right)
        # scikit-learn compares float32 features with float64 thresholds: round down so that "<=" keeps its meaning
        near = t.threshold.astype(np.float32)
        threshold[i, :n] = np.where(near > t.threshold, np.nextafter(near, np.float32(-np.inf)), near)
        value[i, :n] = model.learning_rate * t.value[:, 0, 0]
    prior = float(model.init_.class_prior_[1])
    bias = float(np.log(prior / (1 - prior)))
    return Trees(feature, threshold, left, right, value, max(t.max_depth for t in trees), bias)


def boost(
    X: FloatArray,
    y: BoolArray,
    trees: int,
    depth: int,
    weight: npt.NDArray[np.floating] | None = None,
    rows: float = 0.7,
    columns: float = 0.5,
) -> Trees:
    """Fit boosted trees, each to a share of the rows and a share of the columns at each split.

    Where all labels are alike, they always say so.
    """
    if len(np.unique(y)) < 2:
        stump = np.zeros((1, 1), np.int32)
        leaf = np.zeros((1, 1), np.float32)
        return Trees(stump - 1, leaf, stump, stump, leaf, 0, CERTAIN if y.any() else -CERTAIN)
    model = GradientBoostingClassifier(
        n_estimators=trees,
        max_depth=depth,
        learning_rate=0.1,
        subsample=rows,
        min_samples_leaf=min(30, 1 + len(y) // 50),
        max_features=columns,
        random_state=0,
    )
    return export(model.fit(X, y, sample_weight=weight))


def fit_kinds(X: FloatArray, labels: IntArray, C: float) -> FloatArray:
    """Weights of the kinds, and the bias as the last row; fitted to boilerplate alone."""
    bad = labels > 0
    kinds, coefficients, intercepts = regress(X[bad], labels[bad], C)
    weights = np.zeros((X.shape[1] + 1, len(LABELS) - 1), np.float32)
    weights[-1] = -CERTAIN
    weights[:-1, kinds - 1], weights[-1, kinds - 1] = coefficients, intercepts
    return weights


def second_stage_contexts(
    samples: list[Sample], lexicon: Lexicon, word_features: WordFeatures, settings: SentenceClassifier
) -> tuple[First, list[tuple[Sample, Context]], list[tuple[Sample, Context]]]:
    """The first stage, and contexts of the samples and their variants, scored by first stages that have not seen them.

    Folds are runs of neighbouring file names: articles of one house style leave together, as a strange page would.
    """
    features = [features_of(s, lexicon) for s in samples]
    matrices = [first_design(f, word_features) for f in features]

    def first(which: list[int]) -> First:
        X = sparse.vstack([matrices[i] for i in which], format="csr")
        return fit_first(X, (samples[i] for i in which), word_features, settings)

    every = range(len(samples))
    folds = min(settings.folds, len(samples))
    fold = [i * folds // len(samples) for i in every]
    stages = [first([i for i in every if fold[i] != k]) for k in range(folds)]
    own = [(samples[i], Context(features[i], first_stage(features[i], *stages[fold[i]]))) for i in every]
    noise = np.random.default_rng(0)
    others = []
    for i, sample in variants(samples, settings.rounds):
        f = features_of(sample, lexicon)
        scores = first_stage(f, *stages[fold[i]]) * noise.uniform(settings.shrink, 1)
        scores[:, 0] += noise.normal(0, settings.shift) + noise.normal(0, settings.shift, len(scores))
        others.append((sample, Context(f, scores.astype(np.float32))))
    return first(list(every)), own, others


def fit_articles(articles: Sequence[Article], lexicon: Lexicon, word_features: WordFeatures) -> Stages:
    """Both stages, fitted to annotated articles.

    Articles whose boilerplate is not annotated are left out, and the claims of those where they are not.
    """
    return fit_stages(
        [sample_of(a) for a in articles if "boilerplate" in a.layers], lexicon, word_features, SentenceClassifier()
    )


def fit_lines(
    pages: Iterable[tuple[list[str], npt.NDArray[np.str_]]], lexicon: Lexicon, settings: SentenceClassifier
) -> Stages:
    """Both stages, fitted to pages: their lines, and the label of each."""
    number = {name: i for i, name in enumerate(LABELS)} | {CLAIM: 0, BOILERPLATE: LABELS.index("navigation")}
    samples = [
        Sample(
            "\n".join(lines),
            line_spans(lines),
            np.array([number[label] for label in labels.tolist()], np.int32),
            labels == CLAIM,
        )
        for lines, labels in pages
    ]
    return fit_stages(samples, lexicon, WordFeatures(lexicon), settings)


def fit_stages(
    samples: list[Sample], lexicon: Lexicon, word_features: WordFeatures, settings: SentenceClassifier
) -> Stages:
    """Both stages; the second is fitted to first-stage scores of samples that the first stage has not seen."""
    first, own, others = second_stage_contexts(samples, lexicon, word_features, settings)
    both = own + others
    labels = np.concatenate([s.labels for s, _ in both])
    # Dropping a paragraph is worse than keeping a button: sentences count by the root of their length.
    weight = np.sqrt(np.concatenate([c.features.length for _, c in both]))
    weight[sum(len(s.labels) for s in samples) :] *= settings.variant_weight
    weight[np.isin(labels, RARE)] *= settings.rare_weight
    # A quarter of the rows and columns a tree: pages that are not like those it knows come out less by chance.
    bad = np.concatenate([c.boilerplate() for _, c in both])
    boilerplate = boost(bad, labels > 0, 150, 4, weight / weight.mean(), rows=0.25, columns=0.25)
    kind = fit_kinds(np.concatenate([c.kinds() for _, c in both]), labels, settings.c_kind)
    article = (np.concatenate([s.labels for s in samples]) == 0) & judged(samples)
    claims = np.concatenate([s.claims for s in samples])
    claim = boost(np.concatenate([c.claims() for _, c in own])[article], claims[article], 80, 3)
    return Stages(*first, boilerplate, claim, kind)
