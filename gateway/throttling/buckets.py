"""Token buckets, one for each group of requests, in the memory of this process.

A bucket is one number: the moment at which it will be full again. Taking a token moves that moment by the time that one
token takes to come back, so no clock has to refill it, and a bucket whose moment has passed is the same as a new one.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic_ns
from typing import NamedTuple, Protocol

from gateway.throttling.rate import ThrottlingRate


class Buckets(Protocol):
    """Where the buckets are kept."""

    async def take(self, partition: str, rate: ThrottlingRate) -> int:
        """Take a token: 0 when there was one, else the nanoseconds until the next one comes back."""

    def clean(self) -> None:
        """Forget the buckets that are full again."""

    def close(self) -> None:
        """Give up what keeps them."""


class Bucket(NamedTuple):
    """The rate that a bucket was made for, and when it is full again."""

    capacity: int
    window: int
    full_at: int


def draw(bucket: Bucket | None, rate: ThrottlingRate, now: int) -> tuple[Bucket, int]:
    """The bucket after a request, and how long the request would have to wait; 0 when it passes.

    A bucket of another rate is replaced by a full one.
    """
    capacity, window, interval = rate.numberOfRequests, rate.window, rate.interval
    full_at = now
    if bucket is not None and bucket.capacity == capacity and bucket.window == window:
        full_at = max(bucket.full_at, now)
    # A bucket that lacks all its tokens is full again in capacity * interval: one more request has to find room below.
    wait = full_at - now - (capacity - 1) * interval
    if wait > 0:
        return Bucket(capacity, window, full_at), wait
    return Bucket(capacity, window, full_at + interval), 0


class LocalBuckets:
    """The buckets of one filter, not shared with other filters or processes, and lost on reload."""

    def __init__(self, clock: Callable[[], int] = monotonic_ns) -> None:
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}

    def __len__(self) -> int:
        return len(self._buckets)

    async def take(self, partition: str, rate: ThrottlingRate) -> int:
        self._buckets[partition], wait = draw(self._buckets.get(partition), rate, self._clock())
        return wait

    def clean(self) -> None:
        now = self._clock()
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if bucket.full_at > now}

    def close(self) -> None:
        self._buckets.clear()
