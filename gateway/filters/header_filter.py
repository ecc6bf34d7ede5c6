"""HeaderFilter: removes, replaces and adds header fields of the request or of the response."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from config.types import Static
from gateway.filters.base import Filter, Next
from gateway.filters.fields import Expressions, bad_names, fixed_values, put, values_now, values_of
from gateway.filters.message_type import FieldValue, MessageType

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.headers import Headers
    from gateway.http.message import Request, Response


Fields = tuple[tuple[str, list[str] | None, Expressions], ...]
"""Name of a field, its values where they are always the same, and its expressions."""


class HeaderFilter(Filter):
    """Removes header fields of a message, then replaces and adds fields.

    Names are compared ignoring case. An expression that is null sets nothing; one that gives a list of strings sets
    each of them.
    """

    messageType: Static[MessageType]
    """Which message to change: REQUEST before the next element is called, RESPONSE after it has answered."""
    remove: list[Static[str]] = []
    """Names of the fields to remove."""
    add: dict[str, list[FieldValue]] = {}
    """Fields to add: name -> values, appended to those that are there."""
    replace: dict[str, list[FieldValue]] = {}
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

    @cached_property
    def change(self) -> Change:
        """The work itself. A plain attribute: the model's private ones are slow to read."""
        return Change(self)

    def verify(self) -> Iterator[tuple[str, str, str]]:
        yield from bad_names("add", self.add)
        yield from bad_names("replace", self.replace)

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        change = self.change
        if change.on_request:
            if change.immediate:
                change.apply(request.headers, context, request)
            else:
                await change(request.headers, context, request)
            return await next(context, request)
        response = await next(context, request)
        if change.immediate:
            change.apply(response.headers, context, request, response)
        else:
            await change(response.headers, context, request, response)
        return response


class Change:
    """What a filter does to headers, kept apart from the declaration because it runs for every request."""

    __slots__ = ("_add", "_remove", "_replace", "immediate", "on_request")

    def __init__(self, config: HeaderFilter) -> None:
        self._remove = tuple(config.remove)
        self._replace: Fields = _fields(config.replace)
        self._add: Fields = _fields(config.add)
        self.on_request = config.messageType is MessageType.REQUEST
        expressions = (one for _, _, many in (*self._replace, *self._add) for one in many)
        self.immediate = all(expression.immediate for expression in expressions)
        """Whether no expression waits for anything, so that `apply` does what a call does."""

    async def __call__(self, headers: Headers, *exchange: Any) -> None:
        for name in self._remove:
            headers.remove(name)
        for name, fixed, expressions in self._replace:
            # Evaluated before the removal: the expressions may read the field itself.
            values = await values_of(expressions, *exchange) if fixed is None else fixed
            headers.remove(name)
            put(headers, name, values)
        for name, fixed, expressions in self._add:
            put(headers, name, await values_of(expressions, *exchange) if fixed is None else fixed)

    def apply(self, headers: Headers, *exchange: Any) -> None:
        """Change headers at once."""
        for name in self._remove:
            headers.remove(name)
        for name, fixed, expressions in self._replace:
            values = values_now(expressions, *exchange) if fixed is None else fixed
            headers.remove(name)
            put(headers, name, values)
        for name, fixed, expressions in self._add:
            put(headers, name, values_now(expressions, *exchange) if fixed is None else fixed)


def _fields(fields: dict[str, list[FieldValue]]) -> Fields:
    return tuple((name, fixed_values(expressions), expressions) for name, expressions in fields.items())
