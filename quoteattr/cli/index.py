"""index and profile: what many articles have in common."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from quoteattr.cli.common import add_model, say, verb
from quoteattr.errors import CorpusError

if TYPE_CHECKING:
    from quoteattr.cli.common import Verbs

_STANDARD = "-"


def add_index(verbs: Verbs) -> None:
    parser = verb(
        verbs, "index", _index,
        """find the same utterance in many articles: one entry each

LABELLED is what quoteattr label wrote: .jsonl or .jsonl.gz. Quotes that were copied, shortened, re-marked or
misspelt become one entry, with its fullest text, its variants, every place where it stands, where it was seen
first, and the speaker whom most articles name. Each line of QUOTES is an entry: those in most places first.
QUOTES appears when all is done.""",
        "quoteattr index labelled.jsonl -o quotes.jsonl",
        "quoteattr index 2023.jsonl.gz 2024.jsonl.gz --site-field url --date-field published -o quotes.jsonl.gz",
        "quoteattr index labelled.jsonl -o - | jq -r 'select(.articles > 1) | [.articles, .speaker, .text] | @tsv'",
    )  # fmt: skip
    parser.add_argument("inputs", nargs="+", metavar="LABELLED", help="labelled articles: .jsonl or .jsonl.gz")
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
    from quoteattr.index import QuoteIndex
    from quoteattr.index.rows import Field, read_rows

    started = time.perf_counter()
    site, date = Field(arguments.site_field, "--site-field"), Field(arguments.date_field, "--date-field")
    articles = entries = shared = 0
    with _whole(arguments.output, arguments.inputs) as out:
        folder = None if arguments.output == _STANDARD else Path(arguments.output).resolve().parent
        with QuoteIndex(model.read(arguments.model).lexicon, folder) as index:
            for place, row in read_rows(arguments.inputs):
                try:
                    index.add(row["id"], row["document"], site.site(row), date.date(row))
                except (KeyError, TypeError, IndexError) as error:
                    raise CorpusError(f"{place}: no labelled article: pass what quoteattr label wrote") from error
                articles += 1
            if complaint := site.complaint or date.complaint:
                raise CorpusError(complaint)
            for entry in index.entries():
                out.write(_line(entry))
                entries += 1
                shared += entry["articles"] > 1
            quotes = len(index)
    say(
        f"indexed: {quotes:,} quotes of {articles:,} articles; {entries:,} entries, {shared:,} in more than one article, "
        f"{time.perf_counter() - started:.1f} s"
    )
    return 0


def add_profile(verbs: Verbs) -> None:
    parser = verb(
        verbs, "profile", _profile,
        """find the lines that come back on a site's pages

The lines that stand on many pages of a site are boilerplate, even if they read like prose: quoteattr label
--site-profile takes them for that. INPUT is articles before labelling or after it; labelled ones tell the kinds of
boilerplate as well. Each line of PROFILE is a site.""",
        "quoteattr profile news.jsonl --site-field url -o sites.jsonl",
        "quoteattr label news.jsonl --site-field url --site-profile sites.jsonl -o labelled.jsonl",
    )  # fmt: skip
    parser.add_argument("inputs", nargs="+", metavar="INPUT", help="articles, labelled or not: .jsonl or .jsonl.gz")
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
    from quoteattr.index.rows import Field, read_rows
    from quoteattr.site_profile import ProfileBuilder

    started = time.perf_counter()
    field = Field(arguments.site_field, "--site-field")
    builder = ProfileBuilder()
    articles = 0
    with _whole(arguments.output, arguments.inputs) as out:
        for place, row in read_rows(arguments.inputs):
            site = field.site(row)
            if site is not None:
                builder.add(site, _sentences(row, arguments.text_field, place))
                articles += 1
        if field.complaint:
            raise CorpusError(field.complaint)
        profile = builder.build()
        for line in profile.rows():
            out.write(_line(line))
    lines = sum(len(known.lines) for known in profile.sites.values())
    say(
        f"profiled: {articles:,} articles of {len(profile.sites):,} sites, {lines:,} lines that come back, "
        f"{time.perf_counter() - started:.1f} s"
    )
    return 0


def _sentences(row: dict[str, Any], text_field: str, place: str) -> Iterator[tuple[str, str | None]]:
    """The sentences of an article, with their kinds of boilerplate where it is labelled."""
    from quoteattr.segmenter import Segmenter

    document = row.get("document")
    try:
        if document is not None:
            for s in document["sentences"]:
                yield document["text"][s["start"] : s["end"]], s["boilerplate_kind"]
        else:
            text = row[text_field]
            for start, end in Segmenter().spans(text):
                yield text[start:end], None
    except KeyError as error:
        raise CorpusError(
            f"{place}: no field {error} for the text (--text-field); the record's fields: {', '.join(row)}"
        ) from error
    except TypeError as error:
        raise CorpusError(f"{place}: the text is no string, or the document none that quoteattr label wrote") from error


def _line(row: dict[str, Any]) -> bytes:
    try:
        return json.dumps(row, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8 form, only an escape
        return json.dumps(row).encode() + b"\n"


@contextmanager
def _whole(output: str, inputs: list[str]) -> Iterator[IO[bytes]]:
    """A file that appears under its name when it is complete, or standard output."""
    if output == _STANDARD:
        yield sys.stdout.buffer
        return
    path = Path(output).resolve()
    if not path.parent.is_dir():
        raise CorpusError(f"cannot write {output}: there is no folder {path.parent}")
    if path.exists() and any(Path(given).exists() and path.samefile(given) for given in inputs):
        raise CorpusError(f"{output} is one of the inputs and would be overwritten: choose another output")
    aside = path.with_name(f".{os.getpid()}.part.{path.name}")
    try:
        with cast(IO[bytes], gzip.open(aside, "wb") if path.suffix == ".gz" else aside.open("wb")) as stream:
            yield stream
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
