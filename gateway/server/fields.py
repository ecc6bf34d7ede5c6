"""Header fields of requests as they are parsed: what a name means to the connection that the request came from."""

from __future__ import annotations

from typing import Final

from gateway.http.headers import HOP_BY_HOP
from gateway.http.memo import Memo

# What a field means to the connection; all but PLAIN and HOST end here.
PLAIN: Final = 0
HOST: Final = 1
CONNECTION: Final = 2
FRAMING: Final = 3  # it delimits the body, or asks for something: the request needs a second look
OTHER: Final = 4
_ROLES: Final = {
    **dict.fromkeys(HOP_BY_HOP | {"trailers"}, OTHER),
    **dict.fromkeys(("content-length", "transfer-encoding", "expect", "upgrade", "proxy-connection"), FRAMING),
    "host": HOST,
    "connection": CONNECTION,
}


def _learn(name: bytes) -> tuple[bytes, int]:
    return b"\r\n%b: " % name, _ROLES.get(name.decode("latin-1").lower(), PLAIN)


NAMES: Final = Memo(_learn)
"""How the line of a field begins, and its role, by the spelling of its name."""
