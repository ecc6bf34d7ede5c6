"""Chain: filters in front of a handler, composed once when it is built."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import TYPE_CHECKING, ClassVar

from pydantic import PrivateAttr

from config.types import Ref
from gateway.filters.base import Filter
from gateway.handlers.base import Handler, Next

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class Chain(Handler):
    """Runs a list of filters in front of a handler."""

    filters: list[Ref[Filter]]
    """The filters, in the order in which a request passes them; may be empty."""
    handler: Ref[Handler]
    """The handler at the end of the chain."""

    sequence: ClassVar = ("filters", "handler")
    example: ClassVar = {
        "type": "Chain",
        "config": {
            "filters": [{"type": "HeaderFilter", "config": {"messageType": "REQUEST", "remove": ["X-Old"]}}],
            "handler": "ReverseProxyHandler",
        },
    }

    _first: Next = PrivateAttr()

    def prepare(self, heap: Heap) -> None:
        self._first = compose(self.filters, self.handler.handle)

    def handle(self, context: Context, request: Request) -> Awaitable[Response]:
        return self._first(context, request)


def compose(filters: Iterable[Filter], last: Next) -> Next:
    """One function that passes the filters in order and ends at `last`."""
    for element in reversed(list(filters)):
        last = _before(element, last)
    return last


def _before(element: Filter, following: Next) -> Next:
    call = element.filter

    def enter(context: Context, request: Request) -> Awaitable[Response]:
        return call(context, request, following)

    return enter
