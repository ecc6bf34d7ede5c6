"""SequenceHandler: several handlers one after the other with the same request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from config.declaration import Properties
from config.types import ALWAYS, ConditionOnResponse, Ref
from gateway.handlers.base import Handler

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class Step(Properties):
    """One step of a SequenceHandler."""

    handler: Ref[Handler]
    """What gets the request at this step."""
    postcondition: ConditionOnResponse = ALWAYS
    """Whether to go on after the response of this step; always by default."""


class SequenceHandler(Handler):
    """Runs several handlers one after the other with the same request; the last response counts."""

    bindings: list[Step]
    """The steps in order; at least one."""

    example: ClassVar = {
        "type": "SequenceHandler",
        "config": {
            "bindings": [
                {
                    "handler": {"type": "StaticResponseHandler", "config": {"status": 200}},
                    "postcondition": "${response.status.code == 200}",
                },
                {"handler": "ReverseProxyHandler"},
            ]
        },
    }

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if not self.bindings:
            yield "bindings", "a sequence needs at least one step", 'add a {"handler": ...}'

    async def handle(self, context: Context, request: Request) -> Response:
        if len(self.bindings) > 1 and request.has_entity():
            await request.entity.buffer()  # each step reads the body from its beginning
        *steps, last = self.bindings
        for step in steps:
            response = await step.handler.handle(context, request)
            if not await step.postcondition(context, request, response):
                return response
            response.close()
        return await last.handler.handle(context, request)
