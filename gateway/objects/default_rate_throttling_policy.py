"""DefaultRateThrottlingPolicy: a rate for where another policy has none. Follows the documented type of that name."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from config.types import Ref
from gateway.throttling.policy import ThrottlingPolicy
from gateway.throttling.rate import ThrottlingRate

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request


class DefaultRateThrottlingPolicy(ThrottlingPolicy):
    """Gives a default rate where another throttling policy gives none."""

    delegateThrottlingRatePolicy: Ref[ThrottlingPolicy]
    """The policy that is asked first."""
    defaultRate: ThrottlingRate
    """The rate where that policy gives null."""

    example: ClassVar = {
        "type": "DefaultRateThrottlingPolicy",
        "config": {
            "delegateThrottlingRatePolicy": {
                "type": "MappedThrottlingPolicy",
                "config": {
                    "throttlingRateMapper": "${contexts.oauth2.accessToken.info.status}",
                    "throttlingRatesMapping": {"gold": {"numberOfRequests": 6, "duration": "10 s"}},
                    "defaultRate": {"numberOfRequests": 2, "duration": "10 s"},
                },
            },
            "defaultRate": {"numberOfRequests": 1, "duration": "10 seconds"},
        },
    }

    async def rate(self, context: Context, request: Request) -> ThrottlingRate | None:
        return await self.delegateThrottlingRatePolicy.rate(context, request) or self.defaultRate
