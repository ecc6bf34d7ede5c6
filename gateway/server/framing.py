"""From a response to bytes: its head, and how the end of its body is marked. Knows no socket. RFC 9112 section 6."""

from __future__ import annotations

from enum import Enum
from typing import Final

from gateway.http.memo import Memo
from gateway.http.message import Request, Response
from gateway.http.status import Status

# These belong to the connection: the server writes them itself and nothing that a handler says about them counts.
_OWN: Final = frozenset(
    {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "content-length", "trailer"}
)
_PASSED_ON: Final = Memo[str, bool](lambda name: name.lower() not in _OWN)
"""Whether a field that a handler gave goes out, by the spelling of its name."""
_NO_CONTENT: Final = frozenset({204, 304})
_LENGTH: Final = Memo[int, bytes](lambda length: b"\r\nContent-Length: %d" % length)
"""The field line of a length."""


class Delimiter(Enum):
    """How the body of a response ends."""

    NOTHING = "there is no body"
    LENGTH = "by its length"
    CHUNKED = "by the last chunk"
    CLOSE = "with the connection"


def frame(
    request: Request, response: Response, length: int | None, keep_alive: bool, date: bytes, body: bytes = b""
) -> tuple[bytes, Delimiter]:
    """The head of a response whose body has a length or an unknown one, and the delimiter of the body.

    Behind the head stands what is here of the body already, when the response has one.
    """
    delimiter, framing = _delimit(request, response, length)
    if not keep_alive or delimiter is Delimiter.CLOSE:
        framing += b"\r\nConnection: close"
    elif request.version != "HTTP/1.1":
        framing += b"\r\nConnection: keep-alive"
    parts = [response.status.start, _fields(response, date), framing, b"\r\n\r\n"]
    if delimiter is not Delimiter.NOTHING:
        parts.append(body)
    return b"".join(parts), delimiter


def _fields(response: Response, date: bytes) -> bytes:
    """The field lines that a handler gave, with a date."""
    lines: bytes = response.headers.wire(_PASSED_ON)
    # Nearly every upstream sends this spelling, which is found at once; `in` would try the bytes as a number first.
    if lines.find(b"\r\nDate: ") >= 0 or lines.lower().find(b"\r\ndate: ") >= 0:
        return lines
    return lines + b"\r\nDate: " + date


def _delimit(request: Request, response: Response, length: int | None) -> tuple[Delimiter, bytes]:
    """How the body ends, and the field line that says so."""
    code = response.status.code
    if code < 200 or code == 204:
        return Delimiter.NOTHING, b""
    if request.method == "HEAD" or code in _NO_CONTENT:
        # The length that the body would have had: the handler's word for it, or the body that is not sent.
        announced = response.headers.first("Content-Length") if not length else str(length)
        if announced is not None and announced.isascii() and announced.isdecimal():
            return Delimiter.NOTHING, b"\r\nContent-Length: " + announced.encode()
        return Delimiter.NOTHING, b""
    if length is not None:
        return Delimiter.LENGTH, _LENGTH[length]
    if request.version != "HTTP/1.1":
        return Delimiter.CLOSE, b""
    return Delimiter.CHUNKED, b"\r\nTransfer-Encoding: chunked"


def upgrade_head(response: Response, date: bytes) -> bytes:
    """The head of a 101 response, after which the connection speaks another protocol."""
    protocol = (response.headers.first("Upgrade") or "websocket").encode("latin-1", "replace")
    upgrade = b"\r\nUpgrade: %b\r\nConnection: Upgrade" % protocol
    return b"%b%b%b\r\n\r\n" % (response.status.start, upgrade, _fields(response, date))


_REASONS: Final = {431: "Request Header Fields Too Large"}


def refusal(status: int, date: bytes) -> bytes:
    """The answer to what could not be read as a request: no body, nothing of the input, and the end."""
    start = Status.of(status, _REASONS.get(status)).start
    return b"%b\r\nDate: %b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % (start, date)
