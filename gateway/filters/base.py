"""What a filter is: it may change a request, call what follows, and change the response (`_filter_contract`)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from config.declaration import HeapObject
from gateway.handlers.base import Next

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response

__all__ = ["Filter", "Next"]


class Filter(HeapObject):
    """Stands between a client and a handler: calls `next` once, several times, or not at all."""

    @abstractmethod
    def filter(self, context: Context, request: Request, next: Next) -> Awaitable[Response]:  # noqa: A002 - the term
        """Answer a request, usually with what `next` answers: an `async def`, or `next`'s own answer to be awaited."""
