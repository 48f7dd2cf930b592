"""Each quotation -> its speaker, with a calibrated confidence.

The mention beside the cue gives the speaker where it is a name or a descriptor: its cluster. A pronoun, or a quotation
whose paragraph names nobody, is resolved by a ranker among the clusters in play: who was named last, who spoke last, who
opened the sentence, whether gender and number agree. Mentions inside quotations are no candidates. Where the best candidate
is unlikely, the speaker is None. An indirect quotation that is unlikely altogether is not given.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from quoteattr.analysis import Analysis, TokenLists
from quoteattr.cues import CONFIGURATIONS
from quoteattr.discourse import Chooser, Discourse, ranker
from quoteattr.document import Quote, Span, Speaker
from quoteattr.lexicon import Lexicon
from quoteattr.linear import Linear, Row, Slot, by_row
from quoteattr.mentions import NAME, PRONOUN, Mentions, find_mentions
from quoteattr.people import Cluster, People
from quoteattr.quotations import QuotationModel, Utterance, find_utterances, spans_of
from quoteattr.segmenter import Segmenter
from quoteattr.tokens import Tokens

KINDS = ("direct", "mixed", "indirect")
_LIKELY = 0.2  # below this probability a resolved speaker is a guess and is not given ...
_LIKELY_PASSIVE = 0.5  # ... and below this one of "asked whether", "was told", which often names nobody at all
_LEAST_CONFIDENCE = 0.3  # what no mark shows to be a quotation is none if it is less likely than this
_REPEATS = 0.75  # share of a quotation's words that stand in another one which it repeats
_REPEATED_WITHIN = 200  # quotations of a sure speaker, on either side, that are looked through for it

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


@dataclass(slots=True)
class Attribution:
    """An utterance with the cluster that it is given to (-1: nobody) and how that was decided."""

    utterance: Utterance
    cluster: int
    probability: float
    way: str  # "name", "descriptor", "pronoun", "relative", "carried", "repeated", "none"


@dataclass(slots=True)
class Reading:
    """What was found in one text."""

    tokens: TokenLists
    mentions: Mentions
    people: People
    attributions: list[Attribution]


def attribute(
    a: TokenLists, mentions: Mentions, people: People, utterances: Sequence[Utterance], choose: Chooser
) -> list[Attribution]:
    """Read the text once and give every utterance its cluster; pronouns join the clusters they stand for."""
    if not len(a):
        return []
    discourse = Discourse(a, people, {people.of_mention[u.source] for u in utterances if u.source >= 0} - {-1})
    starts, ends = mentions.start.tolist(), mentions.end.tolist()
    types, tagged = mentions.type.tolist(), mentions.tagged.tolist()
    quoted = [False] * (len(a) + 1)
    sources: dict[int, list[int]] = {}
    for n, u in enumerate(utterances):
        if u.source >= 0:
            sources.setdefault(u.source, []).append(n)
        for start, end in u.pieces:
            quoted[start:end] = a.is_inside[start:end]
    results = [Attribution(u, -1, 0.0, "none") for u in utterances]

    def rank(query: str, at: int, u: Utterance | None = None) -> tuple[int, float]:
        candidates, fits = discourse.candidates(query)
        if query == "free":
            extra = _named_behind(a, mentions, people, quoted, discourse.last, at)
            candidates += extra
            fits += [1] * len(extra)
        if not candidates:
            return -1, 0.0
        best, probability = choose(query, at, candidates, discourse.rows(query, at, candidates, fits, u))
        likely = _LIKELY_PASSIVE if query == "passive" else _LIKELY
        return (candidates[best].number if best >= 0 and probability >= likely else -1), probability

    def give(n: int, cluster: int, probability: float, way: str, at: int) -> None:
        results[n] = Attribution(utterances[n], cluster, probability, way if cluster >= 0 else "none")
        if cluster >= 0:
            discourse.speak(cluster, at, utterances[n])

    def is_known(i: int) -> bool:
        cluster = people.of_mention[i]
        return cluster >= 0 and people.clusters[cluster].is_known

    # What happens in the text, in order: quotations without a source, and mentions.
    events = [(starts_at(u), 0, n) for n, u in enumerate(utterances) if u.source < 0]
    events += [
        (at, 1, i) for i, at in enumerate(starts) if not quoted[at] and (tagged[i] or i in sources or is_known(i))
    ]
    for at, is_mention, i in sorted(events):
        if not is_mention:
            query = "passive" if utterances[i].configuration.endswith("0") else "free"
            cluster, probability = rank(query, at, utterances[i])
            give(i, cluster, probability, "carried", at)
            continue
        cluster, probability, way = people.of_mention[i], 1.0, "name" if types[i] == NAME else "descriptor"
        if types[i] == PRONOUN:
            query = _PRONOUNS.get(a.word(at).lower(), "")
            if query == "who":
                cluster, probability, way = _antecedent(a, mentions, people, i), 0.9, "relative"
            elif query:
                (cluster, probability), way = rank(query, at), "pronoun"
            if cluster >= 0:
                people.of_mention[i] = cluster
                people.clusters[cluster].mentions.append(i)
        if cluster >= 0:
            discourse.see(cluster, at, ends[i], types[i])
        for n in sources.get(i, ()):
            give(n, cluster, probability, way, at)
    _follow_repeated(a, results)
    return results


def _follow_repeated(a: TokenLists, results: list[Attribution]) -> None:
    """Give a quotation that names nobody (a headline, a pull quote) the speaker of the one that it repeats."""
    colon = a.lexicon.number(":")
    unsure = [
        n for n, x in enumerate(results)
        if x.way in ("none", "carried") or (x.utterance.cue >= 0 and a.words[x.utterance.cue] == colon)
    ]  # fmt: skip
    if not unsure:
        return
    words = [{word for start, end in x.utterance.pieces for word in a.words[start:end]} for x in results]
    sure = sorted(set(range(len(results))) - set(unsure))
    for n in unsure:
        at = bisect_left(sure, n)
        near = sure[max(0, at - _REPEATED_WITHIN) : at + _REPEATED_WITHIN]
        share, other = max(((len(words[n] & words[k]) / len(words[n]), k) for k in near), default=(0.0, -1))
        if share >= _REPEATS and len(words[n]) > 3 and results[other].cluster >= 0:
            x = results[other]
            results[n] = Attribution(results[n].utterance, x.cluster, x.probability, "repeated")


def _named_behind(
    a: TokenLists, mentions: Mentions, people: People, quoted: Sequence[bool], known: Container[int], at: int
) -> list[Cluster]:
    """Clusters first named behind a quotation but in its own line or the next."""
    found: list[Cluster] = []
    low = int(np.searchsorted(mentions.start, at))
    for i in range(low, min(low + 12, len(mentions))):
        start = int(mentions.start[i])
        if a.line[start] > a.line[at] + 1 or len(found) == 3:
            break
        c = people.of_mention[i]
        if c >= 0 and c not in known and not quoted[start] and people.clusters[c] not in found:
            found.append(people.clusters[c])
    return found


def starts_at(u: Utterance) -> int:
    """The first token of an utterance's content or cue."""
    return min(u.pieces[0][0], u.cue) if u.cue >= 0 else u.pieces[0][0]


_PRONOUNS = {
    "he": "he", "him": "he", "his": "he", "himself": "he", "she": "she", "her": "she", "hers": "she", "herself": "she",
    "they": "they", "them": "they", "their": "they", "it": "it", "its": "it", "who": "who", "which": "who", "whom": "who", "that": "who",
}  # fmt: skip


def _antecedent(a: TokenLists, mentions: Mentions, people: People, i: int) -> int:
    """The cluster of the mention that a relative pronoun follows."""
    for j in range(i - 1, max(-1, i - 6), -1):
        if people.of_mention[j] >= 0 and a.sentence[mentions.start[j]] == a.sentence[mentions.start[i]]:
            return people.of_mention[j]
    return -1


def _vouched(a: TokenLists, mentions: Mentions, utterances: Sequence[Utterance]) -> set[int]:
    """The mentions that quotations vouch for: their sources, and whom a relative pronoun among these stands for.

    "a card from a man in the crowd, who wrote": the nearest noun phrase in front of "who" that is no name and no place.
    """
    found = {u.source for u in utterances} - {-1}
    for i in sorted(found):
        if mentions.type[i] == PRONOUN and _PRONOUNS.get(a.word(int(mentions.start[i])).lower()) == "who":
            j = _in_front_of_who(a, mentions, i)
            found |= {j} - {-1}
    return found


def _in_front_of_who(a: TokenLists, mentions: Mentions, i: int) -> int:
    """The noun phrase that a relative pronoun stands for, if no tagger has found it; -1 for none."""
    preposition = a.lexicon.classes["preposition"]
    of_people = a.lexicon.one_of(("from", "to", "by", "with", "for"))
    sentence = a.sentence[int(mentions.start[i])]
    for j in range(i - 1, max(-1, i - 4), -1):
        at = int(mentions.start[j])
        if a.sentence[at] != sentence or mentions.tagged[j]:
            break
        behind = a.words[at - 1] if at else 0
        is_place = preposition[behind] and (mentions.type[j] == NAME or not of_people[behind])
        if mentions.type[j] != PRONOUN and not is_place:
            return j
    return -1


def confidence_row(attribution: Attribution, kind: str, mention_type: int) -> Row:
    """The slots of a quotation's confidence."""
    u = attribution.utterance

    def level(p: float) -> int:
        return bisect_right(_LEVELS, p)

    k, configuration = KINDS.index(kind), _CONFIGURATIONS.index(u.configuration)
    content, speaker = level(u.features["content"]), level(attribution.probability)
    return (
        level(u.features["cue"]), content, level(u.features["source"]), speaker, k, mention_type, configuration,
        k * 11 + configuration, k * 12 + content, mention_type * 12 + speaker,
    )  # fmt: skip


_LEVELS = (0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.88, 0.94, 0.97, 0.985, 0.995)
_CONFIGURATIONS = (*CONFIGURATIONS, "free")


def _cue_span(a: TokenLists, cue: int) -> Span | None:
    """The words of saying: the cue with its particle ("pointed out", "according to")."""
    if cue < 0:
        return None
    end = cue + 1
    if end < len(a):
        word, following = a.words[cue], a.words[end]
        phrasal = a.lexicon.classes["phrasal_verb"][word] and a.lexicon.classes["verb_particle"][following]
        if phrasal or (word == a.lexicon.number("according") and following == a.lexicon.number("to")):
            end += 1
    return Span(a.starts[cue], a.ends[end - 1])


class Attributor:
    """Finds the quotations of a text and links each to its speaker.

    Parameters
    ----------
    lexicon : Lexicon
    taggers : pair of Linear
        The mention taggers.
    quotations : QuotationModel
    speakers : Linear
        The ranker of candidate speakers.
    confidence : Linear
        The calibrated probability that content and speaker are right.

    Examples
    --------
    >>> from quoteattr import Attributor
    >>> quotes, speakers = Attributor.load()("“It was late,” said Maria Okoye. She added that nobody had noticed.")
    >>> [(quote.text, quote.speaker.name) for quote in quotes]
    [('It was late,', 'Maria Okoye'), ('nobody had noticed', 'Maria Okoye')]
    """

    def __init__(
        self,
        lexicon: Lexicon,
        taggers: tuple[Linear, Linear],
        quotations: QuotationModel,
        speakers: Linear,
        confidence: Linear,
    ):
        self.lexicon, self.taggers, self.quotations = lexicon, taggers, quotations
        self.speakers, self.confidence = speakers, confidence
        self._choose = ranker(speakers)
        self._confidence = by_row(confidence)

    @classmethod
    def load(cls, path: Path | str | None = None) -> Attributor:
        """The attributor of a model bundle; of the shipped one by default.

        Raises
        ------
        ModelError
            If there is no bundle, or a damaged or foreign one.
        """
        from quoteattr import model  # the bundle knows its parts, not the parts the bundle

        return model.read(path).attributor

    def __call__(self, text: str) -> tuple[list[Quote], list[Speaker]]:
        """Quotes and speakers of a text without boilerplate.

        Raises
        ------
        InputError
            If `text` is no str.
        """
        spans = Segmenter().spans(text)
        if not spans:
            return [], []
        analysis = Analysis(Tokens(text, self.lexicon.vocabulary), self.lexicon, spans, [False] * len(spans))
        return next(self.read(analysis))

    def read(self, a: Analysis) -> Iterator[tuple[list[Quote], list[Speaker]]]:
        """Quotes and speakers of each text that was analysed."""
        for reading, (start, _), token in zip(self.attributions(a), a.places, a.token_from.tolist()):
            parts = []
            for x in reading.attributions:
                spans, kind = spans_of(a, [(s + token, e + token) for s, e in x.utterance.pieces])
                parts.append(([Span(s - start, e - start) for s, e in spans], kind))
            yield self._quotes(reading, parts)

    def attributions(self, a: Analysis) -> Iterator[Reading]:
        """Mentions, clusters and attributed utterances of each text."""
        mentions = find_mentions(a, *self.taggers)
        utterances = find_utterances(a, mentions, self.quotations)
        first_mention = np.searchsorted(mentions.start, a.token_from).tolist()
        first = np.searchsorted([u.pieces[0][0] for u in utterances], a.token_from).tolist()
        for n, (lists, token) in enumerate(zip(a.lists(), a.token_from.tolist())):
            low, high = first_mention[n : n + 2]
            own = mentions.part(low, high, token)
            said = [u.moved(token, low) for u in utterances[first[n] : first[n + 1]]]
            people = People(lists, own, _vouched(lists, own, said))
            yield Reading(lists, own, people, attribute(lists, own, people, said, self._choose))

    def _quotes(self, r: Reading, parts: list[tuple[list[Span], str]]) -> tuple[list[Quote], list[Speaker]]:
        a = r.tokens
        starts, ends, types = r.mentions.start.tolist(), r.mentions.end.tolist(), r.mentions.type.tolist()

        def span(mention: int) -> Span:
            return Span(a.starts[starts[mention]], a.ends[ends[mention] - 1])

        given: list[tuple[Attribution, list[Span], str, float]] = []
        for x, (pieces, kind) in zip(r.attributions, parts):
            row = confidence_row(x, kind, types[x.utterance.source] if x.utterance.source >= 0 else 3)
            confidence = round(1 / (1 + math.exp(-self._confidence(row))), 4)
            if kind != "indirect" or confidence >= _LEAST_CONFIDENCE:
                given.append((x, pieces, kind, confidence))
        sources = {x.utterance.source for x, *_ in given}
        speakers: dict[int, Speaker] = {}
        outside: dict[int, _Outside] = {}
        for c in sorted({x.cluster for x, *_ in given} - {-1}):
            cluster = r.people.clusters[c]
            cluster.mentions = sorted(set(cluster.mentions))  # numbered in text order
            speakers[c] = Speaker(cluster.name, cluster.kind, tuple(map(span, cluster.mentions)))
            outside[c] = _Outside(a, cluster, starts, types, sources)
        quotes = []
        for x, pieces, kind, confidence in given:
            u = x.utterance
            mention = u.source
            chain: list[int] = []
            if x.cluster >= 0:
                named = outside[x.cluster]
                if mention < 0:  # no words of a cue's own: those of the paragraph that name the speaker
                    mention = named.beside(u)
                chain = named.chain(mention, starts_at(u))
            cue = _cue_span(a, u.cue)
            evidence: dict[str, Any] = {
                "cue": cue and a.text[cue.start : cue.end],
                "order": _ORDERS[u.configuration],
                "speaker_by": x.way,
                "chain": [[s.start, s.end] for s in map(span, chain)],
                "cue_probability": round(u.features["cue"], 4),
                "content_probability": round(u.features["content"], 4),
                "mention_probability": round(u.features["source"], 4),
                "speaker_probability": round(x.probability, 4),
            }
            quotes.append(
                Quote(
                    tuple(pieces), kind, cue, span(mention) if mention >= 0 else None,
                    speakers.get(x.cluster), confidence, evidence, a.text,
                )
            )  # fmt: skip
        return quotes, sorted(speakers.values(), key=lambda s: s.mentions[0])


# How content (as it stands to the cue), cue and source follow each other.
_ORDERS = {
    "Rl": "source cue content", "R0": "cue content", "Rr": "cue source content", "Ll": "content source cue",
    "Lr": "content cue source", "L0": "content cue", "Bl": "content source cue content", "Br": "content cue source content",
    "B0": "content cue content", "free": "content",
}  # fmt: skip


class _Outside:
    """The mentions of a cluster that stand outside quotations, in text order."""

    def __init__(
        self, a: TokenLists, cluster: Cluster, starts: Sequence[int], types: Sequence[int], sources: Container[int]
    ):
        self.named_at = cluster.named_at
        self.mentions = [i for i in cluster.mentions if not a.is_inside[starts[i]]]
        self.nominal = [i for i in self.mentions if types[i] != PRONOUN]
        self.starts = [starts[i] for i in self.mentions]
        self.lines = [a.line[start] for start in self.starts]
        self.line, self.types, self.sources = a.line, types, sources

    def beside(self, u: Utterance) -> int:
        """The mention in a quotation's own paragraphs that names its speaker; -1 for none.

        One that is the source of another quotation goes first, then the nearest.
        """
        at = starts_at(u)
        found = [
            (self.mentions[k] not in self.sources, abs(self.starts[k] - at), self.mentions[k])
            for line in sorted({self.line[start] for start, _ in u.pieces})
            for k in range(bisect_left(self.lines, line), bisect_right(self.lines, line))
            if not any(s <= self.starts[k] < e for s, e in u.pieces)
        ]
        return min(found, default=(True, 0, -1))[-1]

    def chain(self, mention: int, at: int) -> list[int]:
        """The mentions that lead from the words beside a quotation, which starts at a token, to the speaker's name."""
        before = bisect_left(self.starts, at)
        first = mention if mention >= 0 else self.mentions[max(before - 1, 0)] if self.mentions else -1
        chain = [first] if first >= 0 else []
        if first >= 0 and self.types[first] == PRONOUN and (nominal := bisect_left(self.nominal, first)):
            chain.append(self.nominal[nominal - 1])
        if self.named_at not in chain:
            chain.append(self.named_at)
        return chain
