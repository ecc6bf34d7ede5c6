"""Header fields of requests as they are parsed: names decoded once a process, and which of them need a second look."""

from __future__ import annotations

from typing import Final

from gateway.http.memo import Memo

HOST: Final = 1
USUAL: Final = HOST
"""What the weights of the fields of a usual head add up to: one Host, and nothing that frames a body."""
CONNECTION: Final = 1000
_WEIGHTS: Final = {
    "host": HOST,
    "connection": CONNECTION,
    **dict.fromkeys(("content-length", "transfer-encoding", "expect", "upgrade", "proxy-connection"), 2000),
}


def _learn(name: bytes) -> tuple[str, int]:
    text = name.decode("latin-1")
    return text, _WEIGHTS.get(text.lower(), 0)


NAMES: Final = Memo(_learn)
"""Names as text and with their weights, by their spelling on the wire."""
