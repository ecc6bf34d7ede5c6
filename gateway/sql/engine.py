"""From a database and the options of a pool to a SQLAlchemy engine.

SQLAlchemy and the driver are imported when an engine is made: a configuration without a database does not pay for them.
Options have the names of HikariCP and of the JDBC drivers; what has no meaning in Python is told to the caller.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gateway.sql.jdbc_url import MYSQL, ORACLE, POSTGRESQL, SQL_SERVER, Database

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

POOL_SIZE: Final = 10
CONNECTION_TIMEOUT: Final = 30_000
LIFETIME: Final = 1_800_000
POOL_OPTIONS: Final = frozenset({"maximumPoolSize", "connectionTimeout", "maxLifetime"})
ADDRESS_OPTIONS: Final = frozenset(
    [
        "url",
        "URL",
        "serverName",
        "serverNames",
        "portNumber",
        "port",
        "databaseName",
        "serviceName",
        "user",
        "password",
        "jdbcUrl",
    ]
)
TLS_MODES: Final = {
    "disable": "disable",
    "disabled": "disable",
    "allow": "allow",
    "prefer": "prefer",
    "preferred": "prefer",
    "require": "require",
    "required": "require",
    "verify-ca": "verify-ca",
    "verify_ca": "verify-ca",
    "verify-full": "verify-full",
    "verify_identity": "verify-full",
}


@dataclass(frozen=True)
class Options:
    """The properties of a data source, sorted by what they are for."""

    pool: Mapping[str, Any]
    driver: Mapping[str, str]
    """By the names of the JDBC driver; those of the URL included."""

    @classmethod
    def of(cls, database: Database, properties: Mapping[str, Any]) -> Options:
        pool = {key: value for key, value in properties.items() if key in POOL_OPTIONS}
        other = {
            key.removeprefix("dataSource."): str(value)
            for key, value in properties.items()
            if key not in POOL_OPTIONS | ADDRESS_OPTIONS
        }
        return cls(pool, {**database.parameters, **other})


def make_engine(
    database: Database, options: Options, username: str | None, password: str | None
) -> tuple[AsyncEngine, list[str]]:
    """An engine, and the names of the options that have no meaning for it; nothing is connected yet.

    Raises ImportError when the driver's package is not installed, and ValueError for an option that cannot be.
    """
    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import create_async_engine

    arguments, unused = connect_arguments(database, options.driver)
    host, port = database.hosts[0] if database.hosts else (None, None)
    url = URL.create(
        database.drivername,
        username=username if username is not None else database.username,
        password=_encoded(database, password if password is not None else database.password),
        host=host,
        port=port,
        database=database.database,
        query=_query(database, options.driver),
    )
    pool = {} if database.in_memory else _pool(options.pool)
    # JDBC commits each statement, so that one which changes something has its effect.
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT", connect_args=arguments, **pool)
    return engine, unused


def _encoded(database: Database, password: str | None) -> str | None:
    """A password that reaches the database in UTF-8, as the JDBC driver sends it: aiomysql sends Latin-1 only."""
    return password.encode().decode("latin-1") if password and database.drivername == MYSQL else password


def _pool(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "pool_size": int(options.get("maximumPoolSize", POOL_SIZE)),
        "max_overflow": 0,
        "pool_timeout": int(options.get("connectionTimeout", CONNECTION_TIMEOUT)) / 1000,
        "pool_recycle": int(options.get("maxLifetime", LIFETIME)) / 1000 or -1,
        "pool_pre_ping": True,
    }


def _query(database: Database, driver: Mapping[str, str]) -> dict[str, str]:
    if database.drivername == ORACLE and "service_name" in driver:
        return {"service_name": driver["service_name"]}
    if database.drivername == SQL_SERVER:
        trusted = driver.get("trustservercertificate", "false").lower() == "true"
        return {
            "driver": driver.get("odbcdriver", "ODBC Driver 18 for SQL Server"),
            "Encrypt": "no" if driver.get("encrypt", "true").lower() == "false" else "yes",
            "TrustServerCertificate": "yes" if trusted else "no",
        }
    return {}


def connect_arguments(database: Database, driver: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Arguments of the Python driver for options of the JDBC driver, and the options that it has no use for."""
    readers = {POSTGRESQL: _postgresql, MYSQL: _mysql}
    used: set[str] = {"service_name", "odbcdriver", "encrypt", "trustservercertificate"}
    reader = readers.get(database.drivername)
    arguments = reader(database, _Reading(driver, used)) if reader is not None else {}
    return arguments, sorted(set(driver) - used)


class _Reading:
    """Options of which it is noted that somebody asked for them."""

    def __init__(self, options: Mapping[str, str], used: set[str]) -> None:
        self._options = options
        self._used = used

    def get(self, *names: str) -> str | None:
        """The value of the first of several names that is there."""
        self._used.update(names)
        return next((self._options[name] for name in names if name in self._options), None)

    def is_true(self, *names: str) -> bool:
        value = self.get(*names)
        return value is not None and value.lower() in {"", "true"}


def _postgresql(database: Database, options: _Reading) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    settings = {"application_name": options.get("ApplicationName"), "search_path": options.get("currentSchema")}
    if any(settings.values()):
        arguments["server_settings"] = {name: value for name, value in settings.items() if value}
    if len(database.hosts) > 1:
        arguments["host"] = [host for host, _ in database.hosts]
        arguments["port"] = [port or 5432 for _, port in database.hosts]
    # The JDBC driver counts these in seconds, and 0 is no limit.
    for name, value in (
        ("timeout", options.get("connectTimeout", "loginTimeout")),
        ("command_timeout", options.get("socketTimeout")),
    ):
        if value is not None and float(value) > 0:
            arguments[name] = float(value)
    mode = options.get("sslmode", "sslMode") or ("verify-full" if options.is_true("ssl") else None)
    tls = _tls(mode, options.get("sslrootcert"))
    if tls is not None:
        arguments["ssl"] = tls
    return arguments


def _mysql(_: Database, options: _Reading) -> dict[str, Any]:
    arguments: dict[str, Any] = {"charset": "utf8mb4"}
    timeout = options.get("connectTimeout")
    if timeout is not None and float(timeout) > 0:
        arguments["connect_timeout"] = float(timeout) / 1000
    mode = options.get("sslMode", "sslmode") or ("require" if options.is_true("useSSL", "requireSSL") else None)
    tls = _tls(mode, options.get("serverSslCert"))
    if isinstance(tls, str) and tls not in {"disable", "allow", "prefer"}:
        tls = _context(tls, None)
    if isinstance(tls, ssl.SSLContext):
        arguments["ssl"] = tls
    return arguments


def _tls(mode: str | None, anchors: str | None) -> str | ssl.SSLContext | None:
    """What a TLS mode means: its name, or a context where certificates are verified."""
    if mode is None:
        return None
    known = TLS_MODES.get(mode.lower())
    if known is None:
        raise ValueError(f"there is no TLS mode '{mode}'")
    return _context(known, anchors) if known.startswith("verify") else known


def _context(mode: str, anchors: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(Path(anchors)) if anchors else None)
    context.check_hostname = mode == "verify-full"
    if not mode.startswith("verify"):
        context.verify_mode = ssl.CERT_NONE
    return context
