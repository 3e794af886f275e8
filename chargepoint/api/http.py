"""As much of an HTTP/1.1 server as the control API needs, on asyncio's streams (RFC 9112).

Importing a web framework takes longer than the half second within which the control API has to answer, and more memory than an idle
station. Not supported, and answered so: chunked request bodies, HTTP/2, TLS. Heads are limited to 16 KiB, bodies to 1 MiB.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import unquote

import msgspec

HEAD_LIMIT: Final = 16 * 1024
"""For who makes the reader of a connection: it has to hold a whole head."""
_BODY_LIMIT: Final = 1024 * 1024
_HEAD_TIMEOUT_SECOND: Final = 60.0
_BODY_TIMEOUT_SECOND: Final = 10.0

_PHRASES: Final = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    411: "Length Required",
    413: "Content Too Large",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "HTTP Version Not Supported",
}


class Request(msgspec.Struct, frozen=True):
    """A request. headers: names in lower case. query: what follows the question mark of the target, as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    query: str = ""


class Response(msgspec.Struct, frozen=True):
    """An answer; with `stream`, the body is what it yields until it ends, and the connection closes after it."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    stream: AsyncIterator[bytes] | None = None


Handler = Callable[[Request], Awaitable[Response]]


class BadRequest(Exception):  # noqa: N818  # the name that HTTP gives it
    """The request cannot be answered by a handler."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def problem(status: int, text: str, **more: object) -> Response:
    """A JSON problem body (RFC 9457) with one sentence."""
    body = {"type": "about:blank", "title": _PHRASES[status], "status": status, "detail": text, **more}
    return Response(status, msgspec.json.encode(body), "application/problem+json")


async def serve_connection(handler: Handler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection until either side ends it."""
    try:
        keep = True
        while keep:
            try:
                request = await _request(reader)
                if request is None:
                    return
                response = await handler(request)
                keep = _keeps(request) and response.stream is None
            except BadRequest as error:
                response, keep, request = problem(error.status, str(error)), False, None
            await _answer(response, writer, keep, head_only=request is not None and request.method == "HEAD")
    except (ConnectionError, TimeoutError, asyncio.IncompleteReadError):
        return  # the client is gone: there is nobody to tell
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def _request(reader: asyncio.StreamReader) -> Request | None:
    """The next request, None when the client has no more."""
    try:
        async with asyncio.timeout(_HEAD_TIMEOUT_SECOND):
            head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError:
        raise BadRequest(431, "The head of the request is too long.") from None
    method, path, query, headers = _parse_head(head)
    if "transfer-encoding" in headers:
        raise BadRequest(411, "Send the body with a Content-Length; chunked bodies are not supported.")
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        raise BadRequest(400, "The Content-Length is no number.")
    if int(length) > _BODY_LIMIT:
        raise BadRequest(413, "The body is longer than 1 MiB.")
    async with asyncio.timeout(_BODY_TIMEOUT_SECOND):
        body = await reader.readexactly(int(length))
    return Request(method, path, headers, body, query)


def _parse_head(head: bytes) -> tuple[str, str, str, dict[str, str]]:
    request_line, *lines = head[:-4].decode("latin-1").split("\r\n")
    parts = request_line.split(" ")
    if len(parts) != 3:
        raise BadRequest(400, "The request line is not HTTP.")
    method, target, version = parts
    if version not in ("HTTP/1.1", "HTTP/1.0"):
        raise BadRequest(505, "Speak HTTP/1.1.")
    headers: dict[str, str] = {"connection": "close"} if version == "HTTP/1.0" else {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():  # RFC 9112 §5.1: no whitespace before the colon
            raise BadRequest(400, "A header line is not HTTP.")
        key = name.lower()
        if key in ("content-length", "transfer-encoding", "host") and key in headers:
            raise BadRequest(400, f"The header {name} is there twice.")
        headers[key] = value.strip()
    path, _, query = target.partition("?")
    return method, unquote(path), query, headers


def _keeps(request: Request) -> bool:
    return request.headers.get("connection", "").lower() != "close"


async def _answer(response: Response, writer: asyncio.StreamWriter, keep: bool, *, head_only: bool) -> None:
    lines = [
        f"HTTP/1.1 {response.status} {_PHRASES[response.status]}",
        f"Content-Type: {response.content_type}",
        "Cache-Control: no-store",
        *(f"{name}: {value}" for name, value in response.headers),
        "Connection: keep-alive" if keep else "Connection: close",
    ]
    if response.stream is None:
        lines.append(f"Content-Length: {len(response.body)}")
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + (b"" if head_only else response.body))
    await writer.drain()
    if response.stream is not None and not head_only:
        async for chunk in response.stream:
            writer.write(chunk)
            await writer.drain()
