"""DispatchHandler: gives a request to the first handler whose condition holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import PrivateAttr

from config.declaration import Properties
from config.types import ALWAYS, Condition, Ref, Runtime
from gateway.handlers.base import Handler
from gateway.http.message import Response
from gateway.rebasing import Rebase

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request


class Binding(Properties):
    """One case of a DispatchHandler."""

    condition: Condition = ALWAYS
    """When the handler gets the request; always by default."""
    handler: Ref[Handler]
    """What answers the request."""
    baseURI: Runtime[str] | None = None
    """New scheme, host and port of the request URI; unchanged by default. Null or an invalid URI fails with 500."""


class DispatchHandler(Handler):
    """Gives the request to the first handler whose condition is true; answers 404 when none is."""

    bindings: list[Binding]
    """The cases, in the order in which they are tried."""

    example: ClassVar = {
        "type": "DispatchHandler",
        "config": {
            "bindings": [
                {
                    "condition": "${request.uri.path == '/login'}",
                    "handler": {"type": "StaticResponseHandler", "config": {"status": 200, "entity": "Log in here"}},
                },
                {"handler": "ReverseProxyHandler", "baseURI": "http://app.example.com:8081"},
            ]
        },
    }

    _cases: list[tuple[Condition, Rebase | None, Handler]] = PrivateAttr()

    def prepare(self, heap: Heap) -> None:
        self._cases = [
            (case.condition, None if case.baseURI is None else Rebase(case.baseURI), case.handler)
            for case in self.bindings
        ]

    async def handle(self, context: Context, request: Request) -> Response:
        for condition, rebase, handler in self._cases:
            if await condition(context, request):
                if rebase is not None:
                    await rebase(context, request)
                return await handler.handle(context, request)
        return Response(404)
