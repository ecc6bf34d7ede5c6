"""Header fields of responses as they are parsed: names decoded once a process, and what the client itself heeds."""

from __future__ import annotations

from typing import Final

from gateway.http.headers import HOP_BY_HOP, starts_and_roles

# What a field means to the connection, if anything; all but LENGTH end here.
LENGTH: Final = 1
ENCODING: Final = 2
CONNECTION: Final = 3
KEEP_ALIVE: Final = 4
HOP: Final = 5
_ROLES: Final = {
    **dict.fromkeys(HOP_BY_HOP | {"trailers"}, HOP),
    "content-length": LENGTH,
    "transfer-encoding": ENCODING,
    "connection": CONNECTION,
    "keep-alive": KEEP_ALIVE,
}
NAMES: Final = starts_and_roles(_ROLES)


def keep_alive_seconds(value: bytes) -> float | None:
    """The `timeout` of a Keep-Alive field."""
    for part in value.split(b","):
        name, _, number = part.partition(b"=")
        number = number.strip(b' "')
        if name.strip().lower() == b"timeout" and number.isdigit() and len(number) < 10:
            return float(number)
    return None
