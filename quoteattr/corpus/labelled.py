"""Labelled articles, read back: the JSON Lines or Parquet, an article a row, that `quoteattr label` writes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from quoteattr.corpus import columnar, compression
from quoteattr.corpus.lines import Lines, Parsed, csv_rows, json_lines
from quoteattr.corpus.reading import Failure, check_packages
from quoteattr.corpus.schema import DOCUMENT
from quoteattr.corpus.sources import Source
from quoteattr.document import Document
from quoteattr.errors import CorpusError, InputError

_MAX_BYTES = 1 << 30  # of a line: labelled, a text takes many times its own length


@dataclass(frozen=True, slots=True)
class Labelled:
    """A labelled article.

    Attributes
    ----------
    document : Document
    fields : dict
        Its id, and whatever else the row holds.
    """

    document: Document
    fields: dict[str, Any]


def read_labelled(sources: Iterable[Source]) -> Iterator[Labelled | Failure]:
    """Every labelled article of the sources, in order, one at a time in memory; a Failure for each that can't be read.

    Raises
    ------
    CorpusError
        If a file is of a kind that `quoteattr label` does not write, or a package is missing that reads it.
    """
    sources = list(sources)
    for source in sources:  # before anything is read
        if source.path and source.kind not in (".jsonl", ".parquet"):
            raise CorpusError(
                f"{source.path} holds no labelled articles: pass what quoteattr label wrote, .jsonl (also .gz, .zst) or .parquet"
            )
    check_packages(sources)
    for source in sources:
        for number, row in _rows(source):
            yield _labelled(source, number, row)


def read_rows(sources: Iterable[Source]) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """Whole rows of JSON Lines, CSV or Parquet in order, of which nothing is taken out, each with its place ("file:line").

    Instead of a row that is damaged there is what is wrong with it.

    Raises
    ------
    CorpusError
        If a file is of a kind that is not read.
    """
    for source in sources:
        if source.kind == ".txt":
            raise CorpusError(f"{source.path} is not read: pass .jsonl, .csv or .parquet")
        for number, row in _rows(source):
            yield source.place(number), row


def document_of(row: dict[str, Any]) -> dict[str, Any] | None:
    """What `Document.to_dict` gave, as far as a row has it: under "document", or in Parquet as its columns."""
    document = row if "sentences" in row and "quotes" in row else row.get("document")
    return document if isinstance(document, dict) else None


def _rows(source: Source) -> Parsed:
    with source.path.open("rb") if source.path else nullcontext(sys.stdin.buffer) as file:
        if source.kind == ".parquet":
            yield from columnar.read_rows(file)
        else:
            lines = Lines(compression.reader(file, source.name), _MAX_BYTES)
            yield from csv_rows(lines) if source.kind == ".csv" else json_lines(lines)


def _labelled(source: Source, number: int, row: dict[str, Any] | str) -> Labelled | Failure:
    place = source.place(number)
    if isinstance(row, str):
        return Failure(f"{source.name}:{number}", place, row)
    try:
        data = _parquet_document(row) if source.kind == ".parquet" else row.pop("document")
        return Labelled(Document.from_dict(data), row)
    except (KeyError, InputError) as error:
        reason = f"it has no field {error}" if isinstance(error, KeyError) else str(error)
        return Failure(row.get("id"), place, f"no labelled article, as quoteattr label writes it: {reason}")


def _parquet_document(row: dict[str, Any]) -> dict[str, Any]:
    """What `Document.to_dict` gave, taken out of the columns."""
    data = {name: row.pop(name) for name in DOCUMENT}
    for quote in data["quotes"]:
        quote["evidence"] = json.loads(quote["evidence"])
    return data
