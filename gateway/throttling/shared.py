"""Token buckets that several gateways share through Redis, by the same rule as the local ones.

Each bucket is one string that expires when the bucket is full again. A script in Redis draws a token in one step by the
clock of the Redis server, so neither concurrent requests nor the clocks of the gateways can give a token twice.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from time import monotonic

from gateway.redis_connection import RedisConnection, RedisUnavailable
from gateway.throttling.buckets import Buckets
from gateway.throttling.rate import ThrottlingRate

log = logging.getLogger("gatewright.ThrottlingFilter")
PAUSE = 1.0
"""Seconds in which a Redis that failed is not asked again."""

DRAW = """
local rate, window, interval, room = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local full = now
local kept = redis.call('GET', KEYS[1])
if kept then
  local known, until_full = string.match(kept, '^(%S+) (%S+)$')
  if known == rate and tonumber(until_full) > now then full = tonumber(until_full) end
end
local wait = full - now - room
if wait > 0 then return string.format('%.0f', math.ceil(wait)) end
full = full + interval
redis.call('SET', KEYS[1], rate .. ' ' .. string.format('%.3f', full), 'PX', math.ceil((full - now) / 1000) + 1)
return '0'
"""
"""Times are in microseconds: Lua's numbers hold a date in them without loss."""


class SharedBuckets:
    """Buckets in Redis; while it cannot be reached, each gateway counts on its own."""

    def __init__(
        self, redis: RedisConnection, prefix: str, local: Buckets, clock: Callable[[], float] = monotonic
    ) -> None:
        self._redis = redis
        self._prefix = prefix
        self._local = local
        self._clock = clock
        self._not_before = 0.0

    async def take(self, partition: str, rate: ThrottlingRate) -> int:
        if self._clock() < self._not_before:
            return await self._local.take(partition, rate)
        try:
            wait = await self._redis.script(DRAW, [self._key(partition)], _arguments(rate))
        except RedisUnavailable as error:
            self._not_before = self._clock() + PAUSE
            log.warning("shared throttling counts cannot be reached, this gateway counts on its own: %s", error)
            return await self._local.take(partition, rate)
        return int(wait) * 1000

    def clean(self) -> None:
        """Redis forgets its buckets itself; what was counted here while it was away is left."""
        self._local.clean()

    def close(self) -> None:
        self._local.close()

    def _key(self, partition: str) -> str:
        # A partition may be a token or an address: the other users of the Redis server need not see it.
        return self._prefix + hashlib.sha256(partition.encode("utf-8", "surrogatepass")).hexdigest()


def _arguments(rate: ThrottlingRate) -> list[str]:
    interval = rate.interval / 1000
    room = (rate.numberOfRequests - 1) * interval
    return [f"{rate.numberOfRequests}/{rate.window}", str(rate.window), repr(interval), repr(room)]
