"""SwitchFilter: diverts requests to other handlers, before or after the normal handling."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from config.declaration import Properties
from config.types import ALWAYS, Condition, ConditionOnResponse, Ref
from gateway.filters.base import Filter, Next
from gateway.handlers.base import Handler

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class RequestCase(Properties):
    """A case that is tried before the request is handled."""

    condition: Condition = ALWAYS
    """When the handler answers instead; always by default."""
    handler: Ref[Handler]
    """What answers."""


class ResponseCase(Properties):
    """A case that is tried when the response has come."""

    condition: ConditionOnResponse = ALWAYS
    """When the response is dropped and the handler answers; always by default."""
    handler: Ref[Handler]
    """What answers; it gets the request."""


class SwitchFilter(Filter):
    """Diverts a request to another handler by conditions on the request, or on the response that it got.

    Only the first case whose condition is true counts.
    """

    onRequest: list[RequestCase] = []
    """Cases that are tried before the request is handled."""
    onResponse: list[ResponseCase] = []
    """Cases that are tried when the response has come."""

    example: ClassVar = {
        "type": "SwitchFilter",
        "config": {
            "onResponse": [
                {
                    "condition": "${response.status.code == 401}",
                    "handler": {
                        "type": "StaticResponseHandler",
                        "config": {"status": 302, "headers": {"Location": ["/login"]}},
                    },
                }
            ]
        },
    }

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        for case in self.onRequest:
            if await case.condition(context, request):
                return await case.handler.handle(context, request)
        if self.onResponse and request.has_entity():
            await request.entity.buffer()  # the handler of a case reads the body once more
        response = await next(context, request)
        for answer in self.onResponse:
            if await answer.condition(context, request, response):
                response.close()
                return await answer.handler.handle(context, request)
        return response
