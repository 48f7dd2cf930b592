"""Prodigy-style JSONL: on each line a text with tokens, spans and relations.

Offsets are code points; `token_end` is the last token of a span, not the one behind it, as Prodigy has it. Tokens are
cut wherever a span begins or ends. A span is known by start, end and label. https://prodi.gy/docs/api-interfaces
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from quoteattr.document import Document
from quoteattr.errors import AnnotationError
from quoteattr.exchange.files import from_json, json_lines, to_json, write_text
from quoteattr.exchange.graph import Graph, Region, document_of, graph_of

NAME = "prodigy"
_TOKEN = re.compile(r"\n+|\w+|[^\w\s]")


def tokens_of(text: str, regions: Iterable[Region]) -> list[tuple[int, int]]:
    """Words, signs and line breaks, cut wherever a region begins or ends."""
    cuts = {offset for region in regions for offset in (region.start, region.end)}
    tokens: list[tuple[int, int]] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        at = [start, *sorted(cut for cut in cuts.intersection(range(start + 1, end))), end]
        tokens += itertools.pairwise(at)
    return tokens


def write(documents: Iterable[tuple[str, Document]], path: Path) -> None:
    """Write a task a line."""
    write_text(path, "".join(f"{to_json(_task(graph_of(id, document)))}\n" for id, document in documents))


def _task(graph: Graph) -> dict[str, Any]:
    text = graph.text
    tokens = tokens_of(text, graph.regions)
    starts, ends = [s for s, _ in tokens], [e for _, e in tokens]

    def span(region: Region) -> dict[str, Any]:
        first, last = bisect_left(starts, region.start), bisect_right(ends, region.end) - 1
        entry = {
            "start": region.start,
            "end": region.end,
            "token_start": first,
            "token_end": last,
            "label": region.label,
        }
        return {**entry, "name": region.name} if region.name else entry

    spans = [span(region) for region in graph.regions]
    return {
        "text": text,
        "meta": {"id": graph.id},
        "tokens": [
            {"text": text[s:e], "start": s, "end": e, "id": n, "ws": text[e : e + 1] == " "} for n, (s, e) in enumerate(tokens)
        ],
        "spans": spans,
        "relations": [
            {
                "head": spans[link.source]["token_end"], "child": spans[link.target]["token_end"], "label": link.label,
                "head_span": spans[link.source], "child_span": spans[link.target],
            }
            for link in graph.links
        ],
    }  # fmt: skip


def read(path: Path) -> Iterator[tuple[str, Document] | AnnotationError]:
    """Every task that was not rejected or skipped."""
    for place, line in json_lines(path):
        try:
            task = from_json(line, place)
            if task.get("answer", "accept") != "accept":
                continue
            graph = _graph(task, place)
            yield graph.id, document_of(graph)
        except AnnotationError as error:
            yield error
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            yield AnnotationError(
                f"{place}: this is no task with text, spans and relations ({type(error).__name__}: {error})"
            )


def _graph(task: dict[str, Any], place: str) -> Graph:
    id = task.get("meta", {}).get("id", task.get("id", place.rpartition("/")[2]))
    graph = Graph(str(id), task["text"], place=place)
    numbers: dict[tuple[int, int, str], int] = {}

    def number(span: dict[str, Any]) -> int:
        start, end, label = int(span["start"]), int(span["end"]), str(span["label"])
        if (start, end, label) not in numbers:
            graph.fail(f"a relation ends at {label} {start}-{end}, which is none of the spans")
        return numbers[start, end, label]

    for span in task.get("spans") or []:
        start, end, label = int(span["start"]), int(span["end"]), str(span["label"])
        numbers[start, end, label] = graph.add(start, end, label, str(span.get("name") or ""))
    for relation in task.get("relations") or []:
        graph.link(str(relation["label"]), number(relation["head_span"]), number(relation["child_span"]))
    return graph
