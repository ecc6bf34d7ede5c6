"""ThrottlingFilter: limits the rate of requests, in groups. Follows the documented type ThrottlingFilter."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar
from weakref import WeakKeyDictionary

from pydantic import Field, PrivateAttr

from config.declaration import NoEffect
from config.types import Duration, Ref, Runtime, Static
from gateway.errors import ExchangeError
from gateway.filters.base import Filter, Next
from gateway.http.message import Response
from gateway.objects.scheduled_executor_service import ScheduledExecutorService
from gateway.redis_connection import RedisConnection
from gateway.throttling.buckets import Buckets, LocalBuckets
from gateway.throttling.policy import ThrottlingPolicy
from gateway.throttling.rate import ThrottlingRate

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request

LONGEST_INTERVAL = 86400.0
_numbers: WeakKeyDictionary[Heap, Counter[str]] = WeakKeyDictionary()


class SharedCounts(RedisConnection):
    """Counts in Redis, shared by all filters of the same name on all gateways that use the same server."""

    name: Static[str] | None = None
    """Filters of the same name share their counts; by default the name of the route and that of the filter."""


class ThrottlingFilter(Filter):
    """Lets requests pass at a limited rate, and answers the others with status 429."""

    requestGroupingPolicy: Runtime[str] = Field(default="")
    """Requests for which this gives the same text share one count; by default all do. Null is an error (status 500)."""
    throttlingRatePolicy: Ref[ThrottlingPolicy] | None = None
    """The policy that chooses the rate; either this or rate."""
    rate: ThrottlingRate | None = None
    """The rate; either this or throttlingRatePolicy."""
    cleaningInterval: Duration = Field(default="5 seconds")
    """How often counts that are no longer needed are removed; 5 seconds by default, at most 1 day."""
    executor: Annotated[Ref[ScheduledExecutorService] | None, NoEffect("the cleaning needs no thread")] = None
    """Threads that clean."""
    sharedCounts: SharedCounts | None = None
    """Extension of Gatewright: share the counts between gateways through Redis. By default each gateway counts on its
    own, and does so too while Redis cannot be reached."""

    example: ClassVar = {
        "type": "ThrottlingFilter",
        "config": {
            "requestGroupingPolicy": "${contexts.client.remoteAddress}",
            "rate": {"numberOfRequests": 6, "duration": "10 seconds"},
        },
    }

    _buckets: Buckets = PrivateAttr()
    _cleaner: asyncio.TimerHandle | None = PrivateAttr(default=None)

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self.rate is None and self.throttlingRatePolicy is None:
            yield "rate", "a throttling filter needs a rate", 'add "rate" or "throttlingRatePolicy"'
        if self.rate is not None and self.throttlingRatePolicy is not None:
            yield (
                "throttlingRatePolicy",
                "the filter has a fixed rate already",
                'remove "rate" or "throttlingRatePolicy"',
            )
        if not 0 < self.cleaningInterval <= LONGEST_INTERVAL:
            yield "cleaningInterval", "the interval is longer than zero, and not longer than 1 day", ""
        if self.sharedCounts is not None:
            yield from self.sharedCounts.problems("sharedCounts")

    def prepare(self, heap: Heap) -> None:
        name = _unique_name(heap, self.object_name)
        self._buckets = _own_buckets(heap, name)
        if self.sharedCounts is not None:
            from gateway.throttling.shared import SharedBuckets

            prefix = f"gatewright:throttling:{self.sharedCounts.name or name}:"
            self._buckets = SharedBuckets(self.sharedCounts, prefix, self._buckets)

    async def start(self) -> None:
        self._schedule()

    async def stop(self) -> None:
        if self._cleaner is not None:
            self._cleaner.cancel()
        self._buckets.close()
        if self.sharedCounts is not None:
            await self.sharedCounts.close()

    def _schedule(self) -> None:
        self._cleaner = asyncio.get_running_loop().call_later(self.cleaningInterval, self._clean)

    def _clean(self) -> None:
        self._buckets.clean()
        self._schedule()

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        rate = self.rate or await self._rate(context, request)
        partition = await self.requestGroupingPolicy(context, request)
        if partition is None:
            raise ExchangeError("requestGroupingPolicy gave no group for the request")
        if rate is None:
            return await next(context, request)
        wait = await self._buckets.take(partition, rate)
        if wait:
            return _too_many_requests(wait)
        return await next(context, request)

    async def _rate(self, context: Context, request: Request) -> ThrottlingRate | None:
        assert self.throttlingRatePolicy is not None
        return await self.throttlingRatePolicy.rate(context, request)


def _own_buckets(heap: Heap, name: str) -> Buckets:
    """The buckets of this gateway: those of its worker processes, where there are several, are the same."""
    directory: Path | None = getattr(heap.host, "shared_directory", None)
    if directory is None:
        return LocalBuckets()
    from gateway.throttling.between_workers import WorkerBuckets

    return WorkerBuckets(directory / f"throttling-{hashlib.sha256(name.encode()).hexdigest()[:32]}")


def _unique_name(heap: Heap, name: str) -> str:
    """A name for the counts of a filter: the same in all processes that load a configuration, and no other filter's.

    Inline objects of one list have the same name; they are counted as they come.
    """
    numbers = _numbers.setdefault(heap, Counter())
    numbers[name] += 1
    path = "/".join(scope.name for scope in reversed(list(heap.scopes())))
    return f"{path}:{name}:{numbers[name]}"


def _too_many_requests(wait: int) -> Response:
    response = Response(429)
    response.headers.set("Retry-After", str(max(1, -(-wait // 1_000_000_000))))
    return response
