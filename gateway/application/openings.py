"""The listeners of a gateway: those of its connectors, with what the command line says in place of admin.json."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.application.admin_http_application import AdminHttpApplication, Connector
from gateway.application.worker_sockets import Place, places
from gateway.server.listener import TlsProvider


@dataclass(frozen=True)
class Overrides:
    """What the command line says in place of the configuration."""

    port: int | None = None
    admin_port: int | None = None
    host: str | None = None
    https_port: int | None = None
    https_context: Callable[[], ssl.SSLContext] | None = None
    resolve: tuple[str, ...] = ()
    routes: tuple[Path, ...] = ()
    """Single route files, in place of the directory of the main router."""
    workers: int | None = None
    """Worker processes, in place of gatewayUnits."""


@dataclass(frozen=True)
class Opening:
    """A listener to be: its connector, where it listens, and where its TLS comes from."""

    connector: Connector
    places: tuple[Place, ...]
    tls: TlsProvider | None


@dataclass(frozen=True)
class Openings:
    """All listeners of a gateway; that for the administrative endpoints comes first, if they have one of their own."""

    administration: tuple[Opening, ...]
    connectors: tuple[Opening, ...]

    @property
    def all(self) -> tuple[Opening, ...]:
        return self.administration + self.connectors

    @property
    def places(self) -> list[Place]:
        return self.of_administration + self.of_connectors

    @property
    def of_administration(self) -> list[Place]:
        return [place for opening in self.administration for place in opening.places]

    @property
    def of_connectors(self) -> list[Place]:
        return [place for opening in self.connectors for place in opening.places]


def planned(admin: AdminHttpApplication, overrides: Overrides, *, without_admin: bool) -> Openings:
    """The listeners for admin.json; a port for the administrative endpoints on the command line opens one always."""
    first = [] if without_admin and overrides.admin_port is None else [_administration(admin.adminConnector, overrides)]
    wanted = [*first, *_connectors(admin.connectors, overrides)]
    numbered = iter(places((one.host, port) for one, _ in wanted for port in one.port))
    made = tuple(Opening(one, tuple(next(numbered) for _ in one.port), tls) for one, tls in wanted)
    return Openings(made[: len(first)], made[len(first) :])


def _administration(connector: Connector, overrides: Overrides) -> tuple[Connector, TlsProvider | None]:
    return _changed(connector, overrides, overrides.admin_port), _tls(connector)


def _connectors(connectors: list[Connector], overrides: Overrides) -> Iterator[tuple[Connector, TlsProvider | None]]:
    first_plain = next((one for one in connectors if one.tls is None), None)
    for connector in connectors:
        yield _changed(connector, overrides, overrides.port if connector is first_plain else None), _tls(connector)
    if overrides.https_port is not None:
        yield _changed(connectors[0], overrides, overrides.https_port), overrides.https_context


def _changed(connector: Connector, overrides: Overrides, port: int | None) -> Connector:
    changes: dict[str, Any] = {} if port is None else {"port": [port]}
    if overrides.host is not None:
        changes["host"] = overrides.host
    return connector.model_copy(update=changes)


def _tls(connector: Connector) -> TlsProvider | None:
    return connector.tls.context if connector.tls is not None else None
