"""What is told of each finished exchange of a listener: its metrics, and the access event of whoever audits it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from gateway.audit.access import AUDITING, TOPIC, access_event
from gateway.metrics.http_traffic import ServerTraffic

if TYPE_CHECKING:
    from gateway.audit.base import AuditService
    from gateway.http.context import ExchangeContext
    from gateway.http.message import Request, Response
    from gateway.server.timings import Timings

log = logging.getLogger("gatewright.audit")


class Observation:
    """Of one listener; `audit` is in force where no route was entered."""

    __slots__ = ("_audit", "traffic")

    def __init__(self, host: str, audit: AuditService) -> None:
        self.traffic = ServerTraffic(host)
        self._audit = audit

    def done(self, context: ExchangeContext, request: Request, response: Response, timings: Timings) -> None:
        """Count an exchange, and record it where its route, or the gateway for want of one, audits accesses."""
        alike = context.connection.local_port, context.route_name or "", request.method, response.status.code
        self.traffic.record(alike, timings.answered - timings.started, timings.received, timings.sent)
        if context.received is None and not AUDITING.services:
            return
        audit = self._audit if context.route is None else context.route.auditService
        if audit.wants(TOPIC):
            try:
                audit.publish(TOPIC, access_event(context, request, response, timings))
            except Exception as error:  # the exchange is over: nothing about it may fail the connection any more
                log.error("an access could not be recorded: %s", type(error).__name__)
