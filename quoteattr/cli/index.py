"""index and profile: what many articles have in common."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quoteattr.cli.common import Unread, add_model, say, verb
from quoteattr.errors import CorpusError

if TYPE_CHECKING:
    from quoteattr.cli.common import Verbs
    from quoteattr.corpus import Source

_BLOCK = 1000  # rows written at a time


def add_index(verbs: Verbs) -> None:
    parser = verb(
        verbs, "index", _index,
        """find the same utterance in many articles: one entry each

LABELLED is what quoteattr label wrote (without --table): files, a folder of them, or - for JSON Lines on standard
input. Quotes that were copied, shortened, re-marked or misspelt become one entry, with its fullest text, its variants,
every place where it stands, where it was seen first, and the speaker whom most articles name.

QUOTES is JSON Lines, compressed if it is called .gz or .zst: an entry a line, those in most places first. It appears
when all is done. If a row could not be read, the others are indexed, and the exit code is 1.""",
        "quoteattr index labelled.jsonl -o quotes.jsonl",
        "quoteattr index 2023.jsonl.gz 2024.jsonl.gz --site-field url --date-field published -o quotes.jsonl.gz",
        "quoteattr index labelled.jsonl -o - | jq -r 'select(.articles > 1) | [.articles, .speaker, .text] | @tsv'",
    )  # fmt: skip
    parser.add_argument("inputs", nargs="+", metavar="LABELLED", help="labelled articles: .jsonl or .parquet")
    parser.add_argument(
        "-o", "--output", metavar="QUOTES", required=True, help="file to write, or - for standard output"
    )
    parser.add_argument("--site-field", metavar="NAME", help="an article's site, by name or URL (default: none)")
    parser.add_argument(
        "--date-field", metavar="NAME", help="an article's date (default: none; first seen is first read)"
    )
    add_model(parser)


def _index(arguments: argparse.Namespace) -> int:
    from quoteattr import model
    from quoteattr.corpus import STANDARD, find_sources
    from quoteattr.corpus.about import Field
    from quoteattr.corpus.labelled import document_of
    from quoteattr.index import QuoteIndex

    started = time.perf_counter()
    site, date = Field(arguments.site_field, "--site-field"), Field(arguments.date_field, "--date-field")
    articles = entries = shared = 0
    unread = Unread()
    sources = find_sources(arguments.inputs)
    with _rows_out(arguments.output, sources) as write:
        folder = None if arguments.output == STANDARD else Path(arguments.output).resolve().parent
        with QuoteIndex(model.read(arguments.model).lexicon, folder) as index:
            for place, row in _readable(sources, unread):
                try:
                    index.add(row["id"], document_of(row) or {}, site.site(row), date.date(row))
                except (KeyError, TypeError, IndexError):
                    unread.add(place, "no labelled article: pass what quoteattr label wrote")
                else:
                    articles += 1
            if complaint := site.complaint or date.complaint:
                raise CorpusError(complaint)
            _check_some(articles, unread)
            for entry in index.entries():
                write(entry)
                entries += 1
                shared += entry["articles"] > 1
            quotes = len(index)
    say(
        f"indexed: {quotes:,} quotes of {articles:,} articles, not read: {unread.count:,}; {entries:,} entries, "
        f"{shared:,} in more than one article, {time.perf_counter() - started:.1f} s"
    )
    return 1 if unread.count else 0


def add_profile(verbs: Verbs) -> None:
    parser = verb(
        verbs, "profile", _profile,
        """find the lines that come back on a site's pages

The lines that stand on many pages of a site are boilerplate, even if they read like prose: quoteattr label
--site-profile takes them for that. INPUT is articles before labelling or after it; labelled ones tell the kinds of
boilerplate as well. Each line of PROFILE is a site: hashes of lines, and on how many pages they stand. If a row could
not be read, the others are counted, and the exit code is 1.""",
        "quoteattr profile news.jsonl --site-field url -o sites.jsonl",
        "quoteattr label news.jsonl --site-field url --site-profile sites.jsonl -o labelled.jsonl",
    )  # fmt: skip
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="articles, labelled or not: .jsonl, .csv, .parquet")
    parser.add_argument(
        "-o", "--output", metavar="PROFILE", required=True, help="file to write, or - for standard output"
    )
    parser.add_argument(
        "--site-field", metavar="NAME", default="site", help="an article's site, by name or URL (default: site)"
    )
    parser.add_argument(
        "--text-field", metavar="NAME", default="text", help="an unlabelled article's text (default: text)"
    )


def _profile(arguments: argparse.Namespace) -> int:
    from quoteattr.corpus import find_sources
    from quoteattr.corpus.about import Field
    from quoteattr.site_profile import ProfileBuilder

    started = time.perf_counter()
    field = Field(arguments.site_field, "--site-field")
    builder = ProfileBuilder()
    articles = 0
    unread = Unread()
    sources = find_sources(arguments.inputs)
    with _rows_out(arguments.output, sources) as write:
        for place, row in _readable(sources, unread):
            site = field.site(row)
            if site is None:
                continue
            try:
                sentences = list(_sentences(row, arguments.text_field))
            except CorpusError as error:
                unread.add(place, str(error))
            else:
                builder.add(site, sentences)
                articles += 1
        if field.complaint:
            raise CorpusError(field.complaint)
        _check_some(articles, unread)
        profile = builder.build()
        for row in profile.rows():
            write(row)
    lines = sum(len(known.lines) for known in profile.sites.values())
    say(
        f"profiled: {articles:,} articles of {len(profile.sites):,} sites, not read: {unread.count:,}; "
        f"{lines:,} lines that come back, {time.perf_counter() - started:.1f} s"
    )
    return 1 if unread.count else 0


def _readable(sources: Iterable[Source], unread: Unread) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows that are JSON objects, with their places."""
    from quoteattr.corpus.labelled import read_rows

    for place, row in read_rows(sources):
        if isinstance(row, str):
            unread.add(place, row)
        else:
            yield place, row


def _check_some(articles: int, unread: Unread) -> None:
    if unread.count and not articles:
        raise CorpusError(f"none of the rows could be read ({unread.count:,})")


def _sentences(row: dict[str, Any], text_field: str) -> Iterator[tuple[str, str | None]]:
    """The sentences of an article, with their kinds of boilerplate where it is labelled."""
    from quoteattr.corpus.labelled import document_of
    from quoteattr.document import BOILERPLATE_KINDS
    from quoteattr.segmenter import Segmenter

    document = document_of(row)
    try:
        if document is not None:
            for s in document["sentences"]:
                if s["boilerplate_kind"] not in (None, *BOILERPLATE_KINDS):
                    raise TypeError(f"there is no boilerplate kind {s['boilerplate_kind']!r}")
                yield document["text"][s["start"] : s["end"]], s["boilerplate_kind"]
        else:
            text = row[text_field]
            for start, end in Segmenter().spans(text):
                yield text[start:end], None
    except KeyError as error:
        raise CorpusError(
            f"no field {error} for the text (--text-field); the record's fields: {', '.join(row)}"
        ) from error
    except TypeError as error:
        raise CorpusError("the text is no string, or the document none that quoteattr label wrote") from error


@contextmanager
def _rows_out(output: str, sources: Iterable[Source]) -> Iterator[Callable[[Mapping[str, Any]], object]]:
    """Writes rows as JSON Lines, to standard output or to a file that appears under its name when it is complete."""
    from quoteattr.corpus import STANDARD, compression
    from quoteattr.corpus.fields import to_json
    from quoteattr.corpus.output import beside, check_target

    def line(row: Mapping[str, Any]) -> bytes:
        return to_json(row).encode("utf-8", "backslashreplace") + b"\n"  # a lone surrogate has only an escape

    if output == STANDARD:
        yield lambda row: sys.stdout.buffer.write(line(row))
        return
    path = Path(output).resolve()  # a symbolic link stays one
    if path.suffix in (".parquet", ".csv"):
        raise CorpusError(f"{output}: what is written is JSON Lines; call the output .jsonl, .jsonl.gz or .jsonl.zst")
    check_target(path, [source.path for source in sources if source.path])
    aside = beside(path, f".{os.getpid()}.part")
    lines: list[bytes] = []

    def write_block() -> None:
        stream.write(compression.compress(b"".join(lines), path.name))
        lines.clear()

    def write(row: Mapping[str, Any]) -> None:
        lines.append(line(row))
        if len(lines) >= _BLOCK:
            write_block()

    try:
        with aside.open("wb") as stream:
            yield write
            write_block()
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
