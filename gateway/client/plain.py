"""A response as nearly all are, read without the parser: whole in one piece, of a known status, with a length.

What a line of a head says is worked out once for lines that many responses have. Anything that is not plain (a blank
too many, another spelling of the status line, another framing, a byte too much) is left to the parser, so this decides
nothing that the parser would decide otherwise.
"""

from __future__ import annotations

import re
from typing import Final

from gateway.client.fields import CONNECTION, LENGTH, NAMES
from gateway.client.parsing import NO_BODY
from gateway.http.headers import headers_of
from gateway.http.message import Response
from gateway.http.status import KNOWN

_STATUSES: Final = {
    status.start: status for status in KNOWN.values() if status.code >= 200 and status.code not in NO_BODY
}
_FIELD: Final = re.compile(
    rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+): ([!-~\x80-\xff](?:[ -~\x80-\xff]*[!-~\x80-\xff])?)"
).fullmatch
_CAPACITY: Final = 4096
_REMEMBERED: Final = frozenset(
    b"accept-ranges access-control-allow-origin age cache-control connection content-encoding content-language "
    b"content-length content-security-policy content-type date etag expires last-modified pragma referrer-policy "
    b"server strict-transport-security vary via x-content-type-options x-frame-options x-powered-by".split()
)
"""Names of fields that come again and hold no secret."""


class Field:
    """What a line of a head says: a line of the wire where it is passed on, else what is kept as text, if anything."""

    __slots__ = ("length", "own", "wire")

    def __init__(self, wire: bytes | None, own: tuple[str, str] | None = None, length: int = -1) -> None:
        self.wire = wire
        self.own = own
        self.length = length


class _Fields(dict[bytes, Field | None]):
    """The fields of lines; None for a line that is not plain."""

    __slots__ = ()

    def __missing__(self, line: bytes) -> Field | None:
        match = _FIELD(line)
        if match is None:
            return None
        name, value = match.groups()
        field = _field(name, value)
        if name.lower() in _REMEMBERED:
            if len(self) >= _CAPACITY:
                self.clear()
            self[line] = field
        return field


def _field(name: bytes, value: bytes) -> Field | None:
    start, role = NAMES[name]
    if not role:
        return Field(start + value)
    if role == LENGTH and value.isdigit() and len(value) <= 15:
        return Field(None, (name.decode("latin-1"), value.decode("latin-1")), int(value))
    return Field(None) if role == CONNECTION and value.lower() == b"keep-alive" else None


_FIELDS: Final = _Fields()


def plain_response(data: bytes, longest: int) -> Response | None:
    """The response that data is, with a head of no more than `longest` bytes; None when the parser has to say.

    The connection that it came from can be kept.
    """
    end = data.find(b"\r\n\r\n", 0, longest)
    if end < 0:
        return None
    lines = data[:end].split(b"\r\n")
    status = _STATUSES.get(lines[0])
    if status is None:
        return None
    del lines[0]
    length = -1
    wire: list[bytes] = []
    own: list[tuple[str, str]] = []
    for line in lines:
        field: Field | None = _FIELDS[line]
        if field is None:
            return None
        if field.wire is not None:
            wire.append(field.wire)
        elif field.own is not None:
            if length >= 0:
                return None
            length = field.length
            own.append(field.own)
    if length < 0 or len(data) != end + 4 + length:
        return None
    return Response(status, headers_of(wire, own), data[end + 4 :] or None)
