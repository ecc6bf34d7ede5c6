"""ConditionalFilter: a filter that some requests pass by."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from config.types import Condition, Ref
from gateway.filters.base import Filter, Next

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class ConditionalFilter(Filter):
    """Runs another filter for requests for which a condition is true; the others pass it by in both directions."""

    condition: Condition
    """When the filter runs."""
    delegate: Ref[Filter]
    """The filter."""

    sequence: ClassVar = ("delegate",)
    example: ClassVar = {
        "type": "ConditionalFilter",
        "config": {
            "condition": "${not find(request.uri.path, '\\\\.css$')}",
            "delegate": {"type": "HeaderFilter", "config": {"messageType": "REQUEST", "remove": ["Cookie"]}},
        },
    }

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        condition = self.condition
        if condition.now(context, request) if condition.immediate else await condition(context, request):
            return await self.delegate.filter(context, request, next)
        return await next(context, request)
