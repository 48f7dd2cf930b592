"""clean and show: one article."""

from __future__ import annotations

import argparse
import sys
import textwrap
from typing import TYPE_CHECKING

from quoteattr.cli.common import UsageError, add_model, checked, console, verb
from quoteattr.document import BOILERPLATE_KINDS

if TYPE_CHECKING:
    from quoteattr.cli.common import Verbs
    from quoteattr.document import Document


def add_clean(verbs: Verbs) -> None:
    parser = verb(
        verbs, "clean", _clean,
        "print an article without its boilerplate\n\nThe kinds of boilerplate are\n"
        + textwrap.fill(", ".join(BOILERPLATE_KINDS), 100, initial_indent="  ", subsequent_indent="  "),
        "quoteattr clean article.txt",
        "quoteattr clean article.txt --keep caption furniture",
        "cat article.txt | quoteattr clean --threshold 0.8",
    )  # fmt: skip
    parser.add_argument(
        "file", nargs="?", default="-", metavar="FILE", help="text file; standard input by default or for -"
    )
    parser.add_argument("--keep", nargs="+", action="extend", default=[], metavar="KIND", help="boilerplate to keep")
    parser.add_argument(
        "--threshold",
        type=checked(float, lambda p: 0 <= p <= 1, "a probability between 0 and 1"),
        default=0.5,
        metavar="P",
        help="drop a sentence only if it is boilerplate with at least this probability (default: 0.5)",
    )
    add_model(parser)


def _clean(arguments: argparse.Namespace) -> int:
    unknown = [kind for kind in arguments.keep if kind not in BOILERPLATE_KINDS]
    if unknown:
        kinds = ", ".join(BOILERPLATE_KINDS)
        raise UsageError(
            f"there is no boilerplate kind {unknown[0]!r} to keep: the kinds are {kinds}; FILE stands first"
        )
    dropped = [kind for kind in BOILERPLATE_KINDS if kind not in arguments.keep]
    clean = _labelled(arguments).clean(dropped, arguments.threshold)
    sys.stdout.buffer.write(clean.encode() + b"\n")
    return 0


def add_show(verbs: Verbs) -> None:
    parser = verb(
        verbs, "show", _show,
        """show an article with its labels

Boilerplate is dimmed and followed by its kind, like ‹ad›; a claim is underlined; a quote has the colour of its
speaker and is followed by the number of that speaker in the table below the article, or [?] where nobody was
found. No colours where the output is no terminal or NO_COLOR is set: there ‹claim› follows a claim.""",
        "quoteattr show article.txt",
        "quoteattr show article.txt --html > article.html",
        "curl -s https://example.org/article.txt | quoteattr show -",
    )  # fmt: skip
    parser.add_argument("file", metavar="FILE", help="text file, or - for standard input")
    parser.add_argument("--html", action="store_true", help="give a page for the browser, in one file, instead")
    add_model(parser)


def _show(arguments: argparse.Namespace) -> int:
    document = _labelled(arguments)
    if arguments.html:
        sys.stdout.buffer.write(document.to_html().encode())
        return 0
    from quoteattr.render import print_document

    print_document(document, console())
    return 0


def _labelled(arguments: argparse.Namespace) -> Document:
    from quoteattr.corpus import read_text
    from quoteattr.labeller import load

    text = read_text(arguments.file)
    return load(arguments.model)(text)
