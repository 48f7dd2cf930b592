"""label: many articles."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NoReturn, TypeVar

from quoteattr.cli.common import add_model, checked, say, verb
from quoteattr.errors import CorpusError

if TYPE_CHECKING:
    from quoteattr.cli.common import Verbs
    from quoteattr.corpus import Failure, Writer

Item = TypeVar("Item")


def add_label(verbs: Verbs) -> None:
    parser = verb(
        verbs, "label", _label,
        """label many articles: JSON Lines out

An INPUT is a .txt file (one article), a folder of .txt files, a .jsonl or .jsonl.gz file (one record a line),
or - for standard input: JSON Lines if its first line that is not blank starts a JSON object, else one article.

Each line of OUT holds the record's own fields, its id (without one: the file name) and, under "document", the
labelled text, which quoteattr.Document.from_dict reads. OUT appears when all is done. What can't be read goes to
OUT.errors.jsonl with its place (with -o -, to standard error), and the exit code is then 1.""",
        "quoteattr label articles/ -o labelled.jsonl",
        "quoteattr label news.jsonl.gz --text-field body --id-field url -o labelled.jsonl.gz --jobs 8",
        "cat article.txt | quoteattr label - -o - | jq '.document.quotes[].text'",
    )  # fmt: skip
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help=".txt, folder of .txt, .jsonl, .jsonl.gz or -")
    parser.add_argument("-o", "--output", metavar="OUT", required=True, help="file to write, or - for standard output")
    parser.add_argument("--text-field", metavar="NAME", default="text", help="a JSON record's text (default: text)")
    parser.add_argument("--id-field", metavar="NAME", default="id", help="a JSON record's id (default: id)")
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=checked(int, lambda n: n > 0 or n == -1, "a number of processes or -1"),
        default=1,
        help="processes; -1 for all cores (default: 1)",
    )
    parser.add_argument(
        "--errors",
        choices=("record", "raise"),
        default="record",
        help="what can't be read: write it down and go on, or stop at once (default: record)",
    )
    parser.add_argument(
        "--site-profile", metavar="FILE", help="what quoteattr profile wrote: lines that come back on a site's pages"
    )
    parser.add_argument(
        "--site-field", metavar="NAME", default="site", help="a JSON record's site, by name or URL (default: site)"
    )
    add_model(parser)


def _label(arguments: argparse.Namespace) -> int:
    from quoteattr import corpus
    from quoteattr.index.rows import Field
    from quoteattr.labeller import load

    started = time.perf_counter()
    sources = corpus.find_sources(arguments.inputs)
    writer = corpus.Writer(arguments.output, sources)
    labeller = load(arguments.model, arguments.site_profile)
    site = Field(arguments.site_field if arguments.site_profile else None, "--site-field")
    records = corpus.read_records(sources, arguments.text_field, arguments.id_field)
    is_watched = sys.stderr.isatty() and arguments.output != corpus.STANDARD
    with writer:
        pairs = corpus.texts(records, writer.fail if arguments.errors == "record" else _stop)
        labelled = labeller.pipe(pairs, as_tuples=True, n_jobs=arguments.jobs, site_of=lambda r: site.site(r.fields))
        for document, record in _progress(labelled) if is_watched else labelled:
            writer.write(record, document)
    if site.complaint:
        say(f"{site.complaint}: the site profile was not used")
    say(_label_summary(writer, time.perf_counter() - started))
    return 1 if writer.failed else 0


def _stop(failure: Failure) -> NoReturn:
    raise CorpusError(f"{failure.place}: {failure.message}")


def _progress(items: Iterable[Item]) -> Iterator[Item]:
    """Count the items on standard error as they go by."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.completed:,} documents"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield from progress.track(items)


def _label_summary(writer: Writer, seconds: float) -> str:
    where = f" (see {writer.errors_path})" if writer.failed and writer.errors_path else ""
    return f"labelled: {writer.labelled:,}, not read: {writer.failed:,}{where}, {seconds:.1f} s"
