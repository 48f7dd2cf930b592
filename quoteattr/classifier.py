"""Sentences -> probabilities: boilerplate and its kind, factual claim.

Two stages. The first scores every sentence by its words, word pairs and shape alone. The second sees those scores
beside the ones of the neighbouring lines, the place in the text, repetition, and resemblance to the headline
(`quoteattr.features`): a menu item or a teaser is known by the company it keeps. Boosted trees decide on boilerplate
and claim, a linear scorer on the kind of boilerplate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from quoteattr.features import LABELS, SHAPE_SLOTS, Context, SentenceFeatures
from quoteattr.lexicon import Lexicon
from quoteattr.linear import FloatArray, Linear, sigmoid
from quoteattr.segmenter import Segmenter
from quoteattr.tokens import IntArray, Tokens
from quoteattr.trees import Trees

_LONE_PRIOR = 2.0  # log odds against boilerplate
__all__ = ["LABELS", "SHAPE_SLOTS", "SentenceClassifier", "SentenceScores", "first_stage"]


@dataclass(frozen=True, slots=True)
class SentenceScores:
    """For each sentence: probability of boilerplate and of claim, and the likeliest kind as an index."""

    boilerplate: FloatArray
    kind: IntArray
    claim: FloatArray

    def part(self, low: int, high: int) -> SentenceScores:
        """Those of some of the sentences."""
        return SentenceScores(self.boilerplate[low:high], self.kind[low:high], self.claim[low:high])


class SentenceClassifier:
    """Probabilities of boilerplate (with its kind) and of a factual claim.

    Parameters
    ----------
    words, pairs : float arrays
        Weights of each word, and of each pair of words (hashed): a column for each of `LABELS`, and one for claim. Pairs
        of categories follow those of words; only the claim has weights for them.
    shape : Linear
        Weights of the shape slots, for the same columns.
    boilerplate, claim : Trees
        The second stage.
    kind : float array
        The second stage for kinds: a row of weights for each feature of `Context.kinds`, and the bias as the last.
    lexicon : Lexicon, optional
        What texts are read with when the classifier is called on its own.

    Examples
    --------
    >>> from quoteattr import SentenceClassifier
    >>> scores = SentenceClassifier.load()("The council voted 7-2 on Monday to close the pool.\\n\\nAdvertisement")
    >>> [bool(p >= 0.5) for p in scores.boilerplate]
    [False, True]
    """

    def __init__(
        self,
        words: FloatArray,
        pairs: FloatArray,
        shape: Linear,
        boilerplate: Trees,
        claim: Trees,
        kind: FloatArray,
        lexicon: Lexicon | None = None,
    ):
        self.words, self.pairs, self.shape = words, pairs, shape
        self.boilerplate, self.claim, self.kind = boilerplate, claim, kind
        self.lexicon = lexicon

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

    def __call__(self, text: str) -> SentenceScores:
        """Probabilities of the sentences that `Segmenter` finds in a text; for a classifier that was loaded.

        Raises
        ------
        InputError
            If `text` is no str.
        """
        spans = Segmenter().spans(text)
        assert self.lexicon is not None, "only a loaded classifier has a lexicon of its own"
        return self.score(Tokens(text, self.lexicon.vocabulary), spans, self.lexicon)

    def score(
        self,
        tokens: Tokens,
        spans: Sequence[tuple[int, int]],
        lexicon: Lexicon,
        places: Sequence[tuple[int, int]] | None = None,
    ) -> SentenceScores:
        """Probabilities of the sentences of a text, or of several that were joined and stand at `places`."""
        if not spans:
            nothing = np.zeros(0, np.float32)
            return SentenceScores(nothing, np.zeros(0, np.int32), nothing)
        features = SentenceFeatures(tokens, spans, lexicon, places)
        first = first_stage(features, self.words, self.pairs, self.shape)
        context = Context(features, first)
        kinds = context.kinds() @ self.kind[:-1] + self.kind[-1]
        # A sentence on its own has no page around it that could tell: the first stage decides, and who asks about
        # one sentence seldom asks about a page's furniture.
        alone = (np.diff(features.sentence_from) == 1)[features.number]
        odds = np.where(alone, context.score - np.float32(_LONE_PRIOR), self.boilerplate.scores(context.boilerplate()))
        return SentenceScores(
            sigmoid(odds),
            kinds.argmax(axis=1).astype(np.int32),
            sigmoid(self.claim.scores(context.claims())),
        )


def first_stage(features: SentenceFeatures, words: FloatArray, pairs: FloatArray, shape: Linear) -> FloatArray:
    """Scores of each sentence from its own words and shape: (sentences, labels + claim)."""
    bag = features.sums(words[features.words] + pairs[features.pairs])
    bag[:, -1] += features.sums(pairs[features.patterns, -1])
    bag /= np.sqrt(features.length.astype(np.float32))[:, None]
    result: FloatArray = bag + shape.scores(features.slots)
    return result
