"""What all connections of a listener share: the application, its limits, and who is told about finished exchanges."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from gateway.http.context import Context, ExchangeContext
from gateway.http.message import Request, Response
from gateway.http.storage import Storage
from gateway.server.clock import Clock
from gateway.server.limits import Limits
from gateway.server.timings import Timings

if TYPE_CHECKING:
    from gateway.server.protocol import HttpProtocol

Application = Callable[[Context, Request], Awaitable[Response]]


OnExchangeDone = Callable[[ExchangeContext, Request, Response, Timings], None]


class Service:
    """One for each listener; the application may be replaced while it runs."""

    __slots__ = (
        "application",
        "clock",
        "connections",
        "draining",
        "keep_query",
        "limits",
        "loop",
        "on_exchange_done",
        "scheme",
        "stopping",
        "storage",
    )

    def __init__(
        self,
        application: Application,
        *,
        limits: Limits | None = None,
        storage: Storage | None = None,
        secure: bool = False,
        keep_query: bool = False,
        on_exchange_done: OnExchangeDone | None = None,
    ) -> None:
        self.application = application
        self.limits = limits or Limits()
        self.storage = storage or Storage()
        self.scheme = "https" if secure else "http"
        self.keep_query = keep_query
        self.on_exchange_done = on_exchange_done
        self.draining = False
        """Are connections closed behind the next answer?"""
        self.stopping = False
        """Are connections closed that have no request?"""
        self.connections: set[HttpProtocol] = set()
        self.loop = asyncio.get_running_loop()
        self.clock = Clock(self.loop, self.connections)
