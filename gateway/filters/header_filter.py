"""HeaderFilter: removes, replaces and adds header fields of the request or of the response."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import PrivateAttr

from config.types import Static
from gateway.filters.base import Filter, Next
from gateway.filters.fields import Expressions, bad_names, put, values_of
from gateway.filters.message_type import MessageType, RuntimeOnMessage

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.headers import Headers
    from gateway.http.message import Request, Response


Fields = tuple[tuple[str, Expressions], ...]


class HeaderFilter(Filter):
    """Removes header fields of a message, then replaces and adds fields.

    Names are compared ignoring case. An expression that is null sets nothing; one that gives a list of strings sets
    each of them.
    """

    messageType: Static[MessageType]
    """Which message to change: REQUEST before the next element is called, RESPONSE after it has answered."""
    remove: list[Static[str]] = []
    """Names of the fields to remove."""
    add: dict[str, list[RuntimeOnMessage[Any]]] = {}
    """Fields to add: name -> values, appended to those that are there."""
    replace: dict[str, list[RuntimeOnMessage[Any]]] = {}
    """Fields to replace: name -> values, set in place of those that are there."""

    example: ClassVar = {
        "type": "HeaderFilter",
        "config": {
            "messageType": "REQUEST",
            "remove": ["X-Debug"],
            "add": {"X-User": ["${contexts.ssoToken.info.uid}"]},
            "replace": {"host": ["app.example.com"]},
        },
    }

    _change: Change = PrivateAttr()

    def verify(self) -> Iterator[tuple[str, str, str]]:
        yield from bad_names("add", self.add)
        yield from bad_names("replace", self.replace)

    def prepare(self, heap: Heap) -> None:
        self._change = Change(self)

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        if self.messageType is MessageType.REQUEST:
            await self._change(request.headers, context, request)
            return await next(context, request)
        response = await next(context, request)
        await self._change(response.headers, context, request, response)
        return response


class Change:
    """What a filter does to headers, kept apart from the declaration because it runs for every request."""

    __slots__ = ("_add", "_remove", "_replace")

    def __init__(self, config: HeaderFilter) -> None:
        self._remove = tuple(config.remove)
        self._replace: Fields = tuple(config.replace.items())
        self._add: Fields = tuple(config.add.items())

    async def __call__(self, headers: Headers, *exchange: Any) -> None:
        for name in self._remove:
            headers.remove(name)
        for name, expressions in self._replace:
            values = await values_of(expressions, *exchange)  # before the removal: they may read the field itself
            headers.remove(name)
            put(headers, name, values)
        for name, expressions in self._add:
            put(headers, name, await values_of(expressions, *exchange))
