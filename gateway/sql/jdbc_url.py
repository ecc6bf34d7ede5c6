"""JDBC URLs and data source classes, and what they are for Python: a SQLAlchemy dialect, a driver and its arguments.

Knows no connection. A database that lives inside a Java process (H2, HSQLDB, Derby) cannot be reached from Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, unquote


class UnsupportedDatabase(ValueError):
    """The text is no JDBC URL, or one of a database that Python has no driver for."""


@dataclass(frozen=True)
class Database:
    """Where a database is, and how Python reaches it."""

    drivername: str
    """Dialect and driver of SQLAlchemy: postgresql+asyncpg."""
    database: str | None = None
    hosts: tuple[tuple[str, int | None], ...] = ()
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the URL says beyond that, by the names of the JDBC driver."""

    @property
    def package(self) -> str:
        """The Python package that has the driver."""
        return PACKAGES[self.drivername]

    @property
    def in_memory(self) -> bool:
        return self.drivername == SQLITE and (self.database or ":memory:").startswith((":memory:", "file::memory:"))


POSTGRESQL: Final = "postgresql+asyncpg"
SQLITE: Final = "sqlite+aiosqlite"
MYSQL: Final = "mysql+aiomysql"
SQL_SERVER: Final = "mssql+aioodbc"
ORACLE: Final = "oracle+oracledb_async"
PACKAGES: Final = {
    POSTGRESQL: "asyncpg",
    SQLITE: "aiosqlite",
    MYSQL: "aiomysql",
    SQL_SERVER: "aioodbc",
    ORACLE: "oracledb",
}
DATA_SOURCES: Final = {
    "org.postgresql.": "postgresql",
    "com.impossibl.postgres.": "postgresql",
    "org.sqlite.": "sqlite",
    "com.mysql.": "mysql",
    "org.mariadb.": "mariadb",
    "com.microsoft.sqlserver.": "sqlserver",
    "oracle.jdbc.": "oracle",
}
"""Package of a JDBC data source class -> the name of the database in JDBC URLs."""
_HIDDEN_IN_JAVA: Final = {"h2": "H2", "hsqldb": "HSQLDB", "derby": "Derby"}


def parse_jdbc_url(url: str) -> Database:
    """What a JDBC URL means for Python; raises UnsupportedDatabase."""
    match = re.fullmatch(r"jdbc:([A-Za-z0-9]+):(.*)", url.strip(), re.DOTALL)
    if match is None:
        raise UnsupportedDatabase("write a JDBC URL, such as jdbc:postgresql://db.example.com:5432/users")
    name = match[1].lower()
    if name in _HIDDEN_IN_JAVA:
        raise UnsupportedDatabase(
            f"{_HIDDEN_IN_JAVA[name]} is a database of Java; move the data to PostgreSQL or SQLite"
            + (", or start H2 with -pgPort and use jdbc:postgresql:" if name == "h2" else "")
        )
    if name not in _READERS:
        raise UnsupportedDatabase(f"databases are {', '.join(sorted(_READERS))}, not {name}")
    return _READERS[name](match[2])


def of_data_source(class_name: str, properties: Mapping[str, Any]) -> Database:
    """What a JDBC data source class with its properties means; raises UnsupportedDatabase."""
    url = properties.get("url") or properties.get("URL")
    if isinstance(url, str):
        return parse_jdbc_url(url)
    name = next((database for package, database in DATA_SOURCES.items() if class_name.startswith(package)), None)
    if name is None:
        raise UnsupportedDatabase(f"{class_name} is not known here; write the JDBC URL as jdbcUrl or properties.url")
    if name == "sqlite":
        return Database(SQLITE, str(properties.get("databaseName") or ":memory:"))
    port = properties.get("portNumber") or properties.get("port")
    host = str(properties.get("serverName") or properties.get("serverNames") or "localhost")
    database = properties.get("databaseName") or properties.get("serviceName")
    return Database(
        _DRIVERS[name],
        str(database) if database is not None else None,
        ((host, int(port) if port is not None else None),),
        _text(properties.get("user")),
        _text(properties.get("password")),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _network(drivername: str) -> Callable[[str], Database]:
    """`//HOST:PORT,HOST:PORT/DATABASE?PARAMETERS` or `DATABASE?PARAMETERS`."""

    def read(rest: str) -> Database:
        address, _, query = rest.partition("?")
        parameters = dict(parse_qsl(query, keep_blank_values=True))
        hosts = "localhost"
        if address.startswith("//"):
            hosts, _, address = address[2:].partition("/")
        username, password = parameters.pop("user", None), parameters.pop("password", None)
        database = unquote(address.lstrip("/")) or None
        return Database(drivername, database, _hosts(hosts or "localhost"), username, password, parameters)

    return read


def _hosts(text: str) -> tuple[tuple[str, int | None], ...]:
    found = []
    for host in text.split(","):
        match = re.fullmatch(r"(\[[^\]]+\]|[^:\[\]]*)(?::([0-9]+))?", host.strip())
        if match is None:
            raise UnsupportedDatabase("the host of the JDBC URL cannot be read; write HOST:PORT")
        found.append((match[1].strip("[]") or "localhost", int(match[2]) if match[2] else None))
    return tuple(found)


def _sqlite(rest: str) -> Database:
    path, _, query = rest.partition("?")
    if path.startswith("file:"):
        return Database(SQLITE, rest)
    return Database(SQLITE, path or ":memory:", parameters=dict(parse_qsl(query)))


def _sql_server(rest: str) -> Database:
    r"""`//HOST\INSTANCE:PORT;NAME=VALUE;...`"""
    address, *pairs = rest.removeprefix("//").split(";")
    parameters = {
        key.strip().lower(): value for key, _, value in (pair.partition("=") for pair in pairs) if key.strip()
    }
    host, _, port = address.partition(":")
    database = parameters.pop("databasename", None) or parameters.pop("database", None)
    return Database(
        SQL_SERVER,
        database,
        ((host or "localhost", int(port) if port.isdecimal() else None),),
        parameters.pop("user", None) or parameters.pop("username", None),
        parameters.pop("password", None),
        parameters,
    )


def _oracle(rest: str) -> Database:
    """`thin:USER/PASSWORD@//HOST:PORT/SERVICE` or `thin:@HOST:PORT:SID`."""
    login, at, address = rest.removeprefix("thin:").removeprefix("oci:").partition("@")
    match = re.fullmatch(r"(?://)?([^:/]+)(?::([0-9]+))?(?:([:/])(.+))?", address)
    if not at or match is None:
        raise UnsupportedDatabase("write jdbc:oracle:thin:@//HOST:PORT/SERVICE")
    username, _, password = login.partition("/")
    host = (match[1], int(match[2]) if match[2] else None)
    kind = {"service_name": match[4]} if match[3] == "/" and match[4] else {}
    sid = match[4] if match[3] == ":" else None
    return Database(ORACLE, sid, (host,), username or None, password or None, kind)


_READERS: Final[dict[str, Callable[[str], Database]]] = {
    "postgresql": _network(POSTGRESQL),
    "sqlite": _sqlite,
    "mysql": _network(MYSQL),
    "mariadb": _network(MYSQL),
    "sqlserver": _sql_server,
    "oracle": _oracle,
}
_DRIVERS: Final = {
    "postgresql": POSTGRESQL,
    "mysql": MYSQL,
    "mariadb": MYSQL,
    "sqlserver": SQL_SERVER,
    "oracle": ORACLE,
}
