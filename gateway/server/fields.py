"""Header fields of requests as they are parsed: what a name means to the connection that the request came from."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from gateway.http.headers import HOP_BY_HOP
from gateway.http.memo import Memo


class Role(IntEnum):
    """What a field means to the connection; all but PLAIN and HOST end here."""

    PLAIN = 0
    HOST = 1
    CONNECTION = 2
    FRAMING = 3
    """It says how the body is delimited, or asks for something: the request needs a second look."""
    OWN = 4


_ROLES: Final = {
    **dict.fromkeys(HOP_BY_HOP | {"trailers"}, Role.OWN),
    **dict.fromkeys(("content-length", "transfer-encoding", "expect", "upgrade", "proxy-connection"), Role.FRAMING),
    "host": Role.HOST,
    "connection": Role.CONNECTION,
}


def _learn(name: bytes) -> tuple[bytes, int]:
    return b"\r\n%b: " % name, int(_ROLES.get(name.decode("latin-1").lower(), Role.PLAIN))


NAMES: Final = Memo(_learn)
"""How the line of a field begins, and its role, by the spelling of its name."""
