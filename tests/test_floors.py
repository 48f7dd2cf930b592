"""Accuracy floors: no task may fall below what it has reached on the test split of training_data.

tests/floors.json holds the floors, the hash of the articles that they were measured on, and for each a noise margin:
half the standard deviation of the score over resamples of those articles, which is about what a score moves by when
training data are edited without any task in mind. `python tests/test_floors.py --update` raises floors to what the
shipped models reach; it lowers one, or goes over to other articles, only with `--allow-regression`.
"""

import argparse
import hashlib
import json
import random
import statistics
import sys
from pathlib import Path

import pytest

from quoteattr.training.annotation import parse
from quoteattr.training.evaluate import Tally, evaluate, summary, tally_article

ROOT = Path(__file__).resolve().parents[1]
FLOORS = Path(__file__).resolve().with_name("floors.json")
RESAMPLES = 200

# where each measure stands in the summary of an evaluation
MEASURES = {
    "sentences F1": ("sentences", "f1"),
    "boilerplate F1": ("boilerplate", "f1"),
    "boilerplate kind accuracy": ("boilerplate", "kind_accuracy"),
    "article characters kept": ("boilerplate", "article_characters_kept"),
    "claims AUC": ("claims", "auc"),
    "claims F1": ("claims", "f1"),
    "direct quotes with speaker F1": ("quotes", "e2e", "direct", "f1"),
    "mixed quotes with speaker F1": ("quotes", "e2e", "mixed", "f1"),
    "indirect quotes with speaker F1": ("quotes", "e2e", "indirect", "f1"),
    "all quotes with speaker F1": ("quotes", "e2e", "all", "f1"),
    "all quotes without speaker F1": ("quotes", "over", "all", "f1"),
    "quote kind accuracy": ("quotes", "kind_accuracy"),
    "speaker accuracy": ("speakers", "accuracy"),
    "confidence calibration error": ("confidence", "calibration_error"),
    "claims calibration error": ("claims", "calibration_error"),
    "boilerplate calibration error": ("boilerplate", "calibration_error"),
}


def is_ceiling(measure):
    """Whether less is better."""
    return measure.endswith("error")


def test_articles():
    """The articles of the test split, and the SHA-256 over their names and bytes."""
    articles, digest = [], hashlib.sha256()
    for path in sorted((ROOT / "training_data" / "articles").glob("*.txt")):
        data = path.read_bytes()
        if b"\nsplit: test" in data:
            digest.update(path.name.encode() + b"\0" + data + b"\0")
            articles.append(parse(data.decode("utf-8"), path.name))
    return articles, digest.hexdigest()


test_articles.__test__ = False  # a helper


def scores_of(results):
    """The value of each measure in the summary of an evaluation."""
    scores = {}
    for measure, keys in MEASURES.items():
        value = results
        for key in keys:
            value = value[key]
        scores[measure] = value
    return scores


def passes(measure, score, floor, noise):
    return score <= floor + noise if is_ceiling(measure) else score >= floor - noise


def updated(old, new, allow_regression=False):
    """The floors after an update, and what would be a regression."""
    floors, worse = {}, []
    for measure, score in new.items():
        floor = old.get(measure, score)
        is_worse = score > floor if is_ceiling(measure) else score < floor
        if is_worse:
            worse.append(f"{measure}: {floor} -> {score}")
        floors[measure] = floor if is_worse and not allow_regression else score
    return floors, worse


# --- the floors ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def record():
    return json.loads(FLOORS.read_text("utf-8"))


@pytest.fixture(scope="module")
def measured(labeller):
    articles, digest = test_articles()
    return scores_of(evaluate(labeller, articles)[0]), digest


@pytest.mark.parametrize("measure", MEASURES)
def test_no_task_falls_below_its_floor(measure, measured, record):
    score, floor, noise = measured[0][measure], record["floors"][measure], record["noise"][measure]

    assert passes(measure, score, floor, noise), (
        f"{measure} is {score}, the {'ceiling' if is_ceiling(measure) else 'floor'} {floor} (noise {noise})"
    )


def test_the_floors_are_of_the_test_articles_as_they_are(measured, record):
    assert record["articles_sha256"] == measured[1], (
        "the test articles have changed: python tests/test_floors.py --update --allow-regression"
    )


def test_every_floor_is_of_a_measure(record):
    assert set(record["floors"]) == set(record["noise"]) == set(MEASURES)


def test_no_noise_margin_hides_a_collapse(record):
    assert {m: noise for m, noise in record["noise"].items() if not 0 < noise <= 0.02} == {}


def test_an_update_raises_floors_and_lowers_none():
    old = {"speaker accuracy": 0.8, "claims AUC": 0.9, "claims calibration error": 0.03}
    new = {"speaker accuracy": 0.7, "claims AUC": 0.95, "claims calibration error": 0.05}

    floors, worse = updated(old, new)

    assert floors == {"speaker accuracy": 0.8, "claims AUC": 0.95, "claims calibration error": 0.03}
    assert worse == ["speaker accuracy: 0.8 -> 0.7", "claims calibration error: 0.03 -> 0.05"]


def test_an_update_may_be_told_to_lower_floors():
    assert updated({"speaker accuracy": 0.8}, {"speaker accuracy": 0.7}, allow_regression=True)[0] == {
        "speaker accuracy": 0.7
    }


def test_a_score_within_the_noise_passes():
    assert passes("speaker accuracy", 0.796, 0.8, 0.005)
    assert not passes("speaker accuracy", 0.794, 0.8, 0.005)


def test_an_error_is_held_by_a_ceiling():
    assert passes("claims calibration error", 0.034, 0.03, 0.005)
    assert not passes("claims calibration error", 0.036, 0.03, 0.005)


# --- updating --------------------------------------------------------------------------------------------------------


def noise_of(labeller, articles):
    """Half the standard deviation of each measure over resamples of the articles."""
    tallies = []
    for article in articles:
        tallies.append(Tally())
        tally_article(article, labeller(article.text), tallies[-1])
    chance = random.Random(0)
    runs = []
    for _ in range(RESAMPLES):
        total = Tally()
        for tally in chance.choices(tallies, k=len(tallies)):
            total.counts.update(tally.counts)
            total.confidence += tally.confidence
            total.claims += tally.claims
            total.boilerplate += tally.boilerplate
        runs.append(scores_of(summary(total)))
    return {m: max(0.001, round(statistics.stdev(run[m] for run in runs) / 2, 4)) for m in MEASURES}


def main(arguments):
    """Show what the shipped models reach beside the floors; with --update write floors.json."""
    import quoteattr

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--update", action="store_true", help="raise the floors to what is reached")
    parser.add_argument("--allow-regression", action="store_true", help="with --update: lower floors too")
    options = parser.parse_args(arguments)
    labeller = quoteattr.load()
    articles, digest = test_articles()
    scores = scores_of(evaluate(labeller, articles)[0])
    record = json.loads(FLOORS.read_text("utf-8")) if FLOORS.exists() else {"floors": {}, "articles_sha256": digest}
    for measure, score in scores.items():
        print(
            f"{measure:32} {score:.4f}   {'ceiling' if is_ceiling(measure) else 'floor'} {record['floors'].get(measure)}"
        )
    if not options.update:
        return 0
    if record["articles_sha256"] != digest and not options.allow_regression:
        print("the test articles have changed, the old floors do not hold for them: add --allow-regression")
        return 1
    floors, worse = updated(record["floors"], scores, options.allow_regression)
    record = {
        "about": f"{len(articles)} articles of the test split; noise is half the standard deviation over {RESAMPLES} resamples of them",
        "model_version": labeller.model_version,
        "articles_sha256": digest,
        "floors": floors,
        "noise": noise_of(labeller, articles),
    }
    FLOORS.write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    print("\n".join(["worse than before:", *worse] if worse else ["nothing is worse than before"]))
    return 1 if worse and not options.allow_regression else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
