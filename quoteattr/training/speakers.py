"""Fitting the ranker of speakers and the confidence of quotations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from quoteattr import attributor as att
from quoteattr.analysis import Analysis
from quoteattr.attributor import Attribution, Attributor
from quoteattr.cues import CONFIGURATIONS, cue_candidates
from quoteattr.discourse import NAMELESS, RANKER_SLOTS, Chooser, ranker
from quoteattr.linear import Linear, Row
from quoteattr.mentions import PRONOUN, Mentions
from quoteattr.people import Cluster, People
from quoteattr.quotations import Utterance, spans_of
from quoteattr.training.annotation import Article, best_mention
from quoteattr.training.fit import WordFeatures, fit
from quoteattr.training.quotations import Data, gold_frames, match_mention, outer_range, token_range


def gold_utterances(article: Article, a: Analysis, mentions: Mentions) -> list[tuple[Utterance, str | None]]:
    """The annotated quotes as utterances over found mentions, with their speakers' entities."""
    frames = {id(g.quote): g for g in gold_frames(article, a, cue_candidates(a))}
    result = []
    for quote in article.quotes:
        pieces = [p for p in (outer_range(a, s) for s in quote.spans) if p[0] < p[1]]
        if not pieces:
            continue
        frame = frames.get(id(quote))
        source = match_mention(mentions, token_range(a, quote.mention)) if quote.mention else -1
        configuration = CONFIGURATIONS[frame.configuration] if frame else "free"
        cue = frame.cue if frame else -1
        result.append((Utterance(cue, configuration, source, pieces, {}), quote.speaker))
    return sorted(result, key=lambda r: r[0].pieces[0])


def entity_of_clusters(article: Article, a: Analysis, mentions: Mentions, people: People) -> list[str | None]:
    """The entity that most of each cluster's mentions point to."""
    entities: list[str | None] = []
    for cluster in people.clusters:
        votes = Counter(
            best_mention(article, int(a.starts[mentions.start[i]]), int(a.ends[mentions.end[i] - 1]))
            for i in cluster.mentions
            if mentions.type[i] != PRONOUN
        )
        votes.pop(None, None)
        entities.append(votes.most_common(1)[0][0] if votes else None)
    return entities


def fit_ranker(data: Data, found: Sequence[Mentions], features: WordFeatures) -> Linear:
    """The ranker: for every gold pronoun and uncued quotation, which of the candidate clusters is it?"""
    rows: list[Row] = []
    labels: list[int] = []

    def fitted() -> Linear:
        columns = [np.array(c, np.int32) for c in zip(*rows)]
        return fit(RANKER_SLOTS, columns, np.array(labels, np.int32), ("no", "yes"), features, 1.0)

    def teach(choose: Chooser | None) -> None:
        for (article, a), mentions in zip(data, found, strict=True):
            _teach(article, a, mentions, rows, labels, choose)

    # Led by gold answers alone, the ranker would trust earlier answers too much. So then its own lead it, as they will
    # later on, and it learns from both (Ross, Gordon and Bagnell 2011).
    teach(None)
    teach(ranker(fitted()))
    return fitted()


def _teach(
    article: Article, a: Analysis, mentions: Mentions, rows: list[Row], labels: list[int], choose: Chooser | None
) -> None:
    """Read one article, led by the gold answers or by a ranker's, and note every question with its gold answer."""
    gold = gold_utterances(article, a, mentions)
    lists = next(a.lists())
    people = People(lists, mentions, {u.source for u, _ in gold})
    entities = entity_of_clusters(article, a, mentions, people)
    at_token = {int(a.at(start)): entity for start, _, entity in article.mentions}
    uncued = {att.starts_at(u): speaker for u, speaker in gold if u.source < 0}

    def teach(query: str, at: int, candidates: list[Cluster], options: list[Row]) -> tuple[int, float]:
        entity = uncued.get(at) if query in NAMELESS else at_token.get(at)
        if entity is None and query not in NAMELESS and "mentions" not in article.layers:
            return -1, 0.0  # a pronoun that nobody looked at
        right = [k for k, c in enumerate(candidates) if entity is not None and entities[c.number] == entity]
        rows.extend(options)
        labels.extend(int(k in right) for k in range(len(options)))
        if choose is not None:
            return choose(query, at, candidates, options)
        return (right[0], 1.0) if right else (-1, 0.0)

    att.attribute(lists, mentions, people, [u for u, _ in gold], teach)


def is_right(article: Article, a: Analysis, attribution: Attribution, entities: list[str | None]) -> bool:
    """Whether an attributed utterance is an annotated quote: half of the content's tokens shared, same speaker."""
    own = {t for s, e in attribution.utterance.pieces for t in range(s, e)}
    for quote in article.quotes:
        gold = {t for span in quote.spans for t in range(*outer_range(a, span))}
        if 2 * len(own & gold) >= len(own | gold):
            entity = entities[attribution.cluster] if attribution.cluster >= 0 else None
            return entity == quote.speaker
    return False


def fit_confidence(data: Data, attributor: Attributor, features: WordFeatures) -> Linear:
    """The confidence model, on articles that the other scorers were not fitted to."""
    rows, labels = [], []
    for article, a in data:
        reading = next(attributor.attributions(a))
        mentions = reading.mentions
        entities = entity_of_clusters(article, a, mentions, reading.people)
        for x in reading.attributions:
            kind = spans_of(a, x.utterance.pieces)[1]
            type_ = int(mentions.type[x.utterance.source]) if x.utterance.source >= 0 else 3
            rows.append(att.confidence_row(x, kind, type_))
            labels.append(is_right(article, a, x, entities))
    columns = [np.array(c, np.int32) for c in zip(*rows)]
    return fit(att.CONFIDENCE_SLOTS, columns, np.array(labels, np.int32), ("no", "yes"), features, 0.1)
