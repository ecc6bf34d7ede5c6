"""MappedThrottlingPolicy: a throttling rate from a table. Follows the documented type MappedThrottlingPolicy."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from config.types import Runtime, Static
from gateway.throttling.policy import ThrottlingPolicy
from gateway.throttling.rate import ThrottlingRate

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request


class MappedThrottlingPolicy(ThrottlingPolicy):
    """Chooses a throttling rate from a table, by a value of the request."""

    throttlingRateMapper: Runtime[str]
    """Gives the key into the table."""
    throttlingRatesMapping: dict[Static[str], ThrottlingRate]
    """The table: key -> rate."""
    defaultRate: ThrottlingRate
    """The rate where the table has none, and where the key is null."""

    example: ClassVar = {
        "type": "MappedThrottlingPolicy",
        "config": {
            "throttlingRateMapper": "${contexts.oauth2.accessToken.info.status}",
            "throttlingRatesMapping": {
                "gold": {"numberOfRequests": 6, "duration": "10 s"},
                "silver": {"numberOfRequests": 3, "duration": "10 s"},
            },
            "defaultRate": {"numberOfRequests": 1, "duration": "10 s"},
        },
    }

    async def rate(self, context: Context, request: Request) -> ThrottlingRate | None:
        key = await self.throttlingRateMapper(context, request)
        return self.defaultRate if key is None else self.throttlingRatesMapping.get(key, self.defaultRate)
