"""JdbcAuditEventHandler: a row in a database table for each event. Follows the documented entry of that name.

Connections come from a pool of the handler, or from a JdbcDataSource named AuditDataSource in the heap. SQLAlchemy and
the driver are imported when the first event is written (`gatewright[sql]`).
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from pydantic import Field, PrivateAttr

from config.declaration import NoEffect, Properties
from config.types import Duration, Static
from gateway.audit.base import AuditEventHandler
from gateway.audit.delivery import Delivery, Item, Target
from gateway.audit.rows import Connections, OwnPool, Row, Rows, SharedPool
from gateway.audit.topics import field_of_pointer
from gateway.objects.jdbc_data_source import JdbcDataSource
from gateway.sql.jdbc_url import UnsupportedDatabase, parse_jdbc_url

if TYPE_CHECKING:
    from config.heap import Heap

DATA_SOURCE: Final = "AuditDataSource"
_IDENTIFIER: Final = re.compile(r'[\w$]+(\.[\w$]+)*|"[^"]+"|`[^`]+`|\[[^\]]+\]')
_BY_DRIVER: Final = NoEffect("the URL tells the driver")
_BY_POOL: Final = NoEffect("the pool opens connections as they are needed")


class JdbcBuffering(Properties):
    """How events are gathered."""

    enabled: Static[bool] = False
    """Gather events? False by default. Events never keep a request waiting, with or without it."""
    writeInterval: Duration = Field(default="0 s")
    """Time between two writes; needed when events are gathered."""
    autoFlush: Static[bool] = True
    """Write what is left when the handler stops? Always done here."""
    maxBatchedEvents: Static[int] = Field(default=100, ge=1)
    """Events for which one connection is taken from the pool."""
    maxSize: Static[int] = Field(default=5000, ge=1)
    """Events that may wait; more are lost."""
    writerThreads: Annotated[Static[int], NoEffect("one writer is enough for one connection")] = 1
    """Threads that write."""


class ConnectionPool(Properties):
    """Connections of the handler itself."""

    jdbcUrl: Static[str]
    """JDBC URL of the database."""
    username: Static[str]
    """User of the database."""
    password: Static[str] | None = Field(default=None, repr=False)
    """Password in clear text; a JdbcDataSource named AuditDataSource takes it from a secret store instead."""
    driverClassName: Annotated[Static[str] | None, _BY_DRIVER] = None
    """Class of the JDBC driver."""
    dataSourceClassName: Annotated[Static[str] | None, _BY_DRIVER] = None
    """Class of the JDBC data source."""
    autoCommit: Annotated[Static[bool], NoEffect("each row commits itself")] = True
    """Commit each row?"""
    connectionTimeout: Static[int] = 30000
    """Milliseconds to wait for a connection."""
    idleTimeout: Annotated[Static[int], _BY_POOL] = 600000
    """Milliseconds that an unused connection is kept."""
    maxLifetime: Static[int] = 1800000
    """Milliseconds after which a connection is replaced."""
    minIdle: Annotated[Static[int], _BY_POOL] = 10
    """Connections that are kept open."""
    maxPoolSize: Static[int] = Field(default=10, ge=1)
    """Connections at most."""
    poolName: Static[str] | None = None
    """Name of the pool."""


class TableMapping(Properties):
    """Where the events of a topic go."""

    event: Static[str]
    """Topic."""
    table: Static[str]
    """Table."""
    fieldToColumn: dict[str, Static[str]]
    """Field of the event, a JSON pointer -> column."""

    def row(self) -> Row:
        return Row(self.table, {field_of_pointer(field): column for field, column in self.fieldToColumn.items()})


class JdbcAuditEventHandler(AuditEventHandler):
    """Inserts a row into a table for each event."""

    databaseType: Static[str]
    """Kind of the database, such as mysql or oracle; the same SQL serves all."""
    buffering: JdbcBuffering = Field(default={})
    """How events are gathered."""
    connectionPool: ConnectionPool | None = None
    """Connections; not needed where the heap has a JdbcDataSource named AuditDataSource."""
    tableMappings: list[TableMapping]
    """Where the events of each topic go."""

    example: ClassVar = {
        "type": "org.forgerock.audit.handlers.jdbc.JdbcAuditEventHandler",
        "config": {
            "name": "jdbc",
            "topics": ["access"],
            "databaseType": "postgresql",
            "connectionPool": {"jdbcUrl": "jdbc:postgresql://db.example.com/audit", "username": "audit"},
            "tableMappings": [
                {
                    "event": "access",
                    "table": "auditaccess",
                    "fieldToColumn": {"_id": "id", "timestamp": "timestamp_", "response/statusCode": "status"},
                }
            ],
        },
    }

    _source: JdbcDataSource | None = PrivateAttr(default=None)

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self.buffering.enabled and self.buffering.writeInterval <= 0:
            yield "buffering", "gathering events needs a writeInterval", 'write a duration such as "1 second"'
        if self.connectionPool is not None:
            try:
                parse_jdbc_url(self.connectionPool.jdbcUrl)
            except UnsupportedDatabase as error:
                yield "connectionPool", "this database cannot be reached from Python", str(error)
        mapped = {mapping.event for mapping in self.tableMappings}
        for topic in self.topics:
            if topic not in mapped:
                yield "tableMappings", f'the topic "{topic}" has no table', 'add {"event": ..., "table": ...}'
        for name in (n for m in self.tableMappings for n in (m.table, *m.fieldToColumn.values())):
            if _IDENTIFIER.fullmatch(name) is None:
                yield (
                    "tableMappings",
                    f'"{name}" is no name of a table or column',
                    "use letters, digits and _",
                )

    def prepare(self, heap: Heap) -> None:
        if self.connectionPool is None:
            self._source = heap.get(DATA_SOURCE, JdbcDataSource)

    def delivery(self) -> Delivery:
        pool = self.connectionPool
        if pool is not None:
            times = {"connectionTimeout": pool.connectionTimeout, "maxLifetime": pool.maxLifetime}
            options = {"maximumPoolSize": pool.maxPoolSize, **times}
            connections: Connections = OwnPool(parse_jdbc_url(pool.jdbcUrl), options, pool.username, pool.password)
        else:
            assert self._source is not None
            connections = SharedPool(self._source)
        buffering = self.buffering
        rows = Rows(connections, {mapping.event: mapping.row() for mapping in self.tableMappings})
        target = _Database(rows, buffering.maxBatchedEvents)
        delivery = Delivery(self.name, target, buffering.maxSize, buffering.writeInterval if buffering.enabled else 0.0)
        target.refused = lambda why: delivery.lose(1, why)
        return delivery


class _Database(Target):
    """Has the event loop insert rows, since that is where drivers live, and waits for it in the writer's thread."""

    def __init__(self, rows: Rows, batch: int) -> None:
        self._rows = rows
        self._batch = batch
        self._loop = asyncio.get_running_loop()
        self.refused: Callable[[str], None] = lambda _why: None

    def write(self, items: deque[Item]) -> None:
        while items:
            taken: deque[Item] = deque()
            while items and len(taken) < self._batch:
                taken.append(items.popleft())
            try:
                self._wait_for(self._rows.insert(taken, self.refused))
            finally:
                items.extendleft(reversed(taken))

    def close(self) -> None:
        self._wait_for(self._rows.close())

    def _wait_for(self, work: Coroutine[Any, Any, None]) -> None:
        if self._loop.is_closed():
            work.close()
            return
        asyncio.run_coroutine_threadsafe(work, self._loop).result()
