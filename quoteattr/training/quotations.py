"""From annotated articles to the training examples of mentions and quotations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quoteattr import contents as con
from quoteattr import cues, sources, uncued
from quoteattr import mentions as men
from quoteattr.acceptance import acceptance_features
from quoteattr.analysis import Analysis, BoolArray
from quoteattr.boundaries import boundary_features
from quoteattr.contents import Frames
from quoteattr.cues import CONFIGURATIONS
from quoteattr.lexicon import Lexicon
from quoteattr.linear import FloatArray, Linear
from quoteattr.mentions import Mentions
from quoteattr.model import SCORERS
from quoteattr.quotations import QuotationModel, possible_utterances
from quoteattr.tokens import IntArray, Tokens
from quoteattr.training.annotation import Article, GoldQuote
from quoteattr.training.fit import WordFeatures, fit, fit_ranking
from quoteattr.training.sentences import boost
from quoteattr.trees import Trees


def analyse(article: Article, lexicon: Lexicon) -> Analysis:
    """The analysis of an article with its gold sentences and boilerplate."""
    tokens = Tokens(article.text, lexicon.vocabulary)
    spans = [(s.start, s.end) for s in article.sentences]
    return Analysis(tokens, lexicon, spans, [s.boilerplate is not None for s in article.sentences])


def token_range(a: Analysis, span: tuple[int, int]) -> tuple[int, int]:
    """The tokens that a span of characters touches."""
    return int(a.at(span[0])), int(a.before(span[1]))


def mention_range(a: Analysis, span: tuple[int, int]) -> tuple[int, int]:
    """The tokens of a mention without a possessive ending."""
    first, last = token_range(a, span)
    if last - first >= 3 and a.word(last - 1) == "s" and a.word(last - 2) in "'\u2019":
        last -= 2
    return first, last


def mention_labels(article: Article, a: Analysis) -> IntArray:
    """The gold tag of every token; of nested mentions the longest counts."""
    label = np.full(len(a), men.OUTSIDE, np.int32)
    spans = {(start, end) for start, end, _ in article.mentions} | {q.mention for q in article.quotes if q.mention}
    for span in sorted(spans, key=lambda s: (s[0] - s[1], s)):
        first, last = mention_range(a, span)
        if (label[first:last] == men.OUTSIDE).all():
            label[first:last] = men.INSIDE
            label[first] = men.BEGIN
    return np.where(men.breaks_mention(a), men.OUTSIDE, label)


Data = Sequence[tuple[Article, Analysis]]


def fit_taggers(data: Data, features: WordFeatures, folds: int = 4) -> tuple[Linear, Linear]:
    """Both mention taggers, trained on the article's text outside quotations, where every mention is marked.

    Articles that mark only some mentions are left out.
    """
    data = [(article, a) for article, a in data if "mentions" in article.layers]
    keep = [~a.dropped & (a.inside < 0) for _, a in data]
    gold = [mention_labels(article, a) for article, a in data]
    columns = [men.columns(a) for _, a in data]

    def fit_first(which: list[int]) -> Linear:
        rows = [np.concatenate(c) for c in zip(*([c[keep[i]] for c in columns[i]] for i in which))]
        return fit(men.SLOTS, rows, np.concatenate([gold[i][keep[i]] for i in which]), men.TAGS, features, 0.5)

    second_rows = []
    for fold in range(folds):
        tagger = fit_first([i for i in range(len(data)) if i % folds != fold])
        for i in range(fold, len(data), folds):
            second = men.second_columns(data[i][1], tagger.scores(columns[i]))
            second_rows.append((i, [c[keep[i]] for c in second]))
    rows = [np.concatenate(c) for c in zip(*(c for _, c in second_rows))]
    labels = np.concatenate([gold[i][keep[i]] for i, _ in second_rows])
    return fit_first(list(range(len(data)))), fit(men.SECOND_SLOTS, rows, labels, men.TAGS, features, 0.5)


@dataclass(slots=True)
class GoldFrame:
    """A gold quote with a cue, in tokens."""

    quote: GoldQuote
    cue: int
    configuration: int
    source: tuple[int, int]  # tokens; (-1, -1) for none
    left: tuple[int, int] | None  # the content piece nearest to the cue on each side, marks included
    right: tuple[int, int] | None


def gold_frames(article: Article, a: Analysis, candidates: IntArray) -> list[GoldFrame]:
    """The article's quotes whose cue is among the candidates."""
    frames = []
    for quote in article.quotes:
        if not quote.cue:
            continue
        low, high = token_range(a, quote.cue)
        heads = candidates[(candidates >= low) & (candidates < high)]
        if not len(heads):
            continue
        head = int(heads[0])
        left = [s for s in quote.spans if s[1] <= quote.cue[0]]
        right = [s for s in quote.spans if s[0] >= quote.cue[1]]
        if not left and not right:
            continue
        content = "B" if left and right else "L" if left else "R"
        if quote.mention is None or a.sentence[token_range(a, quote.mention)[0]] != a.sentence[head]:
            source, side = (-1, -1), "0"
        else:
            source = mention_range(a, quote.mention)
            side = "l" if quote.mention[0] < quote.cue[0] else "r"
        name = content + side
        frames.append(
            GoldFrame(
                quote, head, CONFIGURATIONS.index(name), source,
                outer_range(a, left[-1]) if left else None,
                outer_range(a, right[0]) if right else None,
            )
        )  # fmt: skip
    return frames


def outer_range(a: Analysis, span: tuple[int, int]) -> tuple[int, int]:
    """The tokens of a content piece, with the quotation marks that enclose it as a whole."""
    first, last = token_range(a, span)
    while first > 0 and a.opens[first - 1] >= 0 and a.inside[first] == a.opens[first - 1]:
        first -= 1
    while last < len(a) and a.closes[last] >= 0 and a.closes[last] == a.inside[last - 1]:
        last += 1
    while last > first + 1 and a.punctuation[last - 1] and a.inside[last - 1] < 0:
        last -= 1
    return first, last


def match_mention(mentions: Mentions, source: tuple[int, int]) -> int:
    """The found mention that is the gold one: same last token, or most of it shared."""
    low, high = source
    for i in np.flatnonzero((mentions.start < high) & (mentions.end > low)).tolist():
        s, e = int(mentions.start[i]), int(mentions.end[i])
        if e == high or 2 * (min(e, high) - max(s, low)) > max(e - s, high - low):
            return i
    return -1


def fit_quotations(data: Data, found: Sequence[Mentions], features: WordFeatures) -> dict[str, Linear]:
    """All scorers of the quotation model. `found` are mentions of a tagger that has not seen the article."""
    names = [name for name in QuotationModel.names if name != "free"]  # that one sees what cues leave over
    rows: dict[str, list[list[IntArray]]] = {name: [] for name in names}
    labels: dict[str, list[IntArray]] = {name: [] for name in names}
    owners: dict[str, list[IntArray]] = {name: [] for name in names}
    groups = 0

    def add(name: str, columns: list[IntArray], label: IntArray, owner: IntArray) -> None:
        rows[name].append(columns)
        labels[name].append(np.asarray(label, np.int32))
        owners[name].append(owner + groups)

    for (article, a), mentions in zip(data, found, strict=True):
        at = cues.cue_candidates(a)
        if not len(at):
            continue
        gold = gold_frames(article, a, at)
        label = np.zeros(len(at), np.int32)
        for g in gold:
            label[np.searchsorted(at, g.cue)] = g.configuration
        add("cue", cues.cue_columns(a, mentions, at), label, at)
        if not gold:
            continue
        cue = np.array([g.cue for g in gold], np.int32)
        configuration = np.array([g.configuration for g in gold], np.int32)
        c = sources.source_candidates(a, mentions, cue, configuration)
        if len(c.cue):
            right = np.array([match_mention(mentions, g.source) if g.source[0] >= 0 else -1 for g in gold])
            columns = sources.source_columns(a, mentions, cue, configuration, c)
            for name, keep in sources.by_ranker(mentions, cue, c).items():
                add(name, [column[keep] for column in columns], right[c.cue[keep]] == c.item[keep], c.cue[keep])
        source_from = np.array([g.source[0] for g in gold], np.int32)
        source_to = np.array([g.source[1] for g in gold], np.int32)
        group_from, group_to = con.group_of(cue, source_from, source_to)
        ones = np.ones(len(gold), np.float32)
        frames = Frames(cue, configuration, ones, source_from, ones, group_from, group_to)
        for side in ("left", "right"):
            chosen = np.array([getattr(g, side) is not None for g in gold])
            if not chosen.any():
                continue
            f = frames.select(chosen)
            pieces = np.array([getattr(g, side) for g in gold if getattr(g, side)], np.int32)
            if side == "left":
                steps = (("left_end", con.left_end_candidates(a, f), pieces[:, 1], None),
                         ("left_start", con.left_start_candidates(a, pieces[:, 1]), pieces[:, 0], pieces[:, 1]))  # fmt: skip
            else:
                steps = (("right_start", con.right_start_candidates(a, f), pieces[:, 0], None),
                         ("right_end", con.right_end_candidates(a, pieces[:, 0]), pieces[:, 1], pieces[:, 0]))  # fmt: skip
            for name, (owner, position), truth, anchor in steps:
                add(
                    name, con.boundary_columns(a, mentions, f, owner, position, anchor), truth[owner] == position, owner
                )
        groups += len(gold)
    models = {}
    for name in names:
        slots, classes = SCORERS[name]
        columns = [np.concatenate(c) for c in zip(*rows[name])]
        label, owner = np.concatenate(labels[name]), np.concatenate(owners[name])
        if name == "cue":
            models[name] = fit(slots, columns, label, classes, features, 0.3)
        else:
            models[name] = fit_ranking(slots, columns, owner, label > 0, features, 0.1)
    return models


def fit_second(data: Data, found: Sequence[Mentions], features: WordFeatures, folds: int = 3) -> tuple[Trees, Trees]:
    """What chooses far boundaries and what accepts utterances, fitted to what scorers make of unseen articles."""
    models = []
    for fold in range(folds):
        others = [i for i in range(len(data)) if i % folds != fold]
        models.append(QuotationModel(fit_quotations([data[i] for i in others], [found[i] for i in others], features)))
    every = [(article, a, mentions, models[i % folds]) for i, ((article, a), mentions) in enumerate(zip(data, found))]
    found_boundaries = [result for result in (_far_boundaries(*each) for each in every) if result is not None]
    rows, labels = map(list, zip(*found_boundaries))
    ends = boost(np.concatenate(rows), np.concatenate(labels), 150, 4)
    rows, labels = [], []
    for article, a, mentions, model in every:
        model.ends = ends
        candidates, frames, contents = possible_utterances(a, mentions, model)
        if not len(frames):
            continue
        rows.append(acceptance_features(a, mentions, frames, contents, candidates, model.scorers["cue"]))
        labels.append(_is_utterance(article, a, frames, contents))
    return ends, boost(np.concatenate(rows), np.concatenate(labels), 150, 4)


def _far_boundaries(
    article: Article, a: Analysis, mentions: Mentions, model: QuotationModel
) -> tuple[FloatArray, BoolArray] | None:
    """The features of the candidates of every annotated content, and whether each is right."""
    at = cues.cue_candidates(a)
    gold = gold_frames(article, a, at)
    sides = [(g, g.left, 0) for g in gold if g.left] + [(g, g.right, 1) for g in gold if g.right]
    if not sides:
        return None
    lefts = sum(side == 0 for _, _, side in sides)
    cue = np.array([g.cue for g, _, _ in sides], np.int32)
    configuration = np.array([g.configuration for g, _, _ in sides], np.int32)
    source = np.array([g.source for g, _, _ in sides], np.int32).reshape(-1, 2)
    ones = np.ones(len(sides), np.float32)
    frames = Frames(cue, configuration, ones, source[:, 0], ones, *con.group_of(cue, source[:, 0], source[:, 1]))
    anchor = np.array([piece[1 - side] for _, piece, side in sides], np.int32)
    truth = np.array([piece[side] for _, piece, side in sides], np.int32)
    owner, position, scores = model.far_boundaries(a, mentions, frames, anchor, lefts)
    likely = np.unique(cue)
    return boundary_features(a, frames, owner, anchor[owner], position, scores, likely), truth[owner] == position


def _is_utterance(article: Article, a: Analysis, frames: Frames, contents: con.Contents) -> BoolArray:
    """Whether each frame is an annotated quote: its cue, and half of the content's tokens are shared."""
    gold = [{t for s in quote.spans for t in range(*outer_range(a, s))} for quote in article.quotes]
    cue_of = {t: n for n, quote in enumerate(article.quotes) if quote.cue for t in range(*token_range(a, quote.cue))}
    result = np.zeros(len(frames), bool)
    for row, (cue, start, end) in enumerate(zip(frames.cue.tolist(), contents.start.tolist(), contents.end.tolist())):
        if cue in cue_of:
            own = {t for k in (0, 1) if start[k] >= 0 for t in range(start[k], end[k])}
            # A quotation over several paragraphs has more pieces than its cue's sentence shows.
            lines = {int(a.line[t]) for t in own}
            right = {t for t in gold[cue_of[cue]] if int(a.line[t]) in lines}
            result[row] = 2 * len(own & right) >= len(own | right)
    return result


def cross_mentions(data: Data, features: WordFeatures, folds: int = 2) -> list[Mentions]:
    """Mentions of each article by taggers that were fitted to the others."""
    found: list[Mentions | None] = [None] * len(data)
    for fold in range(folds):
        taggers = fit_taggers([d for i, d in enumerate(data) if i % folds != fold], features)
        for i in range(fold, len(data), folds):
            found[i] = men.find_mentions(data[i][1], *taggers)
    return [f for f in found if f is not None]


def covered_tokens(article: Article, a: Analysis, only_cued: bool) -> BoolArray:
    """Which tokens stand in gold contents."""
    covered = np.zeros(len(a), bool)
    for quote in article.quotes:
        if quote.cue or not only_cued:
            for span in quote.spans:
                first, last = outer_range(a, span)
                covered[first:last] = True
    return covered


def fit_free(data: Data, features: WordFeatures) -> Linear:
    """The scorer of stretches that no cue claims: is this a quotation?"""
    rows, labels = [], []
    for article, a in data:
        covered = covered_tokens(article, a, only_cued=True)
        free = uncued.free_stretches(a, covered)
        if not len(free):
            continue
        gold = covered_tokens(article, a, only_cued=False)
        rows.append(uncued.free_columns(a, free, covered))
        labels.append(np.array([gold[a.stretch_from[k] : a.stretch_to[k]].mean() > 0.5 for k in free], np.int32))
    columns = [np.concatenate(c) for c in zip(*rows)]
    return fit(uncued.FREE_SLOTS, columns, np.concatenate(labels), ("no", "yes"), features, 0.3)
