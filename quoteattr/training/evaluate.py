"""Scores of a labeller against annotated articles: our own format, and brat stand-off as PolNeAR publishes it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from quoteattr.attributor import KINDS
from quoteattr.document import Document, Quote
from quoteattr.errors import AnnotationError
from quoteattr.training.annotation import Article, GoldQuote, best_mention

_WORD = re.compile(r"\w+(?:['’.\-]\w+)*")
Spans = Sequence[tuple[int, int]]


def f_score(hits_gold: float, gold: float, hits_predicted: float, predicted: float) -> dict[str, float]:
    """Precision, recall and F1."""
    p, r = hits_predicted / predicted if predicted else 0.0, hits_gold / gold if gold else 0.0
    return {"p": round(p, 4), "r": round(r, 4), "f1": round(2 * p * r / (p + r), 4) if p + r else 0.0}


def calibration_error(scores: npt.ArrayLike, truth: npt.ArrayLike, bins: int = 10) -> float:
    """Expected calibration error: mean distance of score and truth over equal-width bins, weighted by their size."""
    s, t = np.asarray(scores, float), np.asarray(truth, float)
    if not len(s):
        return 0.0
    which = (s * bins).astype(int).clip(0, bins - 1)
    total = 0.0
    for b in range(bins):
        mask = which == b
        if mask.any():
            total += mask.sum() * abs(s[mask].mean() - t[mask].mean())
    return round(float(total / len(s)), 4)


def reliability(scores: npt.ArrayLike, truth: npt.ArrayLike, bins: int = 10) -> list[dict[str, float]]:
    """For each tenth of the scale: how many scores fall there, their mean, and the share that is true."""
    s, t = np.asarray(scores, float), np.asarray(truth, float)
    which = (s * bins).astype(int).clip(0, bins - 1)
    return [
        {"n": int(m.sum()), "score": round(float(s[m].mean()), 3), "true": round(float(t[m].mean()), 3)}
        for m in (which == b for b in range(bins))
        if m.any()
    ]


class WordIndex:
    """The words that spans touch, the form in which contents are compared: a leading "that" does not count."""

    def __init__(self, text: str):
        self.text = text
        self.words = [m.span() for m in _WORD.finditer(text)]
        self._starts = np.array([s for s, _ in self.words])
        self._ends = np.array([e for _, e in self.words])

    def __call__(self, spans: Spans) -> frozenset[int]:
        found: set[int] = set()
        for start, end in spans:
            low = int(np.searchsorted(self._ends, start, side="right"))
            found.update(range(low, int(np.searchsorted(self._starts, end))))
        first = min(found, default=-1)
        if len(found) > 1 and self.text[slice(*self.words[first])].lower() == "that":
            found.discard(first)
        return frozenset(found)


def match(gold: Sequence[frozenset[int]], predicted: Sequence[frozenset[int]]) -> dict[int, int]:
    """Greedy one-to-one pairs of word sets that share at least half of their union, the best first."""
    scored = []
    for g, a in enumerate(gold):
        for p, b in enumerate(predicted):
            if a & b and 2 * len(a & b) >= len(a | b):
                scored.append((-len(a & b) / len(a | b), g, p))
    pairs: dict[int, int] = {}
    used: set[int] = set()
    for _, g, p in sorted(scored):
        if g not in pairs and p not in used:
            pairs[g] = p
            used.add(p)
    return pairs


@dataclass(frozen=True, slots=True)
class Error:
    """Something that was labelled wrong; its text form is a line that says what.

    Attributes
    ----------
    article : str
        The article's id.
    what : str
        "boilerplate" (wrong or missed), "missed" or "false" (a quote), "speaker" (of a quote that was found).
    spans : tuple of (int, int)
        The annotated sentence or quote; of a false quote its own spans.
    message : str
    """

    article: str
    what: str
    spans: tuple[tuple[int, int], ...]
    message: str

    def __str__(self) -> str:
        return f"{self.article}: {self.message}"


@dataclass
class Tally:
    """What is counted over the articles of a run."""

    counts: Counter[str] = field(default_factory=Counter)
    confidence: list[tuple[float, bool]] = field(default_factory=list)
    claims: list[tuple[float, bool]] = field(default_factory=list)
    boilerplate: list[tuple[float, bool]] = field(default_factory=list)
    errors: list[Error] = field(default_factory=list)


def tally_article(article: Article, doc: Document, tally: Tally) -> None:
    """Count one article, in the layers that are annotated."""
    _tally_boundaries(article, doc, tally)
    if "boilerplate" in article.layers:
        _tally_sentences(article, doc, tally)
    if "quotes" in article.layers:
        _tally_quotes(article, doc, tally)


def _tally_boundaries(article: Article, doc: Document, tally: Tally) -> None:
    c = tally.counts
    gold_ends, ends = {s.end for s in article.sentences}, {s.end for s in doc.sentences}
    c["boundary gold"] += len(gold_ends)
    c["boundary predicted"] += len(ends)
    c["boundary hit"] += len(gold_ends & ends)


def _tally_sentences(article: Article, doc: Document, tally: Tally) -> None:
    c = tally.counts
    starts = np.array([s.start for s in doc.sentences])
    for gold in article.sentences:
        i = int(np.searchsorted(starts, gold.start, side="right")) - 1
        sentence = doc.sentences[max(i, 0)]
        size = gold.end - gold.start
        is_bad, said_bad = gold.boilerplate is not None, "boilerplate" in sentence.tags
        tally.boilerplate.append((sentence.scores["boilerplate"], is_bad))
        c["boilerplate " + ("tp" if is_bad and said_bad else "fn" if is_bad else "fp" if said_bad else "tn")] += 1
        if is_bad:
            c[f"kind {gold.boilerplate}"] += 1
            c[f"kind {gold.boilerplate} found"] += said_bad
            c["kind right"] += said_bad and sentence.boilerplate_kind == gold.boilerplate
            c["kind found"] += said_bad
        else:
            c["article characters"] += size
            c["article characters kept"] += 0 if said_bad else size
            if "claims" in article.layers:
                tally.claims.append((sentence.scores["claim"], gold.claim))
        if said_bad != is_bad:
            message = f"boilerplate {'missed' if is_bad else 'wrong'} ({gold.boilerplate}): {sentence.text[:100]!r}"
            tally.errors.append(Error(article.id, "boilerplate", ((gold.start, gold.end),), message))


def _tally_quotes(article: Article, doc: Document, tally: Tally) -> None:
    c = tally.counts
    index = WordIndex(article.text)
    gold_sets = [index(q.spans) for q in article.quotes]
    predicted_sets = [index([(s.start, s.end) for s in q.spans]) for q in doc.quotes]
    pairs = match(gold_sets, predicted_sets)
    right_of: dict[int, bool] = {}
    for g, p in pairs.items():
        gold, quote = article.quotes[g], doc.quotes[p]
        speaker = _entity(quote, article)
        right = speaker == gold.speaker
        right_of[p] = right
        mention = _mention_kind(article, gold)
        c[f"speaker {mention}"] += 1
        c[f"speaker {mention} right"] += right
        c["speaker none instead"] += speaker is None and gold.speaker is not None
        c["quote kind right"] += gold.kind == quote.kind
        exact = gold_sets[g] == predicted_sets[p]
        for side, kind in (("gold", gold.kind), ("predicted", quote.kind)):
            for k in (kind, "all"):
                c[f"over {side} {k}"] += 1
                c[f"exact {side} {k}"] += exact
                c[f"e2e {side} {k}"] += right
        if not right:
            name = article.entities[gold.speaker].name if gold.speaker else None
            message = (
                f"speaker {mention}: gold {name!r}, given {quote.speaker and quote.speaker.name!r}: {quote.text[:70]!r}"
            )
            tally.errors.append(Error(article.id, "speaker", tuple(gold.spans), message))
    for g, gold in enumerate(article.quotes):
        for k in (gold.kind, "all"):
            c[f"quotes gold {k}"] += 1
        if g not in pairs:
            cue = article.text[slice(*gold.cue)] if gold.cue else None
            text = " / ".join(article.text[s:e] for s, e in gold.spans)
            message = f"missed {gold.kind} (cue {cue!r}): {text[:110]!r}"
            tally.errors.append(Error(article.id, "missed", tuple(gold.spans), message))
    matched = set(pairs.values())
    for p, quote in enumerate(doc.quotes):
        for k in (quote.kind, "all"):
            c[f"quotes predicted {k}"] += 1
        tally.confidence.append((quote.confidence, right_of.get(p, False)))
        if p not in matched:
            cue = article.text[quote.cue.start : quote.cue.end] if quote.cue else None
            message = f"false {quote.kind} (cue {cue!r}): {quote.text[:110]!r}"
            tally.errors.append(Error(article.id, "false", tuple((s.start, s.end) for s in quote.spans), message))


def _entity(quote: Quote, article: Article) -> str | None:
    """The annotated entity that the mentions of a quote's speaker mostly are; None for no speaker."""
    if quote.speaker is None:
        return None
    votes: Counter[str] = Counter()
    for m in quote.speaker.mentions:
        entity = best_mention(article, m.start, m.end)
        if entity:
            votes[entity] += 1
    return votes.most_common(1)[0][0] if votes else "unknown"


def _mention_kind(article: Article, quote: GoldQuote) -> str:
    if quote.mention is None:
        return "none"
    words = article.text[slice(*quote.mention)].split()
    if len(words) == 1 and words[0].lower() in (
        "he",
        "she",
        "they",
        "it",
        "who",
        "i",
        "we",
        "which",
        "him",
        "her",
        "his",
        "their",
    ):
        return "pronoun"
    return (
        "name"
        if any(w[0].isupper() for w in words[1:])
        or (words[0][0].isupper() and words[0].lower() not in ("the", "a", "an", "one"))
        else "descriptor"
    )


def summary(tally: Tally) -> dict[str, Any]:
    """Scores from counts."""
    c = tally.counts

    def quotes(score: str, kind: str) -> dict[str, float]:
        return f_score(
            c[f"{score} gold {kind}"],
            c[f"quotes gold {kind}"],
            c[f"{score} predicted {kind}"],
            c[f"quotes predicted {kind}"],
        )

    kinds = sorted(k[5:] for k in c if k.startswith("kind ") and k + " found" in c)
    mention_kinds = ("name", "descriptor", "pronoun", "none")
    matched = sum(c[f"speaker {m}"] for m in mention_kinds)
    right = sum(c[f"speaker {m} right"] for m in mention_kinds)
    claim_scores, claim_truth = (
        (np.array(x) for x in zip(*tally.claims)) if tally.claims else (np.zeros(0), np.zeros(0, bool))
    )
    tagged = claim_scores >= 0.5
    tp = float((tagged & claim_truth).sum())
    confidence, is_right = (
        (np.array(x) for x in zip(*tally.confidence)) if tally.confidence else (np.zeros(0), np.zeros(0))
    )
    bad, is_bad = (np.array(x) for x in zip(*tally.boilerplate)) if tally.boilerplate else (np.zeros(0), np.zeros(0))
    return {
        "sentences": f_score(c["boundary hit"], c["boundary gold"], c["boundary hit"], c["boundary predicted"]),
        "boilerplate": {
            **f_score(c["boilerplate tp"], c["boilerplate tp"] + c["boilerplate fn"], c["boilerplate tp"], c["boilerplate tp"] + c["boilerplate fp"]),
            "article_characters_kept": round(c["article characters kept"] / max(1, c["article characters"]), 4),
            "kind_accuracy": round(c["kind right"] / max(1, c["kind found"]), 4),
            "recall_by_kind": {k: [c[f"kind {k}"], round(c[f"kind {k} found"] / max(1, c[f"kind {k}"]), 3)] for k in kinds},
            "calibration_error": calibration_error(bad, is_bad),
            "reliability": reliability(bad, is_bad),
        },
        "claims": {
            **f_score(tp, float(claim_truth.sum()), tp, float(tagged.sum())),
            "auc": _auc(claim_scores, claim_truth),
            "calibration_error": calibration_error(claim_scores, claim_truth),
            "reliability": reliability(claim_scores, claim_truth),
        },
        "quotes": {
            **{s: {k: quotes(s, k) for k in (*KINDS, "all")} for s in ("over", "exact", "e2e")},
            "counts": {k: [c[f"quotes gold {k}"], c[f"quotes predicted {k}"]] for k in KINDS},
            "kind_accuracy": round(c["quote kind right"] / max(1, matched), 4),
        },
        "speakers": {
            "accuracy": round(right / max(1, matched), 4),
            "none_instead": round(c["speaker none instead"] / max(1, matched), 4),
            "by_mention": {m: [c[f"speaker {m}"], round(c[f"speaker {m} right"] / max(1, c[f"speaker {m}"]), 4)] for m in mention_kinds},
        },
        "confidence": {"calibration_error": calibration_error(confidence, is_right), "reliability": reliability(confidence, is_right)},
    }  # fmt: skip


def _auc(scores: npt.NDArray[np.floating[Any]], truth: npt.NDArray[np.bool_]) -> float:
    """Probability that a positive outscores a negative, a tie counting half."""
    positive, negative = scores[truth.astype(bool)], np.sort(scores[~truth.astype(bool)])
    if not len(positive) or not len(negative):
        return 0.0
    low, high = np.searchsorted(negative, positive, "left"), np.searchsorted(negative, positive, "right")
    return round(float(((low + high) / 2).mean() / len(negative)), 4)


def evaluate(labeller: Callable[[str], Document], articles: Iterable[Article]) -> tuple[dict[str, Any], list[Error]]:
    """Scores over annotated articles, each in the layers that it has, and every error."""
    tally = Tally()
    for article in articles:
        tally_article(article, labeller(article.text), tally)
    return summary(tally), tally.errors


# --- brat stand-off ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attribution:
    """One attribution of a brat file: pieces as (start, end) offsets; () where a role is not annotated."""

    content: tuple[tuple[int, int], ...]
    cue: tuple[tuple[int, int], ...]
    source: tuple[tuple[int, int], ...]


def read_brat(path: Path) -> list[Attribution]:
    """The attribution events (roles Content, Cue, Source) of one brat stand-off file.

    Raises
    ------
    AnnotationError
        If a line can't be read; the message names file and line.
    """
    spans: dict[str, list[tuple[int, int]]] = {}
    events: list[list[tuple[str, str]]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        try:
            if re.match(r"T\d+\t", line):
                key, head = line.split("\t")[:2]
                pieces = (piece.split() for piece in head.split(" ", 1)[1].split(";"))
                spans[key] = sorted((int(s), int(e)) for s, e in pieces)
            elif re.match(r"E\d+\t", line):
                events.append(
                    [(r.split(":")[0].rstrip("0123456789"), r.split(":")[1]) for r in line.split("\t")[1].split()]
                )
        except (ValueError, IndexError) as error:
            raise AnnotationError(f"{path}:{number}: cannot read this brat line: {line[:60]!r}") from error
    found = set()
    for event in events:
        roles: dict[str, set[tuple[int, int]]] = {"Content": set(), "Cue": set(), "Source": set()}
        for role, key in event:
            if role in roles:
                roles[role].update(spans.get(key, ()))
        if roles["Content"]:
            found.add(Attribution(*(tuple(sorted(roles[r])) for r in ("Content", "Cue", "Source"))))
    return sorted(found, key=lambda a: (a.content, a.cue, a.source))


def read_polnear(folder: Path) -> list[tuple[str, list[Attribution]]]:
    """The texts of a PolNeAR split (folders text/ and attributions/) with their attributions, first annotator each.

    Raises
    ------
    AnnotationError
        If the folder is no such split.
    """
    folder = Path(folder)
    texts = sorted((folder / "text").glob("*.txt"))
    if not texts:
        raise AnnotationError(f"{folder} is no PolNeAR split: there are no files in {folder / 'text'}")
    articles = []
    for path in texts:
        annotations = sorted((folder / "attributions").glob(path.stem + "*.ann"))
        if not annotations:
            raise AnnotationError(f"{path} has no annotation in {folder / 'attributions'}")
        articles.append((path.read_bytes().decode("utf-8"), read_brat(annotations[0])))
    return articles


def evaluate_brat(
    labeller: Callable[[str], Document], articles: Iterable[tuple[str, list[Attribution]]]
) -> dict[str, Any]:
    """Scores against brat attributions: a quote is right if half of the content is shared and its mention touches the source."""
    c: Counter[str] = Counter()
    for text, attributions in articles:
        doc = labeller(text)
        index = WordIndex(text)
        gold = [a for a in attributions if index(a.content)]
        pairs = match(
            [index(a.content) for a in gold], [index([(s.start, s.end) for s in q.spans]) for q in doc.quotes]
        )
        c["gold"] += len(gold)
        c["predicted"] += len(doc.quotes)
        c["over"] += len(pairs)
        for g, p in pairs.items():
            m, source = doc.quotes[p].mention, gold[g].source
            touches = m is not None and any(s < m.end and m.start < e for s, e in source)
            c["e2e"] += touches or (m is None and not source)
    return {
        "attributions": c["gold"],
        "quotes": c["predicted"],
        "content": f_score(c["over"], c["gold"], c["over"], c["predicted"]),
        "end_to_end": f_score(c["e2e"], c["gold"], c["e2e"], c["predicted"]),
    }
