"""Each quotation -> its speaker, with a calibrated confidence.

The mention beside the cue gives the speaker where it is a name or a descriptor: its cluster. A pronoun, or a quotation
whose paragraph names nobody, is resolved by a ranker among the clusters in play: who was named last, who spoke last, who
opened the sentence, whether gender and number agree. Mentions inside quotations are no candidates. Where the best candidate
is unlikely, the speaker is None.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from quoteattr.analysis import Analysis
from quoteattr.document import Quote, Span, Speaker
from quoteattr.linear import Linear, Slot
from quoteattr.mentions import DESCRIPTOR, NAME, PRONOUN, Mentions, find_mentions
from quoteattr.people import BODY, PERSON, UNNAMED, Cluster, People, gender_fits
from quoteattr.quotations import QuotationModel, Utterance, find_utterances, spans_of

KINDS = ("direct", "mixed", "indirect")
_QUERIES = ("he", "she", "they", "it", "who", "free")
_CLUSTER_KINDS = (PERSON, BODY, UNNAMED)
_SURE = 0.4  # below this probability a resolved speaker is a guess and is not given

RANKER_SLOTS = (
    Slot("query, agreement and kind", 6 * 3 * 3),
    Slot("query and sentences since", 6 * 8),
    Slot("query and lines since", 6 * 6),
    Slot("query and rank", 6 * 6),
    Slot("last speaker and lines since", 6 * 3 * 6),
    Slot("opens its sentence", 6 * 2 * 4),
    Slot("times mentioned", 6 * 5),
    Slot("last mention's type", 6 * 4),
    Slot("speaks elsewhere", 6 * 3),
    Slot("same line", 6 * 4),
    Slot("speaker before last", 6 * 2 * 3),
)
CONFIDENCE_SLOTS = (
    Slot("cue", 12),
    Slot("content", 12),
    Slot("source", 12),
    Slot("speaker", 12),
    Slot("kind", 3),
    Slot("mention", 6),
    Slot("configuration", 11),
    Slot("kind and configuration", 33),
    Slot("kind and content", 36),
    Slot("mention and speaker", 72),
)

Row = tuple[int, ...]
# query, token it is asked at, candidates, their slots -> index of the chosen candidate (-1: none), its probability
Chooser = Callable[[str, int, list[Cluster], list[Row]], tuple[int, float]]


@dataclass(slots=True)
class Attribution:
    """An utterance with the cluster that it is given to (-1: nobody) and how that was decided."""

    utterance: Utterance
    cluster: int
    probability: float
    way: str  # "name", "descriptor", "pronoun", "relative", "carried", "none"


@dataclass(slots=True)
class _State:
    """Who was mentioned last and who spoke last, while the text is read from start to end."""

    last: dict[int, tuple[int, int, bool]] = field(default_factory=dict)  # cluster -> token, type, opens its sentence
    times: dict[int, int] = field(default_factory=dict)
    speakers: list[tuple[int, int]] = field(default_factory=list)  # (cluster, token)


def attribute(a: Analysis, mentions: Mentions, people: People, utterances: Sequence[Utterance], choose: Chooser) -> list[Attribution]:
    """Read the text once and give every utterance its cluster; pronouns join the clusters they stand for."""
    state = _State()
    speaks = {people.of_mention[u.source] for u in utterances if u.source >= 0} - {-1}
    starts, types = mentions.start.tolist(), mentions.type.tolist()
    tagged = mentions.tagged.tolist()
    covered = np.zeros(len(a) + 1, bool)
    sources: dict[int, list[int]] = {}
    for n, u in enumerate(utterances):
        if u.source >= 0:
            sources.setdefault(u.source, []).append(n)
        for start, end in u.pieces:
            covered[start:end] |= a.inside[start:end] >= 0
    free = sorted((starts_at(u), n) for n, u in enumerate(utterances) if u.source < 0)
    results: list[Attribution | None] = [None] * len(utterances)
    sentence_from = a.sentence_from.tolist()

    def see(i: int, cluster: int) -> None:
        at = starts[i]
        opens = at - sentence_from[int(a.sentence[at])] <= 1
        state.last[cluster] = (at, types[i], opens)
        state.times[cluster] = state.times.get(cluster, 0) + 1

    def rank(query: str, at: int, least: float) -> tuple[int, float]:
        candidates = [people.clusters[c] for c in state.last]
        if query == "free":
            candidates += ahead(at)
        rows = [_row(a, query, c, at, state, speaks, candidates) for c in candidates]
        if not rows:
            return -1, 0.0
        best, probability = choose(query, at, candidates, rows)
        return (candidates[best].number, probability) if best >= 0 and probability >= least else (-1, probability)

    def ahead(at: int) -> list[Cluster]:
        """Clusters first named behind a quotation but in its own line or the next."""
        low = int(np.searchsorted(mentions.start, at))
        found = []
        for i in range(low, min(low + 12, len(starts))):
            c = people.of_mention[i]
            if a.line[starts[i]] > a.line[at] + 1 or len(found) == 3:
                break
            if c >= 0 and c not in state.last and not covered[starts[i]] and people.clusters[c] not in found:
                found.append(people.clusters[c])
        return found

    def give(n: int, cluster: int, probability: float, way: str, at: int) -> None:
        results[n] = Attribution(utterances[n], cluster, probability, way)
        if cluster >= 0:
            state.speakers.append((cluster, at))

    def give_free(limit: int) -> None:
        while free and free[0][0] <= limit:
            at, n = free.pop(0)
            cluster, probability = rank("free", at, _SURE)
            give(n, cluster, probability, "carried" if cluster >= 0 else "none", at)

    for i, at in enumerate(starts):
        give_free(at)
        if covered[at]:
            continue
        used = sources.get(i, ())
        if not tagged[i] and not used:
            continue
        cluster = people.of_mention[i]
        if types[i] == PRONOUN:
            word = a.word(at).lower()
            query = _PRONOUNS.get(word)
            probability, way = 0.0, "none"
            if query == "who":
                cluster, probability, way = _antecedent(a, mentions, people, i), 0.9, "relative"
            elif query:
                cluster, probability = rank(query, at, _SURE)
                way = "pronoun"
            if cluster >= 0:
                people.of_mention[i] = cluster
                people.clusters[cluster].mentions.append(i)
                state.last.setdefault(cluster, (at, PRONOUN, False))
                see(i, cluster)
            for n in used:
                give(n, cluster, probability, way if cluster >= 0 else "none", at)
        elif cluster >= 0:
            see(i, cluster)
            for n in used:
                give(n, cluster, 1.0, "name" if types[i] == NAME else "descriptor", at)
        else:
            for n in used:
                give(n, -1, 0.0, "none", at)
    give_free(len(a) + 1)
    return [r if r is not None else Attribution(utterances[n], -1, 0.0, "none") for n, r in enumerate(results)]


def starts_at(u: Utterance) -> int:
    """The first token of an utterance's content or cue."""
    return min(u.pieces[0][0], u.cue) if u.cue >= 0 else u.pieces[0][0]


_PRONOUNS = {
    "he": "he", "him": "he", "his": "he", "himself": "he", "she": "she", "her": "she", "hers": "she", "herself": "she",
    "they": "they", "them": "they", "their": "they", "it": "it", "its": "it", "who": "who", "which": "who", "whom": "who", "that": "who",
}  # fmt: skip


def _antecedent(a: Analysis, mentions: Mentions, people: People, i: int) -> int:
    """The cluster of the mention that a relative pronoun follows."""
    for j in range(i - 1, max(-1, i - 6), -1):
        if people.of_mention[j] >= 0 and a.sentence[mentions.start[j]] == a.sentence[mentions.start[i]]:
            return people.of_mention[j]
    return -1


def _row(a: Analysis, query: str, c: Cluster, at: int, state: _State, speaks: set[int], candidates: Sequence[Cluster]) -> Row:
    """The slots of one candidate for one query."""
    q = _QUERIES.index(query)
    token, type_, opens = state.last.get(c.number, (-1, 3, False))
    sentence, line = int(a.sentence[min(at, len(a) - 1)]), int(a.line[min(at, len(a) - 1)])
    if token < 0:  # named behind the quotation
        sentences, lines, rank = 7, 5, 5
    else:
        sentences = min(sentence - int(a.sentence[token]), 6)
        lines = min(line - int(a.line[token]), 4)
        rank = min(sum(state.last[o.number][0] > token for o in candidates if o.number in state.last and gender_fits(query, o)), 4)
    fits = gender_fits(query, c) if query != "free" else 1
    spoke, since, before_last = 0, 5, 0
    if state.speakers:
        spoke = 2 if state.speakers[-1][0] == c.number else 1
        since = min(line - int(a.line[state.speakers[-1][1]]), 4)
        others = [s for s, _ in state.speakers if s != state.speakers[-1][0]]
        before_last = 2 if others and others[-1] == c.number else 1
    kind = _CLUSTER_KINDS.index(c.kind)
    times = min(state.times.get(c.number, 0), 4)
    same = 3 if token < 0 else 2 if lines == 0 and sentences == 0 else 1 if lines == 0 else 0
    return (
        (q * 3 + fits) * 3 + kind, q * 8 + sentences, q * 6 + max(lines, 0), q * 6 + rank, (q * 3 + spoke) * 6 + max(since, 0),
        (q * 2 + opens) * 4 + min(sentences, 3), q * 5 + times, q * 4 + type_, q * 3 + (c.number in speaks) + (c.kind == PERSON),
        q * 4 + same, (q * 2 + (before_last == 2)) * 3 + min(max(since, 0), 2),
    )  # fmt: skip


def ranker(model: Linear) -> Chooser:
    """Choose by a fitted ranker: the best candidate that does not contradict the pronoun, with its share of the odds."""
    tables = [table[:, 0].tolist() for table in model.tables]

    def choose(query: str, at: int, candidates: list[Cluster], rows: list[Row]) -> tuple[int, float]:
        scores = [
            sum(table[value] for table, value in zip(tables, row)) if query == "free" or gender_fits(query, c) else -1e9
            for c, row in zip(candidates, rows)
        ]
        best = max(range(len(scores)), key=scores.__getitem__)
        if scores[best] < -1e8:
            return -1, 0.0
        odds = np.exp(np.array(scores) - scores[best])
        alone = 1 / (1 + np.exp(-(scores[best] + float(model.bias[0]))))
        return best, float(min(1 / odds.sum(), 0.5 + alone / 2))

    return choose


def confidence_row(attribution: Attribution, kind: str, mention_type: int) -> Row:
    """The slots of a quotation's confidence."""
    u = attribution.utterance

    def level(p: float) -> int:
        return int(np.searchsorted(_LEVELS, p, side="right"))

    k, configuration = KINDS.index(kind), _CONFIGURATIONS.index(u.configuration)
    content, speaker = level(u.features["content"]), level(attribution.probability)
    return (
        level(u.features["cue"]), content, level(u.features["source"]), speaker, k, mention_type, configuration,
        k * 11 + configuration, k * 12 + content, mention_type * 12 + speaker,
    )  # fmt: skip


_LEVELS = (0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.88, 0.94, 0.97, 0.985, 0.995)
_CONFIGURATIONS = ("none", "Rl", "R0", "Rr", "Ll", "Lr", "L0", "Bl", "Br", "B0", "free")


class Attributor:
    """Finds the quotations of an analysed text and links each to its speaker.

    Parameters
    ----------
    taggers : pair of Linear
        The mention taggers.
    quotations : QuotationModel
    speakers : Linear
        The ranker of candidate speakers.
    confidence : Linear
        The calibrated probability that content and speaker are right.
    """

    def __init__(self, taggers: tuple[Linear, Linear], quotations: QuotationModel, speakers: Linear, confidence: Linear):
        self.taggers, self.quotations, self.speakers, self.confidence = taggers, quotations, speakers, confidence
        self._choose = ranker(speakers)

    def attributions(self, a: Analysis) -> tuple[Mentions, People, list[Attribution]]:
        """Mentions, clusters and attributed utterances of a text."""
        mentions = find_mentions(a, *self.taggers)
        utterances = find_utterances(a, mentions, self.quotations)
        people = People(a, mentions, {u.source for u in utterances})
        return mentions, people, attribute(a, mentions, people, utterances, self._choose)

    def __call__(self, a: Analysis) -> tuple[list[Quote], list[Speaker]]:
        """Quotes and speakers of a text."""
        mentions, people, attributions = self.attributions(a)
        spans = [Span(int(a.starts[s]), int(a.ends[e - 1])) for s, e in zip(mentions.start, mentions.end)]
        speakers: dict[int, Speaker] = {}
        for c in sorted({x.cluster for x in attributions} - {-1}):
            cluster = people.clusters[c]
            own = sorted({spans[i] for i in cluster.mentions})
            speakers[c] = Speaker(cluster.name, cluster.kind, tuple(own))
        parts = [spans_of(a, x.utterance.pieces) for x in attributions]
        rows = [
            confidence_row(x, kind, int(mentions.type[x.utterance.source]) if x.utterance.source >= 0 else 3)
            for x, (_, kind) in zip(attributions, parts)
        ]
        quotes = []
        for x, (pieces, kind), row in zip(attributions, parts, rows):
            u = x.utterance
            logit = float(self.confidence.bias[0]) + sum(float(t[v, 0]) for t, v in zip(self.confidence.tables, row))
            evidence: dict[str, Any] = {
                "configuration": u.configuration,
                "cue_probability": round(u.features["cue"], 4),
                "content_probability": round(u.features["content"], 4),
                "speaker_by": x.way,
                "speaker_probability": round(x.probability, 4),
            }
            quotes.append(
                Quote(
                    tuple(Span(s, e) for s, e in pieces), kind,
                    Span(int(a.starts[u.cue]), int(a.ends[u.cue])) if u.cue >= 0 else None,
                    spans[u.source] if u.source >= 0 else None, speakers.get(x.cluster),
                    round(1 / (1 + float(np.exp(-logit))), 4), evidence, a.text,
                )
            )  # fmt: skip
        return quotes, sorted(speakers.values(), key=lambda s: s.mentions[0])
