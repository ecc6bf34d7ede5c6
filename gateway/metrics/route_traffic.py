"""What is counted in a route: plain fields that the route itself writes; names and labels come at the snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, Final

from gateway.errors import ExchangeError
from gateway.metrics.series import Summary
from gateway.metrics.snapshot import Kind, Snapshot

if TYPE_CHECKING:
    from gateway.handlers.base import Next
    from gateway.http.context import Context
    from gateway.http.message import Request, Response

FAMILIES: Final = ("unknown", "informational", "successful", "redirection", "client_error", "server_error")
"""Label of a status code by its first digit."""


class RouteTraffic:
    """The requests of one route since it was deployed."""

    __slots__ = ("active", "failed", "missing", "on_idle", "statuses", "time")

    def __init__(self) -> None:
        self.active = 0
        self.on_idle: Callable[[], None] | None = None
        """Called when the last request in progress ends."""
        self.failed = 0
        """Responses that are exceptions."""
        self.missing = 0
        """Requests that got no response at all."""
        self.statuses = [0] * 10
        """Responses by the first digit of their status."""
        self.time = Summary()

    async def through(self, following: Next, context: Context, request: Request) -> Response:
        """Answer with what `following` answers, and count it."""
        self.active += 1
        started = perf_counter()
        try:
            response: Response = await following(context, request)
            if response is None:
                self.missing += 1
                raise ExchangeError("the handler gave no response")
        except Exception as error:
            self.failed += 1
            self.answered(error.code if isinstance(error, ExchangeError) else 500, perf_counter() - started)
            raise
        finally:
            self.active -= 1
            if self.on_idle is not None and not self.active:
                self.on_idle()
        self.answered(response.status.code, perf_counter() - started)
        return response

    def answered(self, code: int, elapsed: float) -> None:
        self.statuses[code // 100] += 1
        self.time.record(elapsed)

    @property
    def total(self) -> int:
        return self.time.count

    def statuses_by_family(self) -> dict[str, int]:
        known = {name: self.statuses[digit] for digit, name in enumerate(FAMILIES) if digit}
        return known | {"unknown": self.statuses[0] + sum(self.statuses[len(FAMILIES) :])}

    def collect(self, snapshot: Snapshot, labels: Mapping[str, str]) -> None:
        """Add what was counted to a snapshot, under the documented names."""
        for name, kind, text, value in (
            ("ig_route_request_active", Kind.GAUGE, "Requests in progress", self.active),
            ("ig_route_request_total", Kind.COUNTER, "Requests processed since deployment", self.total),
            ("ig_route_response_error_total", Kind.COUNTER, "Responses that failed with an exception", self.failed),
            ("ig_route_response_null_total", Kind.COUNTER, "Requests that got no response", self.missing),
        ):
            snapshot.add(name, kind, text, labels, value)
        for family, count in self.statuses_by_family().items():
            name = "ig_route_response_status_total"
            snapshot.add(name, Kind.COUNTER, "Responses by status", {**labels, "family": family}, count)
        name = "ig_route_response_time_seconds"
        snapshot.add(name, Kind.SUMMARY, "Time per response", labels, self.time.distribution(monotonic()))
