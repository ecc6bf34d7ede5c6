"""When a worker that ended by itself is started again: at once, then after longer and longer waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FIRST: Final = 0.5
LONGEST: Final = 30.0
SETTLED: Final = 60.0
"""Seconds; a worker that lived as long had no fault from its start on."""


@dataclass
class Backoff:
    """Of one slot; times are in seconds of one clock."""

    failures: int = 0
    until: float = 0.0
    """Not before this moment."""

    def failed(self, lived: float, now: float) -> float:
        """Take note of a worker that ended after so long a life; how long to wait."""
        if lived >= SETTLED:
            self.failures = 0
        delay = min(FIRST * 2 ** (self.failures - 1), LONGEST) if self.failures else 0.0
        # Beyond the longest wait the number says nothing more, and its power must stay a number.
        self.failures = min(self.failures + 1, 16)
        self.until = now + delay
        return delay
