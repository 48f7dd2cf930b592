"""train, evaluate and info: models."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quoteattr._version import __version__
from quoteattr.cli.common import UsageError, add_model, checked, console, say, verb

if TYPE_CHECKING:
    from rich.console import RenderableType

    from quoteattr.cli.common import Verbs
    from quoteattr.labeller import Labeller
    from quoteattr.training.annotation import Article
    from quoteattr.training.evaluate import Error

    Evaluation = tuple[dict[str, Any], RenderableType, list[Error]]

_SHIPPED = "shipped"


def add_train(verbs: Verbs) -> None:
    parser = verb(
        verbs, "train", _train,
        """build a model bundle from annotated articles

The base is the library's own training_data. --data adds articles of yours: a folder of annotated articles, or what an
annotation tool exported, in any format that quoteattr convert reads. Articles without a split go to train; of those
with quotes some, chosen by the hash of their id, go to dev. Takes some three minutes; needs
pip install 'quoteattr[train]'.""",
        "quoteattr train",
        "quoteattr train --data corrections -o my_model",
        "quoteattr train --data corrections more.json --only-data -o my_model",
    )  # fmt: skip
    parser.add_argument("--data", nargs="+", default=[], metavar="PATH", help="train on these articles, too")
    parser.add_argument(
        "--only-data",
        action="store_true",
        help="leave the articles of the base out; its lexicons and parts of speech are still used",
    )
    parser.add_argument(
        "--base",
        metavar="FOLDER",
        help="holds articles/, lexicons/ and parts_of_speech/ (default: training_data of this folder, else the library's)",
    )
    parser.add_argument(
        "-o", "--output", default="models", metavar="FOLDER", help="the bundle to write (default: models)"
    )


def _train(arguments: argparse.Namespace) -> int:
    try:
        from quoteattr.training.annotation import training_data
        from quoteattr.training.build import train

        if arguments.only_data and not arguments.data:
            raise UsageError("--only-data leaves nothing to train on: name the articles with --data")
        base = Path(arguments.base) if arguments.base else training_data()
        facts = train(base, Path(arguments.output), say, [Path(path) for path in arguments.data], arguments.only_data)
    except ModuleNotFoundError as error:
        raise UsageError(f"training needs more packages ({error}): pip install 'quoteattr[train]'") from error
    say(f"model {facts['model_version']} written to {arguments.output}")
    return 0


def add_evaluate(verbs: Verbs) -> None:
    from quoteattr.training.annotation import SPLITS

    parser = verb(
        verbs, "evaluate", _evaluate,
        """score a model against annotated articles, or two against each other

--data takes a folder of annotated articles, or what an annotation tool exported, in any format that quoteattr convert
reads. --compare sets two models side by side, says which differences are more than chance, and lists article by article
what the second one mended and what it broke; 'shipped' is the model of the library.""",
        "quoteattr evaluate",
        "quoteattr evaluate --split dev --errors 20 --json scores.json",
        "quoteattr evaluate --compare shipped my_model --data corrections --split all",
        "quoteattr evaluate --polnear polnear/data/test",
    )  # fmt: skip
    corpus = parser.add_mutually_exclusive_group()
    corpus.add_argument(
        "--data", metavar="PATH", help="articles (default: training_data of this folder, else the library's)"
    )
    corpus.add_argument("--polnear", metavar="FOLDER", help="score quotes against a PolNeAR split instead")
    parser.add_argument("--split", choices=(*SPLITS, "all"), default="test", help="articles to score (default: test)")
    parser.add_argument(
        "--errors",
        type=checked(int, lambda n: n >= 0, "a count"),
        default=0,
        metavar="N",
        help="print the first N errors (not for PolNeAR)",
    )
    parser.add_argument("--json", metavar="OUT", help="write the scores to this file, too")
    model = parser.add_mutually_exclusive_group()
    add_model(model)
    model.add_argument(
        "--compare", nargs=2, metavar=("OLD", "NEW"), help="folders of two model bundles (not for PolNeAR)"
    )


def _evaluate(arguments: argparse.Namespace) -> int:
    import json

    if arguments.polnear and arguments.compare:
        raise UsageError("--compare works on annotated articles: leave --polnear out")
    score = _compare if arguments.compare else _score_polnear if arguments.polnear else _score_articles
    scores, view, errors = score(arguments)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(scores, indent=2) + "\n", encoding="utf-8")
    console().print(view, crop=False)
    for error in errors[: arguments.errors]:
        print(error)
    return 0


def _score_articles(arguments: argparse.Namespace) -> Evaluation:
    from quoteattr.labeller import load
    from quoteattr.render import scores_view
    from quoteattr.training.evaluate import evaluate

    scores, errors = evaluate(load(arguments.model), _articles(arguments))
    return scores, scores_view(scores), errors


def _compare(arguments: argparse.Namespace) -> Evaluation:
    from quoteattr.render import comparison_view
    from quoteattr.training.compare import compare

    old, new = (_bundle(path) for path in arguments.compare)
    comparison = compare(old, new, _articles(arguments))
    return comparison, comparison_view(comparison), []


def _bundle(path: str) -> Labeller:
    from quoteattr.labeller import load

    return load(None if path == _SHIPPED else path)


def _articles(arguments: argparse.Namespace) -> list[Article]:
    from quoteattr.exchange import read_articles
    from quoteattr.training.annotation import training_data

    path = Path(arguments.data) if arguments.data else training_data()
    articles = [a for a in read_articles(path) if arguments.split in (a.split, "all")]
    if not articles:
        raise UsageError(f"there are no articles of the split {arguments.split} in {path}: --split all takes every one")
    return articles


def _score_polnear(arguments: argparse.Namespace) -> Evaluation:
    from quoteattr.labeller import load
    from quoteattr.render import polnear_view
    from quoteattr.training.evaluate import evaluate_brat, read_polnear

    scores = evaluate_brat(load(arguments.model), read_polnear(Path(arguments.polnear)))
    return scores, polnear_view(scores), []


def add_info(verbs: Verbs) -> None:
    parser = verb(verbs, "info", _info, "print versions, and what the model bundle says of itself", "quoteattr info")
    add_model(parser)


def _info(arguments: argparse.Namespace) -> int:
    import platform

    import numpy as np

    from quoteattr import model

    bundle = model.read(arguments.model)
    facts = {
        "quoteattr": __version__,
        "Python": platform.python_version(),
        "numpy": np.__version__,
        "model bundle": bundle.path.resolve(),
        "model": bundle.manifest,
    }
    for name, value in _flat("", facts):
        print(f"{name}: {value}")
    return 0


def _flat(name: str, value: object) -> Iterator[tuple[str, object]]:
    if not isinstance(value, dict):
        yield name, value
        return
    for key, item in value.items():
        key = key.removeprefix("model_").replace("_", " ")
        yield from _flat(f"{name} {key}".lstrip(), item)
