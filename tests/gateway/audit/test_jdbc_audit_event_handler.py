"""Events in a database: SQLite, as JDBC URLs name it, and PostgreSQL where it is installed."""

import asyncio
import json
import sqlite3

import pytest

from gateway.audit import delivery
from gateway.metrics.registry import METRICS
from tests.gateway.audit.support import JDBC, event, handler, service
from tests.gateway.instances import until
from tests.gateway.scripted import problems, started
from tests.gateway.servers import PASSWORD, needs_postgresql, postgresql

COLUMNS = {
    "_id": "id",
    "/timestamp": "timestamp_",
    "response/statusCode": "response_statuscode",
    "response/elapsedTime": "response_elapsedtime",
    "http/request/secure": "http_request_secure",
    "http/request/headers": "http_request_headers",
    "userId": "userid",
}
TABLE = (
    f"CREATE TABLE auditaccess ({', '.join(f'{column} varchar(255)' for column in COLUMNS.values())}, PRIMARY KEY (id))"
)
MAPPING = {"event": "access", "table": "auditaccess", "fieldToColumn": COLUMNS}


def declared(url, **config):
    pool = {"jdbcUrl": url, "username": "gw", "password": PASSWORD}
    settings = {"databaseType": "other", "connectionPool": pool, "tableMappings": [MAPPING]}
    return handler(JDBC, **{**settings, **config})


@pytest.fixture
def database(tmp_path):
    file = tmp_path / "audit.db"
    with sqlite3.connect(file) as connection:
        connection.execute(TABLE)
    connection.close()
    return file


def rows(file):
    connection = sqlite3.connect(file)
    connection.row_factory = sqlite3.Row
    try:
        return [dict(row) for row in connection.execute("SELECT * FROM auditaccess ORDER BY id")]
    finally:
        connection.close()


@pytest.mark.parametrize("buffering", [{}, {"enabled": True, "writeInterval": "1 ms", "maxBatchedEvents": 3}])
async def test_an_event_is_a_row_of_texts(database, buffering):
    async with started(service(declared(f"jdbc:sqlite:{database}", buffering=buffering))) as tested:
        for number in range(10):
            tested.publish("access", event(number))
    found = rows(database)
    assert [row["id"] for row in found] == [f"id-{number}" for number in range(10)]
    assert found[0] == {
        "id": "id-0",
        "timestamp_": "2026-03-01T10:15:30.123Z",
        "response_statuscode": "200",
        "response_elapsedtime": "12",
        "http_request_secure": "false",
        "http_request_headers": json.dumps({"host": ["gw.example.com"]}, separators=(",", ":")),
        "userid": None,
    }


async def test_a_row_that_the_database_refuses_does_not_hold_the_others(database, caplog):
    async with started(service(declared(f"jdbc:sqlite:{database}", name="refusing"))) as tested:
        handler_ = tested.eventHandlers[0]
        for number in (1, 1, 2):
            tested.publish("access", event(number))
        await until(lambda: len(rows(database)) == 2)
        await until(lambda: not handler_._delivery._undelivered)
        lost = METRICS.snapshot().families["ig_audit_events_lost_total"].samples
        assert lost[("handler", "refusing"),] == 1
    assert "loses events: the database refuses one: IntegrityError" in caplog.text


async def test_events_wait_for_a_table_that_comes_later(tmp_path, monkeypatch):
    monkeypatch.setattr(delivery, "RETRY", 0.01)
    file = tmp_path / "later.db"
    async with started(service(declared(f"jdbc:sqlite:{file}"))) as tested:
        tested.publish("access", event(1))
        await until(file.exists)
        await asyncio.sleep(0)
        connection = sqlite3.connect(file)
        connection.execute(TABLE)
        connection.close()
        await until(lambda: rows(file))


async def test_a_data_source_of_the_heap_gives_the_connections(database):
    source = {"name": "AuditDataSource", "type": "JdbcDataSource", "config": {"jdbcUrl": f"jdbc:sqlite:{database}"}}
    async with started(service(declared("", connectionPool=None)), heap=[source]) as tested:
        tested.publish("access", event(1))
        await until(lambda: rows(database))


@needs_postgresql
async def test_postgresql():
    import asyncpg

    with postgresql() as port:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=port, user="gw", password=PASSWORD, database="postgres"
        )
        try:
            await connection.execute(TABLE)
            async with started(service(declared(f"jdbc:postgresql://127.0.0.1:{port}/postgres"))) as tested:
                tested.publish("access", event(1))
                tested.publish("access", event(2, userId="Zoë"))
            found = await connection.fetch("SELECT id, userid, response_elapsedtime FROM auditaccess ORDER BY id")
        finally:
            await connection.close()
    assert [tuple(row) for row in found] == [("id-1", None, "12"), ("id-2", "Zoë", "12")]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"connectionPool": {"jdbcUrl": "jdbc:h2:mem:x", "username": "gw"}},
            "this database cannot be reached from Python",
        ),
        ({"connectionPool": None}, 'no object is named "AuditDataSource"'),
        ({"tableMappings": []}, 'the topic "access" has no table'),
        (
            {"tableMappings": [{**MAPPING, "table": "a; DROP TABLE b"}]},
            '"a; DROP TABLE b" is no name of a table or column',
        ),
        ({"buffering": {"enabled": True}}, "gathering events needs a writeInterval"),
    ],
)
def test_what_keeps_a_handler_from_loading(config, message):
    assert problems(service(declared("jdbc:sqlite:x", **config))) == [message]
