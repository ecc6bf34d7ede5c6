"""The log of the gateway: one line an event, with the route and transaction id of the exchange it belongs to."""

from __future__ import annotations

import logging
import sys

from gateway.http.current import CURRENT

FORMAT = "%(asctime)s %(levelname)-5s [%(route)s] [%(transaction)s] %(name)s: %(message)s"
NONE = "-"


class ExchangeFilter(logging.Filter):
    """Adds the route and the transaction id of the current exchange to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        exchange = CURRENT.get()
        record.route = (exchange.route_name or NONE) if exchange is not None else NONE
        record.transaction = exchange.transaction_id if exchange is not None else NONE
        return True


def configure(level: int = logging.INFO) -> None:
    """Send the gateway's log to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(FORMAT))
    handler.addFilter(ExchangeFilter())
    logger = logging.getLogger("gatewright")
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
