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

    _second = -1
    _written = ""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - the base's name
        second = int(record.created)
        if second != self._second:
            self._written, self._second = super().formatTime(record, "%Y-%m-%d %H:%M:%S"), second
        return f"{self._written},{int(record.msecs):03}"

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
    # What no line shows need not be found out for each of them, as the documentation of logging advises.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = handler_for(sys.stderr)
    logger = logging.getLogger("gatewright")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
