"""A whole corpus: files read, labelled in parallel and written, in order, a bounded number of records at a time."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeVar

from quoteattr._version import __version__
from quoteattr.corpus.about import Field
from quoteattr.corpus.output import Counts, FileOutput, StandardOutput, beside, check_target
from quoteattr.corpus.reading import MAX_LENGTH, Failure, Meter, Record, check_packages, read_records
from quoteattr.corpus.rows import Format, format_of
from quoteattr.corpus.sources import STANDARD, Shard, Source, digest, find_sources
from quoteattr.document import TABLES, Document
from quoteattr.errors import CorpusError
from quoteattr.labeller import Labeller, load

TIMEOUT = 300.0
# A block is what the journal counts by, so its size is a matter of the records alone: neither speed nor the number of
# processes may change where it ends.
_BLOCK, _BLOCK_CHARACTERS = 256, 4_000_000
_BATCH, _BATCH_CHARACTERS = 16, 250_000  # what a worker labels at a time
_BLOCKS_PER_JOB = 2  # read ahead: workers wait a little at the end of each window

Item = TypeVar("Item")
Page = tuple[str, "str | None"]  # a text and its site


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    labelled, failed : int
        Articles so far, with those of the runs that this one went on from.
    per_second, words_per_second : float
        Speed of this run.
    share : float or None
        How much of the input is through, 0 to 1; None where that can't be known.
    seconds_left : float or None
        At the speed of this run.
    """

    labelled: int
    failed: int
    per_second: float
    words_per_second: float
    share: float | None
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run did.

    Attributes
    ----------
    labelled, failed, words : int
        Articles and words in the output, and records that could not be read or labelled.
    skipped : int
        Records that earlier runs had done.
    seconds : float
        Of this run.
    library_version, model_version : str
    output, errors : str or None
        Where rows and failures are; None for the standard streams, and where nothing failed.
    first_error : str or None
        Place and message of the first failure of this run.
    """

    labelled: int
    failed: int
    words: int
    skipped: int
    seconds: float
    library_version: str
    model_version: str
    output: str | None
    errors: str | None
    first_error: str | None


def label_corpus(
    inputs: Sequence[str | Path],
    output: str | Path,
    *,
    text_field: str = "text",
    id_field: str = "id",
    table: str | None = None,
    jobs: int | None = 1,
    errors: str = "record",
    resume: bool = False,
    shard: Shard | None = None,
    max_length: int = MAX_LENGTH,
    timeout: float = TIMEOUT,
    model: Path | str | None = None,
    site_profile: Path | str | None = None,
    site_field: str = "site",
    on_progress: Callable[[Progress], None] | None = None,
) -> Summary:
    """Label files; go on where an earlier run on the same output was ended.

    Parameters
    ----------
    inputs : sequence of str or path
        Files, folders, or "-" for standard input.
    output : str or path
        A file: .parquet, else JSON Lines, compressed if the name ends in .gz or .zst; or "-" for standard output.
    text_field, id_field : str
        Where a record has its text and its id.
    table : str or None
        "quotes" or "sentences": write flat rows of these instead of documents.
    jobs : int or None
        Processes to use; -1 for all cores. None follows `joblib.parallel_config`.
    errors : str
        "record": what can't be read or labelled is written down in OUTPUT.errors.jsonl. "raise": stop there.
    resume : bool
        Leave a marker, OUTPUT.done, and do nothing where it says that this very output is complete.
    shard : Shard or None
        Label only this part, to an output with its number in the name; resumes.
    max_length : int
        The most characters a text may have.
    timeout : float
        The most seconds labelling one text may take (not on Windows).
    model : path or None
        A model bundle; the shipped one by default.
    site_profile : path or None
        What `quoteattr profile` wrote: evidence for the records whose site it knows.
    site_field : str
        Where a record has its site, by name or as any URL of it.
    on_progress : callable, optional
        Is called after each block of records.

    Returns
    -------
    Summary

    Raises
    ------
    CorpusError
        If something can't be read or written at all, the output was begun otherwise than asked for now, or there is a
        site profile but none of the first records has the site field.
    ModelError
        If the model can't be loaded.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from quoteattr.corpus import label_corpus
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "a.txt").write_text("“We did it,” said Ada Obi.", encoding="utf-8")
    ...     summary = label_corpus([folder], f"{folder}/quotes.jsonl", table="quotes")
    >>> summary.labelled, summary.words
    (1, 6)
    """
    started = time.perf_counter()
    if table is not None and table not in TABLES:
        raise CorpusError(f"there is no table {table!r}; the tables are {' and '.join(TABLES)}")
    if errors not in ("record", "raise"):
        raise CorpusError(f'errors is {errors!r}; it can be "record" or "raise"')
    given, output = [str(path) for path in inputs], str(output)
    every = find_sources(given)
    check_packages(every)
    sources = shard.files(every) if shard else every
    labeller = load(model, site_profile)
    site = Field(site_field if site_profile else None, "--site-field")
    shape = format_of(output, table, labeller.model_version)
    order = {
        "choice of inputs": given,
        "state of the inputs": digest(sources),
        "text field": text_field,
        "id field": id_field,
        "table": table,
        "shard": shard and str(shard),
        "maximal length": max_length,
        "site profile": site_profile and digest([Source(Path(site_profile), "profile")]),
        "site field": site.name,
        "library version": __version__,
        "model version": labeller.model_version,
    }
    if shard and output != STANDARD:
        output = shard.output(output)
    target = _target(output, order, shape, every, resume or shard is not None)
    first_error = None
    with target:
        skipped = target.counts.records
        if not target.is_complete:
            meter = Meter()
            records = read_records(sources, text_field, id_field, max_length, meter)
            if shard:
                records = shard.records(records, every)
            for _ in islice(records, skipped):
                pass
            clock = _Clock(sum(source.size for source in sources), meter.read, target.counts)
            work = _Work(labeller, shape, timeout)
            for block in _labelled_blocks(_blocks(records, meter), work, jobs, site):
                if block.failures and first_error is None:
                    first_error = f"{block.failures[0].place}: {block.failures[0].message}"
                    if errors == "raise":
                        raise CorpusError(first_error)
                target.write(block.rows, block.failures, block.counts)
                if on_progress:
                    on_progress(clock.progress(target.counts, block.position))
            target.complete()
    return Summary(
        target.counts.labelled, target.counts.failed, target.counts.words, skipped, round(time.perf_counter() - started, 3),
        __version__, labeller.model_version, str(target.path) if target.path else None,
        str(target.errors_path) if target.errors_path and target.counts.failed else None, first_error,
    )  # fmt: skip


def _target(
    output: str, order: dict[str, Any], shape: Format, sources: Iterable[Source], keeps_marker: bool
) -> FileOutput | StandardOutput:
    if output == STANDARD:
        return StandardOutput()
    path = Path(output).resolve()  # a symbolic link stays one
    inputs = [source.path for source in sources if source.path and source.path.exists()]
    for own in (path, beside(path, ".errors.jsonl")):
        check_target(own, inputs)
    return FileOutput(path, order, shape.finish, keeps_marker)


# --- blocks ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Block:
    """Some records, in order, and how far the files were read with the last of them."""

    items: list[Record | Failure]
    position: int


@dataclass(frozen=True, slots=True)
class _LabelledBlock:
    rows: bytes
    failures: list[Failure]
    counts: Counts
    position: int


@dataclass(slots=True)
class _Labelled:
    """What a worker sends back: for each text what went wrong with it, and the rows of the others."""

    problems: list[str | None]
    words: int
    encoded: list[Any]

    def __iadd__(self, other: _Labelled) -> _Labelled:
        self.problems += other.problems
        self.words += other.words
        self.encoded += other.encoded
        return self


def _blocks(records: Iterable[Record | Failure], meter: Meter) -> Iterator[_Block]:
    for items in _grouped(records, _length, _BLOCK, _BLOCK_CHARACTERS):
        yield _Block(items, meter.read)


def _grouped(
    items: Iterable[Item], length: Callable[[Item], int], most: int, most_characters: int
) -> Iterator[list[Item]]:
    """Lists of at most so many items, each closed by the item that brings it to so many characters."""
    group: list[Item] = []
    characters = 0
    for item in items:
        group.append(item)
        characters += length(item)
        if len(group) >= most or characters >= most_characters:
            yield group
            group, characters = [], 0
    if group:
        yield group


def _length(item: Record | Failure) -> int:
    return len(item.text) if isinstance(item, Record) else 0


def _page_length(page: Page) -> int:
    return len(page[0])


def _labelled_blocks(blocks: Iterator[_Block], work: _Work, jobs: int | None, site: Field) -> Iterator[_LabelledBlock]:
    from joblib import Parallel

    # Windows of plain Parallel calls: joblib's generator mode reads its input without limit.
    with Parallel(n_jobs=jobs, batch_size=1) as pool:
        while window := list(islice(blocks, pool.n_jobs * _BLOCKS_PER_JOB)):
            pages = [
                [(item.text, site.site(item.fields)) for item in block.items if isinstance(item, Record)]
                for block in window
            ]
            if site.complaint:
                raise CorpusError(site.complaint)
            batches = [list(_grouped(own, _page_length, _BATCH, _BATCH_CHARACTERS)) for own in pages]
            results = iter(_label_all(pool, work, [batch for own in batches for batch in own]))
            for block, own in zip(window, batches, strict=True):
                labelled = _Labelled([], 0, [])
                for result in islice(results, len(own)):
                    labelled += result
                yield _joined(block, labelled, work.shape)


def _joined(block: _Block, labelled: _Labelled, shape: Format) -> _LabelledBlock:
    """A block's records with what labelling gave for them."""
    done: list[Record] = []
    failures: list[Failure] = []
    problems = iter(labelled.problems)
    for item in block.items:
        if isinstance(item, Failure):
            failures.append(item)
        elif (problem := next(problems)) is None:
            done.append(item)
        else:
            failures.append(Failure(item.id, item.place, problem))
    rows = shape.block(done, labelled.encoded) if done else b""
    counts = Counts(len(block.items), len(done), len(failures), labelled.words)
    return _LabelledBlock(rows, failures, counts, block.position)


# --- workers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Work:
    """What a worker does with a batch of pages."""

    labeller: Labeller
    shape: Format
    timeout: float

    def __call__(self, pages: Sequence[Page]) -> _Labelled:
        problems: list[str | None] = [None] * len(pages)
        try:
            documents = self._label(pages)
        except Exception:  # one of them spoils the batch: which one?
            documents = []
            for i, page in enumerate(pages):
                try:
                    documents += self._label([page])
                except Exception as error:
                    problems[i] = f"cannot be labelled: {type(error).__name__}: {error}"
        words = sum(len(document.text.split()) for document in documents)
        return _Labelled(problems, words, self.shape.encode(documents) if documents else [])

    def _label(self, pages: Sequence[Page]) -> list[Document]:
        with _time_limit(self.timeout):
            own = self.labeller.pipe(pages, as_tuples=True, n_jobs=1, site_of=lambda site: site)
            return [document for document, _ in own]


def _label_all(pool: Any, work: _Work, batches: Sequence[Sequence[Page]]) -> list[_Labelled]:
    """Label batches in parallel; where a worker dies, each again in a process that is new, and alone."""
    from concurrent.futures.process import BrokenProcessPool

    from joblib import delayed

    try:
        return list(pool(delayed(work)(batch) for batch in batches))
    except BrokenProcessPool:
        pass
    if len(batches) > 1:
        return [result for batch in batches for result in _label_all(pool, work, [batch])]
    (batch,) = batches
    if len(batch) == 1:
        return [_Labelled(["the process that labelled it died, of too little memory for instance"], 0, [])]
    whole = _Labelled([], 0, [])
    for page in batch:
        whole += _label_all(pool, work, [[page]])[0]
    return [whole]


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Interrupt what takes too long, where the system has timers and this is the main thread."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        raise TimeoutError(f"not done after {seconds:g} seconds (--timeout)")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# --- progress --------------------------------------------------------------------------------------------------------


class _Clock:
    """Turns counts into speed; starts when it is made."""

    def __init__(self, size: int, position: int, counts: Counts):
        self._size, self._position, self._counts = size, position, counts
        self._started = time.perf_counter()

    def progress(self, counts: Counts, position: int) -> Progress:
        """How far a run is that has these counts, and its files read to this position."""
        seconds = time.perf_counter() - self._started
        share = min(position / self._size, 1.0) if self._size else None
        left = None
        if position > self._position and share is not None:
            left = max(self._size - position, 0) / (position - self._position) * seconds
        labelled = counts.labelled - self._counts.labelled
        words = counts.words - self._counts.words
        return Progress(counts.labelled, counts.failed, labelled / seconds, words / seconds, share, left)
