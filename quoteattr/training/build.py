"""training_data/ -> models/: everything that ships is fitted here, to the same bytes on every run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from quoteattr import model
from quoteattr._version import __version__
from quoteattr.attributor import CONFIDENCE_SLOTS, Attributor
from quoteattr.errors import AnnotationError
from quoteattr.lexicon import Lexicon
from quoteattr.linear import Linear
from quoteattr.quotations import QuotationModel
from quoteattr.training import quotations, sentences, speakers
from quoteattr.training.annotation import Article, read_folder
from quoteattr.training.fit import WordFeatures
from quoteattr.training.words import build_lexicon

_LEAST_TRAIN = 10  # fewer can't be fitted and scored in folds


def data_hash(folder: Path) -> str:
    """SHA-256 over the names and bytes of every training file."""
    digest = hashlib.sha256()
    for path in sorted([*(folder / "articles").glob("*.txt"), *(folder / "lexicons").glob("*.txt")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def train(folder: Path, out: Path, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Fit all models to training_data and write the bundle.

    Parameters
    ----------
    folder : Path
        Holds articles/ and lexicons/.
    out : Path
        The bundle's folder.
    say : callable
        Told what is being done.

    Returns
    -------
    dict
        What the manifest says.

    Raises
    ------
    AnnotationError
        If there are no articles, or one breaks the format.
    """
    # One thread: sums in one order, hence the same bytes on a second run.
    with threadpool_limits(1):
        return _train(folder, out, say)


def _train(folder: Path, out: Path, say: Callable[[str], None]) -> dict[str, Any]:
    articles = read_folder(folder / "articles")
    train_split = [a for a in articles if a.split == "train"]
    dev_split = [a for a in articles if a.split == "dev"]
    if not train_split or not dev_split:
        raise AnnotationError(
            f"{folder / 'articles'} needs articles of the splits train and dev; it has {len(articles)} articles"
        )
    say(f"{len(train_split)} articles to train on, {len(dev_split)} for calibration")
    lexicon = build_lexicon([a.text for a in train_split], folder / "lexicons")
    if len(train_split) < _LEAST_TRAIN:
        raise AnnotationError(f"{len(train_split)} articles are too few to train on: {_LEAST_TRAIN} are the least")
    features = WordFeatures(lexicon)
    say(f"sentence classifier, {len(lexicon.vocabulary)} words")
    stages = sentences.fit_articles(train_split, lexicon, features)
    say("mentions and quotations")
    scorers = fit_attribution(train_split, dev_split, lexicon, features)
    digest = data_hash(folder)
    about = {
        "model_version": f"{__version__}+{digest[:8]}",
        "library": f">={__version__.rsplit('.', 1)[0]}",
        "licence": "CC0-1.0",
        "training_data_sha256": digest,
        "articles": {"train": len(train_split), "dev": len(dev_split)},
        "words": sum(len(a.text.split()) for a in train_split),
    }
    model.write(out, lexicon, stages, scorers, about)
    return about


def fit_attribution(
    train_split: list[Article], dev_split: list[Article], lexicon: Lexicon, features: WordFeatures
) -> dict[str, Linear]:
    """Every scorer of the attributor, by its name in the bundle."""
    data = [(a, quotations.analyse(a, lexicon)) for a in train_split]
    found = quotations.cross_mentions(data, features)
    scorers = quotations.fit_quotations(data, found, features)
    scorers["free"] = quotations.fit_free(data, features)
    taggers = quotations.fit_taggers(data, features)
    scorers["mention first"], scorers["mention second"] = taggers
    scorers["speaker"] = speakers.fit_ranker(data, found, features)
    attributor = Attributor(lexicon, taggers, QuotationModel(scorers), scorers["speaker"], _no_confidence())
    unseen = [(a, quotations.analyse(a, lexicon)) for a in dev_split]
    scorers["confidence"] = speakers.fit_confidence(unseen, attributor, features)
    return scorers


def _no_confidence() -> Linear:
    return Linear(
        CONFIDENCE_SLOTS,
        ("yes",),
        [np.zeros((s.size, 1), np.float32) for s in CONFIDENCE_SLOTS],
        np.zeros(1, np.float32),
    )
