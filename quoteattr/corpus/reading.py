"""Files -> records. What can't be read becomes a failure with its place, and the next record is read."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from quoteattr.corpus import columnar, compression
from quoteattr.corpus.lines import Lines, Parsed, csv_rows, decode, json_lines, json_type, not_utf8
from quoteattr.corpus.sources import STANDARD, Source
from quoteattr.errors import CorpusError

MAX_LENGTH = 10_000_000
_BYTES = 4  # at most, of a character in UTF-8
_OTHER_FIELDS = 1 << 20  # bytes that a line may have besides
# The key is looked for as well, for an article may start with a brace that its scraper left.
_STARTS_JSON_OBJECT = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*[\"}]")


@dataclass(frozen=True, slots=True)
class Record:
    """A text to label, with what its row keeps."""

    id: Any
    place: str
    text: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that could not be read or labelled."""

    id: Any
    place: str
    message: str


@dataclass(slots=True)
class Meter:
    """How many bytes of the files have been read so far."""

    read: int = 0


def read_records(
    sources: Iterable[Source],
    text_field: str = "text",
    id_field: str = "id",
    max_length: int = MAX_LENGTH,
    meter: Meter | None = None,
) -> Iterator[Record | Failure]:
    """Every record of the sources, in order, one at a time in memory; a Failure for each that can't be read.

    Parameters
    ----------
    sources : iterable of Source
    text_field, id_field : str
        Where a record has its text and its id.
    max_length : int
        The most characters a text may have; of a line or file of more than four times as many bytes, and a million
        for other fields, no more than that is held in memory.
    meter : Meter, optional
        Is told how many bytes have been read.

    Raises
    ------
    CorpusError
        If a package is missing that reads this kind of file.
    """
    meter = meter or Meter()
    for source in sources:
        before = meter.read
        if source.path is None:
            yield from _Records(source, text_field, id_field, max_length).of_standard_input(sys.stdin.buffer)
        else:
            yield from _Records(source, text_field, id_field, max_length).of_file(source.path, meter)
        meter.read = before + source.size


def check_packages(sources: Iterable[Source]) -> None:
    """See to it that what reading needs is installed, before anything is begun.

    Raises
    ------
    CorpusError
        If a package is missing; the message says how to install it.
    """
    suffixes = {source.path.suffix for source in sources if source.path}
    if ".zst" in suffixes:
        compression.zstandard()
    if ".parquet" in suffixes:
        columnar.arrow()


@dataclass(frozen=True, slots=True)
class _Records:
    """The records of one source."""

    source: Source
    text_field: str
    id_field: str
    max_length: int

    def of_file(self, path: Path, meter: Meter) -> Iterator[Record | Failure]:
        before = meter.read
        try:
            with path.open("rb") as file:
                if self.source.kind == ".parquet":
                    parsed = columnar.read_rows(file)
                else:
                    stream = compression.reader(file, path.name)
                    if self.source.kind == ".txt":
                        yield self._article(stream.read(self._max_bytes + 1))
                        return
                    lines = Lines(stream, self._max_bytes)
                    parsed = csv_rows(lines) if self.source.kind == ".csv" else json_lines(lines)
                for record in self._of_parsed(parsed):
                    meter.read = before + file.tell()
                    yield record
        except compression.damages() as error:
            message = f"cannot be read: {getattr(error, 'strerror', None) or error}"
            yield Failure(self.source.name, self.source.place(1), message)

    def of_standard_input(self, stream: IO[bytes]) -> Iterator[Record | Failure]:
        """JSON Lines if the first line that is not blank starts a JSON object, else one article."""
        blank = []
        while (line := stream.readline(self._max_bytes + 1)) and not line.strip():
            blank.append(line)
        if _STARTS_JSON_OBJECT.match(line):
            lines = Lines(stream, self._max_bytes, line)
            lines.number = len(blank)
            yield from self._of_parsed(json_lines(lines))
        elif blank or line:
            yield self._article(b"".join([*blank, line, stream.read(self._max_bytes + 1)]))

    @property
    def _max_bytes(self) -> int:
        return self.max_length * _BYTES + _OTHER_FIELDS

    def _article(self, data: bytes) -> Record | Failure:
        name = self.source.name
        if len(data) > self._max_bytes:
            message = f"the text is longer than {self._max_bytes:,} bytes, the most that --max-length allows"
            return Failure(name, self.source.place(1), message)
        try:
            return self._checked(name, 1, decode(data), {})
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            return Failure(name, self.source.place(line), not_utf8(error))

    def _of_parsed(self, parsed: Parsed) -> Iterator[Record | Failure]:
        for number, fields in parsed:
            if isinstance(fields, str):
                yield Failure(f"{self.source.name}:{number}", self.source.place(number), fields)
            else:
                yield self._record(number, fields)

    def _record(self, number: int, fields: dict[str, Any]) -> Record | Failure:
        """The record of an object or row; takes the text, and the id if it is called so, out of its fields."""
        name = f"{self.source.name}:{number}"
        if fields.get(self.id_field) is not None:
            name = fields[self.id_field]
        if self.text_field not in fields:
            there = ", ".join(map(repr, fields)) or "none"
            message = f"no field {self.text_field!r} for the text (--text-field); the record's fields: {there}"
            return Failure(name, self.source.place(number), message)
        text = fields.pop(self.text_field)
        if not isinstance(text, str):
            message = f"the field {self.text_field!r} must hold a string, not {json_type(text)}"
            return Failure(name, self.source.place(number), message)
        if self.id_field == "id":
            fields.pop("id", None)
        return self._checked(name, number, text, fields)

    def _checked(self, name: Any, number: int, text: str, fields: dict[str, Any]) -> Record | Failure:
        if len(text) <= self.max_length:
            return Record(name, self.source.place(number), text, fields)
        message = f"the text has {len(text):,} characters; at most {self.max_length:,} are labelled (--max-length)"
        return Failure(name, self.source.place(number), message)


def read_text(path: str) -> str:
    """The text of one file, or of standard input for "-".

    Raises
    ------
    CorpusError
        If it is not UTF-8.
    """
    data = sys.stdin.buffer.read() if path == STANDARD else Path(path).read_bytes()
    try:
        return decode(data)
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: {not_utf8(error)}") from error
