"""Labelled documents -> the bytes of the output.

A worker encodes what labelling gave; the parent, which kept id and fields, puts both together, a block of records at
a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from quoteattr._version import __version__
from quoteattr.corpus import columnar, compression
from quoteattr.corpus.fields import renamed, to_json
from quoteattr.corpus.reading import Record
from quoteattr.corpus.schema import DOCUMENT, TABLE_COLUMNS
from quoteattr.document import SCHEMA_VERSION, Document
from quoteattr.errors import CorpusError


class Format(Protocol):
    """How the rows of a file are written."""

    def encode(self, documents: Sequence[Document]) -> list[Any]:
        """What a worker sends back; lists of several workers are concatenated."""

    def block(self, records: Sequence[Record], encoded: Sequence[Any]) -> bytes:
        """The rows of the records whose documents were encoded."""

    def finish(self, blocks: Path, target: Path) -> None:
        """Make the file of its blocks, which are gone then."""


@dataclass(frozen=True, slots=True)
class JsonLines:
    """A JSON object a line: of a document, or of a row of a table."""

    name: str
    table: str | None

    def encode(self, documents: Sequence[Document]) -> list[list[str]]:
        """For each document its rows, without what the parent knows."""
        if self.table is None:
            return [[to_json({"document": document.to_dict()})] for document in documents]
        return [[to_json(row) for row in document.to_rows(self.table)] for document in documents]

    def block(self, records: Sequence[Record], encoded: Sequence[list[str]]) -> bytes:
        """Lines, compressed if the name says so."""
        taken = ("id", "document") if self.table is None else ("id", *TABLE_COLUMNS[self.table])
        lines: list[str] = []
        for record, rows in zip(records, encoded, strict=True):
            head = to_json({"id": record.id, **renamed(record.fields, taken)})
            lines.extend(f"{head[:-1]}, {row[1:]}\n" for row in rows)
        # A lone surrogate has no UTF-8 form; its escape is JSON.
        return compression.compress("".join(lines).encode("utf-8", "backslashreplace"), self.name)

    def finish(self, blocks: Path, target: Path) -> None:
        """The blocks are the file."""
        blocks.replace(target)


@dataclass(frozen=True, slots=True)
class Parquet:
    """A row a document, with its quotes and sentences nested; or a row of a table."""

    table: str | None
    model_version: str

    def encode(self, documents: Sequence[Document]) -> list[Any]:
        """One Arrow batch, with the number of rows of each document."""
        return [columnar.document_batch(documents, self.table)]

    def block(self, records: Sequence[Record], encoded: Sequence[Any]) -> bytes:
        """An Arrow stream."""
        taken = ("id", *(DOCUMENT if self.table is None else TABLE_COLUMNS[self.table]))
        fields = [renamed(record.fields, taken) for record in records]
        return columnar.block([record.id for record in records], fields, encoded, self.table)

    def finish(self, blocks: Path, target: Path) -> None:
        """One file, whose metadata tell the versions."""
        about = {"schema_version": SCHEMA_VERSION, "library_version": __version__, "model_version": self.model_version}
        aside = blocks.with_name(f"{blocks.name}.parquet")
        columnar.write_file(blocks, aside, self.table, about)
        aside.replace(target)
        blocks.unlink()


def format_of(output: str, table: str | None, model_version: str) -> Format:
    """The format that the name of the output asks for.

    Raises
    ------
    CorpusError
        If nothing is written under such a name, or a package is missing.
    """
    suffix = Path(output).suffix
    if suffix == ".parquet":
        columnar.arrow()
        return Parquet(table, model_version)
    if suffix == ".csv":
        raise CorpusError(f"{output}: CSV is read, not written; call the output .parquet or .jsonl")
    if suffix == ".zst":
        compression.zstandard()
    return JsonLines(output, table)
