"""What the verbs share: parsers whose errors are sentences, checked arguments, consoles, messages."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn, TypeVar

from quoteattr.errors import QuoteattrError

if TYPE_CHECKING:
    from rich.console import Console

    Verbs = argparse._SubParsersAction["Parser"]

Number = TypeVar("Number", int, float)


class UsageError(QuoteattrError):
    """The command line can't be understood."""


def say(message: str) -> None:
    print(f"quoteattr: {message}", file=sys.stderr)


class Unread:
    """The rows that could not be read: counted, and the first of them named."""

    _SHOWN = 10

    def __init__(self) -> None:
        self.count = 0

    def add(self, place: str, message: str) -> None:
        self.count += 1
        if self.count <= self._SHOWN:
            say(f"{place}: {message}")


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence, like all others."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help")


def verb(verbs: Verbs, name: str, run: Callable[[argparse.Namespace], int], about: str, *examples: str) -> Parser:
    summary, _, rest = about.partition("\n")
    parser = verbs.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.\n{rest}",
        epilog="\n  ".join(("examples:", *examples)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)
    return parser


def add_model(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--model", metavar="PATH", help="folder of a model bundle (default: the one that is shipped)")


def checked(convert: Callable[[str], Number], fits: Callable[[Number], bool], wanted: str) -> Callable[[str], Number]:
    """A converter of arguments whose complaint says what is wanted."""

    def read(value: str) -> Number:
        try:
            number = convert(value)
        except ValueError:
            number = None
        if number is None or not fits(number):
            raise argparse.ArgumentTypeError(f"{value!r} is not {wanted}")
        return number

    return read


def console() -> Console:
    from rich.console import Console

    class PipedConsole(Console):
        def on_broken_pipe(self) -> None:
            raise  # what main does about it is the same for all verbs

    # rich's own reading of NO_COLOR leaves bold and dim in place.
    return PipedConsole(color_system=None if os.environ.get("NO_COLOR") else "auto", highlight=False)
