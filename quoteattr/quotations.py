"""Quotations: cue, source and content of every reported utterance.

The cue comes first and everything else is conditioned on it: a classifier finds cues and their configurations
(`cues`), one ranker picks the source (`sources`), two a side pick the boundaries of the content (`contents`); what
stands in quotation marks and is still nobody's gets a second look (`uncued`). All are linear in words at fixed offsets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from quoteattr.acceptance import acceptance_features
from quoteattr.analysis import Analysis
from quoteattr.boundaries import boundary_features, likeliest
from quoteattr.contents import (
    Contents,
    Frames,
    best,
    boundary_columns,
    group_of,
    left_end_candidates,
    left_start_candidates,
    right_end_candidates,
    right_start_candidates,
)
from quoteattr.cues import CONFIGURATIONS, NONE, Cues, cue_candidates, cue_columns
from quoteattr.linear import FloatArray, Linear, coverage, sigmoid, softmax
from quoteattr.mentions import Mentions
from quoteattr.sources import by_ranker, is_unsaid, source_candidates, source_columns
from quoteattr.tokens import IntArray
from quoteattr.trees import Trees
from quoteattr.uncued import columns_of, free_columns, free_stretches, second_chance


@dataclass(slots=True)
class Utterance:
    """A found quotation: pieces are token ranges, marks of mixed contents included."""

    cue: int
    configuration: str
    source: int
    pieces: list[tuple[int, int]]
    features: dict[str, float]

    def moved(self, tokens: int, mentions: int) -> Utterance:
        """The same, with tokens and mentions counted from others."""
        cue = self.cue - tokens if self.cue >= 0 else -1
        source = self.source - mentions if self.source >= 0 else -1
        pieces = [(s - tokens, e - tokens) for s, e in self.pieces]
        return Utterance(cue, self.configuration, source, pieces, self.features)


class QuotationModel:
    """The scorers of this module, by name."""

    names = ("cue", "source_left", "source_right", "right_start", "right_end", "left_end", "left_start", "free")

    def __init__(self, scorers: dict[str, Linear], ends: Trees | None = None, acceptance: Trees | None = None):
        self.scorers = scorers
        self.ends, self.acceptance = ends, acceptance  # None only while they are being fitted

    def cues(self, a: Analysis, mentions: Mentions) -> Cues:
        """The cue candidates and the probabilities of their configurations."""
        at = cue_candidates(a)
        if not len(at):
            return Cues(at, [], np.zeros((0, len(CONFIGURATIONS)), np.float32))
        columns = cue_columns(a, mentions, at)
        return Cues(at, columns, softmax(self.scorers["cue"].scores(columns)))

    def frames(
        self, a: Analysis, mentions: Mentions, at: IntArray, configuration: IntArray, probability: FloatArray
    ) -> Frames:
        """Cues of known configurations with their sources."""
        source = np.full(len(at), -1, np.int32)
        share = np.zeros(len(at), np.float32)
        c = source_candidates(a, mentions, at, configuration)
        if len(c.cue):
            columns = source_columns(a, mentions, at, configuration, c)
            scores = np.zeros(len(c.cue), np.float32)
            for name, rows in by_ranker(mentions, at, c).items():
                if rows.any():
                    scores[rows] = self.scorers[name].scores([column[rows] for column in columns])[:, 0]
            row, share = best(c.cue, scores, len(at))
            source = np.where(row >= 0, c.item[np.maximum(row, 0)], -1).astype(np.int32)
        has = source >= 0
        start = np.where(has, mentions.start[np.maximum(source, 0)], -1) if len(mentions) else source
        end = np.where(has, mentions.end[np.maximum(source, 0)], -1) if len(mentions) else source
        return Frames(at, configuration, probability, source, share, *group_of(at, start, end))

    def contents(self, a: Analysis, mentions: Mentions, f: Frames) -> Contents:
        """The content of each frame, on either side of its cue."""
        found = Contents.empty(len(f))
        side = _CONTENT_SIDE[f.configuration]
        left, right = np.flatnonzero(side & 1), np.flatnonzero(side & 2)
        rows = np.concatenate([left, right])
        if not len(rows):
            return found
        both = f.select(rows)
        steps = left_end_candidates(a, f.select(left)), right_start_candidates(a, f.select(right))
        owner, position, scores = self._scored(a, mentions, both, steps, ("left_end", "right_start"), len(left), None)
        row, near_share = best(owner, scores, len(rows))
        near = np.where(row >= 0, position[row], -1) if len(position) else row
        # A frame without a first boundary gets one that yields no candidates worth taking; it is skipped below.
        anchor = np.where(near >= 0, near, both.cue + 1).astype(np.int32)
        owner, position, scores = self.far_boundaries(a, mentions, both, anchor, len(left))
        if self.ends is not None and len(owner):
            likely = f.cue[f.probability >= 0.5]
            scores = self.ends.scores(boundary_features(a, both, owner, anchor[owner], position, scores, likely))
        row, far_share = best(owner, scores, len(rows))
        far = np.where(row >= 0, position[row], -1) if len(position) else row
        low, high = np.minimum(near, far), np.maximum(near, far)
        words = a.words_before
        good = (low >= 0) & (words[high.clip(0)] > words[low.clip(0)])  # not a mark alone
        where = rows[good], np.repeat([0, 1], [len(left), len(right)])[good]
        found.start[where], found.end[where] = low[good], high[good]
        found.share[where] = (near_share * far_share)[good]
        _drop_unmarked_halves(a, found)
        return found

    def far_boundaries(
        self, a: Analysis, mentions: Mentions, frames: Frames, anchor: IntArray, lefts: int
    ) -> tuple[IntArray, IntArray, FloatArray]:
        """The likeliest candidates for the boundary far from the cue, as (frame, position, score)."""
        steps = left_start_candidates(a, anchor[:lefts]), right_end_candidates(a, anchor[lefts:])
        owner, position, scores = self._scored(a, mentions, frames, steps, ("left_start", "right_end"), lefts, anchor)
        few = likeliest(owner, scores)
        return owner[few], position[few], scores[few]

    def _scored(
        self,
        a: Analysis,
        mentions: Mentions,
        frames: Frames,
        candidates: tuple[tuple[IntArray, IntArray], tuple[IntArray, IntArray]],
        names: tuple[str, str],
        lefts: int,
        anchor: IntArray | None,
    ) -> tuple[IntArray, IntArray, FloatArray]:
        """Candidate boundaries as (frame, position, score); the first `lefts` frames are left sides."""
        (left_owner, left), (right_owner, right) = candidates
        owner = np.concatenate([left_owner, right_owner + lefts]).astype(np.int32)
        position = np.concatenate([left, right]).astype(np.int32)
        if not len(owner):
            return owner, position, np.zeros(0, np.float32)
        columns = boundary_columns(a, mentions, frames, owner, position, anchor)
        n = len(left)
        scores = np.concatenate(
            [
                self.scorers[names[0]].scores([c[:n] for c in columns])[:, 0],
                self.scorers[names[1]].scores([c[n:] for c in columns])[:, 0],
            ]
        )
        return owner, position, scores


def _drop_unmarked_halves(a: Analysis, c: Contents) -> None:
    """A quotation that is marked as a whole goes on in marks or not at all: '"Oh no," he said, urging them to stay'."""
    left = a.opens_padded[c.start[:, 0]]
    is_marked = (c.start[:, 0] >= 0) & (left >= 0) & (a.closes_before[c.end[:, 0]] == left)
    unmarked = is_marked & (c.start[:, 1] >= 0) & (a.opens_padded[c.start[:, 1]] < 0)
    c.start[unmarked, 1] = c.end[unmarked, 1] = -1
    c.share[unmarked, 1] = 0


# For each configuration: bit 1 if it has a content to the left of its cue, bit 2 if to the right.
_CONTENT_SIDE = np.array([{"L": 1, "R": 2, "B": 3}.get(c[0], 0) for c in CONFIGURATIONS])
_LEAST_LIKELY = 0.92  # above this probability of being none a word is no cue, whatever stands around it
_RIVAL = 0.12  # of the second likeliest configuration, among all that make a cue
_ACCEPTED = 0.27  # from this probability on it is an utterance


def possible_utterances(a: Analysis, mentions: Mentions, model: QuotationModel) -> tuple[Cues, Frames, Contents]:
    """The cue candidates, and those that may be cues, in their likeliest configurations."""
    cues = model.cues(a, mentions)
    maybe = cues.probability[:, NONE] < _LEAST_LIKELY
    at, probability = cues.at[maybe], cues.probability[maybe]
    row, configuration = likely_configurations(probability)
    frames = model.frames(a, mentions, at[row], configuration, 1 - probability[row, NONE])
    contents = model.contents(a, mentions, frames)
    some = np.flatnonzero((contents.start >= 0).any(axis=1))
    return cues, frames.select(some), contents.select(some)


def likely_configurations(probability: FloatArray) -> tuple[IntArray, IntArray]:
    """The likeliest configuration of each cue, and the second where it is a rival, as (row, configuration)."""
    share = probability[:, 1:] / probability[:, 1:].sum(axis=1, keepdims=True)
    order = np.argsort(-share, axis=1)[:, :2]
    rows = np.arange(len(share))[:, None]
    chosen = share[rows, order] >= np.array([0, _RIVAL], np.float32)
    row, rank = np.nonzero(chosen)
    return row.astype(np.int32), (order[row, rank] + 1).astype(np.int32)


def is_best_of_cue(frames: Frames) -> npt.NDArray[np.bool_]:
    """Of the frames of one cue the most probable one."""
    result = np.zeros(len(frames), bool)
    result[likeliest(frames.cue, frames.probability, 1)] = True
    return result


def find_utterances(a: Analysis, mentions: Mentions, model: QuotationModel) -> list[Utterance]:
    """Every quotation of a text, without overlaps, in text order."""
    cues, frames, contents = possible_utterances(a, mentions, model)
    if len(frames):
        features = acceptance_features(a, mentions, frames, contents, cues, model.scorers["cue"])
        assert model.acceptance is not None
        frames.probability = sigmoid(model.acceptance.scores(features))
        accepted = (frames.probability >= _ACCEPTED) & is_best_of_cue(frames)
        accepted &= ~is_unsaid(a, mentions, frames.cue, frames.source)
        frames, contents = frames.select(accepted), contents.select(accepted)
        _leave_out_addressees(a, frames, contents)
    groups = {int(c): (int(s), int(e)) for c, s, e in zip(frames.cue, frames.group_from, frames.group_to)}
    found = without_overlaps(a, _utterances(frames, contents), groups)
    covered = np.zeros(len(a), bool)
    for u in found:
        for start, end in u.pieces:
            covered[start:end] = True
    for u in found:
        _cover(a, u, covered)
    free = free_stretches(a, covered)
    if len(free):
        is_quote = sigmoid(model.scorers["free"].scores(free_columns(a, free, covered))[:, 0])
        free, is_quote = free[is_quote >= 0.5], is_quote[is_quote >= 0.5]
        second = second_chance(a, free, cues.at, cues.probability, {u.cue for u in found})
        rows = {k: n for n, k in enumerate(second)}
        frames = model.frames(a, mentions, *columns_of(second.values()))
        unsaid = is_unsaid(a, mentions, frames.cue, frames.source)
        for k, p in zip(free.tolist(), is_quote.tolist()):
            if covered[a.stretch_from[k]]:
                continue
            u = Utterance(-1, "free", -1, [stretch_piece(a, k)], {"cue": p, "source": 0.0, "content": 1.0})
            if k in rows and not unsaid[rows[k]]:
                n = rows[k]
                u.cue, u.source = int(frames.cue[n]), int(frames.source[n])
                u.configuration = CONFIGURATIONS[frames.configuration[n]]
                u.features = {
                    "cue": float(frames.probability[n]),
                    "source": float(frames.source_probability[n]),
                    "content": p,
                }
            _cover(a, u, covered)
            found.append(u)
    return sorted(found, key=lambda u: u.pieces[0])


def _leave_out_addressees(a: Analysis, f: Frames, c: Contents) -> None:
    """Let no content that follows "told" begin with a name: "told [the Daily Post] seeing this was a shock".

    It stays among the candidates: a ranker that never sees names there takes them elsewhere.
    """
    passive = a.lexicon.classes["be"][a.words[np.maximum(f.cue - 1, 0)]]
    told = a.lexicon.one_of(("tell", "tells", "told", "telling"))[a.words[f.cue]] & ~passive
    for k in np.flatnonzero(told & (c.start[:, 1] == f.cue + 1)).tolist():
        start, end = int(c.start[k, 1]), int(c.end[k, 1])
        name = start + int(a.lexicon.classes["determiner"][a.words[start]])
        behind = name
        while behind < end and a.in_name[behind]:
            behind += 1
        if name < behind < end:
            c.start[k, 1] = behind


def _utterances(frames: Frames, contents: Contents) -> list[Utterance]:
    """The frames with their contents."""
    found = []
    columns = (frames.cue, frames.configuration, frames.source, frames.probability, frames.source_probability,
               contents.start, contents.end, contents.share)  # fmt: skip
    rows = list(zip(*(column.tolist() for column in columns)))
    # A marked stretch that stands before its own cue is not the second half of the quotation before it.
    own = {start[0] for *_, start, _, _ in rows if start[0] >= 0}
    for cue, configuration, source, probability, source_probability, start, end, share in rows:
        sides = [k for k in (0, 1) if start[k] >= 0 and (k == 0 or start[k] not in own)]
        if sides:
            content = math.prod(share[k] for k in sides)
            features = {"cue": probability, "source": source_probability, "content": content}
            pieces = [(start[k], end[k]) for k in sides]
            found.append(Utterance(cue, CONFIGURATIONS[configuration], source, pieces, features))
    return found


def _cover(a: Analysis, u: Utterance, covered: npt.NDArray[np.bool_]) -> None:
    """Add an utterance's other paragraphs, as far as they are nobody else's, and mark its tokens as taken."""
    u.pieces = [p for p in with_continuations(a, u.pieces) if p in u.pieces or not covered[p[0] : p[1]].any()]
    for start, end in u.pieces:
        covered[start:end] = True


def stretch_piece(a: Analysis, k: int) -> tuple[int, int]:
    """The tokens of a stretch with its marks."""
    return int(a.stretch_outer_from[k]), int(a.stretch_outer_to[k])


def with_continuations(a: Analysis, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pieces with the other paragraphs of a quotation that runs over several."""
    if not a.stretches:
        return pieces
    result = dict.fromkeys(pieces)
    for start, end in pieces:
        first = a.inside[start] if a.inside[start] >= 0 else a.opens[start]
        while first >= 0 and a.stretches[first].continues >= 0:
            first = a.stretches[first].continues
            result[stretch_piece(a, first)] = None
        last = a.inside[end - 1] if a.inside[end - 1] >= 0 else a.closes[end - 1]
        while (
            0 <= last < len(a.stretches) - 1
            and not a.stretches[last].closed
            and a.stretches[last + 1].continues == last
        ):
            last += 1
            result[stretch_piece(a, last)] = None
    return sorted(result)


def without_overlaps(a: Analysis, found: list[Utterance], groups: dict[int, tuple[int, int]]) -> list[Utterance]:
    """The utterances without overlaps: outer ones before those whose cue stands in their contents, then the surest.

    Where the next clause ("..., and she added that ...") has run into a content, the content is cut; a piece that
    overlaps otherwise goes, and with its last piece the utterance: an utterance inside another one's content is not
    reported by itself.
    """
    joins = a.lexicon.any_of("conjunction", "punctuation")[a.words]
    content = [-1] * len(a)  # whose content each token is
    cues = [-1] * len(a)  # whose cue
    edges = np.array([piece for u in found for piece in u.pieces], np.intp).reshape(-1, 2)
    depth = coverage(edges[:, 0], edges[:, 1], len(a))
    order = sorted(found, key=lambda u: (depth[u.cue], -u.features["cue"], u.cue))
    kept = []

    def cut(start: int, other: Utterance) -> tuple[int, int] | None:
        """What is left of a piece that another utterance's cue stands in; None if that is nested, not joined on."""
        at = max(start, min(groups[other.cue][0], other.cue))
        if other.configuration[0] != "R" or at <= start + 1 or not joins[at - 1]:
            return None
        while at > start and joins[at - 1]:
            at -= 1
        return (start, at) if at > start else None

    for n, u in enumerate(order):
        holder = content[u.cue]
        if holder >= 0:  # it stands in another's content: shorten that, or give up
            other = order[holder]
            k, old = next((k, p) for k, p in enumerate(other.pieces) if p[0] <= u.cue < p[1])
            new = cut(old[0], u)
            if new is None:
                continue
        pieces: list[tuple[int, int]] = []
        for own in u.pieces:
            piece: tuple[int, int] | None = own
            for cue in cues[own[0] : own[1]]:
                if cue >= 0 and piece and order[cue].cue < piece[1]:
                    piece = cut(piece[0], order[cue])
            if piece:
                freed = new[1] if holder >= 0 and new else len(a)  # from here on the holder has lost its words
                taken = content[piece[0] : piece[1]]
                if all(whose < 0 or (whose == holder and at >= freed) for at, whose in enumerate(taken, piece[0])):
                    pieces.append(piece)
        if not pieces:
            continue
        if holder >= 0 and new:
            content[new[1] : old[1]] = [-1] * (old[1] - new[1])
            other.pieces[k] = new
        u.pieces = pieces
        for start, end in pieces:
            content[start:end] = [n] * (end - start)
        cues[u.cue] = n
        kept.append(u)
    return kept


def spans_of(a: Analysis, pieces: list[tuple[int, int]]) -> tuple[list[tuple[int, int]], str]:
    """The content spans in characters and the kind: a piece that is one whole stretch loses its marks."""
    spans, kinds = [], []
    inside, opens, closes = a.mark_lists
    for start, end in pieces:
        k = opens[start]
        while start < end - 1 and opens[start] >= 0 and opens[start + 1] == k:
            start += 1
        first = start + 1 if opens[start] >= 0 else start
        inner = inside[first] if first < len(a) else -1
        if (
            inner >= 0
            and a.stretch_from[inner] == first
            and (end <= first or inside[end - 1] == inner or closes[end - 1] == inner)
        ):
            stretch = a.stretches[inner]
            spans.append(_trim(a.text, stretch.start, stretch.end))
            kinds.append("direct")
        else:
            spans.append(_trim(a.text, int(a.starts[start]), int(a.ends[end - 1])))
            marked = max(inside[start:end]) >= 0 or max(opens[start:end]) >= 0
            kinds.append("direct" if min(inside[start:end]) >= 0 else "mixed" if marked else "indirect")
    if "mixed" in kinds or len(set(kinds)) > 1:
        return spans, "mixed"
    return spans, kinds[0]


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
