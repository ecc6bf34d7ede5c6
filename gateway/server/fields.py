"""Header fields of requests as they are parsed: what a name means to the connection that the request came from."""

from __future__ import annotations

from typing import Final

from gateway.http.headers import HOP_BY_HOP, starts_and_roles

# What a field means to the connection, if anything; all but HOST end here.
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
NAMES: Final = starts_and_roles(_ROLES)
