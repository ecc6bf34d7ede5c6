"""From a response to bytes: its head, and how the end of its body is marked. Knows no socket. RFC 9112 section 6."""

from __future__ import annotations

from enum import Enum
from typing import Final

from gateway.http.headers import encode_wire
from gateway.http.message import Response

# These belong to the connection: the server writes them itself and nothing that a handler says about them counts.
_OWN: Final = frozenset(
    {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "content-length", "trailer"}
)
_SENT: Final[set[str]] = set()
_CAPACITY: Final = 4096
_NO_CONTENT: Final = frozenset({204, 304})


class Delimiter(Enum):
    """How the body of a response ends."""

    NOTHING = "there is no body"
    LENGTH = "by its length"
    CHUNKED = "by the last chunk"
    CLOSE = "with the connection"


def frame(
    response: Response, length: int | None, *, head_only: bool, old_client: bool, keep_alive: bool, date: str
) -> tuple[bytes, Delimiter]:
    """The head of a response whose body has a length or an unknown one, and the delimiter of the body."""
    code = response.status.code
    headers = response.headers
    sent = _SENT
    lines = [response.status.line]
    lines += [f"{name}: {value}\r\n" for name, value in headers.items() if name in sent or _is_sent(name)]
    if "Date" not in headers:
        lines.append(f"Date: {date}\r\n")
    delimiter = _delimit(response, code, length, lines, head_only=head_only, old_client=old_client)
    if not keep_alive or delimiter is Delimiter.CLOSE:
        lines.append("Connection: close\r\n")
    elif old_client:
        lines.append("Connection: keep-alive\r\n")
    lines.append("\r\n")
    return encode_wire("".join(lines)), delimiter


def _is_sent(name: str) -> bool:
    """Whether a field may be copied; the spellings of those that may are remembered, up to a number."""
    if name.lower() in _OWN:
        return False
    if len(_SENT) < _CAPACITY:
        _SENT.add(name)
    return True


def _delimit(
    response: Response, code: int, length: int | None, lines: list[str], *, head_only: bool, old_client: bool
) -> Delimiter:
    if code < 200 or code == 204:
        return Delimiter.NOTHING
    if head_only or code in _NO_CONTENT:
        # The length that the body would have had: the handler's word for it, or the body that is not sent.
        announced = response.headers.first("Content-Length") if not length else str(length)
        if announced is not None and announced.isascii() and announced.isdecimal():
            lines.append(f"Content-Length: {announced}\r\n")
        return Delimiter.NOTHING
    if length is not None:
        lines.append(f"Content-Length: {length}\r\n")
        return Delimiter.LENGTH
    if old_client:
        return Delimiter.CLOSE
    lines.append("Transfer-Encoding: chunked\r\n")
    return Delimiter.CHUNKED


def upgrade_head(response: Response, date: str) -> bytes:
    """The head of a 101 response, after which the connection speaks another protocol."""
    protocol = response.headers.first("Upgrade") or "websocket"
    fields = [f"{name}: {value}\r\n" for name, value in response.headers.items() if name.lower() not in _OWN]
    dated = [] if "Date" in response.headers else [f"Date: {date}\r\n"]
    lines = [response.status.line, f"Upgrade: {protocol}\r\n", "Connection: Upgrade\r\n", *fields, *dated, "\r\n"]
    return encode_wire("".join(lines))


_REASONS: Final = {431: "Request Header Fields Too Large"}


def refusal(status: int, date: str) -> bytes:
    """The answer to what could not be read as a request: no body, nothing of the input, and the end."""
    from gateway.http.status import Status

    line = Status.of(status, _REASONS.get(status)).line
    return f"{line}Date: {date}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
