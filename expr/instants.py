"""Instants: `now`, and points in time that host objects hold."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from functools import total_ordering
from typing import ClassVar

from expr.host import HostType, Method
from expr.types import BOOLEAN, INSTANT, INTEGER, STRING

_NANOS = {"Days": 86_400_000_000_000, "Hours": 3_600_000_000_000, "Minutes": 60_000_000_000, "Seconds": 1_000_000_000,
          "Millis": 1_000_000}  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@total_ordering
class Instant:
    """A point in time, in nanoseconds since the epoch."""

    __slots__ = ("nanos",)
    published: ClassVar[HostType]

    def __init__(self, nanos: int) -> None:
        self.nanos = nanos

    @classmethod
    def now(cls) -> Instant:
        return cls(time.time_ns())

    @classmethod
    def of_millis(cls, millis: int) -> Instant:
        return cls(millis * 1_000_000)

    @classmethod
    def of_datetime(cls, moment: datetime) -> Instant:
        """The instant of a datetime that knows its zone."""
        return cls((moment - _EPOCH) // timedelta(microseconds=1) * 1000)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Instant) and self.nanos == other.nanos

    def __lt__(self, other: Instant) -> bool:
        return self.nanos < other.nanos

    def __hash__(self) -> int:
        return hash(self.nanos)

    def __str__(self) -> str:
        """ISO-8601 as Java prints it: no fraction, or one of three, six or nine digits."""
        seconds, nanos = divmod(self.nanos, 1_000_000_000)
        fraction = f".{nanos:09d}" if nanos else ""
        while fraction.endswith("000"):
            fraction = fraction[:-3]
        return f"{self._moment(seconds):%Y-%m-%dT%H:%M:%S}{fraction}Z"

    @property
    def rfc1123(self) -> str:
        """As Java's RFC-1123 formatter: the day of the month has no leading zero."""
        moment = self._moment(self.nanos // 1_000_000_000)
        day = f"{_DAYS[moment.weekday()]}, {moment.day} {_MONTHS[moment.month - 1]} {moment.year:04d}"
        return f"{day} {moment:%H:%M:%S} GMT"

    @staticmethod
    def _moment(seconds: int) -> datetime:
        return _EPOCH + timedelta(seconds=seconds)


def _shift(nanos: int) -> Method:
    return Method((INTEGER,), lambda: Instant.published, lambda instant, count: Instant(instant.nanos + count * nanos))


Instant.published = HostType(
    "Instant",
    properties={
        "epochMillis": (INTEGER, lambda instant: instant.nanos // 1_000_000),
        "epochSeconds": (INTEGER, lambda instant: instant.nanos // 1_000_000_000),
        "epochSecond": (INTEGER, lambda instant: instant.nanos // 1_000_000_000),
        "nano": (INTEGER, lambda instant: instant.nanos % 1_000_000_000),
        "rfc1123": (STRING, "rfc1123"),
    },
    methods={
        **{f"plus{unit}": _shift(nanos) for unit, nanos in _NANOS.items()},
        **{f"minus{unit}": _shift(-nanos) for unit, nanos in _NANOS.items()},
        "toEpochMilli": ((), INTEGER, lambda instant: instant.nanos // 1_000_000),
        "isBefore": ((INSTANT,), BOOLEAN, lambda instant, other: instant.nanos < other.nanos),
        "isAfter": ((INSTANT,), BOOLEAN, lambda instant, other: instant.nanos > other.nanos),
    },
)
