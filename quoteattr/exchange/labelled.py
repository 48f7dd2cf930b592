"""The JSON Lines that `quoteattr label` writes: on each line an id and a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from quoteattr.document import Document
from quoteattr.errors import AnnotationError, InputError
from quoteattr.exchange.files import from_json, json_lines, to_json, write_text

NAME = "labelled"


def write(documents: Iterable[tuple[str, Document]], path: Path) -> None:
    """Write a document a line."""
    write_text(path, "".join(f"{to_json({'id': id, 'document': document.to_dict()})}\n" for id, document in documents))


def read(path: Path) -> Iterator[tuple[str, Document] | AnnotationError]:
    """Every document of a file; a record's id as a str, its other fields left out."""
    for place, line in json_lines(path):
        try:
            row = from_json(line, place)
            yield str(row["id"]), Document.from_dict(row["document"])
        except AnnotationError as error:
            yield error
        except (InputError, KeyError, TypeError) as error:
            yield AnnotationError(
                f"{place}: this is no line that quoteattr label wrote ({type(error).__name__}: {error})"
            )
