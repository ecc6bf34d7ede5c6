"""The log of the gateway: one line an event, with the route and transaction id of the exchange it belongs to."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

from gateway.http.current import CURRENT

FORMAT = "%(asctime)s %(levelname)-5s [%(route)s] [%(transaction)s] %(name)s: %(message)s"
NONE = "-"
CONTINUED = "\n[CONTINUED] "


class ExchangeFilter(logging.Filter):
    """Adds the route and the transaction id of the current exchange to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        exchange = CURRENT.get()
        record.route = (exchange.route_name or NONE) if exchange is not None else NONE
        record.transaction = exchange.transaction_id if exchange is not None else NONE
        return True


class LineFormatter(logging.Formatter):
    """Marks the further lines of an event, so that no text from outside passes for an event of its own."""

    def format(self, record: logging.LogRecord) -> str:
        return CONTINUED.join(super().format(record).splitlines())


def handler_for(stream: TextIO) -> logging.Handler:
    """What writes the log to a stream."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter(FORMAT))
    handler.addFilter(ExchangeFilter())
    return handler


def configure(level: int = logging.INFO) -> None:
    """Send the gateway's log to standard error."""
    handler = handler_for(sys.stderr)
    logger = logging.getLogger("gatewright")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
