"""serve: the local page."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from quoteattr.cli.common import UsageError, add_model, checked, say, verb

if TYPE_CHECKING:
    from quoteattr.cli.common import Verbs

_HOST = "127.0.0.1"


def add_serve(verbs: Verbs) -> None:
    parser = verb(
        verbs, "serve", _serve,
        """serve a page to paste articles into

The page shows an article as `quoteattr show --html` does, and gives its JSON. For programs there is POST /label, which
/openapi.json describes. Only this computer can reach it, and nothing is kept. Ctrl-C stops it.

Needs pip install 'quoteattr[web]'.""",
        "quoteattr serve",
        "quoteattr serve --port 9000",
        """curl http://127.0.0.1:8000/label -H 'Content-Type: application/json' -d '{"text": "..."}'""",
    )  # fmt: skip
    parser.add_argument(
        "--host",
        metavar="ADDRESS",
        default=_HOST,
        help=f"address to listen on; others than the default let other computers in (default: {_HOST})",
    )
    parser.add_argument(
        "--port",
        metavar="N",
        type=checked(int, lambda n: 0 <= n < 65536, "a port between 0 and 65535"),
        default=8000,
        help="port to listen on; 0 for any that is free (default: 8000)",
    )
    add_model(parser)


def _serve(arguments: argparse.Namespace) -> int:
    from quoteattr.labeller import load

    try:
        from quoteattr import web
    except ModuleNotFoundError as error:
        raise UsageError(f"serving needs more packages ({error}): pip install 'quoteattr[web]'") from error
    labeller = load(arguments.model)
    try:
        web.serve(labeller, arguments.host, arguments.port, lambda url: say(f"listening on {url}"))
    except OSError as error:
        where = f"{arguments.host}, port {arguments.port}"
        raise UsageError(f"can't listen on {where} ({error.strerror}): choose another --host or --port") from error
    return 0
