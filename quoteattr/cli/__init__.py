"""The command line: one module per family of verbs, one function per verb.

What a verb gives goes to standard output, what it says about its work to standard error. Exit codes: 0, 1 if records
could not be read, 2 for an error, 130 after Ctrl-C, 141 if whoever reads the output stopped. Imports are made where
they are used, so that help comes at once.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from quoteattr._version import __version__
from quoteattr.cli import article, exchange, index, labelling, models, report, serve
from quoteattr.cli.common import Parser, say
from quoteattr.errors import QuoteattrError

_INTERRUPTED, _NO_READER = 130, 141  # 128 + the number of the signal, as shells have it
# In the order in which help shows them.
_VERBS = (
    labelling.add_label,
    article.add_clean,
    article.add_show,
    serve.add_serve,
    exchange.add_convert,
    report.add_report,
    index.add_index,
    index.add_profile,
    models.add_train,
    models.add_evaluate,
    models.add_info,
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str or None
        The arguments; those of the process by default.

    Returns
    -------
    int
        The exit code.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may lack a character
    try:
        arguments = _parser().parse_args(argv)
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except QuoteattrError as error:
        return _complain(str(error))
    except BrokenPipeError:
        # Python flushes standard output once more at exit; that must not find the broken pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NO_READER
    except OSError as error:
        return _complain(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        say("interrupted")
        return _INTERRUPTED
    return code


def _complain(message: str) -> int:
    say(message)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="quoteattr",
        description="From scraped English news text to clean sentences, who said what, and what can be checked.",
        epilog="quoteattr VERB --help tells more and gives examples.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"quoteattr {__version__}")
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for add in _VERBS:
        add(verbs)
    return parser
