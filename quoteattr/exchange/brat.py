"""brat stand-off: a folder with NAME.txt and NAME.ann for each document, and brat's configuration.

A quote is one annotation, over several fragments where its content is in pieces; its cue and mention hang on relations.
The mentions of one speaker are an equivalence, and the note on one of them is the speaker's name. Offsets are code
points, a fragment ends at a line break, as brat wants both. https://brat.nlplab.org/standoff.html
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from quoteattr.document import BOILERPLATE_KINDS, Document
from quoteattr.errors import AnnotationError
from quoteattr.exchange.files import id_of, read_text, stem_of, write_text
from quoteattr.exchange.graph import (
    CLAIM,
    CONTENTS,
    CONTINUES,
    CUE,
    LINKS,
    MENTIONS,
    SAME,
    SENTENCE,
    Graph,
    Region,
    document_of,
    graph_of,
    groups,
)

NAME = "brat"
_TEXT_BOUND = re.compile(r"(T\S+)\t(\S+) (\d+ \d+(?:;\d+ \d+)*)(?:\t(.*))?")
_RELATION = re.compile(r"R\S+\t(\S+) Arg1:(\S+) Arg2:(\S+)\s*")
_EQUIVALENCE = re.compile(r"\*\t(\S+) (.*)")
_NOTE = re.compile(r"#\S*\t\S+ (\S+)\t(.*)")
_COLOURS = {
    **dict.fromkeys(CONTENTS, "#b3d4ff"), **dict.fromkeys(MENTIONS, "#c8e6c9"), CUE: "#ffe0b2", CLAIM: "#fff9c4",
    SENTENCE: "#eeeeee", **dict.fromkeys(BOILERPLATE_KINDS, "#e0e0e0"),
}  # fmt: skip


def write(documents: Iterable[tuple[str, Document]], folder: Path) -> None:
    """Write the folder."""
    for id, document in documents:
        graph = graph_of(id, document)
        write_text(folder / f"{stem_of(id)}.txt", document.text)
        write_text(folder / f"{stem_of(id)}.ann", "".join(f"{line}\n" for line in _lines(graph)))
    write_text(folder / "annotation.conf", _annotation_conf())
    write_text(folder / "visual.conf", _visual_conf())


def _lines(graph: Graph) -> Iterator[str]:
    joined = [(link.source, link.target) for link in graph.links if link.label == CONTINUES]
    key = {}
    for n, pieces in enumerate(groups(range(len(graph.regions)), joined), 1):
        key.update(dict.fromkeys(pieces, f"T{n}"))
        regions = [graph.regions[piece] for piece in pieces]
        fragments = [fragment for region in regions for fragment in _fragments(graph.text, region)]
        offsets = ";".join(f"{start} {end}" for start, end in fragments)
        yield f"T{n}\t{regions[0].label.capitalize()} {offsets}\t{_reference(graph.text, fragments)}"
    named = [(key[number], region.name) for number, region in enumerate(graph.regions) if region.name]
    relations = [link for link in graph.links if link.label not in (CONTINUES, SAME)]
    for n, link in enumerate(relations, 1):
        yield f"R{n}\t{link.label} Arg1:{key[link.source]} Arg2:{key[link.target]}"
    same = [(key[link.source], key[link.target]) for link in graph.links if link.label == SAME]
    for members in groups(dict.fromkeys(end for pair in same for end in pair), same):
        yield f"*\t{SAME} {' '.join(members)}"
    for n, (mention, name) in enumerate(named, 1):
        yield f"#{n}\tAnnotatorNotes {mention}\t{name}"


def _fragments(text: str, region: Region) -> list[tuple[int, int]]:
    return [m.span() for m in re.compile(r"[^\n]+").finditer(text, region.start, region.end)]


def _reference(text: str, fragments: Iterable[tuple[int, int]]) -> str:
    """The words of an annotation, for people: brat replaces what would break its line by spaces."""
    return " ".join(" ".join(text[start:end] for start, end in fragments).split())


def read(folder: Path) -> Iterator[tuple[str, Document] | AnnotationError]:
    """Every document of a folder that has an .ann file."""
    for path in sorted(folder.glob("*.ann")):
        try:
            yield id_of(path.stem), document_of(_graph(path))
        except AnnotationError as error:
            yield error


def _graph(path: Path) -> Graph:
    text_file = path.with_suffix(".txt")
    if not text_file.exists():
        raise AnnotationError(f"{path}: its text {text_file.name} is missing")
    graph = Graph(id_of(path.stem), read_text(text_file), place=str(path))
    pieces: dict[str, int] = {}
    notes: dict[str, str] = {}
    links: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        line = line.rstrip("\r")
        if match := _TEXT_BOUND.fullmatch(line):
            pieces[match[1]] = _add(graph, match, f"{path}:{number}")
        elif match := _RELATION.fullmatch(line):
            links.append((number, match[1], [match[2], match[3]]))
        elif match := _EQUIVALENCE.fullmatch(line):
            first, *others = match[2].split()
            links += [(number, match[1], [first, other]) for other in others]
        elif match := _NOTE.fullmatch(line):
            notes[match[1]] = match[2]
        elif line.strip():
            raise AnnotationError(
                f"{path}:{number}: only text spans (T), relations (R, *) and notes (#) are read, not {line[:60]!r}"
            )
    for number, label, ends in links:
        for end in ends:
            if end not in pieces:
                raise AnnotationError(f"{path}:{number}: there is no annotation {end}")
        graph.link(label, pieces[ends[0]], pieces[ends[1]])
    for key, name in notes.items():
        if key in pieces and graph.regions[pieces[key]].label in MENTIONS:
            old = graph.regions[pieces[key]]
            graph.regions[pieces[key]] = Region(old.start, old.end, old.label, name)
    return graph


def _add(graph: Graph, match: re.Match[str], place: str) -> int:
    """Add the regions of a text-bound annotation, and return the number of its first one."""
    label = match[2].lower()
    fragments = sorted((int(start), int(end)) for start, end in (f.split() for f in match[3].split(";")))
    if match[4] is not None and _reference(graph.text, fragments) != " ".join(match[4].split()):
        raise AnnotationError(
            f"{place}: {match[4][:60]!r} does not stand at {match[3]} in the .txt file: "
            "the text was changed after it was annotated, or the offsets are no code points"
        )
    if label in CONTENTS:
        numbers = [graph.add(start, end, label) for start, end in fragments]
        for a, b in itertools.pairwise(numbers):
            graph.link(CONTINUES, a, b)
        return numbers[0]
    start, end = fragments[0]
    for following, stop in fragments[1:]:  # fragments of one line-crossing stretch belong together, others do not
        if graph.text[end:following].strip():
            break
        end = stop
    return graph.add(start, end, label)


def _annotation_conf() -> str:
    def types(labels: Iterable[str]) -> str:
        return "|".join(label.capitalize() for label in labels)

    relations = [
        f"{label}\tArg1:{types(ends[0])}, Arg2:{types(ends[1])}{', <REL-TYPE>:symmetric-transitive' * (label == SAME)}"
        for label, ends in LINKS.items()
        if label != CONTINUES
    ]
    entities = ["!Quote", *_members(CONTENTS), *_members((CUE,), ""), "!Speaker", *_members(MENTIONS)]
    entities += ["!Boilerplate", *_members(BOILERPLATE_KINDS), *_members((CLAIM, SENTENCE), "")]
    overlap = "<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>"
    sections = {"entities": entities, "relations": [overlap, *relations], "events": [], "attributes": []}
    return "\n".join(f"[{name}]\n" + "".join(f"{line}\n" for line in lines) for name, lines in sections.items())


def _members(labels: Iterable[str], indent: str = "\t") -> list[str]:
    return [indent + label.capitalize() for label in labels]


def _visual_conf() -> str:
    colours = "".join(f"{label.capitalize()}\tbgColor:{colour}\n" for label, colour in _COLOURS.items())
    return f"[labels]\n\n[drawing]\n{colours}"
