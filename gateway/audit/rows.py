"""Events as rows of database tables: one INSERT for each, every value as text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from gateway.audit.delivery import Item
from gateway.audit.event_text import cell_text
from gateway.audit.topics import leaf
from gateway.objects.jdbc_data_source import JdbcDataSource
from gateway.sql.engine import Options, make_engine
from gateway.sql.jdbc_url import SQLITE, Database
from gateway.sql.statement import Statement

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


class Row:
    """The statement for the events of one topic."""

    def __init__(self, table: str, columns: Mapping[str, str]) -> None:
        """`columns` leads from dotted fields to names of columns; names are checked by whoever declares them."""
        self._fields = tuple(columns)
        marks = ", ".join("?" * len(columns))
        self.statement = Statement.parse(f"INSERT INTO {table} ({', '.join(columns.values())}) VALUES ({marks})")  # noqa: S608

    def values(self, event: Mapping[str, Any]) -> tuple[str | None, ...]:
        found = (leaf(event, field) for field in self._fields)
        return tuple(None if value is None else cell_text(value) for value in found)


class Connections(ABC):
    """Where connections come from."""

    @abstractmethod
    def connect(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection on which each statement commits itself."""

    async def close(self) -> None:  # noqa: B027 - what is shared is closed by its owner
        """Release what is held."""


class SharedPool(Connections):
    """The connections of a data source of the heap."""

    def __init__(self, source: JdbcDataSource) -> None:
        self._source = source

    def connect(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._source.connect()


class OwnPool(Connections):
    """Connections of the handler itself."""

    def __init__(
        self, database: Database, options: Mapping[str, Any], username: str | None, password: str | None
    ) -> None:
        self._database = database
        self._options = Options.of(database, options)
        # A file needs no login, and SQLAlchemy refuses one.
        self._login = (None, None) if database.drivername == SQLITE else (username, password)
        self._engine: AsyncEngine | None = None

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        if self._engine is None:
            self._engine, _ = make_engine(self._database, self._options, *self._login)
        async with self._engine.connect() as connection:
            yield connection

    async def close(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()


class Rows:
    """Inserts events."""

    def __init__(self, connections: Connections, rows: Mapping[str, Row]) -> None:
        self._connections = connections
        self._rows = rows

    async def insert(self, items: deque[Item], refused: Callable[[str], None]) -> None:
        """Insert events and take them off the left; one whose values the database refuses is given up."""
        from sqlalchemy.exc import DataError, IntegrityError

        async with self._connections.connect() as connection:
            style = connection.dialect.paramstyle
            while items:
                topic, event = items[0]
                row = self._rows[topic]
                try:
                    await connection.exec_driver_sql(row.statement.rendered(style), row.values(event))
                except (DataError, IntegrityError) as error:
                    refused(f"the database refuses one: {type(error.orig).__name__}")
                items.popleft()

    async def close(self) -> None:
        await self._connections.close()
