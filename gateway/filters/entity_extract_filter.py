"""EntityExtractFilter: takes values out of the body of a message with regular expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

from pydantic import PrivateAttr

from config.declaration import Properties
from config.types import Pattern, Static, Target
from expr.errors import EvaluationError
from expr.java_regex import Matcher
from gateway.filters.base import Filter, Next
from gateway.filters.message_type import MessageType
from gateway.filters.patterns import Groups, fill

if TYPE_CHECKING:
    from config.heap import Heap
    from gateway.http.context import Context
    from gateway.http.message import Message, Request, Response


class Binding(Properties):
    """One value that is taken out of a body."""

    key: Static[str]
    """Its name in the map."""
    pattern: Pattern
    """The regular expression that is searched in the body; its first match counts."""
    template: Static[str] = "$0"
    """The value, with `$1` and so on for the groups of the match; by default the whole match."""


class EntityExtractFilter(Filter):
    """Searches the body of a message for patterns and puts what they match into a map.

    A pattern without a match gives null. A body that cannot be read gives an empty map. The body itself stays.
    """

    messageType: Static[MessageType]
    """Whose body to search."""
    charset: Static[str] | None = None
    """The charset of the body; by default the one that the message names."""
    target: Target
    """The place for the map, such as `${attributes.extract}`."""
    bindings: list[Binding]
    """The values to take out."""

    example: ClassVar = {
        "type": "EntityExtractFilter",
        "config": {
            "messageType": "RESPONSE",
            "target": "${attributes.extract}",
            "bindings": [{"key": "nonce", "pattern": "name='nonce' value='([^']*)'", "template": "$1"}],
        },
    }

    _values: list[tuple[str, Matcher, Callable[[Groups], str]]] = PrivateAttr()

    def verify(self) -> Iterator[tuple[str, str, str]]:
        keys = [binding.key for binding in self.bindings]
        for key in dict.fromkeys(key for key in keys if keys.count(key) > 1):
            yield "bindings", f'two bindings have the key "{key}"', "give each a key of its own"
        try:
            "".encode(self.charset or "utf-8")
        except LookupError:
            yield "charset", f'there is no charset "{self.charset}"', 'use a name such as "UTF-8"'

    def prepare(self, heap: Heap) -> None:
        self._values = [(entry.key, entry.pattern, fill(entry.template)) for entry in self.bindings]

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        if self.messageType is MessageType.REQUEST:
            await self.target.set(await self._extracted(request), context, request, None)
            return await next(context, request)
        response = await next(context, request)
        await self.target.set(await self._extracted(response), context, request, response)
        return response

    async def _extracted(self, message: Message) -> dict[str, str | None]:
        try:
            content = await message.entity.read()
            text = content.decode(self.charset, "replace") if self.charset else message.entity.string
        except ValueError as error:
            self.log.warning("%s: the body cannot be read: %s", self.object_name, error)
            return {}
        return {key: self._value(pattern, value_of, text) for key, pattern, value_of in self._values}

    def _value(self, pattern: Matcher, value_of: Callable[[Groups], str], text: str) -> str | None:
        try:
            groups = pattern.groups(text)
        except EvaluationError as error:
            self.log.warning("%s: %s", self.object_name, error)
            return None
        return None if groups is None else value_of(groups)
