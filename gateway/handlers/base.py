"""What a handler is: it takes a request with its context and gives a response (HandlerRules)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from config.declaration import HeapObject

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response

Next = Callable[["Context", "Request"], Awaitable["Response"]]
"""The rest of a chain, as a filter sees it."""


class Handler(HeapObject):
    """Takes a request with its context and gives a response."""

    @abstractmethod
    def handle(self, context: Context, request: Request) -> Awaitable[Response]:
        """Answer a request; a failure is raised, and becomes a status further out.

        An `async def`, as a rule; what only passes a request on gives what it gets to be awaited, at no further cost.
        """

    def answer_with(self, handle: Next) -> None:
        """Have requests answered by what stands beside this object, without a way through it; called in `prepare`."""
        self.__dict__["handle"] = handle
