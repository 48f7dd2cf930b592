r"""PARC-like columns: one token a line, with its offsets and its part in source, cue and content.

A document is a block with a blank line behind it::

    # id = "pool"
    # text = "“We tried,” she said."
    # s1 = person: Marian Pike
    # q2 speaker = s1
    1   “       0   1   _       _    _    _           _
    2   We      1   3   _       _    _    B-direct-1  _

The columns, separated by tabs: number, token, start, end (code points), sentence, source, cue, content, mention. Spans
are written as B- and I-; a token in several has them with a bar between: ``B-1|B-2`` is the source of quotes 1 and 2. A
quote's speaker is that of the mention that is its source, or is named in a comment. Source, cue and content are those
of PARC 3.0 (Pareti 2016).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from quoteattr.document import Document
from quoteattr.errors import AnnotationError
from quoteattr.exchange.files import from_json, read_text, to_json, write_text
from quoteattr.exchange.graph import (
    CONTENTS,
    CONTINUES,
    CUE,
    HAS_CUE,
    HAS_MENTION,
    HAS_SPEAKER,
    SAME,
    SENTENCES,
    SPEAKERS,
    UNKNOWN,
    Graph,
    Region,
    document_of,
    graph_of,
    groups,
)
from quoteattr.exchange.prodigy import tokens_of

NAME = "columns"
SENTENCE, SOURCE, CUE_OF, CONTENT, MENTION = range(4, 9)
_WIDTH = 9
_ID, _TEXT = re.compile(r"# id = (.*)"), re.compile(r"# text = (.*)")
_NAMED = re.compile(r"# (s\d+) = (\w+): (.*)")
_SPOKEN = re.compile(r"# q(\d+) speaker = (s\d+)")
_TAG = re.compile(r"([BI])-(.+)")


def write(documents: Iterable[tuple[str, Document]], path: Path) -> None:
    """Write a block a document."""
    write_text(path, "".join("".join(f"{line}\n" for line in (*_block(graph_of(id, d)), "")) for id, d in documents))


def _block(graph: Graph) -> Iterator[str]:
    regions, numbers = graph.regions, range(len(graph.regions))

    def linked(label: str) -> list[tuple[int, int]]:
        return [(link.source, link.target) for link in graph.links if link.label == label]

    speaker_of = {
        m: f"s{n}"
        for n, own in enumerate(groups([i for i in numbers if regions[i].label in SPEAKERS], linked(SAME)), 1)
        for m in own
    }
    quotes = groups([i for i in numbers if regions[i].label in CONTENTS], linked(CONTINUES))
    quote_of = {piece: str(n) for n, pieces in enumerate(quotes, 1) for piece in pieces}
    tags: list[tuple[int, Region, str]] = []
    for i, region in enumerate(regions):
        if region.label in SENTENCES:
            tags.append((SENTENCE, region, region.label))
        elif i in quote_of:
            tags.append((CONTENT, region, f"{region.label}-{quote_of[i]}"))
        elif i in speaker_of:
            tags.append((MENTION, region, speaker_of[i]))
    for column, label in ((CUE_OF, HAS_CUE), (SOURCE, HAS_MENTION)):
        tags += [(column, regions[target], quote_of[source]) for source, target in linked(label)]

    yield f"# id = {to_json(graph.id)}"
    yield f"# text = {to_json(graph.text)}"
    for i, speaker in speaker_of.items():
        if regions[i].name:
            yield f"# {speaker} = {regions[i].label}: {regions[i].name}"
    for source, target in linked(HAS_SPEAKER):
        yield f"# q{quote_of[source]} speaker = {speaker_of[target]}"
    tokens = [t for t in tokens_of(graph.text, regions) if not graph.text[slice(*t)].isspace()]
    cells: list[list[list[str]]] = [[[] for _ in range(_WIDTH)] for _ in tokens]
    at = {start: n for n, (start, _) in enumerate(tokens)}
    for column, region, tag in tags:
        n = at[region.start]
        cells[n][column].append(f"B-{tag}")
        while n + 1 < len(tokens) and tokens[n + 1][0] < region.end:
            n += 1
            cells[n][column].append(f"I-{tag}")
    for n, ((start, end), row) in enumerate(zip(tokens, cells), 1):
        labels = ("|".join(cell) or "_" for cell in row[SENTENCE:])
        yield "\t".join((str(n), graph.text[start:end], str(start), str(end), *labels))


def read(path: Path) -> Iterator[tuple[str, Document] | AnnotationError]:
    """Every block of a file."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate((*read_text(path).split("\n"), ""), 1):
        if line.strip():
            block.append((number, line.rstrip("\r")))
        elif block:
            try:
                graph = _graph(path, block)
                yield graph.id, document_of(graph)
            except AnnotationError as error:
                yield error
            block = []


def _graph(path: Path, block: list[tuple[int, str]]) -> Graph:
    place = f"{path}:{block[0][0]}"
    comments = [line for _, line in block if line.startswith("#") and "\t" not in line]
    given = {
        m.re: from_json(m[1], place) for line in comments for m in (_ID.fullmatch(line), _TEXT.fullmatch(line)) if m
    }
    if not isinstance(given.get(_TEXT), str) or _ID not in given:
        raise AnnotationError(f'{place}: a block begins with # id = "..." and # text = "...", both as JSON strings')
    graph = Graph(str(given[_ID]), given[_TEXT], place=place)
    found = _spans(graph, path, [(n, line) for n, line in block if line not in comments])

    kinds = {m[1]: (m[2], m[3]) for line in comments if (m := _NAMED.fullmatch(line))}
    mentions: dict[tuple[int, int], int] = {}
    first: dict[str, int] = {}
    for start, end, speaker in found[MENTION]:
        kind, name = kinds.get(speaker, ("person", ""))
        mentions[start, end] = graph.add(start, end, kind, "" if speaker in first else name)
        graph.link(SAME, first.setdefault(speaker, mentions[start, end]), mentions[start, end])
    pieces: dict[str, int] = {}
    for start, end, tag in found[CONTENT]:
        kind, _, quote = tag.rpartition("-")
        piece = graph.add(start, end, kind)
        graph.link(CONTINUES, pieces.setdefault(quote, piece), piece)
    for start, end, label in found[SENTENCE]:
        graph.add(start, end, label)
    for column, link in ((CUE_OF, HAS_CUE), (SOURCE, HAS_MENTION)):
        for start, end, quote in found[column]:
            if quote not in pieces:
                graph.fail(f"there is no content of quote {quote}", Region(start, end, link))
            if column == CUE_OF:
                target = graph.add(start, end, CUE)
            elif (start, end) in mentions:
                target = mentions[start, end]
            else:
                target = graph.add(start, end, UNKNOWN)
            graph.link(link, pieces[quote], target)
    for line in comments:
        if m := _SPOKEN.fullmatch(line):
            if m[1] not in pieces or m[2] not in first:
                graph.fail(f"{line!r} names a quote or a speaker that stands in no row")
            graph.link(HAS_SPEAKER, pieces[m[1]], first[m[2]])
    return graph


def _spans(graph: Graph, path: Path, rows: list[tuple[int, str]]) -> dict[int, list[tuple[int, int, str]]]:
    """What the rows of each column mark: start, end, tag."""
    found: dict[int, list[tuple[int, int, str]]] = {column: [] for column in range(SENTENCE, _WIDTH)}
    open_: dict[tuple[int, str], int] = {}  # of column and tag, the place in `found`
    for number, line in rows:
        cells = line.split("\t")
        place = f"{path}:{number}"
        if len(cells) != _WIDTH or not (cells[2].isdigit() and cells[3].isdigit()):
            raise AnnotationError(
                f"{place}: a row has {_WIDTH} columns with tabs between, the third and fourth are offsets; not {line[:60]!r}"
            )
        start, end = int(cells[2]), int(cells[3])
        if graph.text[start:end] != cells[1]:
            raise AnnotationError(
                f"{place}: the token {cells[1]!r} does not stand at {start}-{end} of the text, but {graph.text[start:end]!r}"
            )
        still: dict[tuple[int, str], int] = {}
        for column, spans in found.items():
            for cell in cells[column].split("|") if cells[column] != "_" else []:
                match = _TAG.fullmatch(cell)
                if not match:
                    raise AnnotationError(f"{place}: {cell!r} is no tag: write B-..., I-... or _")
                key = column, match[2]
                if match[1] == "I" and key in open_:
                    spans[open_[key]] = (spans[open_[key]][0], end, match[2])
                    still[key] = open_[key]
                else:  # also an I- without its B-, as when a row above was cleared
                    still[key] = len(spans)
                    spans.append((start, end, match[2]))
        open_ = still
    return found
