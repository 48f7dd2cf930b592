"""Sentences -> probabilities: boilerplate and its kind, factual claim.

Two stages. The first scores every sentence by its words, word pairs and shape alone. The second sees those scores
beside the ones of the neighbouring lines, the place in the text, repetition, and resemblance to the headline
(`quoteattr.features`): a menu item or a teaser is known by the company it keeps. Boosted trees decide on boilerplate
and claim, a linear scorer on the kind of boilerplate.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from quoteattr.analysis import BoolArray
from quoteattr.chain import smoothed
from quoteattr.document import BOILERPLATE_KINDS
from quoteattr.errors import InputError, ModelError
from quoteattr.features import LABELS, SHAPE_SLOTS, Context, SentenceFeatures
from quoteattr.lexicon import Lexicon
from quoteattr.linear import FloatArray, Linear, product, sigmoid, softmax
from quoteattr.segmenter import Segmenter
from quoteattr.tokens import IntArray, Tokens, join
from quoteattr.trees import Trees

if TYPE_CHECKING:
    from sklearn.utils import Tags

_TOP, _HEADS = 15, 4  # sentences among which a headline is given again, and that may be one
_FEWEST = 4  # words of a headline, and of half a sentence
_STANDFIRST, _MOSTLY = 12, 0.6  # words of a standfirst, at least; share of capitals in a byline, of words in a headline
_ABOUT, _SHORTEST = 1.5, 3  # words of a headline that the prose has, times their share; words of a headline
_SURE = 2.0  # log odds
_FURNITURE = BOILERPLATE_KINDS.index("furniture")
_IS_OPEN = re.compile(r"[\w,;\u2013\u2014-]\Z")
# Log odds against boilerplate: to lose the article's prose is worse than to keep a teaser. Appeals are prose themselves.
_PROSE_PRIOR = 0.9
# How probable it is that a sentence is article or boilerplate as the one before it: prose goes with prose, and what ends
# like a sentence with the sentence before it on its line.
_SAME, _SAME_PROSE = 0.67, 0.9
_APPEALS = [BOILERPLATE_KINDS.index(kind) for kind in ("donation", "consent", "subscribe", "newsletter")]
_LONE_PRIOR = 2.0  # log odds against boilerplate
_BLOCK = 256  # pages that are read at a time
CLAIM, BOILERPLATE = "claim", "boilerplate"
TAGS = (*LABELS, CLAIM)  # what lines can be labelled with, besides BOILERPLATE where kinds don't matter
__all__ = ["LABELS", "SHAPE_SLOTS", "SentenceClassifier", "SentenceScores", "Stages", "first_stage"]

Line = str | tuple[Any, str]


@dataclass(frozen=True, slots=True)
class SentenceScores:
    """For each sentence: probability of boilerplate, scores of its kinds, probability of a claim."""

    boilerplate: FloatArray
    kinds: FloatArray
    claim: FloatArray

    @property
    def kind(self) -> IntArray:
        """The likeliest kind, as an index into `BOILERPLATE_KINDS`."""
        likeliest: IntArray = self.kinds.argmax(axis=1).astype(np.int32)
        return likeliest

    def part(self, low: int, high: int) -> SentenceScores:
        """Those of some of the sentences."""
        return SentenceScores(self.boilerplate[low:high], self.kinds[low:high], self.claim[low:high])

    @classmethod
    def join(cls, parts: Sequence[SentenceScores]) -> SentenceScores:
        """Those of all parts, in order."""
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in cls.__slots__))


@dataclass(frozen=True, slots=True)
class Stages:
    """What fitting gives: the arrays of both stages.

    Attributes
    ----------
    words, pairs : int8 arrays
        Weights, in steps of `step`, of each word, and of each pair of words (hashed): a column for each of `LABELS`, and one for claim. Pairs
        of categories follow those of words; only the claim has weights for them.
    step : float
    shape : Linear
        Weights of the shape slots, for the same columns.
    boilerplate, claim : Trees
        The second stage.
    kind : float array
        The second stage for kinds: a row of weights for each feature of `Context.kinds`, and the bias as the last.
    """

    words: npt.NDArray[np.int8]
    pairs: npt.NDArray[np.int8]
    step: float
    shape: Linear
    boilerplate: Trees
    claim: Trees
    kind: FloatArray


class SentenceClassifier:
    """Tells article, factual claims and boilerplate (with its kind) apart, line by line.

    It follows the conventions of scikit-learn, which only `fit` needs: ``pip install 'quoteattr[train]'``. A sample is a
    line (a sentence, a heading, a button) and the page it stands on, as a pair (page, line); lines of a page are given in
    order, and a page is whatever tells it from others: a number, an address. A line without a page, a plain str, is
    judged by its words alone. In cross-validation keep pages whole (``GroupKFold``).

    Parameters
    ----------
    c_label, c_claim, c_kind : float
        Inverse strength of regularisation of the linear models: labels, claim, kind in the second stage.
    folds : int
        Parts of the pages whose first-stage scores come from the others.
    rounds : int
        Variants made of each page.
    variant_weight : float
        How much a variant's sentences count.
    shrink, shift : float
        Scores of variants are multiplied by shrink .. 1, and the article's is moved by a normal deviate of this size:
        on pages by other hands the first stage is less sure of itself than on those it knows.
    rare_weight : float
        How much donation appeals and captions count: they look like prose, and there are few.

    Attributes
    ----------
    classes_ : array of str
        The labels it was fitted to, sorted.
    stages_ : Stages
        The fitted arrays.
    lexicon_ : Lexicon
        The words that lines are read with.

    Examples
    --------
    >>> from quoteattr import SentenceClassifier
    >>> classifier = SentenceClassifier.load()
    >>> story = (
    ...     "The council voted 7-2 on Monday to close the pool.",
    ...     "Its leader said the repairs would have cost £2.4m, three times what the town can spend.",
    ... )
    >>> page = ["Menu", *story, "Advertisement"]
    >>> classifier.predict([("my page", line) for line in page]).tolist()
    ['navigation', 'claim', 'claim', 'ad']
    """

    _estimator_type = "classifier"  # for scikit-learn before 1.6

    def __init__(
        self,
        *,
        c_label: float = 1.0,
        c_claim: float = 1.0,
        c_kind: float = 0.1,
        folds: int = 5,
        rounds: int = 4,
        variant_weight: float = 0.25,
        shrink: float = 0.4,
        shift: float = 0.7,
        rare_weight: float = 2.5,
    ):
        self.c_label, self.c_claim, self.c_kind = c_label, c_claim, c_kind
        self.folds, self.rounds, self.variant_weight = folds, rounds, variant_weight
        self.shrink, self.shift, self.rare_weight = shrink, shift, rare_weight

    @classmethod
    def load(cls, path: Path | str | None = None) -> SentenceClassifier:
        """The classifier of a model bundle; of the shipped one by default.

        Raises
        ------
        ModelError
            If there is no bundle, or a damaged or foreign one.
        """
        from quoteattr import model  # the bundle knows its parts, not the parts the bundle

        return model.read(path).classifier

    @classmethod
    def fitted(cls, stages: Stages, lexicon: Lexicon) -> SentenceClassifier:
        """A classifier of whole pages with stages that were fitted before."""
        self = cls()
        self.stages_, self.lexicon_ = stages, lexicon
        self.classes_ = np.array(sorted(TAGS))
        self._lone_prior = _LONE_PRIOR
        return self

    # --- scikit-learn's conventions ----------------------------------------------------------------------------------

    def fit(self, X: Sequence[Line], y: Sequence[str]) -> SentenceClassifier:
        """Fit to labelled lines.

        Parameters
        ----------
        X : sequence of (page, line) or of str
            Lines, those of a page in order.
        y : sequence of str
            For each line "article", "claim" or one of `BOILERPLATE_KINDS`; or, for all boilerplate, "boilerplate".

        Returns
        -------
        SentenceClassifier
            Itself.

        Raises
        ------
        InputError
            If lines or labels can't be used; the message names the first.
        ModelError
            If scikit-learn is not installed.
        """
        from quoteattr import model

        try:
            from quoteattr.training.sentences import fit_lines
        except ModuleNotFoundError as error:
            raise ModelError(f"fitting needs more packages ({error}): pip install 'quoteattr[train]'") from error
        pages, labels = _pages(X), _labels(y, len(X))
        if len(pages) < 2:
            raise InputError("all lines are of one page: to fit, give two pages or more, or lines without a page")
        self.lexicon_ = model.read().lexicon
        self.classes_ = np.unique(labels)
        self.stages_ = fit_lines([(page.lines, labels[page.rows]) for page in pages], self.lexicon_, self)
        # Who fits to single lines asks about single lines.
        self._lone_prior = _LONE_PRIOR if any(len(page.rows) > 1 for page in pages) else 0.0
        return self

    def predict_proba(self, X: Sequence[Line]) -> FloatArray:
        """Probability of each of `classes_` for each line: an array of shape (lines, classes).

        Raises
        ------
        InputError
            If a line can't be used.
        ModelError
            If the classifier has not been fitted.
        """
        boilerplate, every = self._every_probability(X)
        columns = [boilerplate if c == BOILERPLATE else every[:, TAGS.index(c)] for c in self.classes_.tolist()]
        result: FloatArray = np.column_stack(columns)
        result /= result.sum(axis=1, keepdims=True).clip(1e-9)
        return result

    def predict(self, X: Sequence[Line]) -> npt.NDArray[np.str_]:
        """The label of each line, as `Labeller` decides: boilerplate from 0.5 on, then its kind; claim from 0.5 on.

        Raises
        ------
        InputError
            If a line can't be used.
        ModelError
            If the classifier has not been fitted.
        """
        every = self.predict_proba(X)
        article, claim = np.isin(self.classes_, ("article", CLAIM)), self.classes_ == CLAIM
        bad = every[:, ~article].sum(axis=1) >= 0.5
        every[np.ix_(bad, article)] = 0
        every[np.ix_(~bad, ~article)] = 0
        if "article" in self.classes_:
            every[:, claim] *= every[:, claim] >= 0.5
        labels: npt.NDArray[np.str_] = self.classes_[every.argmax(axis=1)]
        return labels

    def score(self, X: Sequence[Line], y: Sequence[str]) -> float:
        """The share of lines that `predict` labels as given."""
        return float(np.mean(self.predict(X) == _labels(y, len(X))))

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002
        """The parameters by name."""
        return {name: getattr(self, name) for name in signature(type(self)).parameters}

    def set_params(self, **params: Any) -> SentenceClassifier:
        """Set parameters by name.

        Raises
        ------
        ValueError
            If there is no such parameter.
        """
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise ValueError(f"SentenceClassifier has no parameter {name!r}; it has {', '.join(known)}")
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Tags:
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(),
            input_tags=InputTags(two_d_array=False, string=True),
        )

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "stages_")

    def __repr__(self) -> str:
        changed = {n: v for n, v in self.get_params().items() if v != signature(type(self)).parameters[n].default}
        return f"SentenceClassifier({', '.join(f'{name}={value!r}' for name, value in changed.items())})"

    # --- Texts -------------------------------------------------------------------------------------------------------

    def __call__(self, text: str) -> SentenceScores:
        """Probabilities of the sentences that `Segmenter` finds in a text.

        Raises
        ------
        InputError
            If `text` is no str.
        ModelError
            If the classifier has not been fitted.
        """
        self._check_fitted()
        spans = Segmenter().spans(text)
        return self.read(Tokens(text, self.lexicon_.vocabulary), spans, self.lexicon_)

    def read(
        self,
        tokens: Tokens,
        spans: Sequence[tuple[int, int]],
        lexicon: Lexicon,
        places: Sequence[tuple[int, int]] | None = None,
    ) -> SentenceScores:
        """Probabilities of the sentences of a text, or of several that were joined and stand at `places`."""
        if not spans:
            nothing = np.zeros(0, np.float32)
            return SentenceScores(nothing, np.zeros((0, len(LABELS) - 1), np.float32), nothing)
        stages = self.stages_
        features = SentenceFeatures(tokens, spans, lexicon, places)
        first = first_stage(features, stages.words, stages.pairs, stages.step, stages.shape)
        context = Context(features, first)
        kinds = product(context.kinds(), stages.kind[:-1]) + stages.kind[-1]
        # A sentence on its own has no page around it that could tell: the first stage decides, and who asks about
        # one sentence seldom asks about a page's furniture.
        alone = (np.diff(features.sentence_from) == 1)[features.number]
        odds = np.where(
            alone, context.score - np.float32(self._lone_prior), stages.boilerplate.scores(context.boilerplate())
        )
        doubtful = features.ends_prose & ~np.isin(kinds.argmax(axis=1), _APPEALS)
        odds -= np.float32(_PROSE_PRIOR) * doubtful
        odds = smoothed(odds, _same(features, doubtful))
        _keep_headlines(features, context, odds)
        _keep_standfirsts(features, odds, kinds)
        _drop_second_headlines(tokens.text, features, odds, kinds)
        _keep_second_halves(tokens.text, features, odds)
        return SentenceScores(sigmoid(odds), kinds, sigmoid(stages.claim.scores(context.claims())))

    def _every_probability(self, X: Sequence[Line]) -> tuple[FloatArray, FloatArray]:
        """Of each line: the probability of boilerplate, and of each of `TAGS`."""
        self._check_fitted()
        boilerplate, every = np.zeros(len(X), np.float32), np.zeros((len(X), len(TAGS)), np.float32)
        pages = _pages(X)
        for i in range(0, len(pages), _BLOCK):
            block = pages[i : i + _BLOCK]
            text, places = join(["\n".join(page.lines) for page in block])
            spans = [(s + at, e + at) for (at, _), page in zip(places, block) for s, e in line_spans(page.lines)]
            scores = self.read(Tokens(text, self.lexicon_.vocabulary), spans, self.lexicon_, places)
            rows = [row for page in block for row in page.rows]
            bad = scores.boilerplate
            boilerplate[rows] = bad
            every[rows, 0] = (1 - bad) * (1 - scores.claim)
            every[rows, 1:-1] = bad[:, None] * softmax(scores.kinds)
            every[rows, -1] = (1 - bad) * scores.claim
        return boilerplate, every

    def _check_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise ModelError(
                "this SentenceClassifier has not been fitted: call fit(X, y), or SentenceClassifier.load()"
            )


class _Page(NamedTuple):
    """The lines of a page without white space around them, and where they stand in X."""

    lines: list[str]
    rows: list[int]


def _pages(X: Sequence[Line]) -> list[_Page]:
    """Lines by page; one without a page is a page of its own."""
    if isinstance(X, str):
        raise InputError("X is a sequence of lines, not a str: pass text.splitlines() without the empty ones")
    pages: dict[Any, _Page] = {}
    for row, item in enumerate(X):
        key, line = ((None, row), item) if isinstance(item, str) else _pair(row, item)
        if not isinstance(line, str):
            raise InputError(f"line {row} is no str but {type(line).__name__}: {line!r:.60}")
        stripped = line.strip()
        if not stripped or len(stripped.splitlines()) > 1:
            raise InputError(f"line {row} is {'empty' if not stripped else 'several lines'}: {line!r:.60}")
        page = pages.setdefault(key, _Page([], []))
        page.lines.append(stripped)
        page.rows.append(row)
    return list(pages.values())


def _pair(row: int, item: Any) -> tuple[Any, Any]:
    try:
        page, line = item
    except (TypeError, ValueError):
        raise InputError(f"line {row} is neither a str nor a pair (page, line): {item!r:.60}") from None
    return (page,), line


def _labels(y: Sequence[str], n: int) -> npt.NDArray[np.str_]:
    """The labels as an array, checked."""
    labels = np.asarray(y)
    if labels.shape != (n,):
        raise InputError(f"there are {n} lines but labels of shape {labels.shape}: give one label a line")
    given = set(labels.tolist())
    unknown = sorted(map(str, given - {*TAGS, BOILERPLATE}))
    if unknown:
        raise InputError(f"unknown label {unknown[0]!r}: there are {', '.join((*TAGS, BOILERPLATE))}")
    if BOILERPLATE in given and given & set(LABELS[1:]):
        raise InputError("labels are 'boilerplate' or its kinds, not both")
    return labels.astype(np.str_)


def line_spans(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Where lines stand when they are joined by line breaks."""
    spans, at = [], 0
    for line in lines:
        spans.append((at, at + len(line)))
        at += len(line) + 1
    return spans


def _same(f: SentenceFeatures, prose: BoolArray) -> FloatArray:
    """How probable it is that each sentence is article or boilerplate as the one before it is.

    `prose` are the sentences of prose that are no appeals: an appeal may stand alone in an article.
    """
    alike = (f.ended[1:] & f.ended[:-1] & (f.line[1:] == f.line[:-1])) | (prose[1:] & prose[:-1])
    same = np.append([0.5], np.where(alike, _SAME_PROSE, _SAME))
    same[f.sentence_from[:-1]] = 0.5
    return same.astype(np.float32)


def _keep_headlines(f: SentenceFeatures, context: Context, odds: FloatArray) -> None:
    """The first of the lines above the prose that hold most of what the prose is about is the headline."""
    value, of_best = context.as_headline
    likely = np.flatnonzero(
        (of_best == 1) & (value >= _ABOUT) & (f.length >= _SHORTEST) & (context.cohesion >= _MOSTLY)
    )
    _, first = np.unique(f.number[likely], return_index=True)
    headlines = likely[first]
    doubtful = headlines[odds[headlines] < _SURE]
    odds[doubtful] = np.minimum(odds[doubtful], -_SURE)


def _keep_standfirsts(f: SentenceFeatures, odds: FloatArray, kinds: FloatArray) -> None:
    """A sentence right under the headline that only looks like a byline ("..., reports Ann Foy") is the standfirst."""
    second = f.sentence_from[:-1][np.diff(f.sentence_from) > 1] + 1
    likely = (kinds[second].argmax(axis=1) == _FURNITURE) & (odds[second - 1] < 0) & (f.length[second] >= _STANDFIRST)
    likely &= (f.line[second] > f.line[second - 1]) & (f.capital[second] < _MOSTLY) & (f.digits[second] == 0)
    odds[second[likely]] = np.minimum(odds[second[likely]], -_SURE)


def _drop_second_headlines(text: str, f: SentenceFeatures, odds: FloatArray, kinds: FloatArray) -> None:
    """A headline given again near the top is furniture, whatever else it looks like."""
    place = np.arange(len(f)) - f.sentence_from[f.number]
    again = (f.copies[:, 0] > 0) & (place < _TOP) & (f.length >= _FEWEST) & ~f.ends_prose
    for i in np.flatnonzero(again).tolist():
        start = f.sentence_from[f.number[i]]
        heads = [text[a:b].casefold() for a, b in f.spans[start : min(start + _HEADS, i)]]
        if text[slice(*f.spans[i])].casefold() in heads:
            odds[i] = max(odds[i], _SURE)
            kinds[i, _FURNITURE] = kinds[i].max() + _SURE


def _keep_second_halves(text: str, f: SentenceFeatures, odds: FloatArray) -> None:
    """What goes on with a sentence (no headline) that a dropped line had cut in two is article, as its first half is."""
    kept = last = -1
    for i in np.flatnonzero(odds >= 0).tolist():
        if i > last + 1:
            kept = i - 1
        last = i
        is_cut = f.sentence_from[f.number[i]] < kept < i - 1 and f.length[kept] >= _FEWEST
        if is_cut and text[f.spans[i][0]].islower() and _IS_OPEN.search(text, *f.spans[kept]):
            odds[i] = -_SURE
            kept = i


def first_stage(
    features: SentenceFeatures,
    words: npt.NDArray[np.int8],
    pairs: npt.NDArray[np.int8],
    step: float,
    shape: Linear,
) -> FloatArray:
    """Scores of each sentence from its own words and shape: (sentences, labels + claim)."""
    bag = features.sums(np.add(words[features.words], pairs[features.pairs], dtype=np.float32))
    bag[:, -1] += features.sums(pairs[features.patterns, -1].astype(np.float32))
    bag *= step / np.sqrt(features.length.astype(np.float32))[:, None]
    result: FloatArray = bag + shape.scores(features.slots)
    return result
