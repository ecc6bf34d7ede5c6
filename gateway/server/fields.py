"""Header fields of requests as they are parsed: names decoded once a process, and which of them need a second look."""

from __future__ import annotations

from typing import Final

USUAL: Final = 1
"""What the weights of the fields of a usual head add up to: one Host, and nothing that frames a body."""
CONNECTION: Final = 1000
_WEIGHTS: Final = {
    "host": USUAL,
    "connection": CONNECTION,
    **dict.fromkeys(("content-length", "transfer-encoding", "expect", "upgrade", "proxy-connection"), 2000),
}
_CAPACITY: Final = 4096
KNOWN: Final[dict[bytes, tuple[str, int]]] = {}
"""Names met so far, as text and with their weight; a spelling is decoded once."""


def learn(name: bytes) -> tuple[str, int]:
    """Decode a name; past the capacity nothing more is remembered, so no client can fill the memory."""
    text = name.decode("latin-1")
    known = (text, _WEIGHTS.get(text.lower(), 0))
    if len(KNOWN) < _CAPACITY:
        KNOWN[name] = known
    return known
