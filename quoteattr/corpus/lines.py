"""JSON Lines and CSV, read line by line: each record as an object, or as a message where it can't be read."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from typing import IO, Any

from quoteattr.corpus import compression

Parsed = Iterator[tuple[int, "dict[str, Any] | str"]]
_CHUNK = 1 << 20
# A byte that is no UTF-8, as the error handler "surrogateescape" leaves it in a string.
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")


class Lines:
    """The lines of a stream, counted; of one that is too long only its number of quotation marks, which CSV needs.

    Parameters
    ----------
    stream : binary file
    limit : int
        The most bytes a line may have; of a longer one no more are held.
    first : bytes
        A line that was read already, with at most one byte more than the limit.
    """

    def __init__(self, stream: IO[bytes], limit: int, first: bytes = b""):
        self.number, self.limit = 0, limit
        self._stream, self._first = stream, first

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> bytes | int:
        line, self._first = self._first or self._stream.readline(self.limit + 1), b""
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) <= self.limit:
            return line
        marks = line.count(b'"')
        while line and not line.endswith(b"\n"):
            line = self._stream.readline(_CHUNK)
            marks += line.count(b'"')
        return marks

    @property
    def too_long(self) -> str:
        """What to say of a line or record beyond the limit."""
        return f"longer than {self.limit:,} bytes, the most that --max-length allows"


def json_lines(lines: Lines) -> Parsed:
    """The objects of JSON Lines, each with the number of its line."""
    try:
        for line in lines:
            if isinstance(line, int):
                yield lines.number, f"the line is {lines.too_long}"
            elif line.strip():
                yield lines.number, _json_object(line)
    except compression.damages() as error:  # what came before it stands
        yield lines.number + 1, compression.cut_off(error)


def _json_object(line: bytes) -> dict[str, Any] | str:
    try:
        # NaN and Infinity, which Python writes, are no JSON: other readers of the output would stop at them.
        value = json.loads(decode(line), parse_constant=lambda _: None)
    except UnicodeDecodeError as error:
        return not_utf8(error)
    except (ValueError, RecursionError) as error:
        return f"broken JSON: {error}"
    return value if isinstance(value, dict) else f"a JSON object is expected, not {json_type(value)}"


def json_type(value: object) -> str:
    """What a value is called in JSON."""
    if value is None:
        return "null"
    names = {
        bool: "a boolean",
        str: "a string",
        list: "an array",
        dict: "an object",
        int: "a number",
        float: "a number",
    }
    return names.get(type(value), f"a {type(value).__name__}")


def csv_rows(lines: Lines) -> Parsed:
    """The rows of a CSV file by the names of its header, each with the number of its first line."""
    record = _CsvRecord(lines)
    reader = csv.reader(record, strict=True)
    csv.field_size_limit(max(csv.field_size_limit(), lines.limit))
    header: list[str] | None = None
    while True:
        record.begin()
        first = lines.number + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except _TooLongError:
            yield first, f"the row is {lines.too_long}"
        except csv.Error as error:
            yield first, f"broken CSV: {error}; a quotation mark inside a field is doubled"
        except compression.damages() as error:
            yield lines.number + 1, compression.cut_off(error)
            return
        else:
            if any(map(_ESCAPED_BYTE.search, row)):
                yield first, "not UTF-8: save the file as UTF-8, in an editor or with iconv"
            elif header is None and len(set(row)) < len(row):
                twice = next(name for name in row if row.count(name) > 1)
                yield first, f"the header names {twice!r} twice: one of the columns would be lost"
                return
            elif header is None:
                header = row
            elif row and len(row) != len(header):
                yield first, f"the row has {len(row)} fields, the header has {len(header)}"
            elif row:
                yield first, dict(zip(header, row))


class _TooLongError(Exception):
    """A row of a CSV file goes on beyond the limit."""


class _CsvRecord:
    """Lines as csv.reader takes them, which asks for as many as a row has; raises where a row goes on too long.

    The rest of such a row is skipped: it ends where its quotation marks are even.
    """

    def __init__(self, lines: Lines):
        self._lines = lines
        self.begin()

    def begin(self) -> None:
        """A new row starts."""
        self._size = self._marks = 0

    def __iter__(self) -> _CsvRecord:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._count(line)
        if isinstance(line, bytes) and self._size <= self._lines.limit:
            return line.decode("utf-8-sig" if self._lines.number == 1 else "utf-8", "surrogateescape")
        while self._marks % 2 and (line := next(self._lines, b"")) != b"":
            self._count(line)
        raise _TooLongError

    def _count(self, line: bytes | int) -> None:
        self._marks += line if isinstance(line, int) else line.count(b'"')
        self._size += 0 if isinstance(line, int) else len(line)


def decode(data: bytes) -> str:
    """The text of a file, without the byte order mark: that is the file's, not the text's."""
    return data.decode("utf-8-sig")


def not_utf8(error: UnicodeDecodeError) -> str:
    """What to say of bytes in another encoding."""
    byte = error.object[error.start]
    return f"not UTF-8: byte 0x{byte:02x} at offset {error.start}; save it as UTF-8, in an editor or with iconv"
