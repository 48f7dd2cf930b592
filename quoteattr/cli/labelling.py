"""label: many articles."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from quoteattr.cli.common import add_model, checked, say, verb
from quoteattr.corpus import MAX_LENGTH, STANDARD, TIMEOUT, Shard, label_corpus
from quoteattr.document import TABLES

if TYPE_CHECKING:
    from quoteattr.cli.common import Verbs
    from quoteattr.corpus import Progress, Summary

_LINE_EVERY = 30.0  # seconds between two lines of progress where there is no terminal


def add_label(verbs: Verbs) -> None:
    parser = verb(
        verbs, "label", _label,
        """label many articles: JSON Lines or Parquet out

An INPUT is a .jsonl, .csv or .parquet file (one record a line or row), a .txt file (one article), a folder of .txt
files or else of the other kinds, or - for standard input: JSON Lines if its first line that is not blank starts a JSON
object, else one article. All but .parquet can be compressed: .gz, .zst.

OUT is Parquet if it is called so, else JSON Lines, compressed if it is called .gz or .zst. A row holds the record's
own fields, its id (without one: its place) and the labelled text, which quoteattr.Document.from_dict reads; with
--table, a row is a quote or a sentence, ready for a data frame. docs/output.md tells the columns.

OUT appears when all is done. Whatever ends a run before, the same command goes on where it stopped. What can't be read
or labelled goes to OUT.errors.jsonl with its place (with -o -, to standard error), and the exit code is then 1.""",
        "quoteattr label articles/ -o labelled.jsonl",
        "quoteattr label news.jsonl.gz --text-field body --id-field url -o labelled.parquet --jobs 8",
        "quoteattr label crawl/ -o quotes.parquet --table quotes --shard $SLURM_ARRAY_TASK_ID/100",
        "cat article.txt | quoteattr label - -o - | jq '.document.quotes[].text'",
    )  # fmt: skip
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="file, folder or -")
    parser.add_argument("-o", "--output", metavar="OUT", required=True, help="file to write, or - for standard output")
    parser.add_argument("--text-field", metavar="NAME", default="text", help="a record's text (default: text)")
    parser.add_argument("--id-field", metavar="NAME", default="id", help="a record's id (default: id)")
    parser.add_argument("--table", choices=TABLES, help="write a row for each of these instead of each article")
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=checked(int, lambda n: n > 0 or n == -1, "a number of processes or -1"),
        default=1,
        help="processes; -1 for all cores (default: 1)",
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="leave OUT.done when all is done, and do nothing if it is there (an unfinished OUT is gone on with anyway)",
    )
    parser.add_argument(
        "--shard",
        metavar="R/N",
        type=Shard.parse,
        help="label part R (0 to N - 1) of N only, into a file with both numbers in its name; resumes",
    )
    parser.add_argument(
        "--errors",
        choices=("record", "raise"),
        default="record",
        help="what can't be read or labelled: write it down and go on, or stop at once (default: record)",
    )
    parser.add_argument(
        "--max-length",
        metavar="N",
        type=checked(int, lambda n: n > 0, "a number of characters"),
        default=MAX_LENGTH,
        help=f"longer texts are errors (default: {MAX_LENGTH})",
    )
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=checked(float, lambda seconds: seconds > 0, "a number of seconds"),
        default=TIMEOUT,
        help=f"texts that take longer to label are errors (default: {TIMEOUT:g})",
    )
    parser.add_argument(
        "--site-profile", metavar="FILE", help="what quoteattr profile wrote: lines that come back on a site's pages"
    )
    parser.add_argument(
        "--site-field", metavar="NAME", default="site", help="a record's site, by name or URL (default: site)"
    )
    parser.add_argument("--summary", metavar="FILE", help="write counts, seconds and versions there, as JSON")
    add_model(parser)


def _label(arguments: argparse.Namespace) -> int:
    options = {name: value for name, value in vars(arguments).items() if name not in ("run", "summary")}
    with _progress(arguments.output) as show:
        summary = label_corpus(**options, on_progress=show)
    if arguments.summary:
        Path(arguments.summary).write_text(json.dumps(asdict(summary), indent=2) + "\n", encoding="utf-8")
    say(_in_words(summary))
    return 1 if summary.failed else 0


@contextmanager
def _progress(output: str) -> Iterator[Callable[[Progress], None]]:
    """Shows progress on standard error: a line that changes on a terminal, now and then a new one elsewhere."""
    if not sys.stderr.isatty() or output == STANDARD:
        last = time.monotonic()

        def line(progress: Progress) -> None:
            nonlocal last
            if time.monotonic() - last >= _LINE_EVERY:
                last = time.monotonic()
                say(_described(progress))

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = BarColumn(bar_width=20), TextColumn("{task.description}")
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def change(progress: Progress) -> None:
            bar.update(
                task, description=_described(progress), total=progress.share and 1, completed=progress.share or 0
            )

        yield change


def _described(progress: Progress) -> str:
    parts = [
        f"{progress.labelled:,} articles",
        f"{progress.per_second:,.1f} a second",
        f"{progress.words_per_second:,.0f} words a second",
        f"{progress.failed:,} errors",
    ]
    if progress.share is not None:
        parts.append(f"{progress.share:.1%} done")
    if progress.seconds_left is not None:
        parts.append(f"{timedelta(seconds=round(progress.seconds_left))} left")
    return ", ".join(parts)


def _in_words(summary: Summary) -> str:
    failed = f"{summary.failed:,}"
    if summary.errors:
        failed += f" (see {summary.errors})"
    if summary.failed and not summary.labelled and summary.first_error:
        failed += f", the first: {summary.first_error}"
    parts = [f"labelled: {summary.labelled:,} articles, {summary.words:,} words", f"errors: {failed}"]
    if summary.skipped:
        parts.append(f"done before: {summary.skipped:,} records")
    return "; ".join([*parts, f"{summary.seconds:,.1f} s, model {summary.model_version}"])
