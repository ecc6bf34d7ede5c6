"""What a listener allows its clients: sizes and times, with the documented defaults."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes and times in seconds; a negative size and an infinite time are no limit."""

    headers: int = 8192
    """All header fields of a request together (maxTotalHeadersSize); 431 above it."""
    target: int = 8192
    """The request target; 414 above it."""
    body: int = -1
    """A request body (maxBodyLength); 413 above it."""
    pipeline: int = 16
    """Requests that may wait behind the running one before the connection is not read any more."""
    head_timeout: float = 30.0
    """From the first byte of a request to the end of its header fields."""
    body_timeout: float = 60.0
    """Silence in the middle of a request body."""
    idle_timeout: float = 75.0
    """Between two requests of a connection, and before the first."""
    write_timeout: float = 60.0
    """A client that takes nothing of its response."""
    linger: float = 2.0
    """How long a connection that is closed early goes on to swallow what the client still sends, so that the client
    can read its answer instead of a reset."""
