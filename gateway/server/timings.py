"""When things happened in one exchange: what audit and metrics are told."""

from __future__ import annotations


class Timings:
    """When things happened in an exchange, in the time of `perf_counter`, and how many body bytes came and went."""

    __slots__ = ("answered", "complete", "received", "sent", "started")

    def __init__(self, started: float) -> None:
        self.started = started
        """The head of the request was there."""
        self.answered = started
        """The application gave a response."""
        self.received = 0
        self.sent = 0
        self.complete = False
        """Whether the whole response went out."""
