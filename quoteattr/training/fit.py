"""Fitting linear scorers with scikit-learn and writing them as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from nltk.stem import PorterStemmer
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from quoteattr.lexicon import Lexicon
from quoteattr.linear import WORD, FloatArray, Linear, Slot
from quoteattr.tokens import UNKNOWN, IntArray, backoff


class WordFeatures:
    """The features of the vocabulary's words, shared by all word slots: the word, its stem, its suffix class, its classes."""

    def __init__(self, lexicon: Lexicon):
        words = lexicon.vocabulary.words
        _, suffix = np.unique([w if w.startswith(UNKNOWN) else backoff(w) for w in words], return_inverse=True)
        stemmer = PorterStemmer()
        stems = [stemmer.stem(w) if w.isalpha() else w for w in words]
        _, stem = np.unique(stems, return_inverse=True)
        shared = np.bincount(stem) > 1  # a stem that one word alone has says no more than the word
        by_class = sparse.csr_matrix(np.array(list(lexicon.classes.values()), np.float32).T)
        by_word = sparse.eye(len(words), dtype=np.float32)
        blocks = [by_word, _indicators(suffix), by_class, _indicators(stem)[:, shared]]
        self.matrix = sparse.hstack(blocks, format="csr")


def _indicators(number: npt.NDArray[np.intp]) -> sparse.csr_matrix:
    """One column a number, 1 where a row has it."""
    rows = np.arange(len(number))
    return sparse.csr_matrix((np.ones(len(number), np.float32), (rows, number)))


def design(slots: Sequence[Slot], columns: Sequence[IntArray], features: WordFeatures) -> sparse.csr_matrix:
    """The one-hot design matrix of slot columns."""
    blocks = []
    for slot, column in zip(slots, columns, strict=True):
        if slot.size == WORD:
            blocks.append(features.matrix[column])
        else:
            if len(column) and (column.min() < 0 or column.max() >= slot.size):
                raise ValueError(f"slot {slot.name!r} holds {column.min()}..{column.max()}, its size is {slot.size}")
            n = len(column)
            blocks.append(sparse.csr_matrix((np.ones(n, np.float32), column, np.arange(n + 1)), (n, slot.size)))
    return sparse.hstack(blocks, format="csr")


def fit(
    slots: Sequence[Slot],
    columns: Sequence[IntArray],
    labels: npt.NDArray[np.int32],
    classes: Sequence[str],
    features: WordFeatures,
    C: float = 0.3,
) -> Linear:
    """Fit logistic regression on slot columns and sum the weights of each word into its table row.

    With two classes one output is kept: the log odds of the second.
    """
    X = design(slots, columns, features)
    used = _used(X)
    model = LogisticRegression(C=C, max_iter=300, tol=1e-3).fit(X[:, used], labels)
    outputs = 1 if len(classes) == 2 else len(classes)
    coefficients = np.zeros((X.shape[1], outputs), np.float32)
    bias = np.full(outputs, -20.0, np.float32)
    present = np.zeros(1, np.int64) if outputs == 1 else np.asarray(model.classes_)
    coefficients[np.ix_(used, present)] = model.coef_.T
    bias[present] = model.intercept_
    return Linear.rounded(
        slots, classes if outputs > 1 else classes[1:], tables_of(slots, coefficients, features), bias
    )


def fit_ranking(
    slots: Sequence[Slot],
    columns: Sequence[IntArray],
    owner: IntArray,
    right: npt.NDArray[np.bool_],
    features: WordFeatures,
    C: float = 0.3,
) -> Linear:
    """Fit a scorer that puts the right candidate of each owner above its others.

    Logistic regression on the differences between the right candidate's features and each other one's: the pairwise
    form of ranking (Herbrich, Graepel and Obermayer 2000). Every owner weighs the same.
    """
    X = design(slots, columns, features)
    right_of = dict(zip(owner[right].tolist(), np.flatnonzero(right).tolist()))
    others = np.array([i for i in np.flatnonzero(~right).tolist() if owner[i] in right_of], np.int64)
    best = np.array([right_of[o] for o in owner[others].tolist()], np.int64)
    sign = np.where(np.arange(len(others)) % 2, -1.0, 1.0).astype(
        np.float32
    )  # either order, so that there are two classes
    D = sparse.diags(sign) @ (X[best] - X[others])
    used = _used(D)
    weight = 1 / np.bincount(owner[others])[owner[others]]
    weight *= len(weight) / weight.sum()
    model = LogisticRegression(C=C, max_iter=300, tol=1e-3, fit_intercept=False).fit(D[:, used], sign > 0, weight)
    coefficients = np.zeros((X.shape[1], 1), np.float32)
    coefficients[used, 0] = model.coef_[0]
    return Linear.rounded(slots, ("yes",), tables_of(slots, coefficients, features), np.zeros(1, np.float32))


def _used(X: sparse.csr_matrix) -> npt.NDArray[np.intp]:
    """The columns that two rows or more touch."""
    return np.flatnonzero(np.asarray((X != 0).sum(axis=0)).ravel() >= 2)


def tables_of(slots: Sequence[Slot], coefficients: FloatArray, features: WordFeatures) -> list[FloatArray]:
    """The coefficients of a design matrix as one table per slot; a word's row is the sum over its features."""
    tables, at = [], 0
    for slot in slots:
        width = features.matrix.shape[1] if slot.size == WORD else slot.size
        block = coefficients[at : at + width]
        at += width
        table = features.matrix @ block if slot.size == WORD else block
        tables.append(np.asarray(table, np.float32))
    return tables
