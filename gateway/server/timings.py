"""When things happened in one exchange: what audit and metrics are told."""

from __future__ import annotations


class Timings:
    """When things happened in an exchange, in the time of the loop, and how many body bytes were sent."""

    __slots__ = ("answered", "complete", "finished", "sent", "started")

    def __init__(self, started: float) -> None:
        self.started = started
        """The head of the request was there."""
        self.answered = started
        """The application gave a response."""
        self.finished = started
        """The response was handed to the connection, or was given up."""
        self.sent = 0
        self.complete = False
        """Whether the whole response went out."""
