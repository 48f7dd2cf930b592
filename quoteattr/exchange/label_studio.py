"""Label Studio: one JSON file of tasks, and beside it the labelling configuration (NAME.xml) that shows them.

What was labelled by machine goes in as predictions; what comes back is read from the annotations that a human
submitted, the last one of each task. Offsets are UTF-16 code units, the way JavaScript counts: an emoji is two.
https://labelstud.io/guide/tasks
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr as quoted

from quoteattr.document import Document
from quoteattr.errors import AnnotationError
from quoteattr.exchange.files import from_json, read_text, to_json, write_text
from quoteattr.exchange.graph import CONTENTS, CUE, LABELS, LINKS, MENTIONS, Graph, Region, document_of, graph_of

NAME = "label-studio"


def write(documents: Iterable[tuple[str, Document]], path: Path) -> None:
    """Write the tasks and the configuration."""
    tasks = []
    for id, document in documents:
        prediction = {"model_version": document.model_version, "result": _result(graph_of(id, document))}
        tasks.append({"data": {"id": id, "text": document.text}, "predictions": [prediction]})
    write_text(path, "[\n" + ",\n".join(map(to_json, tasks)) + "\n]\n")
    write_text(path.with_suffix(".xml"), configuration())


def configuration() -> str:
    """The labelling configuration: paste it under Settings, Labeling Interface, Code."""
    colour = {**dict.fromkeys(CONTENTS, "#1d6fd1"), CUE: "#e07b00", **dict.fromkeys(MENTIONS, "#2e8b57")}
    labels = [
        f"    <Label value={quoted(label)} background={quoted(colour.get(label, '#888888'))}/>" for label in LABELS
    ]
    relations = [f"    <Relation value={quoted(label)}/>" for label in LINKS]
    lines = [
        "<View>", '  <Labels name="label" toName="text">', *labels, "  </Labels>",
        "  <Relations>", *relations, "  </Relations>",
        '  <Text name="text" value="$text"/>',
        '  <TextArea name="name" toName="text" perRegion="true" placeholder="full name of the speaker"/>', "</View>",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _units(text: str) -> list[int]:
    """The UTF-16 offset of every code point, and of the end."""
    return list(accumulate((2 if char > "\uffff" else 1 for char in text), initial=0))


def _result(graph: Graph) -> list[dict[str, Any]]:
    units = _units(graph.text)
    result: list[dict[str, Any]] = []
    for number, region in enumerate(graph.regions):
        place = {"start": units[region.start], "end": units[region.end], "text": graph.text[region.start : region.end]}
        entry = {"id": f"r{number}", "to_name": "text"}
        result.append({**entry, "from_name": "label", "type": "labels", "value": {**place, "labels": [region.label]}})
        if region.name:
            value = {**place, "text": [region.name]}
            result.append({**entry, "from_name": "name", "type": "textarea", "value": value})
    for link in graph.links:
        ends = {"from_id": f"r{link.source}", "to_id": f"r{link.target}"}
        result.append({"type": "relation", **ends, "direction": "right", "labels": [link.label]})
    return result


def read(path: Path) -> Iterator[tuple[str, Document] | AnnotationError]:
    """Every task of an export in the format "JSON"."""
    tasks = from_json(read_text(path), str(path))
    if not isinstance(tasks, list):
        raise AnnotationError(f"{path}: a Label Studio export is a JSON array of tasks, not {type(tasks).__name__}")
    for number, task in enumerate(tasks, 1):
        place = f"{path}: task {task.get('id', number) if isinstance(task, dict) else number}"
        try:
            graph = _graph(task, place)
            yield graph.id, document_of(graph)
        except AnnotationError as error:
            yield error
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            yield AnnotationError(
                f"{place}: this is no task of a JSON export ({type(error).__name__}: {error}): export as JSON, not JSON-MIN"
            )


def _graph(task: dict[str, Any], place: str) -> Graph:
    text = task["data"]["text"]
    graph = Graph(str(task["data"].get("id", task.get("id", ""))), text, place=place)
    position = {unit: at for at, unit in enumerate(_units(text))}
    numbers: dict[str, int] = {}
    links = []
    for entry in _submitted(task, place)["result"]:
        if entry["type"] == "relation":
            links.append(entry)
        elif entry["type"] == "labels":
            numbers[entry["id"]] = _add(graph, entry["value"], position)
    for entry in _submitted(task, place)["result"]:
        if entry["type"] == "textarea" and entry["id"] in numbers:
            old = graph.regions[numbers[entry["id"]]]
            name = entry["value"]["text"]
            named = Region(old.start, old.end, old.label, name if isinstance(name, str) else " ".join(name))
            graph.regions[numbers[entry["id"]]] = named
    for entry in links:
        ends = [numbers.get(entry[end]) for end in ("from_id", "to_id")]
        labels = entry.get("labels") or []
        a, b = ends
        if a is None or b is None:
            continue  # the region was deleted, Label Studio keeps the relation
        if len(labels) != 1:
            graph.fail(f"has a relation with {len(labels)} labels: give it one of {', '.join(LINKS)}", graph.regions[a])
        graph.link(labels[0], a, b)
    return graph


def _submitted(task: dict[str, Any], place: str) -> dict[str, Any]:
    """The annotation that was submitted or changed last."""
    valid = [a for a in task.get("annotations", []) if not a.get("was_cancelled")]
    if not valid:
        raise AnnotationError(f"{place}: nobody has submitted an annotation: open the task, correct it, press Submit")
    last: dict[str, Any] = max(valid, key=lambda a: str(a.get("updated_at", "")))
    return last


def _add(graph: Graph, value: dict[str, Any], position: dict[int, int]) -> int:
    label = " and ".join(value["labels"])
    offsets = int(value["start"]), int(value["end"])
    if any(offset not in position for offset in offsets):
        graph.fail(
            f"the {label} at {offsets[0]}-{offsets[1]} ends outside the text, or inside a character: offsets are UTF-16 code units"
        )
    start, end = (position[offset] for offset in offsets)
    written = value.get("text")
    if written is not None and _letters(written) != _letters(graph.text[start:end]):
        graph.fail(
            f"says {written[:60]!r}, which is not what stands there: the text was changed, or offsets are not UTF-16 code units",
            Region(start, end, label),
        )
    return graph.add(start, end, label)


def _letters(text: str) -> str:
    """The text without white space, which browsers change; they write a line break as backslash and n, too."""
    return "".join(text.replace("\\n", "").split())
