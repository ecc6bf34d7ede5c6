"""A throttling rate: so many requests in so long a time. Follows the properties `rate` and `defaultRate`."""

from __future__ import annotations

import math
from typing import Any

from pydantic import field_validator

from config.codes import INVALID_VALUE
from config.declaration import Properties
from config.problem import problem
from config.types import Duration, Static

NANOSECONDS = 1_000_000_000
SHORTEST = 0.001


class ThrottlingRate(Properties):
    """How many requests may pass in a lapse of time."""

    numberOfRequests: Static[int]
    """Number of requests that may pass in the duration; greater than 0."""
    duration: Duration
    """Lapse of time in which they may pass; at least 1 millisecond and not unlimited."""

    @field_validator("numberOfRequests", mode="after")
    @classmethod
    def _positive(cls, value: Any) -> Any:
        if value < 1:
            raise problem(
                INVALID_VALUE, f"a rate of {value} requests lets nothing pass", "write a number greater than 0"
            )
        return value

    @field_validator("duration", mode="after")
    @classmethod
    def _bounded(cls, value: Any) -> Any:
        if value < SHORTEST or math.isinf(value):
            raise problem(INVALID_VALUE, "the duration of a rate is at least 1 millisecond, and not unlimited")
        return value

    @property
    def window(self) -> int:
        """The duration in nanoseconds."""
        return round(self.duration * NANOSECONDS)

    @property
    def interval(self) -> int:
        """Nanoseconds after which one token comes back, rounded up."""
        return -(-self.window // self.numberOfRequests)
