"""Which files are meant, and which of them a shard takes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from quoteattr.errors import CorpusError

STANDARD = "-"
COMPRESSIONS = (".gz", ".zst")
_KINDS = (".txt", ".jsonl", ".csv", ".parquet")
_READ = ".txt, .jsonl, .csv (also with .gz or .zst), .parquet, a folder of such files, or - for standard input"

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read, or standard input: its path, None for that, and the name by which ids call it."""

    path: Path | None
    name: str

    @property
    def kind(self) -> str:
        """Its suffix, without that of a compression: ".txt", ".jsonl", ".csv" or ".parquet"; "" where it has none."""
        return _kind(self.name)

    @property
    def size(self) -> int:
        """Bytes on disk; 0 for standard input, and for what can't be looked at."""
        try:
            return self.path.stat().st_size if self.path else 0
        except OSError:  # reading will tell
            return 0

    def place(self, line: int | str) -> str:
        """How messages call a line of it."""
        return f"{self.path or self.name}:{line}"


def find_sources(inputs: Iterable[str]) -> list[Source]:
    """The files that the inputs stand for, in order.

    A folder is its .txt files, inner folders included, in the order of their names; a folder without any is its
    .jsonl, .csv and .parquet files.

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
        files = sorted(file for file in path.rglob("*") if _kind(file.name) in _KINDS)
        files = [file for file in files if _kind(file.name) == ".txt"] or files
        if not files:
            raise CorpusError(f"the folder {given} holds no {', '.join(_KINDS[:-1])} or {_KINDS[-1]} files")
        return [Source(file, file.relative_to(path).as_posix()) for file in files]
    if not path.exists():
        raise CorpusError(f"there is no file or folder {given}")
    if _kind(path.name) not in _KINDS:
        raise CorpusError(f"{given} is not read: pass {_READ}")
    return [Source(path, path.name)]


def _kind(name: str) -> str:
    path = Path(name)
    return Path(path.stem).suffix if path.suffix in COMPRESSIONS else path.suffix


def digest(sources: Iterable[Source]) -> str:
    """Changes when a file is added, removed or written to: a hash over names, sizes and times of change."""
    known = hashlib.sha256()
    for source in sources:
        changed = source.path.stat().st_mtime_ns if source.path and source.path.exists() else 0
        known.update(f"{source.name}\0{source.size}\0{changed}\0".encode("utf-8", "surrogateescape"))
    return known.hexdigest()


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several equal parts of the input, for runs that share nothing but the files.

    Every `count`-th file belongs to it; with fewer files than shards, every `count`-th record of all files.

    Attributes
    ----------
    number : int
        Which part: 0 to count - 1.
    count : int
        How many there are.

    Raises
    ------
    CorpusError
        If the number is not below the count.
    """

    number: int
    count: int

    def __post_init__(self) -> None:
        if not 0 <= self.number < self.count:
            raise CorpusError(f"{self} is no shard: pass R/N with 0 <= R < N, the first of sixteen is 0/16")

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read "3/16": the fourth of sixteen.

        Raises
        ------
        CorpusError
            If it is no such pair.
        """
        match = re.fullmatch(r"(\d+)/(\d+)", text)
        if not match:
            raise CorpusError(f"{text!r} is no shard: pass R/N with 0 <= R < N, the first of sixteen is 0/16")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def files(self, sources: Sequence[Source]) -> Sequence[Source]:
        """The files that this shard reads."""
        return sources[self.number :: self.count] if self._takes_files(sources) else sources

    def records(self, records: Iterator[Item], sources: Sequence[Source]) -> Iterator[Item]:
        """The records that are this shard's, of those in its files; `sources` are the files of all shards."""
        return records if self._takes_files(sources) else islice(records, self.number, None, self.count)

    def _takes_files(self, sources: Sequence[Source]) -> bool:
        return len(sources) >= self.count

    def output(self, path: str) -> str:
        """Where this shard writes when all are given the same name: out.jsonl -> out-00003-of-00016.jsonl."""
        whole = Path(path)
        stem, dot, suffixes = whole.name.partition(".")
        return str(whole.with_name(f"{stem}-{self.number:05}-of-{self.count:05}{dot}{suffixes}"))
