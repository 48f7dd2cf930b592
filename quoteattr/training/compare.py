"""What changed from one model to another: totals with their uncertainty, and article by article what was mended and broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from quoteattr.document import Document
from quoteattr.training.annotation import Article
from quoteattr.training.evaluate import Error, Tally, tally_article

Labelling = Callable[[str], Document]
FloatArray = npt.NDArray[np.float64]

_RESAMPLES = 10_000
_RANK = {"missed": 2, "speaker": 1}  # a quote that is found, but with a wrong speaker, is halfway


def compare(old: Labelling, new: Labelling, articles: Sequence[Article]) -> dict[str, Any]:
    """Score two labellers on the same articles.

    Parameters
    ----------
    old, new : callable
        From a text to a Document.
    articles : sequence of Article

    Returns
    -------
    dict
        "totals": for each measure old and new score, their difference, its 95 % interval by bootstrap over the articles
        (None for a single article) and a verdict: "better" or "worse" if the interval lies on one side of 0, else
        "unclear", or "same". "articles": for each article with a change what was "fixed" and "broken", as the messages
        of the errors that went and came.
    """
    sides: list[list[Tally]] = []
    for labeller in (old, new):
        tallies = [Tally() for _ in articles]
        for article, tally in zip(articles, tallies):
            tally_article(article, labeller(article.text), tally)
        sides.append(tallies)
    before, after = sides
    changes = [{"id": a.id, **changes_of(b.errors, c.errors)} for a, b, c in zip(articles, before, after)]
    return {
        "articles_compared": len(articles),
        "totals": _totals([_ratios(t) for t in before], [_ratios(t) for t in after]),
        "articles": [change for change in changes if change["fixed"] or change["broken"]],
    }


def changes_of(old: Sequence[Error], new: Sequence[Error]) -> dict[str, list[str]]:
    """The messages of errors that went, and of errors that came; of one that changed, too, if it is better or worse."""
    before, after = ({_about(e): e for e in errors} for errors in (old, new))
    fixed, broken = [], []
    for about in sorted({*before, *after}, key=lambda about: about[1]):
        a, b = before.get(about), after.get(about)
        ranks = tuple(_RANK.get(e.what, 1) if e else 0 for e in (a, b))
        if a and ranks[0] > ranks[1]:
            fixed.append(a.message + (f"; now {b.message}" if b else ""))
        elif b and ranks[0] < ranks[1]:
            broken.append(b.message + (f"; was {a.message}" if a else ""))
    return {"fixed": fixed, "broken": broken}


def _about(error: Error) -> tuple[str, tuple[tuple[int, int], ...]]:
    """What an error is about: a quote that one labeller missed, and to which another gave a wrong speaker, is one thing."""
    return ("quote" if error.what in _RANK else error.what), error.spans


def _ratios(tally: Tally) -> dict[str, tuple[float, float]]:
    """Every measure of an article as a numerator and a denominator, which add up over articles."""
    c = tally.counts
    claims = [(score >= 0.5, truth) for score, truth in tally.claims]
    found = c["over gold all"]
    return {
        "boilerplate F1": (
            2 * c["boilerplate tp"],
            2 * c["boilerplate tp"] + c["boilerplate fp"] + c["boilerplate fn"],
        ),
        "boilerplate kind right": (c["kind right"], c["kind found"]),
        "characters of the article kept": (c["article characters kept"], c["article characters"]),
        "claims F1": (2 * sum(a and b for a, b in claims), sum(a + b for a, b in claims)),
        "quotes found F1": (2 * found, c["quotes gold all"] + c["quotes predicted all"]),
        "quotes with speaker F1": (2 * c["e2e gold all"], c["quotes gold all"] + c["quotes predicted all"]),
        "speaker right": (c["e2e gold all"], found),
    }


def _totals(
    before: Sequence[dict[str, tuple[float, float]]], after: Sequence[dict[str, tuple[float, float]]]
) -> dict[str, Any]:
    n = len(before)
    draws = np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), _RESAMPLES).astype(float)
    totals = {}
    for name in before[0]:
        ratios = [np.array([side[name] for side in tallies], float) for tallies in (before, after)]
        if not all(r[:, 1].any() for r in ratios):
            continue
        old, new = (_score(r.sum(axis=0)) for r in ratios)
        differences = _score(draws @ ratios[1]) - _score(draws @ ratios[0])
        interval = [round(float(x), 4) for x in np.nanpercentile(differences, (2.5, 97.5))] if n > 1 else None
        totals[name] = {
            "old": round(float(old), 4),
            "new": round(float(new), 4),
            "difference": round(float(new - old), 4),
            "interval": interval,
            "verdict": _verdict(float(new - old), interval),
        }
    return totals


def _score(sums: FloatArray) -> FloatArray:
    """The share that numerators have of denominators; not a number where there is nothing to count."""
    with np.errstate(invalid="ignore"):
        result: FloatArray = sums[..., 0] / sums[..., 1]
    return result


def _verdict(difference: float, interval: list[float] | None) -> str:
    if difference == 0:
        return "same"
    if interval and interval[0] > 0:
        return "better"
    return "worse" if interval and interval[1] < 0 else "unclear"
