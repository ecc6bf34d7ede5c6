"""AssignmentFilter: writes values to places of the exchange, before and after it is handled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from config.declaration import Properties
from config.types import ALWAYS, Condition, ConditionOnResponse, Runtime, RuntimeOnResponse, Target
from gateway.filters.base import Filter, Next

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


NULL: Any = None


class RequestAssignment(Properties):
    """An assignment that is made before the request is handled."""

    condition: Condition = ALWAYS
    """When to assign; always by default."""
    target: Target
    """The place to write to, such as `${attributes.name}`."""
    value: Runtime[Any] = NULL
    """The value; null by default. An expression that is the whole text keeps the type of its result."""


class ResponseAssignment(Properties):
    """An assignment that is made when the response has come."""

    condition: ConditionOnResponse = ALWAYS
    """When to assign; always by default."""
    target: Target
    """The place to write to, such as `${session.name}`."""
    value: RuntimeOnResponse[Any] = NULL
    """The value; null by default. An expression that is the whole text keeps the type of its result."""


class AssignmentFilter(Filter):
    """Assigns values to targets before the request is handled and after the response has come.

    A target that cannot be written to is passed over.
    """

    onRequest: list[RequestAssignment] = []
    """Assignments before the request is handled, in order."""
    onResponse: list[ResponseAssignment] = []
    """Assignments when the response has come, in order."""

    example: ClassVar = {
        "type": "AssignmentFilter",
        "config": {
            "onRequest": [{"target": "${attributes.started}", "value": "${now.epochSeconds}"}],
            "onResponse": [
                {
                    "condition": "${response.status.code == 302}",
                    "target": "${session.loggedIn}",
                    "value": "${true}",
                }
            ],
        },
    }

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        for entry in self.onRequest:
            if await entry.condition(context, request):
                await entry.target.set(await entry.value(context, request), context, request, None)
        response = await next(context, request)
        for item in self.onResponse:
            if await item.condition(context, request, response):
                await item.target.set(await item.value(context, request, response), context, request, response)
        return response
