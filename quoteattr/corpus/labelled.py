"""Labelled articles, read again: whole rows, of which nothing is taken out."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import Any

from quoteattr.corpus import columnar, compression
from quoteattr.corpus.lines import Lines, csv_rows, json_lines
from quoteattr.corpus.sources import Source
from quoteattr.errors import CorpusError

_LONGEST_LINE = 1 << 30  # bytes: labelled, a text takes many times its own length


def read_rows(sources: Iterable[Source]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of files in order, each with its place ("file:line").

    Raises
    ------
    CorpusError
        If a file is of a kind that is not read, or a row is damaged.
    """
    for source in sources:
        if source.kind == ".txt":
            raise CorpusError(f"{source.path} is not read: pass .jsonl, .csv or .parquet")
        with source.path.open("rb") if source.path else nullcontext(sys.stdin.buffer) as file:
            if source.kind == ".parquet":
                rows = columnar.read_rows(file)
            else:
                lines = Lines(compression.reader(file, source.name), _LONGEST_LINE)
                rows = csv_rows(lines) if source.kind == ".csv" else json_lines(lines)
            for number, row in rows:
                if isinstance(row, str):
                    raise CorpusError(f"{source.place(number)}: {row}")
                yield source.place(number), row


def document_of(row: dict[str, Any]) -> dict[str, Any] | None:
    """What `Document.to_dict` gave, as far as a row has it: under "document", or in Parquet as its columns."""
    document = row if "sentences" in row and "quotes" in row else row.get("document")
    return document if isinstance(document, dict) else None
