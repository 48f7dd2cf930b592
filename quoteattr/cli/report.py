"""report: a corpus at a glance."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from quoteattr.cli.common import Unread, UsageError, say, verb

if TYPE_CHECKING:
    from quoteattr.cli.common import Verbs

Item = TypeVar("Item")


def add_report(verbs: Verbs) -> None:
    parser = verb(
        verbs, "report", _report,
        """show a corpus at a glance: one HTML page of counts

LABELLED is what quoteattr label wrote, an article a row: .jsonl (also with .gz or .zst), .parquet, a folder of such
files, or - for standard input. The page has who is quoted and how often, kinds of quotes, named and unnamed sources,
speakers by gender as the articles themselves say it, speaking verbs, claims, boilerplate and confidence, each as a
chart and as a table. It needs no network. Memory stays bounded, however many articles there are.

Needs pip install 'quoteattr[report]'. If a row could not be read, the exit code is 1.""",
        "quoteattr report labelled.jsonl -o report.html",
        "quoteattr report labelled/ --date-field published --site-field url -o report.html",
    )  # fmt: skip
    parser.add_argument("inputs", nargs="+", metavar="LABELLED", help="labelled articles: file, folder or -")
    parser.add_argument("-o", "--output", metavar="PAGE", required=True, help="file to write, or - for standard output")
    parser.add_argument("--date-field", metavar="NAME", help="an article's date, for counts over time (default: none)")
    parser.add_argument("--site-field", metavar="NAME", help="an article's site, by name or URL (default: none)")


def _report(arguments: argparse.Namespace) -> int:
    from quoteattr.corpus import STANDARD, Failure, find_sources, read_labelled
    from quoteattr.corpus.about import Field
    from quoteattr.corpus.output import check_target
    from quoteattr.report import Report
    from quoteattr.report.page import check_packages

    started = time.perf_counter()
    check_packages()
    sources = find_sources(arguments.inputs)
    if arguments.output != STANDARD:
        check_target(Path(arguments.output).resolve(), [source.path for source in sources if source.path])
    report = Report()
    site, date = Field(arguments.site_field, "--site-field"), Field(arguments.date_field, "--date-field")
    unread = Unread()
    for article in _progress(read_labelled(sources)) if sys.stderr.isatty() else read_labelled(sources):
        if isinstance(article, Failure):
            unread.add(article.place, article.message)
        else:
            report.add(article.document, date=date.value(article.fields), site=site.value(article.fields))
    if complaint := site.complaint or date.complaint:
        raise UsageError(complaint)
    if not report.articles:
        raise UsageError(
            f"there is no labelled article in {', '.join(arguments.inputs)}: pass what quoteattr label wrote"
        )
    page = report.to_html().encode()
    if arguments.output == STANDARD:
        sys.stdout.buffer.write(page)
    else:
        Path(arguments.output).write_bytes(page)
    dates = f", without a date: {report.undated:,}, with one that can't be read: {report.misdated:,}"
    say(
        f"counted: {report.articles:,} articles, not read: {unread.count:,}{dates if arguments.date_field else ''}, "
        f"{time.perf_counter() - started:.1f} s"
    )
    return 1 if unread.count else 0


def _progress(items: Iterable[Item]) -> Iterator[Item]:
    """Count the items on standard error as they go by."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.completed:,} articles"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield from progress.track(items)
