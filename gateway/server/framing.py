"""From a response to bytes: its head, and how the end of its body is marked. Knows no socket. RFC 9112 section 6."""

from __future__ import annotations

from enum import Enum
from typing import Final

from gateway.http.headers import encode_wire
from gateway.http.memo import Memo
from gateway.http.message import Request, Response

# These belong to the connection: the server writes them itself and nothing that a handler says about them counts.
_OWN: Final = frozenset(
    {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "content-length", "trailer"}
)
_PASSED_ON: Final = Memo[str, bool](lambda name: name.lower() not in _OWN)
"""Whether a field that a handler gave goes out, by the spelling of its name."""
_NO_CONTENT: Final = frozenset({204, 304})


class Delimiter(Enum):
    """How the body of a response ends."""

    NOTHING = "there is no body"
    LENGTH = "by its length"
    CHUNKED = "by the last chunk"
    CLOSE = "with the connection"


def frame(
    request: Request, response: Response, length: int | None, *, keep_alive: bool, date: str
) -> tuple[bytes, Delimiter]:
    """The head of a response whose body has a length or an unknown one, and the delimiter of the body."""
    delimiter, framing = _delimit(request, response, length)
    if not keep_alive or delimiter is Delimiter.CLOSE:
        framing += "Connection: close\r\n"
    elif request.version != "HTTP/1.1":
        framing += "Connection: keep-alive\r\n"
    head = response.status.line + _fields(response, date)
    return encode_wire(f"{head}{framing}\r\n"), delimiter


def _fields(response: Response, date: str) -> str:
    """The field lines that a handler gave, with a date."""
    passed_on = _PASSED_ON
    lines = [f"{name}: {value}\r\n" for name, value in response.headers.items() if passed_on[name]]
    fields = "".join(lines)
    # Nearly every upstream sends this spelling, which is found without a look-up among the fields.
    if "\r\nDate: " in fields or "Date" in response.headers:
        return fields
    return f"{fields}Date: {date}\r\n"


def _delimit(request: Request, response: Response, length: int | None) -> tuple[Delimiter, str]:
    """How the body ends, and the field line that says so."""
    code = response.status.code
    if code < 200 or code == 204:
        return Delimiter.NOTHING, ""
    if request.method == "HEAD" or code in _NO_CONTENT:
        # The length that the body would have had: the handler's word for it, or the body that is not sent.
        announced = response.headers.first("Content-Length") if not length else str(length)
        if announced is not None and announced.isascii() and announced.isdecimal():
            return Delimiter.NOTHING, f"Content-Length: {announced}\r\n"
        return Delimiter.NOTHING, ""
    if length is not None:
        return Delimiter.LENGTH, f"Content-Length: {length}\r\n"
    if request.version != "HTTP/1.1":
        return Delimiter.CLOSE, ""
    return Delimiter.CHUNKED, "Transfer-Encoding: chunked\r\n"


def upgrade_head(response: Response, date: str) -> bytes:
    """The head of a 101 response, after which the connection speaks another protocol."""
    protocol = response.headers.first("Upgrade") or "websocket"
    upgrade = f"Upgrade: {protocol}\r\nConnection: Upgrade\r\n"
    return encode_wire(f"{response.status.line}{upgrade}{_fields(response, date)}\r\n")


_REASONS: Final = {431: "Request Header Fields Too Large"}


def refusal(status: int, date: str) -> bytes:
    """The answer to what could not be read as a request: no body, nothing of the input, and the end."""
    from gateway.http.status import Status

    line = Status.of(status, _REASONS.get(status)).line
    return f"{line}Date: {date}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
