"""Parquet, in and out, with pyarrow: rows of a file, the schema of the output, blocks of it, the finished file.

While a run is under way its blocks stand one after another as Arrow streams, which can be cut off after any of them;
a Parquet file, whose footer comes last, is written from them at the end. Only then are the types of the fields known
that records brought along: a field is null in one block and a number in the next.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from quoteattr.corpus.fields import to_json
from quoteattr.corpus.schema import DOCUMENT, TABLE_COLUMNS
from quoteattr.document import Document
from quoteattr.errors import CorpusError

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 256  # read at a time
_GROUP_ROWS, _GROUP_BYTES = 4096, 64 << 20  # a row group of the output has at least one of these
_SURROGATE = re.compile("[\ud800-\udfff]")


def arrow() -> Any:
    """pyarrow with its Parquet module.

    Raises
    ------
    CorpusError
        If it is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise CorpusError("Parquet needs one more package: pip install 'quoteattr[parquet]'") from error
    return pyarrow


def read_rows(file: IO[bytes]) -> Iterator[tuple[int, dict[str, Any] | str]]:
    """The rows of a Parquet file, numbered from 1; a message for each that can't be read."""
    pa = arrow()
    number = 0
    try:
        for batch in pa.parquet.ParquetFile(file).iter_batches(_ROWS):
            for row in _rows_of(batch):
                number += 1
                yield number, row
    except (OSError, pa.ArrowException) as error:
        yield number + 1, f"cannot be read from here on: {error}"


def _rows_of(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | str]:
    try:
        yield from batch.to_pylist()
    except ValueError:  # one of them holds what Python can't, bytes that are no UTF-8 for instance: which one?
        for i in range(len(batch)):
            try:
                yield batch.slice(i, 1).to_pylist()[0]
            except ValueError as error:
                yield f"cannot be read: {error}"


def document_schema(table: str | None) -> pa.Schema:
    """The columns that labelling adds: of a table, or of whole documents."""
    pa = arrow()
    scalar = {int: pa.int64(), float: pa.float64(), bool: pa.bool_(), str: pa.string()}

    def of(kind: Any) -> Any:
        if isinstance(kind, dict):
            return pa.struct([(name, of(inner)) for name, inner in kind.items()])
        if isinstance(kind, list):
            return pa.list_(of(kind[0]))
        return scalar[kind]

    columns = DOCUMENT if table is None else TABLE_COLUMNS[table]
    return pa.schema([(name, of(kind)) for name, kind in columns.items()])


def document_batch(documents: Sequence[Document], table: str | None) -> tuple[pa.RecordBatch, list[int]]:
    """The rows of documents, and how many each has."""
    pa = arrow()
    if table is None:
        of_documents = [[_storable(document)] for document in documents]
    else:
        of_documents = [document.to_rows(table) for document in documents]
    rows = [row for own in of_documents for row in own]
    schema = document_schema(table)
    try:
        batch = pa.RecordBatch.from_pylist(rows, schema)
    except UnicodeEncodeError:
        batch = pa.RecordBatch.from_pylist(
            json.loads(_without_surrogates(json.dumps(rows, ensure_ascii=False))), schema
        )
    return batch, [len(own) for own in of_documents]


def _storable(document: Document) -> dict[str, Any]:
    """A document as a row: the evidence of a quote, whose keys differ from quote to quote, as JSON."""
    data = document.to_dict()
    for quote in data["quotes"]:
        quote["evidence"] = to_json(quote["evidence"])
    return data


def _without_surrogates(text: str) -> str:
    """A text as UTF-8 can hold it: one character for one, so that offsets stay."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def block(
    ids: Sequence[Any],
    fields: Sequence[Mapping[str, Any]],
    batches: Iterable[tuple[pa.RecordBatch, list[int]]],
    table: str | None,
) -> bytes:
    """The rows of some records as an Arrow stream: ids, their fields, and the batches of their documents."""
    pa = arrow()
    batches = list(batches)
    documents = pa.Table.from_batches([batch for batch, _ in batches], document_schema(table)).combine_chunks()
    counts = [count for _, own in batches for count in own]
    record = pa.array([i for i, count in enumerate(counts) for _ in range(count)], pa.int64())
    names = dict.fromkeys(name for own in fields for name in own)
    columns = {"id": _column(ids), **{name: _column([own.get(name) for own in fields]) for name in names}}
    rows = pa.table({name: column.take(record) for name, column in columns.items()})
    for name in documents.column_names:
        rows = rows.append_column(name, documents[name])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_table(rows)
    return bytes(sink.getvalue())


def _column(values: Sequence[Any]) -> pa.Array:
    """A column of one type; where there is none for all values, of text."""
    pa = arrow()
    try:
        if not any(map(_holds_objects, values)):
            return pa.array(values)
    except (ValueError, TypeError, OverflowError, pa.ArrowException):
        pass
    return pa.array([_as_text(value) for value in values], pa.string())


def _holds_objects(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(map(_holds_objects, value)))


def _as_text(value: Any) -> str | None:
    if value is None:
        return None
    return _without_surrogates(value if isinstance(value, str) else to_json(value))


def write_file(blocks: Path, target: Path, table: str | None, about: Mapping[str, Any]) -> None:
    """Make one Parquet file of the blocks of a file.

    A field gets the type that fits all blocks, or is text where none does.
    """
    pa = arrow()
    own = document_schema(table)
    types: dict[str, Any] = {"id": pa.null()}
    for part in _blocks(blocks):
        for field in part.schema:
            if field.name not in own.names:
                types[field.name] = _common(types.get(field.name, pa.null()), field.type)
    # A column that never held a value is of text: not all readers know a type for nothing.
    carried = [(name, pa.string() if kind == pa.null() else kind) for name, kind in types.items()]
    schema = pa.schema([*carried, *own], metadata={"quoteattr": json.dumps(about)})
    with target.open("wb") as file, pa.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        waiting: list[Any] = []
        for part in _blocks(blocks):
            waiting.append(_cast(part, schema))
            if sum(map(len, waiting)) >= _GROUP_ROWS or sum(t.nbytes for t in waiting) >= _GROUP_BYTES:
                writer.write_table(pa.concat_tables(waiting))
                waiting = []
        if waiting:
            writer.write_table(pa.concat_tables(waiting))
        writer.close()
        file.flush()
        os.fsync(file.fileno())


def _blocks(path: Path) -> Iterator[pa.Table]:
    pa = arrow()
    size = path.stat().st_size
    with pa.OSFile(str(path)) as file:
        while file.tell() < size:
            with pa.ipc.open_stream(file) as stream:
                yield stream.read_all()


def _common(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    pa = arrow()
    schemas = [pa.schema([("", one)]), pa.schema([("", other)])]
    try:
        return pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    except pa.ArrowException:
        return pa.string()


def _cast(part: pa.Table, schema: pa.Schema) -> pa.Table:
    pa = arrow()
    columns = []
    for field in schema:
        if field.name not in part.column_names:
            columns.append(pa.nulls(len(part), field.type))
        elif part.schema.field(field.name).type == field.type:
            columns.append(part[field.name])
        elif field.type == pa.string():
            columns.append(pa.array([_as_text(value) for value in part[field.name].to_pylist()], pa.string()))
        else:
            columns.append(part[field.name].cast(field.type, safe=False))
    return pa.table(columns, schema=schema)
