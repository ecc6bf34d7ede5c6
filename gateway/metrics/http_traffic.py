"""What is counted of HTTP exchanges, with clients of the gateway and with servers behind it.

One lookup and two records an exchange; everything else (totals, errors, bytes) is derived at the snapshot.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from time import monotonic
from typing import Any, Final, TypeAlias

from gateway.metrics.series import Distribution, Summary
from gateway.metrics.snapshot import Kind, Snapshot

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})
OTHER: Final = "other"
"""Stands for methods that clients made up, and for servers beyond the number that is told apart."""
REMOTES: Final = 1000
Alike: TypeAlias = tuple[int, str, str, int]
"""Local port, name of the route or nothing, method and status."""


class Exchanges:
    """Exchanges of one kind: same peer, method and status."""

    __slots__ = ("received", "sent", "time")

    def __init__(self) -> None:
        self.time = Summary()
        self.received = Summary()
        self.sent = Summary()


class ServerTraffic:
    """The exchanges of one listener with its clients."""

    __slots__ = ("_host", "_kept")

    def __init__(self, host: str) -> None:
        self._host = host
        self._kept: dict[Alike, Exchanges] = {}

    def record(self, like: Alike, elapsed: float, received: int, sent: int) -> None:
        """Count an exchange: what it has in common with others, seconds, and bytes of both bodies."""
        exchanges: Exchanges | None = self._kept.get(like)
        if exchanges is None:
            port, route, method, code = like
            known = method if method in METHODS else OTHER
            exchanges = self._kept.setdefault((port, route, known, code), Exchanges())
        exchanges.time.record(elapsed)
        exchanges.sent.record(sent)
        if received:
            exchanges.received.record(received)

    def forget_routes(self, living: Collection[str]) -> None:
        """Drop what was counted for routes that are gone."""
        for key in [key for key in self._kept if key[1] and key[1] not in living]:
            del self._kept[key]

    def collect(self, snapshot: Snapshot, connections: Iterable[Any]) -> None:
        open_connections = list(connections)
        busy = sum(1 for connection in open_connections if not connection.idle)
        local = {"local": self._host}
        name = "ig_http_server_active"
        snapshot.add(f"{name}_connections", Kind.GAUGE, "Open connections of clients", local, len(open_connections))
        snapshot.add(f"{name}_requests", Kind.GAUGE, "Requests in progress", local, busy)
        now = monotonic()
        for (port, route, method, code), exchanges in list(self._kept.items()):
            labels = {"local": f"{self._host}:{port}", "method": method, "code": str(code), "route": route}
            _collect(snapshot, "ig_http_server", labels, exchanges, now)
            # Seen in the field beside the documented names.
            text = "Time to the response, by route"
            time = exchanges.time.distribution(now)
            snapshot.add("ig_http_server_time_seconds", Kind.SUMMARY, text, {"route": route}, time)
            errors = exchanges.time.count if code >= 500 else 0
            text = "Responses with a status of 500 and above"
            snapshot.add("ig_http_server_errors_total", Kind.COUNTER, text, labels, errors)


class ClientTraffic:
    """The exchanges of the gateway's HTTP clients with servers."""

    __slots__ = ("_kept", "_remotes")

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, int], Exchanges] = {}
        self._remotes: set[str] = set()

    def record(self, remote: str, method: str, code: int, elapsed: float) -> None:
        exchanges: Exchanges | None = self._kept.get((remote, method, code))
        if exchanges is None:
            exchanges = self._kept.setdefault(self._key(remote, method, code), Exchanges())
        exchanges.time.record(elapsed)

    def _key(self, remote: str, method: str, code: int) -> tuple[str, str, int]:
        if remote not in self._remotes:
            if len(self._remotes) < REMOTES:
                self._remotes.add(remote)
            else:
                remote = OTHER
        return remote, method if method in METHODS else OTHER, code

    def collect(self, snapshot: Snapshot, connections: Mapping[str, tuple[int, int]]) -> None:
        """Add what was counted, and the numbers of open and of busy connections by remote address."""
        for remote, (opened, busy) in connections.items():
            labels = {"remote": remote}
            name = "ig_http_client_active"
            snapshot.add(f"{name}_connections", Kind.GAUGE, "Open connections to servers", labels, opened)
            snapshot.add(f"{name}_requests", Kind.GAUGE, "Requests in progress", labels, busy)
        now = monotonic()
        for (remote, method, code), exchanges in list(self._kept.items()):
            labels = {"remote": remote, "method": method, "code": str(code)}
            _collect_time(snapshot, "ig_http_client", labels, exchanges.time.distribution(now))


CLIENTS: Final = ClientTraffic()
"""One for the process, as the clients are shared by all who want the same."""


def _collect_time(snapshot: Snapshot, prefix: str, labels: Mapping[str, str], time: Distribution) -> None:
    snapshot.add(f"{prefix}_requests_total", Kind.COUNTER, "Requests", labels, time.count)
    snapshot.add(f"{prefix}_response_time_seconds", Kind.SUMMARY, "Time to the response", labels, time)


def _collect(snapshot: Snapshot, prefix: str, labels: Mapping[str, str], exchanges: Exchanges, now: float) -> None:
    _collect_time(snapshot, prefix, labels, exchanges.time.distribution(now))
    received, sent = exchanges.received.distribution(now), exchanges.sent.distribution(now)
    snapshot.add(f"{prefix}_request_bytes", Kind.SUMMARY, "Bytes of request bodies", labels, received)
    snapshot.add(f"{prefix}_response_bytes", Kind.SUMMARY, "Bytes of response bodies", labels, sent)
    snapshot.add(f"{prefix}_bytes_read_total", Kind.COUNTER, "Bytes of bodies read", labels, received.total)
    snapshot.add(f"{prefix}_bytes_written_total", Kind.COUNTER, "Bytes of bodies written", labels, sent.total)
