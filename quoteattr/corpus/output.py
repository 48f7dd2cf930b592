"""A file that appears when it is complete, and a journal that says where to go on until then.

    OUT.part                 whole blocks of rows
    OUT.errors.jsonl.part    the failures of the same records
    OUT.journal              first what is being made of what; then, for each block, how many records and bytes are safe

A block is written and flushed to disk before the journal says so. Whatever ends a run, the next one cuts both files off
where the last whole line of the journal says, and goes on with the record after. When all records are through, the
journal says that too, and the files get their names; a run that ends in between is finished by the next.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, cast

from quoteattr.corpus.fields import to_json
from quoteattr.corpus.reading import Failure
from quoteattr.errors import CorpusError


@dataclass(frozen=True, slots=True)
class Counts:
    """How far a run is: records that are through, and what became of them."""

    records: int = 0
    labelled: int = 0
    failed: int = 0
    words: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(a + b for a, b in zip(asdict(self).values(), asdict(other).values(), strict=True)))


class StandardOutput:
    """Standard output, and standard error for failures: nothing to go on from."""

    path = errors_path = None
    is_complete = False

    def __init__(self) -> None:
        self.counts = Counts()

    def write(self, rows: bytes, failures: Iterable[Failure], counts: Counts) -> None:
        """Write a block."""
        sys.stdout.buffer.write(rows)
        sys.stdout.buffer.flush()
        for failure in failures:
            print(f"quoteattr: {failure.place}: {failure.message}", file=sys.stderr)
        self.counts += counts

    def complete(self) -> None:
        """Nothing is left to do."""

    def __enter__(self) -> StandardOutput:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


class FileOutput:
    """A file with its journal; to be used as a context.

    Parameters
    ----------
    path : Path
        Its name; OUT above.
    order : mapping
        What is being made of what: a run goes on only where that is the same. JSON-ready.
    finish : callable
        Makes the file of its blocks: takes the path of these and of the file.
    keeps_marker : bool
        Whether OUT.done stays when the file is complete, so that it is not made again.

    Attributes
    ----------
    counts : Counts
        Of this run and those that it went on from.
    is_complete : bool
        Whether nothing is left to do.

    Raises
    ------
    CorpusError
        If the file can't be written, another run is writing it, or it was begun with another order.
    """

    def __init__(self, path: Path, order: Mapping[str, Any], finish: Callable[[Path, Path], None], keeps_marker: bool):
        self.path, self.errors_path = path, beside(path, ".errors.jsonl")
        self.counts, self.is_complete = Counts(), False
        self._order, self._finish, self._keeps_marker = dict(order), finish, keeps_marker
        self._rows_path, self._failures_path = beside(path, ".part"), beside(path, ".errors.jsonl.part")
        self._journal_path, self._marker_path = beside(path, ".journal"), beside(path, ".done")
        self._closing = ExitStack()

    def __enter__(self) -> FileOutput:
        if not self._keeps_marker:
            self._marker_path.unlink(missing_ok=True)
        elif self._marker_path.exists() and self.path.exists():
            done = json.loads(self._marker_path.read_text(encoding="utf-8"))
            self._check(done["order"], "was made", self._marker_path)
            self._journal_path.unlink(missing_ok=True)  # if the run was ended between its last two steps
            self.counts, self.is_complete = Counts(**done["counts"]), True
            return self
        try:
            self._open()
        except BaseException:
            self._closing.close()
            raise
        return self

    def _open(self) -> None:
        self._journal = self._append_to(self._journal_path)
        _lock(self._journal, self.path)
        lines = self._journal_path.read_bytes().splitlines(keepends=True)
        if lines and not lines[-1].endswith(b"\n"):  # its writer was killed
            self._journal.truncate(sum(map(len, lines[:-1])))
            del lines[-1]
        last: dict[str, Any] = {"counts": {}, "bytes": 0, "failure_bytes": 0}
        if lines:
            self._check(json.loads(lines[0]), "was begun", self._journal_path)
            last = json.loads(lines[-1]) if lines[1:] else last
        self.counts = Counts(**last["counts"])
        if last.get("complete"):
            self._publish()
            return
        self._rows, self._failures = self._append_to(self._rows_path), self._append_to(self._failures_path)
        for file, size in ((self._rows, last["bytes"]), (self._failures, last["failure_bytes"])):
            if os.fstat(file.fileno()).st_size < size:
                raise CorpusError(
                    f"{file.name} is shorter than {self._journal_path} says: remove the journal to begin anew"
                )
            file.truncate(size)
        self._sizes = [last["bytes"], last["failure_bytes"]]
        if not lines:
            self._log(self._order)

    def write(self, rows: bytes, failures: Iterable[Failure], counts: Counts) -> None:
        """Write a block; once this returns, it is safe."""
        failed = b"".join(to_json(asdict(failure)).encode("utf-8", "backslashreplace") + b"\n" for failure in failures)
        try:
            for i, (file, data) in enumerate(((self._rows, rows), (self._failures, failed))):
                if data:
                    _write(file, data)
                    self._sizes[i] += len(data)
            self._log_counts(self.counts + counts)
        except OSError as error:
            raise CorpusError(
                f"cannot write {self.path}: {error.strerror}; {self.counts.records:,} records are safe, "
                "the same command goes on from there"
            ) from error
        self.counts += counts

    def complete(self) -> None:
        """Give the files their names."""
        self._log_counts(self.counts, complete=True)
        self._publish()

    def _publish(self) -> None:
        if self.counts.failed and self._failures_path.exists():
            self._failures_path.replace(self.errors_path)
        elif not self.counts.failed:  # those of an earlier run would pass for this one's
            self._failures_path.unlink(missing_ok=True)
            self.errors_path.unlink(missing_ok=True)
        if self._rows_path.exists():
            self._finish(self._rows_path, self.path)
        if self._keeps_marker:
            aside = beside(self._marker_path, ".part")
            aside.write_text(json.dumps({"order": self._order, "counts": asdict(self.counts)}) + "\n", encoding="utf-8")
            aside.replace(self._marker_path)
        _sync_folder(self.path.parent)
        self._journal_path.unlink()
        self.is_complete = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()
        if not self.is_complete and not self.counts.records:  # nothing to go on from
            for path in (self._journal_path, self._rows_path, self._failures_path):
                path.unlink(missing_ok=True)

    def _log_counts(self, counts: Counts, complete: bool = False) -> None:
        rows, failures = self._sizes
        self._log({"counts": asdict(counts), "bytes": rows, "failure_bytes": failures, "complete": complete})

    def _log(self, line: Mapping[str, Any]) -> None:
        _write(self._journal, json.dumps(line).encode() + b"\n")

    def _append_to(self, path: Path) -> BinaryIO:
        try:
            # Unbuffered: what could not be written must not be tried again when the file is closed.
            return self._closing.enter_context(cast(BinaryIO, path.open("ab", buffering=0)))
        except OSError as error:
            raise CorpusError(f"cannot write {path}: {error.strerror}") from error

    def _check(self, order: Mapping[str, Any], how: str, record: Path) -> None:
        for name, value in self._order.items():
            if order.get(name) != value:
                raise CorpusError(
                    f"{self.path} {how} with another {name} ({order.get(name)!r:.80}, now {value!r:.80}): run it as it was, "
                    f"or remove {record} to begin anew"
                )


def beside(path: Path, suffix: str) -> Path:
    """The file whose name is that of `path` with something added."""
    return path.with_name(path.name + suffix)


def check_target(path: Path, inputs: Iterable[Path]) -> None:
    """See to it that a file can be written, and is none of the inputs.

    Raises
    ------
    CorpusError
        If it can't, or is.
    """
    if not path.parent.is_dir():
        raise CorpusError(f"cannot write {path}: there is no folder {path.parent}")
    if not path.exists():
        return
    if not path.is_file():
        raise CorpusError(f"cannot write {path}: it is no regular file; - is standard output")
    if any(path.samefile(given) for given in inputs):
        raise CorpusError(f"{path} is one of the inputs and would be overwritten: choose another output")


def _write(file: BinaryIO, data: bytes) -> None:
    """Write all of it and wait until it is on the disk."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
    os.fsync(file.fileno())


def _lock(file: BinaryIO, path: Path) -> None:
    """Keep a second run off; the system unlocks when the process ends, however it does."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CorpusError(f"another run is writing {path}: wait for it, or choose another output") from error


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
