"""What all annotation tools have in common: a text, labelled stretches of it, and links between these.

A `Graph` stands between a Document and every format. Its regions are

    direct, mixed, indirect     a piece of the content of a quote
    cue                         words of saying
    person, body, unnamed       a mention of a speaker of this kind; the first one carries the speaker's name
    mention                     a mention of a speaker that nobody knows
    ad, consent, ...            a sentence of this kind of boilerplate
    claim                       a sentence that is a claim
    sentence                    a sentence without tag, where `Segmenter` would cut the text otherwise

and its links, each from one region to another,

    continues                   the quote goes on in that piece
    has_cue, has_mention        the quote has that cue, is given to that mention
    has_speaker                 the quote has the speaker of that mention, which stands elsewhere
    same_as                     both mentions are of one speaker

Untagged sentences that the segmenter finds by itself are left out: nobody wants to see them in a tool.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

from quoteattr._version import __version__
from quoteattr.document import BOILERPLATE_KINDS, Document, Quote, Sentence, Span, Speaker
from quoteattr.errors import AnnotationError
from quoteattr.segmenter import LINE_BREAKS, Segmenter

CONTENTS = ("direct", "mixed", "indirect")
SPEAKERS = ("person", "body", "unnamed")
CUE, UNKNOWN, CLAIM, SENTENCE = "cue", "mention", "claim", "sentence"
MENTIONS = (*SPEAKERS, UNKNOWN)
SENTENCES = (*BOILERPLATE_KINDS, CLAIM, SENTENCE)
LABELS = (*CONTENTS, CUE, *MENTIONS, *SENTENCES)
CONTINUES, HAS_CUE, HAS_MENTION, HAS_SPEAKER, SAME = "continues", "has_cue", "has_mention", "has_speaker", "same_as"
LINKS = {
    CONTINUES: (CONTENTS, CONTENTS),
    HAS_CUE: (CONTENTS, (CUE,)),
    HAS_MENTION: (CONTENTS, MENTIONS),
    HAS_SPEAKER: (CONTENTS, MENTIONS),
    SAME: (MENTIONS, MENTIONS),
}
BY_HAND = "by hand"

_LINE = re.compile(f"[^{LINE_BREAKS}]+")
_PRONOUNS = frozenset("he him his she her hers they them their it its who which whom i we".split())
_ARTICLE = re.compile(r"(?:the|an?)\s+", re.I)
_EXCERPT = 40

Node = TypeVar("Node", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Region:
    """A labelled stretch of the text."""

    start: int
    end: int
    label: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled pair of regions, by their numbers."""

    label: str
    source: int
    target: int


@dataclass
class Graph:
    """A text with regions and links; `place` is how errors call it."""

    id: str
    text: str
    regions: list[Region] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    place: str = ""

    def add(self, start: int, end: int, label: str, name: str = "") -> int:
        """Append a region and return its number."""
        self.regions.append(Region(start, end, label, name))
        return len(self.regions) - 1

    def link(self, label: str, source: int, target: int) -> None:
        """Append a link."""
        self.links.append(Link(label, source, target))

    def fail(self, message: str, region: Region | None = None) -> NoReturn:
        """Raise AnnotationError for the text or one of its regions."""
        about = ""
        if region:
            excerpt = self.text[region.start : region.end]
            about = f"{region.label} {excerpt[:_EXCERPT] + '…' * (len(excerpt) > _EXCERPT)!r} ({region.start}-{region.end}) "
        raise AnnotationError(f"{self.place or self.id}: {about}{message}")


def groups(nodes: Iterable[Node], pairs: Iterable[tuple[Node, Node]]) -> list[list[Node]]:
    """The connected components of an undirected graph, nodes and components in the order of `nodes`."""
    parent = {node: node for node in nodes}

    def root(node: Node) -> Node:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    for a, b in pairs:
        parent[root(b)] = root(a)
    found: dict[Node, list[Node]] = {}
    for node in parent:
        found.setdefault(root(node), []).append(node)
    return list(found.values())


# --- from a document -------------------------------------------------------------------------------------------------


def graph_of(id: str, document: Document) -> Graph:
    """The graph of a document.

    Raises
    ------
    AnnotationError
        If a speaker is mentioned nowhere.
    """
    graph = Graph(id, document.text)
    found_anyway = set(Segmenter().spans(document.text))
    for sentence in document.sentences:
        label = sentence.boilerplate_kind or (CLAIM if CLAIM in sentence.tags else SENTENCE)
        if label != SENTENCE or (sentence.start, sentence.end) not in found_anyway:
            graph.add(sentence.start, sentence.end, label)
    mentions: dict[Span, int] = {}
    first: dict[Speaker, int] = {}
    for speaker in document.speakers:
        own = {q.mention for q in document.quotes if q.speaker == speaker and q.mention} | set(speaker.mentions)
        if not own:
            graph.fail(f"the speaker {speaker.name!r} is mentioned nowhere, so that no quote can be linked to it")
        spans = sorted(own)
        numbers = [graph.add(s.start, s.end, speaker.kind, speaker.name if s == spans[0] else "") for s in spans]
        for number in numbers[1:]:
            graph.link(SAME, numbers[0], number)
        mentions.update(zip(spans, numbers))
        first[speaker] = numbers[0]
    cues: dict[Span, int] = {}
    for quote in document.quotes:
        pieces = [graph.add(s.start, s.end, quote.kind) for s in quote.spans]
        for a, b in itertools.pairwise(pieces):
            graph.link(CONTINUES, a, b)
        if quote.cue:
            if quote.cue not in cues:
                cues[quote.cue] = graph.add(quote.cue.start, quote.cue.end, CUE)
            graph.link(HAS_CUE, pieces[0], cues[quote.cue])
        if quote.mention:
            if quote.mention not in mentions:
                mentions[quote.mention] = graph.add(quote.mention.start, quote.mention.end, UNKNOWN)
            graph.link(HAS_MENTION, pieces[0], mentions[quote.mention])
        elif quote.speaker:
            graph.link(HAS_SPEAKER, pieces[0], first[quote.speaker])
    return graph


# --- to a document ---------------------------------------------------------------------------------------------------


def document_of(graph: Graph) -> Document:
    """The document of a graph, as a human left it: checked, trimmed, with what is missing filled in.

    White space at the ends of a region is cut off; contents and sentences are cut at line breaks; a speaker without a
    name gets its longest mention; a speaker of several kinds gets the commonest; stretches that belong to no sentence
    are cut by `Segmenter`; cues that belong to no quote are dropped.

    Raises
    ------
    AnnotationError
        If labels or links are unknown, stand where they cannot, or contradict each other.
    """
    nodes = [_trimmed(graph, region) for region in graph.regions]
    links = [(link.label, *_ends(graph, nodes, link)) for link in graph.links]
    speakers, speaker_of = _speakers(graph, nodes, links)
    quotes = _quotes(graph, nodes, links, speaker_of)
    mentions = [{*s.mentions} for s in speakers]
    for quote in quotes:  # a pronoun that was linked only to its quote
        if quote.speaker and quote.mention:
            mentions[speakers.index(quote.speaker)].add(quote.mention)
    final = {s: Speaker(s.name, s.kind, tuple(sorted(m))) for s, m in zip(speakers, mentions)}
    quotes = [
        Quote(q.spans, q.kind, q.cue, q.mention, final[q.speaker] if q.speaker else None, 1.0, {}, graph.text)
        for q in quotes
    ]
    return Document(
        graph.text,
        tuple(_sentences(graph, nodes, quotes)),
        tuple(sorted(quotes, key=lambda q: q.spans)),
        tuple(sorted(final.values(), key=lambda s: s.mentions)),
        __version__,
        BY_HAND,
    )


def _trimmed(graph: Graph, region: Region) -> Region:
    if region.label not in LABELS:
        graph.fail(f"has an unknown label: the labels are {', '.join(LABELS)}", region)
    if not 0 <= region.start < region.end <= len(graph.text):
        graph.fail(f"does not fit into the text, which has {len(graph.text)} characters", region)
    text = graph.text[region.start : region.end]
    if not text.strip():
        graph.fail("holds only white space: delete it", region)
    start = region.start + len(text) - len(text.lstrip())
    return Region(start, start + len(text.strip()), region.label, " ".join(region.name.split()))


def _ends(graph: Graph, nodes: list[Region], link: Link) -> tuple[Region, Region]:
    """The regions of a link, turned round if it was drawn the other way."""
    a, b = nodes[link.source], nodes[link.target]
    if link.label not in LINKS:
        graph.fail(f"has an unknown link {link.label!r}: the links are {', '.join(LINKS)}", a)
    sources, targets = LINKS[link.label]
    if a.label in targets and b.label in sources and a.label not in sources:
        a, b = b, a
    if a.label not in sources or b.label not in targets:
        graph.fail(
            f"is linked by {link.label} to a {b.label}: it goes from {' or '.join(sources)} to {' or '.join(targets)}",
            a,
        )
    return a, b


Links = list[tuple[str, Region, Region]]


def _span(region: Region) -> Span:
    return Span(region.start, region.end)


def _speakers(graph: Graph, nodes: list[Region], links: Links) -> tuple[list[Speaker], dict[Span, Speaker]]:
    """The speakers, and which one each mention is of."""
    mentions = [n for n in nodes if n.label in MENTIONS]
    pairs = [(_span(a), _span(b)) for label, a, b in links if label == SAME]
    speakers = []
    speaker_of: dict[Span, Speaker] = {}
    for spans in groups(sorted({_span(m) for m in mentions}), pairs):
        own = sorted((m for m in mentions if _span(m) in spans), key=lambda m: (m.start, m.end))
        kinds = Counter(m.label for m in own if m.label != UNKNOWN)
        if not kinds:
            continue
        kind = kinds.most_common(1)[0][0]
        name = max((m.name for m in own), key=len) or _name(graph.text, spans, kind)
        speaker = Speaker(name, kind, tuple(sorted(spans)))
        speakers.append(speaker)
        speaker_of.update(dict.fromkeys(spans, speaker))
    return speakers, speaker_of


def _name(text: str, spans: Iterable[Span], kind: str) -> str:
    """The longest mention that is no pronoun."""
    texts = [" ".join(text[s.start : s.end].split()) for s in spans]
    name = max(texts, key=lambda t: (t.lower() not in _PRONOUNS, len(t)))
    return _ARTICLE.sub("", name, count=1) if kind == "unnamed" else name


def _quotes(graph: Graph, nodes: list[Region], links: Links, speaker_of: dict[Span, Speaker]) -> list[Quote]:
    contents = sorted({n for n in nodes if n.label in CONTENTS}, key=lambda n: (n.start, n.end))
    for a, b in itertools.pairwise(contents):
        if a.end > b.start:
            graph.fail(
                f"overlaps {b.label} {graph.text[b.start : b.end][:_EXCERPT]!r}: "
                "contents stand apart; an utterance inside another's quotation is not marked",
                a,
            )
    found = []
    for pieces in groups(contents, [(a, b) for label, a, b in links if label == CONTINUES]):
        kinds = {p.label for p in pieces}
        if len(kinds) > 1:
            graph.fail(
                f"continues as {' and '.join(sorted(kinds - {pieces[0].label}))}: label all its pieces alike", pieces[0]
            )

        def only(label: str, pieces: list[Region] = pieces) -> Span | None:
            targets = {_span(b) for name, a, b in links if name == label and a in pieces}
            if len(targets) > 1:
                graph.fail(f"has {len(targets)} links {label}: leave one", pieces[0])
            return next(iter(targets), None)

        cue, mention, elsewhere = only(HAS_CUE), only(HAS_MENTION), only(HAS_SPEAKER)
        named = speaker_of.get(mention) if mention else None
        stated = speaker_of.get(elsewhere) if elsewhere else None
        if named and stated and named != stated:
            graph.fail(
                f"has a mention of {named.name!r} but the speaker {stated.name!r}: one of the links is wrong", pieces[0]
            )
        spans = tuple(_by_line(graph.text, pieces))
        found.append(Quote(spans, pieces[0].label, cue, mention, named or stated, 1.0, {}, graph.text))
    return found


def _by_line(text: str, pieces: Iterable[Region]) -> Iterator[Span]:
    """The pieces of a content: none goes over a line break, and something other than spaces stands between two."""
    last: Span | None = None
    for piece in pieces:
        for span in _lines(text, piece.start, piece.end):
            gap = text[last.end : span.start] if last else "x"
            if last and not gap.strip() and not any(char in LINE_BREAKS for char in gap):
                last = Span(last.start, span.end)
                continue
            if last:
                yield last
            last = span
    if last:
        yield last


def _sentences(graph: Graph, nodes: list[Region], quotes: list[Quote]) -> Iterator[Sentence]:
    """The sentences that are marked, and between them what the segmenter finds."""
    marked: dict[Span, str] = {}
    for node in sorted(
        (n for n in nodes if n.label in SENTENCES), key=lambda n: SENTENCES.index(n.label), reverse=True
    ):
        for span in _lines(graph.text, node.start, node.end):
            before = marked.get(span)
            if before in BOILERPLATE_KINDS and node.label != before:
                graph.fail(f"is labelled {before}, too: leave one", node)
            marked[span] = node.label
    spans = sorted(marked)
    for a, b in itertools.pairwise(spans):
        if a.end > b.start:
            graph.fail(
                f"overlaps the sentence {graph.text[b.start : b.end][:_EXCERPT]!r}", Region(a.start, a.end, marked[a])
            )
    contents = sorted(s for q in quotes for s in q.spans)
    for span in sorted({*marked, *_unmarked(graph.text, spans)}):
        label = marked.get(span, SENTENCE)
        is_quote = any(s.start < span.end and span.start < s.end for s in contents)
        if is_quote and label in BOILERPLATE_KINDS:
            graph.fail(
                "holds the content of a quote: boilerplate carries none, remove one of the two",
                Region(span.start, span.end, label),
            )
        tags = {
            tag
            for tag, on in (("quote", is_quote), ("boilerplate", label in BOILERPLATE_KINDS), (CLAIM, label == CLAIM))
            if on
        }
        scores = {tag: float(tag in tags) for tag in ("quote", "boilerplate", CLAIM)}
        kind = label if label in BOILERPLATE_KINDS else None
        yield Sentence(span.start, span.end, frozenset(tags), scores, kind, graph.text)


def _unmarked(text: str, marked: list[Span]) -> Iterator[Span]:
    """The segmenter's sentences, less what is marked."""
    following = 0
    for start, end in Segmenter().spans(text):
        while following < len(marked) and marked[following].end <= start:
            following += 1
        at, i = start, following
        while i < len(marked) and marked[i].start < end:
            yield from _lines(text, at, marked[i].start)
            at = max(at, marked[i].end)
            i += 1
        yield from _lines(text, at, end)


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    """The lines of a stretch that are not blank, without outer white space."""
    for match in _LINE.finditer(text, start, end):
        line = match.group()
        if line.strip():
            yield Span(match.start() + len(line) - len(line.lstrip()), match.start() + len(line.rstrip()))
