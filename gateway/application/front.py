"""What stands in front of the handler of config.json: one request of a connector, with the outermost session."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from gateway.audit.access import AUDITING, Received
from gateway.http.context import ExchangeContext
from gateway.http.message import Request, Response

if TYPE_CHECKING:
    from gateway.handlers.base import Next
    from gateway.session.base import SessionManager


class Front:
    """Holds what it needs of heap objects, because reading an attribute of those takes several times as long."""

    __slots__ = ("_enter", "_sessions")

    def __init__(self, sessions: SessionManager, enter: Next) -> None:
        self._sessions = sessions
        self._enter = enter

    def handle(self, context: ExchangeContext, request: Request) -> Awaitable[Response]:
        if AUDITING.services:
            context.received = Received(request)
        context.begin_session(self._sessions)
        return self._enter(context, request)
