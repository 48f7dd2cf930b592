"""training_data/, and whatever is added to it -> a bundle: everything is fitted here, to the same bytes on every run."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from quoteattr import model
from quoteattr._version import __version__
from quoteattr.attributor import CONFIDENCE_SLOTS, Attributor
from quoteattr.errors import AnnotationError
from quoteattr.exchange import read_articles
from quoteattr.lexicon import Lexicon
from quoteattr.linear import Linear
from quoteattr.quotations import QuotationModel
from quoteattr.training import parts_of_speech, quotations, sentences, speakers
from quoteattr.training.annotation import LAYERS, SPLITS, Article, read_folder
from quoteattr.training.fit import WordFeatures
from quoteattr.training.words import build_lexicon
from quoteattr.trees import Trees

_LEAST_TRAIN = 10  # fewer can't be fitted and scored in folds


def data_hash(folder: Path) -> str:
    """SHA-256 over the names and bytes of every file of training_data."""
    return _hash(folder.glob("*/*.txt"))


def _hash(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def train(
    folder: Path,
    out: Path,
    say: Callable[[str], None] = lambda _: None,
    data: Sequence[Path] = (),
    only_data: bool = False,
) -> dict[str, Any]:
    """Fit all models to training_data, and to more articles if there are, and write the bundle.

    Parameters
    ----------
    folder : Path
        Holds articles/, lexicons/ and parts_of_speech/.
    out : Path
        The bundle's folder.
    say : callable
        Told what is being done.
    data : sequence of Path
        More articles, in any format that `quoteattr.exchange` reads.
    only_data : bool
        Train on `data` alone: of `folder` only the lexicons and parts of speech are used.

    Returns
    -------
    dict
        What the manifest says.

    Raises
    ------
    AnnotationError
        If there are no articles, or one breaks its format.
    """
    # One thread: sums in one order, hence the same bytes on a second run.
    with threadpool_limits(1):
        return _train(folder, out, say, data, only_data)


def _train(
    folder: Path, out: Path, say: Callable[[str], None], data: Sequence[Path], only_data: bool
) -> dict[str, Any]:
    articles = [] if only_data else read_folder(folder / "articles")
    added = {path: read_articles(path) for path in data}
    articles += [article for more in added.values() for article in more]
    train_split = [a for a in articles if a.split == "train"]
    dev_split = [a for a in articles if a.split == "dev"]
    if not train_split or not dev_split:
        where = " and ".join(map(str, [*([] if only_data else [folder / "articles"]), *data]))
        raise AnnotationError(
            f"{where} needs articles of the splits train and dev; it has {len(articles)} articles: {_counts(articles)}"
        )
    for path, more in added.items():
        say(f"{path}: {_counts(more)}")
    say(f"{len(train_split)} articles to train on, {len(dev_split)} for calibration")
    lexicon = build_lexicon([a.text for a in train_split], folder / "lexicons")
    if len(train_split) < _LEAST_TRAIN:
        raise AnnotationError(f"{len(train_split)} articles are too few to train on: {_LEAST_TRAIN} are the least")
    for layer in LAYERS:
        if not any(layer in a.layers for a in train_split) or (
            layer == "quotes" and not any(layer in a.layers for a in dev_split)
        ):
            raise AnnotationError(
                f"no article has the layer {layer}, which a bundle needs: train together with training_data (without --only-data)"
            )
    features = WordFeatures(lexicon)
    say(f"parts of speech, {len(lexicon.vocabulary)} words")
    lexicon.tagger = parts_of_speech.fit_tagger(parts_of_speech.read_tagged_folder(folder, lexicon), features)
    say("sentence classifier")
    stages = sentences.fit_articles(train_split, lexicon, features)
    say("mentions and quotations")
    scorers, trees = fit_attribution(
        [a for a in train_split if "quotes" in a.layers],
        [a for a in dev_split if "quotes" in a.layers],
        lexicon,
        features,
    )
    digest = data_hash(folder)
    about = {
        "library": f">={__version__.rsplit('.', 1)[0]}",
        "licence": "CC0-1.0",
        "training_data_sha256": digest,
        "articles": {"train": len(train_split), "dev": len(dev_split)},
        "words": sum(len(a.text.split()) for a in train_split),
    }
    if data:
        about |= _about_added(added, only_data)
    return model.write(out, lexicon, stages, scorers, trees, about)


def _about_added(added: Mapping[Path, list[Article]], only_data: bool) -> dict[str, Any]:
    """What the manifest says of a bundle that was not trained on training_data alone."""
    entries = [
        {"name": path.resolve().name, "sha256": _hash(_files(path)), "articles": dict(_splits(articles))}
        for path, articles in added.items()
    ]
    return {
        "licence": "that of the data it was trained on; training_data is CC0-1.0",
        "training_data_used": "lexicons, parts of speech" if only_data else "articles, lexicons, parts of speech",
        "added_data": entries,
    }


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]


def _splits(articles: Iterable[Article]) -> Counter[str]:
    counts = Counter(a.split for a in articles)
    return Counter({split: counts[split] for split in SPLITS})


def _counts(articles: Iterable[Article]) -> str:
    return ", ".join(f"{n} {split}" for split, n in _splits(articles).items())


def fit_attribution(
    train_split: list[Article], dev_split: list[Article], lexicon: Lexicon, features: WordFeatures
) -> tuple[dict[str, Linear], dict[str, Trees]]:
    """Every scorer of the attributor, by its name in the bundle: linear ones and trees."""
    data = [(a, quotations.analyse(a, lexicon)) for a in train_split]
    found = quotations.cross_mentions(data, features)
    scorers = quotations.fit_quotations(data, found, features)
    scorers["free"] = quotations.fit_free(data, features)
    ends, acceptance = quotations.fit_second(data, found, features)
    taggers = quotations.fit_taggers(data, features)
    scorers["mention first"], scorers["mention second"] = taggers
    scorers["speaker"] = speakers.fit_ranker(data, found, features)
    model = QuotationModel(scorers, ends, acceptance)
    attributor = Attributor(lexicon, taggers, model, scorers["speaker"], _no_confidence())
    unseen = [(a, quotations.analyse(a, lexicon)) for a in dev_split]
    scorers["confidence"] = speakers.fit_confidence(unseen, attributor, features)
    return scorers, {"ends": ends, "acceptance": acceptance}


def _no_confidence() -> Linear:
    return Linear.rounded(
        CONFIDENCE_SLOTS,
        ("yes",),
        [np.zeros((s.size, 1), np.float32) for s in CONFIDENCE_SLOTS],
        np.zeros(1, np.float32),
    )
