"""The exchange that the running task works on: how a log line knows its route and transaction id."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

from gateway.http.context import ExchangeContext

CURRENT: Final[ContextVar[ExchangeContext | None]] = ContextVar("gatewright_exchange", default=None)
