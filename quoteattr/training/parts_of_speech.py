"""From training_data/parts_of_speech to the taggers of parts of speech."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from quoteattr.analysis import Analysis
from quoteattr.errors import AnnotationError
from quoteattr.lexicon import PARTS, Lexicon
from quoteattr.linear import Linear
from quoteattr.parts_of_speech import FIRST_SLOTS, SECOND_SLOTS, PartTagger, first_columns, only_part, second_columns
from quoteattr.tokens import SHAPES, IntArray, Tokens
from quoteattr.training.fit import WordFeatures, fit

LETTERS = "ZNPVBGEXARDOWSTYICMK"  # of PARTS, in their order
_TAGGED = re.compile(r"(\w+(?:-\w+)*)/(\w)")
_MARK, _LOWER = SHAPES.index("mark"), SHAPES.index("lower")
_SETTLED = 20  # a word that was one part so often, and nothing else, is no other
_FOLDS = 5
_C = 0.5
_FINAL = (".", "?", "!", "”", '"', "’")

Tagged = tuple[Analysis, IntArray]  # tokens, and the part of each; -1 for marks


def read_tagged(path: Path, lexicon: Lexicon) -> Tagged:
    """A file of tagged sentences, one a line: "He/O said/V no/Z."

    Raises
    ------
    AnnotationError
        If a word has no tag, or one that there is not.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    plain = [_TAGGED.sub(r"\1", line) for line in lines]
    ends = np.cumsum([len(line) + 1 for line in plain]) - 1
    spans = [(int(end) - len(line), int(end)) for end, line in zip(ends, plain)]
    # As in an article most sentences follow one that ends on their line; a headline stands alone.
    text = "".join(line + (" " if line.endswith(_FINAL) else "\n") for line in plain)
    a = Analysis(Tokens(text, lexicon.vocabulary), lexicon, spans, [False] * len(spans))
    words = np.flatnonzero(a.shapes > _MARK)
    letters = ""
    for number, (line, sentence) in enumerate(zip(lines, plain)):
        tagged = _TAGGED.findall(line)
        own = [a.word(at) for at in words[a.sentence[words] == number].tolist()]
        wrong = [f"{word}/{tag}" for word, tag in tagged if tag not in LETTERS]
        if wrong or own != [word for word, _ in tagged]:
            why = f"{wrong[0]}: there is no such tag" if wrong else f"not every word of {sentence!r:.80} has a tag"
            raise AnnotationError(f"{path.name}:{number + 1}: {why}; write word/T with T one of {LETTERS}")
        letters += "".join(tag for _, tag in tagged)
    parts = np.full(len(a), -1, np.int32)
    parts[words] = [LETTERS.index(letter) for letter in letters]
    return a, parts


def read_tagged_folder(folder: Path, lexicon: Lexicon) -> list[Tagged]:
    """The tagged sentences of training_data to train on.

    Raises
    ------
    AnnotationError
        If there are none.
    """
    paths = sorted((folder / "parts_of_speech").glob("train-*.txt"))
    if not paths:
        raise AnnotationError(f"{folder / 'parts_of_speech'} has no sentences to train on: no train-*.txt")
    return [read_tagged(path, lexicon) for path in paths]


def fit_tagger(data: Sequence[Tagged], features: WordFeatures) -> PartTagger:
    """Both taggers; the second is fitted to what the first makes of sentences that it has not seen."""
    only = _only(data)
    part = [only_part(a, only) for a, _ in data]
    at = [np.flatnonzero(own < 0).astype(np.int32) for own in part]
    columns = [first_columns(a, own) for (a, _), own in zip(data, at)]
    labels = [parts[own] for (_, parts), own in zip(data, at)]
    fold = [a.sentence[own] % _FOLDS for (a, _), own in zip(data, at)]

    def fit_first(keep: Sequence[npt.NDArray[np.bool_]]) -> Linear:
        rows = [np.concatenate([c[k] for c, k in zip(column, keep)]) for column in zip(*columns)]
        return fit(FIRST_SLOTS, rows, np.concatenate([own[k] for own, k in zip(labels, keep)]), PARTS, features, _C)

    scores = [np.zeros((len(own), len(PARTS)), np.float32) for own in at]
    for n in range(_FOLDS):
        tagger = fit_first([own != n for own in fold])
        for unseen, own, rows in zip(scores, fold, columns):
            unseen[own == n] = tagger.scores([c[own == n] for c in rows])
    second = [second_columns(a, asked, own, first) for (a, _), asked, own, first in zip(data, at, part, scores)]
    rows = [np.concatenate(c) for c in zip(*second)]
    everything = [np.ones(len(own), bool) for own in at]
    return PartTagger(only, fit_first(everything), fit(SECOND_SLOTS, rows, np.concatenate(labels), PARTS, features, _C))


def _only(data: Sequence[Tagged]) -> IntArray:
    """The part of each word that was seen often and was never another one; -1 for the others."""
    counts = np.zeros((len(data[0][0].lexicon.vocabulary), len(PARTS)), np.int32)
    for a, parts in data:
        seen = (parts >= 0) & (a.shapes == _LOWER)
        np.add.at(counts, (a.words[seen], parts[seen]), 1)
    total = counts.sum(axis=1)
    return np.where((counts.max(axis=1) == total) & (total >= _SETTLED), counts.argmax(axis=1), -1).astype(np.int32)
