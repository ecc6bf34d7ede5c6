"""ConditionEnforcementFilter: goes on only if a condition holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from config.types import Condition, Ref
from gateway.filters.base import Filter, Next
from gateway.handlers.base import Handler
from gateway.http.message import Response

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request


class ConditionEnforcementFilter(Filter):
    """Lets a request pass if a condition is true; null and an error count as false."""

    condition: Condition
    """What has to hold."""
    failureHandler: Ref[Handler] | None = None
    """What answers the other requests; 403 with an empty body by default."""

    example: ClassVar = {
        "type": "ConditionEnforcementFilter",
        "config": {
            "condition": "${not empty session.username}",
            "failureHandler": {"type": "StaticResponseHandler", "config": {"status": 401}},
        },
    }

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        if await self.condition(context, request):
            return await next(context, request)
        if self.failureHandler is not None:
            return await self.failureHandler.handle(context, request)
        return Response(403)
