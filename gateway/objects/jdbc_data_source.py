"""JdbcDataSource: pooled connections to a SQL database. Follows the documented type JdbcDataSource.

JDBC URLs and data source classes are mapped to Python drivers, which have to be installed (`gatewright[sql]`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import PrivateAttr

from config.declaration import HeapObject, NoEffect
from config.types import Ref, SecretId, Static
from gateway.errors import ExchangeError
from gateway.objects.scheduled_executor_service import ScheduledExecutorService
from gateway.secrets.base import Secrets
from gateway.sql.engine import Options, make_engine
from gateway.sql.jdbc_url import Database, UnsupportedDatabase, of_data_source, parse_jdbc_url
from gateway.sql.statement import Statement

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from config.heap import Heap


class DatabaseFailure(ExchangeError):
    """A database could not be asked; the message holds neither credentials nor parameters of the statement."""


class JdbcDataSource(HeapObject):
    """Connections to a SQL database, kept in a pool.

    The database is PostgreSQL, SQLite, MySQL, MariaDB, SQL Server or Oracle. One that cannot be reached shows when it
    is first used.
    """

    dataSourceClassName: Static[str] | None = None
    """Data source class of the JDBC driver, whose URL or address is in the properties; either this or jdbcUrl."""
    jdbcUrl: Static[str] | None = None
    """JDBC URL of the database, such as jdbc:postgresql://db.example.com:5432/users."""
    driverClassName: Annotated[Static[str] | None, NoEffect("the URL tells the driver")] = None
    """Driver class of Java."""
    executor: Annotated[Ref[ScheduledExecutorService] | None, NoEffect("drivers need no threads here")] = None
    """Threads that keep the pool."""
    username: Static[str] | None = None
    """Name of the user of the database."""
    passwordSecretId: SecretId | None = None
    """Secret id of the password; needs secretsProvider."""
    secretsProvider: Secrets | None = None
    """Provider of the password."""
    poolName: Static[str] | None = None
    """Name of the pool in log lines; by default that of the object."""
    properties: dict[str, Static[Any]] = {}
    """Options of the pool (maximumPoolSize, connectionTimeout, maxLifetime) and of the JDBC driver (url, ssl, ...)."""

    example: ClassVar = {
        "name": "users-db",
        "type": "JdbcDataSource",
        "config": {
            "jdbcUrl": "jdbc:postgresql://db.example.com/users",
            "username": "gw",
            "passwordSecretId": "db.pass",
            "secretsProvider": {"type": "SystemAndEnvSecretStore"},
        },
    }

    _database: Database = PrivateAttr()
    _engine: AsyncEngine | None = PrivateAttr(default=None)

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if (self.jdbcUrl is None) == (self.dataSourceClassName is None):
            yield "jdbcUrl", "a data source has either a URL or a class", 'write "jdbcUrl" or "dataSourceClassName"'
        else:
            try:
                self._parse()
            except UnsupportedDatabase as error:
                name = "jdbcUrl" if self.jdbcUrl is not None else "dataSourceClassName"
                yield name, "this database cannot be reached from Python", str(error)
        if self.passwordSecretId is not None and self.secretsProvider is None:
            yield "passwordSecretId", "a password needs a secrets provider", 'add "secretsProvider"'

    def _parse(self) -> Database:
        if self.jdbcUrl is not None:
            return parse_jdbc_url(self.jdbcUrl)
        assert self.dataSourceClassName is not None
        return of_data_source(self.dataSourceClassName, self.properties)

    def prepare(self, heap: Heap) -> None:
        self._database = self._parse()

    async def stop(self) -> None:
        await self._dispose()

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """A connection of the pool, on which each statement commits itself; raises DatabaseFailure."""
        from sqlalchemy.exc import SQLAlchemyError

        connection = await self._connection()
        try:
            yield connection
        except SQLAlchemyError as error:
            raise DatabaseFailure(_reason(error)) from error
        finally:
            await connection.close()

    async def _connection(self) -> AsyncConnection:
        from sqlalchemy.exc import TimeoutError as PoolExhausted

        try:
            engine = self._engine or await self._make_engine()
            return await engine.connect()
        except PoolExhausted as error:
            raise DatabaseFailure("all connections of the pool are in use") from error
        except Exception as error:  # each driver has exceptions of its own
            # The next use asks for the password again, which may have changed.
            await self._dispose()
            raise DatabaseFailure(_reason(error)) from error

    async def first_row(self, statement: Statement, parameters: Sequence[object]) -> dict[str, Any] | None:
        """Run a statement and give its first row by column labels; None without one; raises DatabaseFailure."""
        async with self.connect() as connection:
            text = statement.rendered(connection.dialect.paramstyle)
            result = await connection.exec_driver_sql(text, tuple(parameters))
            if not result.returns_rows:
                return None
            row = result.first()
            return None if row is None else dict(zip(result.keys(), row, strict=True))

    async def _make_engine(self) -> AsyncEngine:
        password = None
        if self.passwordSecretId is not None and self.secretsProvider is not None:
            password = (await self.secretsProvider.password(self.passwordSecretId)).reveal_text()
        if self._engine is None:  # another request may have been faster
            options = Options.of(self._database, self.properties)
            self._engine, unused = make_engine(self._database, options, self.username, password)
            if unused:
                self.log.warning("%s: options without a meaning here: %s", self._pool_name, ", ".join(unused))
        return self._engine

    @property
    def _pool_name(self) -> str:
        return self.poolName or self.object_name

    async def _dispose(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()


def _reason(error: Exception) -> str:
    """What went wrong; SQLAlchemy's own texts would quote the statement and its parameters."""
    if isinstance(error, ImportError):
        return f"the Python package {error.name} is not installed"
    origin = getattr(error, "orig", None) or error
    cause = getattr(origin, "__cause__", None) or origin
    return f"{type(cause).__name__}: {str(cause).partition(chr(10))[0][:200]}"
