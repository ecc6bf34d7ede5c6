"""Status of a response: a code, its reason phrase and its family. Follows the documented object Status."""

from __future__ import annotations

from enum import Enum
from typing import Final

from expr.host import HostType
from expr.types import BOOLEAN, INTEGER, STRING, EnumType, Type
from gateway.http.headers import encode_wire

Family = Enum(
    "Family", ["INFORMATIONAL", "SUCCESSFUL", "REDIRECTION", "CLIENT_ERROR", "SERVER_ERROR", "UNKNOWN"], module=__name__
)
_FAMILIES: Final = (Family.UNKNOWN, *list(Family)[:5])

_REASONS: Final = {
    100: "Continue",
    101: "Switching Protocols",
    200: "OK",
    201: "Created",
    202: "Accepted",
    203: "Non-Authoritative Information",
    204: "No Content",
    205: "Reset Content",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    305: "Use Proxy",
    306: "Unused",
    307: "Temporary Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    413: "Payload Too Large",
    414: "URI Too Long",
    415: "Unsupported Media Type",
    417: "Expectation Failed",
    418: "I'm a teapot",
    426: "Upgrade Required",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
}
"""The codes whose own reason phrase wins over one that a configuration or an upstream gives."""


def _families() -> dict[str, tuple[Type, str]]:
    """The questions for a family, under both names that each has."""
    asked = ("informational", "successful", "redirection", "client_error", "server_error")
    named = [(name, name.title().replace("_", "")) for name in asked]
    return {each: (BOOLEAN, name) for name, camel in named for each in (camel[0].lower() + camel[1:], f"is{camel}")}


class Status:
    """An immutable status; statuses of one code are equal whatever their reason."""

    __slots__ = ("code", "reason", "start")

    def __init__(self, code: int, reason: str | None = None) -> None:
        if not 100 <= code <= 999:
            raise ValueError("a status code is a number from 100 to 999")
        known = _REASONS.get(code)
        text = known or (reason if reason and reason.isprintable() else "Unknown")
        self.code = code
        self.reason = text
        self.start = encode_wire(f"HTTP/1.1 {code} {text}")
        """The first line of a response, without its end."""

    @classmethod
    def of(cls, code: int, reason: str | None = None) -> Status:
        """The status of a code; known codes share one object."""
        return KNOWN.get(code) or cls(code, reason)

    @property
    def family(self) -> Family:
        digit = self.code // 100
        return _FAMILIES[digit] if digit <= 5 else Family.UNKNOWN

    @property
    def informational(self) -> bool:
        return self.code < 200

    @property
    def successful(self) -> bool:
        return 200 <= self.code < 300

    @property
    def redirection(self) -> bool:
        return 300 <= self.code < 400

    @property
    def client_error(self) -> bool:
        return 400 <= self.code < 500

    @property
    def server_error(self) -> bool:
        return 500 <= self.code < 600

    def __eq__(self, other: object) -> bool:
        return self.code == other.code if isinstance(other, Status) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.code)

    def __str__(self) -> str:
        return f"[Status: {self.code} {self.reason}]"

    __repr__ = __str__

    published = HostType(
        "Status",
        properties={
            "code": (INTEGER, "code"),
            "reasonPhrase": (STRING, "reason"),
            "family": (EnumType("status family", [member.name for member in Family]), "family"),
            **_families(),
        },
    )


KNOWN: Final = {code: Status(code) for code in _REASONS}
"""The statuses that have a reason of their own."""
