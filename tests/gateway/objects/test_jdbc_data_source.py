"""Data sources against SQLite and, when it is installed, a PostgreSQL of the test run."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.objects.jdbc_data_source import DatabaseFailure
from gateway.sql.statement import Statement
from tests.gateway.scripted import problems, started
from tests.gateway.servers import PASSWORD, free_port, mariadb, needs_mariadb, needs_postgresql, postgresql

STORE = {"type": "SystemAndEnvSecretStore", "config": {"format": "PLAIN"}}


def source(**config: Any) -> dict[str, Any]:
    return {"name": "users-db", "type": "JdbcDataSource", "config": config}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with postgresql() as port:
        yield port


@pytest.fixture
def postgres(port: int, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("DB_PASS", PASSWORD)
    url = f"jdbc:postgresql://127.0.0.1:{port}/postgres"
    return source(jdbcUrl=url, username="gw", passwordSecretId="db.pass", secretsProvider=STORE)


async def test_sqlite_gives_the_first_row_by_its_labels(tmp_path: Path) -> None:
    file = tmp_path / "users.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE users (NAME text, age integer)")
        database.execute("INSERT INTO users VALUES ('george', 34), ('kramer', 40)")
    database.close()
    async with started(source(jdbcUrl=f"jdbc:sqlite:{file}")) as tested:
        statement = Statement.parse("SELECT NAME, age AS years FROM users WHERE age > ? ORDER BY age")
        assert await tested.first_row(statement, [30]) == {"NAME": "george", "years": 34}
        assert await tested.first_row(statement, [90]) is None


async def test_a_statement_that_changes_something_is_committed(tmp_path: Path) -> None:
    url = f"jdbc:sqlite:{tmp_path / 'users.db'}"
    async with started(source(jdbcUrl=url)) as tested:
        assert await tested.first_row(Statement.parse("CREATE TABLE t (a text)"), []) is None
        assert await tested.first_row(Statement.parse("INSERT INTO t VALUES (?)"), ["x"]) is None
    async with started(source(jdbcUrl=url)) as tested:
        assert await tested.first_row(Statement.parse("SELECT a FROM t"), []) == {"a": "x"}


async def test_a_database_in_memory_lives_as_long_as_the_data_source() -> None:
    async with started(source(jdbcUrl="jdbc:sqlite::memory:")) as tested:
        await tested.first_row(Statement.parse("CREATE TABLE t (a text)"), [])
        await tested.first_row(Statement.parse("INSERT INTO t VALUES ('x')"), [])
        assert await tested.first_row(Statement.parse("SELECT a FROM t"), []) == {"a": "x"}


async def test_a_mistake_in_a_statement_is_a_failure_without_the_parameters(tmp_path: Path) -> None:
    async with started(source(jdbcUrl=f"jdbc:sqlite:{tmp_path / 'x.db'}")) as tested:
        with pytest.raises(DatabaseFailure, match="no such table: users") as caught:
            await tested.first_row(Statement.parse("SELECT a FROM users WHERE b = ?"), ["hidden"])
        assert "hidden" not in str(caught.value)
        assert caught.value.code == 500


async def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "aiomysql", None)
    async with started(source(jdbcUrl="jdbc:mysql://127.0.0.1/users")) as tested:
        with pytest.raises(DatabaseFailure, match="the Python package aiomysql is not installed"):
            await tested.first_row(Statement.parse("SELECT 1"), [])


async def test_an_unreachable_database_shows_at_first_use() -> None:
    async with started(source(jdbcUrl=f"jdbc:postgresql://127.0.0.1:{free_port()}/users")) as tested:
        with pytest.raises(DatabaseFailure):
            await tested.first_row(Statement.parse("SELECT 1"), [])


async def test_options_without_a_meaning_are_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    config = {"jdbcUrl": f"jdbc:sqlite:{tmp_path / 'x.db'}", "properties": {"cachePrepStmts": True}, "poolName": "pool"}
    async with started(source(**config)) as tested:
        for _ in range(2):
            await tested.first_row(Statement.parse("SELECT 1"), [])
    assert caplog.text.count("pool: options without a meaning here: cachePrepStmts") == 1


@needs_postgresql
async def test_postgresql_gives_the_first_row(postgres: dict[str, Any]) -> None:
    async with started(postgres) as tested:
        statement = Statement.parse("SELECT lower(?) AS name, CAST(? AS integer) + 1 AS \"Next\", '?' AS mark")
        assert await tested.first_row(statement, ["GEORGE", "41"]) == {"name": "george", "Next": 42, "mark": "?"}
        assert await tested.first_row(Statement.parse("SELECT ? AS nothing"), [None]) == {"nothing": None}


@needs_postgresql
async def test_postgresql_takes_a_data_source_class(port: int) -> None:
    properties = {"serverName": "127.0.0.1", "portNumber": port, "databaseName": "postgres", "user": "gw",
                  "password": PASSWORD, "maximumPoolSize": 1, "ApplicationName": "gatewright"}  # fmt: skip
    declaration = source(dataSourceClassName="org.postgresql.ds.PGSimpleDataSource", properties=properties)
    async with started(declaration) as tested:
        found = await tested.first_row(Statement.parse("SELECT current_setting('application_name') AS a"), [])
        assert found == {"a": "gatewright"}


@needs_postgresql
async def test_requests_wait_for_a_connection_of_the_pool(postgres: dict[str, Any]) -> None:
    postgres["config"]["properties"] = {"maximumPoolSize": 2}
    async with started(postgres) as tested:
        statement = Statement.parse("SELECT ? AS a, pg_backend_pid() AS pid")
        rows = await asyncio.gather(*[tested.first_row(statement, [str(number)]) for number in range(20)])
    assert [row["a"] for row in rows] == [str(number) for number in range(20)]
    assert len({row["pid"] for row in rows}) <= 2


@needs_postgresql
async def test_a_pool_that_is_used_up_is_a_failure(postgres: dict[str, Any]) -> None:
    postgres["config"]["properties"] = {"maximumPoolSize": 1, "connectionTimeout": 1}
    async with started(postgres) as tested, tested.connect():
        with pytest.raises(DatabaseFailure, match="all connections of the pool are in use"):
            await tested.first_row(Statement.parse("SELECT 1"), [])


@needs_postgresql
async def test_a_changed_password_is_noticed(postgres: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASS", "old")
    async with started(postgres) as tested:
        with pytest.raises(DatabaseFailure, match="password authentication failed"):
            await tested.first_row(Statement.parse("SELECT 1"), [])
        monkeypatch.setenv("DB_PASS", PASSWORD)
        assert await tested.first_row(Statement.parse("SELECT 1 AS a"), []) == {"a": 1}


@needs_mariadb
async def test_mariadb_gives_the_first_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASS", PASSWORD)
    with mariadb() as port:
        url = f"jdbc:mariadb://127.0.0.1:{port}/users?useSSL=false&connectTimeout=30000"
        declaration = source(jdbcUrl=url, username="gw", passwordSecretId="db.pass", secretsProvider=STORE)
        async with started(declaration) as tested:
            await tested.first_row(Statement.parse("CREATE TABLE t (name text, age int)"), [])
            await tested.first_row(Statement.parse("INSERT INTO t VALUES (?, ?)"), ["J\u00e4ger", "5"])
            statement = Statement.parse("SELECT name, age + 1 AS Next, '?%' AS mark FROM t WHERE age = ?")
            assert await tested.first_row(statement, ["5"]) == {"name": "J\u00e4ger", "Next": 6, "mark": "?%"}
            assert await tested.first_row(Statement.parse("SELECT '100%' AS part"), []) == {"part": "100%"}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "a data source has either a URL or a class"),
        ({"jdbcUrl": "jdbc:sqlite:x", "dataSourceClassName": "x"}, "a data source has either a URL or a class"),
        ({"jdbcUrl": "jdbc:h2:mem:x"}, "this database cannot be reached from Python"),
        ({"dataSourceClassName": "com.example.Unknown"}, "this database cannot be reached from Python"),
        ({"jdbcUrl": "jdbc:sqlite:x", "passwordSecretId": "db.pass"}, "a password needs a secrets provider"),
    ],
)
def test_mistakes_are_found_when_it_is_built(config: dict[str, Any], message: str) -> None:
    assert problems(source(**config)) == [message]
