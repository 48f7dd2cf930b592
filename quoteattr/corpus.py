"""Records in, labelled rows out: the files that `quoteattr label` reads and writes.

Each row of the output is one JSON object:

    id          what the record had in its id field; without one, the file's name (``news/a.txt`` in a folder
                is ``a.txt``) or its place (``news.jsonl:7``)
    document    the labelled text, as `Document.to_dict` gives it and `Document.from_dict` reads it
    ...         the record's other fields, as they were, but for the text field, which is ``document["text"]``

A record's own field is never lost: one that is called "document", or "id" where another field is the id, is kept
as "input_document" or "input_id".

Each row of the errors file stands for a record that could not be read: its id, its place (``file:line``), a message.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

from quoteattr.document import Document
from quoteattr.errors import CorpusError

STANDARD = "-"
_JSON_LINES = (".jsonl", ".jsonl.gz")
_OWN_FIELDS = ("id", "document")
# The key is looked for as well, for an article may start with a brace that its scraper left.
_STARTS_JSON_OBJECT = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*[\"}]")


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read, or standard input: its path, None for that, and the name by which ids call it."""

    path: Path | None
    name: str

    def place(self, line: int) -> str:
        """How messages call a line of it."""
        return f"{self.path or self.name}:{line}"


@dataclass(frozen=True, slots=True)
class Record:
    """A text to label, with what its row keeps."""

    id: Any
    text: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that could not be read."""

    id: Any
    place: str
    message: str


def find_sources(inputs: Iterable[str]) -> list[Source]:
    """The files that the inputs stand for: a folder is its .txt files, in the order of their names.

    Raises
    ------
    CorpusError
        If an input does not exist, holds nothing to read, or is of a kind that is not read.
    """
    return [source for given in inputs for source in _expand(given)]


def _expand(given: str) -> list[Source]:
    path = Path(given)
    if given == STANDARD:
        return [Source(None, "stdin")]
    if path.is_dir():
        files = sorted(path.rglob("*.txt"))
        if not files:
            raise CorpusError(f"the folder {given} holds no .txt files; name .jsonl files one by one")
        return [Source(file, file.relative_to(path).as_posix()) for file in files]
    if not path.exists():
        raise CorpusError(f"there is no file or folder {given}")
    if not path.name.endswith((".txt", *_JSON_LINES)):
        raise CorpusError(
            f"{given} is not read: pass .txt, .jsonl, .jsonl.gz, a folder of .txt, or - for standard input"
        )
    return [Source(path, path.name)]


def read_records(sources: Iterable[Source], text_field: str, id_field: str) -> Iterator[Record | Failure]:
    """Every record of the sources, in order, one at a time in memory; a Failure for each that can't be read.

    Parameters
    ----------
    sources : iterable of Source
    text_field, id_field : str
        Where a JSON record has its text and its id.
    """
    for source in sources:
        if source.path is None:
            yield from _standard_input(source, text_field, id_field)
        elif source.name.endswith(_JSON_LINES):
            yield from _json_lines(source, _lines(source.path), text_field, id_field)
        else:
            yield _plain(source, source.path.read_bytes)


def _lines(path: Path) -> Iterator[bytes]:
    with _open(path, "rb") as stream:
        yield from stream


def _open(path: Path, mode: str) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, mode) if path.suffix == ".gz" else path.open(mode))


def _standard_input(source: Source, text_field: str, id_field: str) -> Iterator[Record | Failure]:
    """JSON Lines if the first line that is not blank starts a JSON object, else one article."""
    lines = iter(sys.stdin.buffer)
    head: list[bytes] = []
    for line in lines:
        head.append(line)
        if line.strip():
            break
    if head and _STARTS_JSON_OBJECT.match(head[-1]):
        yield from _json_lines(source, chain(head, lines), text_field, id_field)
    elif head:
        yield _plain(source, lambda: b"".join(chain(head, lines)))


def _plain(source: Source, read: Callable[[], bytes]) -> Record | Failure:
    try:
        return Record(source.name, _decode(read()), {})
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return Failure(source.name, source.place(line), _not_utf8(error))
    except OSError as error:
        return Failure(source.name, source.place(1), f"cannot be read: {error.strerror or error}")


def _json_lines(source: Source, lines: Iterable[bytes], text_field: str, id_field: str) -> Iterator[Record | Failure]:
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _json_record(line, source, number, text_field, id_field)
    except (OSError, EOFError, zlib.error) as error:  # unreadable, or a damaged .gz: what came before it stands
        message = f"cannot be read from here on: {getattr(error, 'strerror', None) or error}"
        yield Failure(f"{source.name}:{number + 1}", source.place(number + 1), message)


def _json_record(line: bytes, source: Source, number: int, text_field: str, id_field: str) -> Record | Failure:
    name, place = f"{source.name}:{number}", source.place(number)
    try:
        record = json.loads(_decode(line))
    except UnicodeDecodeError as error:
        return Failure(name, place, _not_utf8(error))
    except (ValueError, RecursionError) as error:
        return Failure(name, place, f"broken JSON: {error}")
    if not isinstance(record, dict):
        return Failure(name, place, f"a JSON object is expected, not {_json_type(record)}")
    if record.get(id_field) is not None:
        name = record[id_field]
    if text_field not in record:
        there = ", ".join(map(repr, record)) or "none"
        return Failure(
            name, place, f"no field {text_field!r} for the text (--text-field); the record's fields: {there}"
        )
    text = record.pop(text_field)
    if not isinstance(text, str):
        return Failure(name, place, f"the field {text_field!r} must hold a string, not {_json_type(text)}")
    if id_field == "id":
        record.pop("id", None)
    return Record(name, text, record)


def _json_type(value: object) -> str:
    if value is None:
        return "null"
    return {bool: "a boolean", str: "a string", list: "an array", dict: "an object"}.get(type(value), "a number")


def read_text(path: str) -> str:
    """The text of one file, or of standard input for "-".

    Raises
    ------
    CorpusError
        If it is not UTF-8.
    """
    data = sys.stdin.buffer.read() if path == STANDARD else Path(path).read_bytes()
    try:
        return _decode(data)
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: {_not_utf8(error)}") from error


def _decode(data: bytes) -> str:
    """The text of a file, without the byte order mark: that is the file's, not the text's."""
    return data.decode("utf-8-sig")


def _not_utf8(error: UnicodeDecodeError) -> str:
    byte = error.object[error.start]
    return f"not UTF-8: byte 0x{byte:02x} at offset {error.start}; convert it, for instance with iconv"


def to_row(record: Record, document: Document) -> dict[str, Any]:
    """The output row of a labelled record."""
    kept = {_free_name(name, record.fields): value for name, value in record.fields.items()}
    return {"id": record.id, **kept, "document": document.to_dict()}


def _free_name(name: str, fields: dict[str, Any]) -> str:
    if name in _OWN_FIELDS:
        name = f"input_{name}"
        while name in fields:
            name = f"input_{name}"
    return name


class Writer:
    """The rows and failures of one run; its files appear under their names when the ``with`` block ends well.

    Failures go to OUT.errors.jsonl beside OUT.jsonl; to standard error, if the output is standard output.

    Parameters
    ----------
    output : str
        A path, or "-" for standard output.
    sources : iterable of Source
        What is being read, and must therefore not be overwritten.

    Attributes
    ----------
    labelled, failed : int
        How many rows and failures were written.
    errors_path : Path or None
        Where failures go; None for standard error.

    Raises
    ------
    CorpusError
        If the output can't be written, or is one of the sources.
    """

    def __init__(self, output: str, sources: Iterable[Source]):
        self.labelled = self.failed = 0
        self._path: Path | None = None
        self.errors_path: Path | None = None
        self._closing = ExitStack()
        if output != STANDARD:
            self._path = Path(output).resolve()  # a symbolic link stays one
            stem = self._path.name.removesuffix(".gz").removesuffix(".jsonl")
            self.errors_path = self._path.with_name(f"{stem}.errors.jsonl")
            inputs = [source.path for source in sources if source.path and source.path.exists()]
            for path in (self._path, self.errors_path):
                _check_target(path, inputs)

    def __enter__(self) -> Writer:
        self._rows = self._create(self._path) if self._path else sys.stdout.buffer
        self._failures: IO[bytes] | None = None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with ExitStack() as leftovers:
            for path in filter(None, (self._path, self.errors_path)):
                leftovers.callback(_aside(path).unlink, missing_ok=True)
            self._closing.close()
            if kind is None and self._path and self.errors_path:
                _aside(self._path).replace(self._path)
                if self._failures:
                    _aside(self.errors_path).replace(self.errors_path)
                else:  # those of an earlier run would pass for this one's
                    self.errors_path.unlink(missing_ok=True)

    def write(self, record: Record, document: Document) -> None:
        """Write the row of a labelled record."""
        self._rows.write(_encode(to_row(record, document)))
        self.labelled += 1

    def fail(self, failure: Failure) -> None:
        """Write down a record that could not be read."""
        self.failed += 1
        if self.errors_path is None:
            print(f"quoteattr: {failure.place}: {failure.message}", file=sys.stderr)
            return
        if self._failures is None:
            self._failures = self._create(self.errors_path)
        self._failures.write(_encode(asdict(failure)))

    def _create(self, path: Path) -> IO[bytes]:
        try:
            return self._closing.enter_context(_open(_aside(path), "wb"))
        except OSError as error:
            raise CorpusError(f"cannot write {path}: {error.strerror}") from error


def _check_target(path: Path, inputs: Iterable[Path]) -> None:
    if not path.parent.is_dir():
        raise CorpusError(f"cannot write {path}: there is no folder {path.parent}")
    if not path.exists():
        return
    if not path.is_file():
        raise CorpusError(f"cannot write {path}: it is no regular file; - is standard output")
    if any(path.samefile(given) for given in inputs):
        raise CorpusError(f"{path} is one of the inputs and would be overwritten: choose another output")


def _aside(path: Path) -> Path:
    """Where a file is written until it is complete: in the same folder, so that renaming is one step."""
    return path.with_name(f".{os.getpid()}.part.{path.name}")


def _encode(row: dict[str, Any]) -> bytes:
    try:
        return json.dumps(row, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8 form, only an escape
        return json.dumps(row).encode() + b"\n"


def texts(records: Iterable[Record | Failure], on_failure: Callable[[Failure], None]) -> Iterator[tuple[str, Record]]:
    """The (text, record) pairs that `Labeller.pipe` takes; failures go to `on_failure`."""
    for record in records:
        if isinstance(record, Failure):
            on_failure(record)
        else:
            yield record.text, record
