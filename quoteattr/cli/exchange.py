"""convert: to annotation tools and back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from quoteattr.cli.common import say, verb
from quoteattr.training.annotation import LAYERS

if TYPE_CHECKING:
    from quoteattr.cli.common import Verbs

# Named here as well as in quoteattr.exchange.FORMATS, so that help comes at once.
FORMATS = ("annotated", "brat", "label-studio", "prodigy", "columns", "web-annotation", "labelled")


def add_convert(verbs: Verbs) -> None:
    parser = verb(
        verbs, "convert", _convert,
        """bring labelled articles into an annotation tool, and back

The format of INPUT is seen from it; OUT is new:

  annotated        folder: one text file for each article, to be corrected in any editor; what train reads
  brat             folder: .txt and .ann, with annotation.conf and visual.conf
  label-studio     .json of tasks; with the labelling configuration beside it as .xml
  prodigy          .jsonl with tokens, spans and relations
  columns          .tsv: a token a line, with source, cue and content
  web-annotation   folder: .txt and .jsonld (W3C)
  labelled         .jsonl as quoteattr label writes it

Annotated articles say in a header line which layers count in training and evaluation. Name those that were corrected
with --layers; what a labeller marks is boilerplate, claims and quotes, but only the mentions of those who are quoted.
What can't be converted is named with its place and left out, and the exit code is then 1.""",
        "quoteattr convert labelled.jsonl --to label-studio -o tasks.json",
        "quoteattr convert export.json -o corrections",
        "quoteattr convert labelled.jsonl --layers boilerplate -o mine",
    )  # fmt: skip
    parser.add_argument("input", metavar="INPUT", help="file or folder in one of the formats")
    parser.add_argument("--to", choices=FORMATS, default="annotated", help="format of OUT (default: annotated)")
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="file or folder to write; must not exist")
    parser.add_argument(
        "--layers",
        nargs="+",
        choices=LAYERS,
        metavar="LAYER",
        help=f"for annotated: any of {', '.join(LAYERS)} (default: all but mentions)",
    )


def _convert(arguments: argparse.Namespace) -> int:
    from quoteattr import exchange
    from quoteattr.errors import AnnotationError

    items = list(exchange.read(Path(arguments.input)))
    documents = [item for item in items if not isinstance(item, AnnotationError)]
    errors = [item for item in items if isinstance(item, AnnotationError)]
    layers = arguments.layers or exchange.annotated.DEFAULT_LAYERS
    errors += exchange.write(documents, Path(arguments.output), arguments.to, layers)
    for error in errors:
        say(str(error))
    say(f"converted: {len(items) - len(errors):,}, left out: {len(errors):,}; {arguments.to} in {arguments.output}")
    return 1 if errors else 0
