"""Reading and writing the files of all formats: exact text, names for ids, errors that name the file."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from quoteattr.errors import AnnotationError


def stem_of(id: str) -> str:
    """The name of a document's file: the id, with whatever may trouble a file system as %XX."""
    return quote(id, safe="") or "%"  # which stands alone in no other name


def id_of(stem: str) -> str:
    """The id that `stem_of` made a name of."""
    return "" if stem == "%" else unquote(stem)


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, its line ends as they are.

    Raises
    ------
    AnnotationError
        If it is not UTF-8.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise AnnotationError(f"{path}: the file is not UTF-8: {error}") from error


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 file, once: two documents never share a name.

    Raises
    ------
    AnnotationError
        If the file is there, or the text has no UTF-8 form.
    """
    if path.exists():
        raise AnnotationError(f"two documents would be written to {path}: give them different ids")
    try:
        path.write_bytes(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise AnnotationError(
            f"{path}: the text holds {error.object[error.start]!r}, half a character that UTF-8 cannot express: replace it"
        ) from error


def to_json(data: Any) -> str:
    """JSON on one line; ASCII where a lone surrogate leaves no other way."""
    text = json.dumps(data, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(data)
    return text


def from_json(text: str, place: str) -> Any:
    """Parse JSON.

    Raises
    ------
    AnnotationError
        If it is broken.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AnnotationError(f"{place}: broken JSON: {error}") from error


def json_lines(path: Path) -> Iterator[tuple[str, str]]:
    """The lines of a .jsonl or .jsonl.gz file that are not blank, each with its place."""
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        lines = data.decode("utf-8-sig").split("\n")
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError) as error:
        raise AnnotationError(f"{path}: cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield f"{path}:{number}", line
