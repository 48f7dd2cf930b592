"""W3C Web Annotations: a folder with NAME.txt and NAME.jsonld, an annotation page, for each document.

A region is an annotation whose body tags it with its label, its target is given by position (code points) and by quote;
a link is an annotation with the motivation "linking" from its first target to its second, as RecogitoJS writes it. A
position that is missing is found by the quote. https://www.w3.org/TR/annotation-model/
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from quoteattr.document import Document
from quoteattr.errors import AnnotationError
from quoteattr.exchange.files import from_json, id_of, read_text, stem_of, write_text
from quoteattr.exchange.graph import Graph, Region, document_of, graph_of

NAME = "web-annotation"
_CONTEXT = "http://www.w3.org/ns/anno.jsonld"
_AROUND = 24  # characters of prefix and suffix


def write(documents: Iterable[tuple[str, Document]], folder: Path) -> None:
    """Write the folder."""
    for id, document in documents:
        graph = graph_of(id, document)
        stem = stem_of(id)
        source = quote(f"{stem}.txt")
        items = [_region(graph.text, region, f"#r{n}", source) for n, region in enumerate(graph.regions)]
        items += [
            _annotation(
                f"#l{n}", [_body("tagging", link.label)], [{"id": f"#r{link.source}"}, {"id": f"#r{link.target}"}]
            )
            | {"motivation": "linking"}
            for n, link in enumerate(graph.links)
        ]
        page = {"@context": _CONTEXT, "id": quote(f"{stem}.jsonld"), "type": "AnnotationPage", "items": items}
        write_text(folder / f"{stem}.txt", document.text)
        write_text(folder / f"{stem}.jsonld", json.dumps(page, ensure_ascii=False, indent=1) + "\n")


def _region(text: str, region: Region, id: str, source: str) -> dict[str, Any]:
    bodies = [_body("tagging", region.label)]
    if region.name:
        bodies.append(_body("describing", region.name))
    selectors = [
        {"type": "TextPositionSelector", "start": region.start, "end": region.end},
        {
            "type": "TextQuoteSelector", "exact": text[region.start : region.end],
            "prefix": text[max(0, region.start - _AROUND) : region.start], "suffix": text[region.end : region.end + _AROUND],
        },
    ]  # fmt: skip
    return _annotation(id, bodies, {"source": source, "selector": selectors})


def _annotation(id: str, body: list[dict[str, str]], target: Any) -> dict[str, Any]:
    return {"id": id, "type": "Annotation", "body": body, "target": target}


def _body(purpose: str, value: str) -> dict[str, str]:
    return {"type": "TextualBody", "purpose": purpose, "value": value}


def read(folder: Path) -> Iterator[tuple[str, Document] | AnnotationError]:
    """Every document of a folder that has a .jsonld file."""
    for path in sorted(folder.glob("*.jsonld")):
        try:
            yield id_of(path.stem), document_of(_graph(path))
        except AnnotationError as error:
            yield error
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            yield AnnotationError(f"{path}: this is no page of Web Annotations ({type(error).__name__}: {error})")


def _graph(path: Path) -> Graph:
    text_file = path.with_suffix(".txt")
    if not text_file.exists():
        raise AnnotationError(f"{path}: its text {text_file.name} is missing")
    graph = Graph(id_of(path.stem), read_text(text_file), place=str(path))
    data = from_json(read_text(path), str(path))
    annotations = data if isinstance(data, list) else data["items"]
    numbers: dict[str, int] = {}
    for annotation in annotations:
        if annotation.get("motivation") != "linking":
            start, end = _position(graph, annotation)
            name = " ".join(_values(annotation, "describing"))
            numbers[annotation["id"]] = graph.add(start, end, _tag(graph, annotation), name)
    for annotation in annotations:
        if annotation.get("motivation") == "linking":
            source, target = (end["id"] for end in annotation["target"])
            if source in numbers and target in numbers:  # else a region was deleted, but not its links
                graph.link(_tag(graph, annotation), numbers[source], numbers[target])
    return graph


def _values(annotation: dict[str, Any], purpose: str) -> list[str]:
    body = annotation.get("body", [])
    return [b["value"] for b in (body if isinstance(body, list) else [body]) if b.get("purpose") == purpose]


def _tag(graph: Graph, annotation: dict[str, Any]) -> str:
    tags = _values(annotation, "tagging")
    if len(tags) != 1:
        graph.fail(f"the annotation {annotation['id']} has {len(tags)} tags: give it one")
    return tags[0]


def _position(graph: Graph, annotation: dict[str, Any]) -> tuple[int, int]:
    """Where the annotation's target is: both selectors must agree, one is enough."""
    selector = annotation["target"]["selector"]
    selectors = {s["type"]: s for s in (selector if isinstance(selector, list) else [selector])}
    position, words = selectors.get("TextPositionSelector"), selectors.get("TextQuoteSelector")
    if position:
        start, end = int(position["start"]), int(position["end"])
        if words and graph.text[start:end] != words["exact"]:
            graph.fail(
                f"the annotation {annotation['id']} says {words['exact'][:60]!r}, but {graph.text[start:end][:60]!r} stands at "
                f"{start}-{end}: the text was changed, or offsets are no code points"
            )
        return start, end
    if not words:
        graph.fail(f"the annotation {annotation['id']} has neither a TextPositionSelector nor a TextQuoteSelector")
    prefix, exact, suffix = words.get("prefix", ""), words["exact"], words.get("suffix", "")
    count = graph.text.count(prefix + exact + suffix)
    if count != 1:
        graph.fail(
            f"the annotation {annotation['id']} is given by the words {exact[:60]!r}, which stand {count} times in the text"
        )
    start = graph.text.index(prefix + exact + suffix) + len(prefix)
    return start, start + len(exact)
