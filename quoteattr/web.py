"""The local page, and the same for programs: text in, labelled document out; nothing is kept.

Every request is read and labelled within limits of size and time. Labelling runs in threads that share one labeller: it
takes time in proportion to the size of its text, so what has run out of time soon ends by itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import socket
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quoteattr import html, schema
from quoteattr._version import __version__
from quoteattr.document import Document
from quoteattr.labeller import Labeller

MOST_BYTES = 1_000_000  # of one request
SECONDS = 30.0  # to read and to answer one request
_THREADS = 4  # Python runs one at a time, but a short text need not wait until a long one is done
_CONNECTIONS = 256
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\ud800-\udfff]")
_SAFE_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

Result = TypeVar("Result")


def serve(labeller: Labeller, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until interrupted.

    Parameters
    ----------
    labeller : Labeller
    host : str
        The name or address to listen on.
    port : int
        0 for any that is free.
    ready : callable
        Is given the URL once it can be asked.

    Raises
    ------
    OSError
        If one can't listen there.
    """
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    with socket.create_server(address[:2], family=family) as listener:
        own, port = listener.getsockname()[:2]
        names = _LOOPBACK_NAMES if ip_address(own).is_loopback else ("*",)
        ready(f"http://{f'[{own}]' if ':' in own else own}:{port}/")
        config = uvicorn.Config(
            app(labeller, names),
            log_level="warning",
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=1,
        )
        uvicorn.Server(config).run(sockets=[listener])


def app(
    labeller: Callable[[str], Document],
    names: tuple[str, ...] = _LOOPBACK_NAMES,
    most_bytes: int = MOST_BYTES,
    seconds: float = SECONDS,
) -> ASGIApp:
    """The ASGI application.

    Parameters
    ----------
    labeller : callable
        Gives the document of a text; is called in several threads.
    names : tuple of str
        What the Host header may say; "*" for anything. A site elsewhere whose name leads here is refused.
    most_bytes : int
        The size of the largest request.
    seconds : float
        The time that a request may take.
    """
    service = _Service(labeller, most_bytes, seconds)
    routes = [
        Route("/", service.empty_page, methods=["GET"]),
        Route("/", service.page, methods=["POST"]),
        Route("/download", service.download, methods=["POST"]),
        Route("/label", service.label, methods=["POST"]),
        Route("/openapi.json", service.openapi, methods=["GET"]),
    ]
    handlers: Any = {HTTPException: _complain, ClientDisconnect: _give_up, Exception: _complain_of_a_defect}
    inner = Starlette(routes=routes, exception_handlers=handlers)
    return _SafeHeaders(TrustedHostMiddleware(inner, names, www_redirect=False))


class _Service:
    def __init__(self, labeller: Callable[[str], Document], most_bytes: int, seconds: float):
        self.labeller, self.most_bytes, self.seconds = labeller, most_bytes, seconds
        self.threads = ThreadPoolExecutor(_THREADS, "labelling")

    async def empty_page(self, _request: Request) -> Response:
        return _page()

    async def page(self, request: Request) -> Response:
        return await self._answer(request, _text_of_form, lambda document: _page(document))

    async def download(self, request: Request) -> Response:
        headers = {"content-disposition": 'attachment; filename="labelled.json"'}
        return await self._answer(request, _text_of_form, lambda document: _json(document.to_dict(), headers=headers))

    async def label(self, request: Request) -> Response:
        return await self._answer(request, _text_of_json, lambda document: _json(document.to_dict()))

    async def openapi(self, _request: Request) -> Response:
        return _json(openapi(self.most_bytes))

    async def _answer(
        self, request: Request, text_of: Callable[[str, bytes], str], response: Callable[[Document], Response]
    ) -> Response:
        """Read a text, label it and answer, within the limits."""

        async def answer() -> Response:
            body = await self._body(request)
            loop = asyncio.get_running_loop()

            def work() -> Response:
                return response(self.labeller(text_of(request.headers.get("content-type", ""), body)))

            return await loop.run_in_executor(self.threads, work)

        try:
            return await asyncio.wait_for(answer(), self.seconds)
        except asyncio.TimeoutError:
            raise HTTPException(503, f"no answer within {self.seconds:g} seconds: send less, or later") from None

    async def _body(self, request: Request) -> bytes:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self.most_bytes:
                raise HTTPException(
                    413, f"the request is larger than {self.most_bytes:,} bytes: send one article at a time"
                )
        return bytes(body)


# --- What is sent ----------------------------------------------------------------------------------------------------


def _text_of_json(content_type: str, body: bytes) -> str:
    # A page elsewhere can't send this type without being allowed to.
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, f'Content-Type is {content_type!r}: send application/json, like {{"text": "..."}}')
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f'this is no JSON ({error}): send {{"text": "..."}}') from error
    text = data.get("text") if isinstance(data, dict) else None
    if not isinstance(text, str):
        raise HTTPException(422, 'there is no text: send a JSON object like {"text": "..."}')
    return text


def _text_of_form(_content_type: str, body: bytes) -> str:
    try:
        fields = parse_qs(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=1)
    except ValueError as error:
        raise HTTPException(400, f"this is not the form of the page ({error}): load the page again") from error
    if "text" not in fields:
        raise HTTPException(422, "there is no text: paste one into the page")
    return fields["text"][0].replace("\r\n", "\n")  # a form sends all line breaks as CR LF


# --- What is answered ------------------------------------------------------------------------------------------------


def _json(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(_dumps(data), status, headers, media_type="application/json")


def _dumps(data: Any) -> str:
    # What UTF-8 or HTML can't hold is written as an escape, so that the data arrive whole.
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(data, ensure_ascii=False))


def _page(document: Document | None = None, error: str = "", status: int = 200) -> Response:
    """The form, and below it the view of a document or what was wrong."""
    style, script = html.asset("page.css") + html.asset("serve.css"), html.asset("serve.js")
    title, text, result = "quoteattr", "", ""
    if document:
        style += html.style(document)
        title, text = html.title(document), document.text
        result = f"""{html.body(document)}
<details class="json"><summary>JSON</summary>
<p><button type="button" id="copy" hidden>Copy</button>
<button form="paste" formaction="/download">Download</button> <span role="status" id="copied"></span></p>
<pre tabindex="0" aria-label="JSON">{html.escape(_dumps(document.to_dict()))}</pre>
</details>"""
    if error:
        result = f'<p role="alert"><strong>{HTTPStatus(status).phrase}:</strong> {html.escape(error)}.</p>'
    content = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{html.escape(title)}</title>
<style>{style}</style>
</head>
<body>
<header><h1><a href="/">Who said what</a></h1></header>
<main>
<details class="paste"{"" if document else " open"}><summary>{"Another text" if document else "Text"}</summary>
<form id="paste" method="post" action="/">
<label for="text">Paste a news article, or drop a text file here. Nothing is kept.</label>
<textarea id="text" name="text" rows="14" required spellcheck="false" autocomplete="off">
{html.escape(text)}</textarea>
<p><button>Show who said what</button> <label id="choose" hidden>or open a file <input type="file" accept="text/*,.txt"></label></p>
</form>
</details>
{result}
</main>
<footer>For programs: POST /label, described in <a href="/openapi.json">openapi.json</a>.</footer>
<script>{script}</script>
</body>
</html>
"""
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(content, status, {"content-security-policy": policy})


def _hash(source: str) -> str:
    """What allows this one style sheet or script in a content security policy."""
    return f"'sha256-{b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


async def _complain(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if "text/html" in request.headers.get("accept", ""):
        return _page(error=error.detail, status=error.status_code)
    return _json({"error": error.detail}, error.status_code, dict(error.headers or {}))


async def _give_up(_request: Request, _error: Exception) -> Response:
    return Response(status_code=400)  # to nobody: the client has left


async def _complain_of_a_defect(request: Request, _error: Exception) -> Response:
    return await _complain(request, HTTPException(500, "a defect of quoteattr, not of your text; please report it"))


class _SafeHeaders:
    """Adds the headers that keep a browser from doing with an answer what it is not for."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _SAFE_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_safely)


# --- The description for programs ------------------------------------------------------------------------------------


def openapi(most_bytes: int = MOST_BYTES) -> dict[str, Any]:
    """The OpenAPI description of what programs may ask."""
    errors = {
        "400": "The body is no JSON.",
        "413": f"The body is larger than {most_bytes:,} bytes.",
        "415": "The body is not declared as JSON.",
        "422": "There is no text in the body.",
        "503": "Reading and labelling took too long.",
    }
    reference = {"$ref": "#/components/schemas/Document"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "quoteattr", "version": __version__, "description": "Who said what in a news article."},
        "paths": {
            "/label": {
                "post": {
                    "operationId": "label",
                    "summary": "Label one text",
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Text"}}},
                    },
                    "responses": {
                        "200": {
                            "description": "The labelled text.",
                            "content": {"application/json": {"schema": reference}},
                        },
                        **{
                            code: {
                                "description": description,
                                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
                            }
                            for code, description in errors.items()
                        },
                    },
                }
            }
        },
        "components": {
            "schemas": {
                "Text": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
                "Document": schema.DOCUMENT,
                "Error": {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]},
            }
        },
    }
