from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from expr.values import text
from gateway.filters.sql_attributes_filter import Row, plain
from gateway.objects.jdbc_data_source import JdbcDataSource
from gateway.sql.statement import Statement
from tests.canaries import canary
from tests.gateway.scripted import Outcome, exchange, problems, run, started
from tests.gateway.servers import PASSWORD, needs_postgresql, postgresql

SELECT = "SELECT username, password AS SECRET FROM users WHERE email = ?"
REQUEST = {"uri": "http://app.example.com/?mail=george@example.com"}


def lookup(source: dict[str, Any], **config: Any) -> dict[str, Any]:
    properties = {
        "dataSource": source,
        "preparedStatement": SELECT,
        "parameters": ["${request.queryParams['mail'][0]}"],
    }
    return {"type": "SqlAttributesFilter", "config": {**properties, **config}}


def row(outcome: Outcome) -> dict[str, Any]:
    return outcome.forwarded.context.find("sqlAttributes").row


@pytest.fixture
def users(tmp_path: Path) -> dict[str, Any]:
    file = tmp_path / "users.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE users (email text, username text, password text)")
        database.execute("INSERT INTO users VALUES ('george@example.com', 'george', ?)", [canary("row")])
        database.execute("INSERT INTO users VALUES ('george@example.com', 'second', 'other')")
    database.close()
    return {"type": "JdbcDataSource", "config": {"jdbcUrl": f"jdbc:sqlite:{file}"}}


async def test_the_first_row_is_in_the_context(users: dict[str, Any]) -> None:
    assert row(await run(lookup(users), REQUEST)) == {"username": "george", "SECRET": canary("row")}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("${contexts.sqlAttributes.row.username}", ["george"]),
        ("${contexts.sqlAttributes.row.USERNAME}", ["george"]),
        ("${contexts.sqlAttributes.row['secret']}", [canary("row")]),
        ("${contexts.sqlAttributes.row.get('Secret')}", [canary("row")]),
        ("${contexts.sqlAttributes.row.email}", None),
        ("${empty contexts.sqlAttributes.row ? 'empty' : 'found'}", ["found"]),
    ],
)
async def test_expressions_read_the_row_in_any_case(users: dict[str, Any], expression: str, value: object) -> None:
    header = {"type": "HeaderFilter", "config": {"messageType": "REQUEST", "add": {"X-Value": [expression]}}}
    outcome = await run({"type": "ChainOfFilters", "config": {"filters": [lookup(users), header]}}, REQUEST)
    assert outcome.forwarded.headers.get("X-Value") == value


async def test_no_row_is_an_empty_row(users: dict[str, Any]) -> None:
    assert row(await run(lookup(users), {"uri": "http://app.example.com/?mail=nobody"})) == {}


async def test_a_null_parameter_finds_nothing(users: dict[str, Any]) -> None:
    assert row(await run(lookup(users))) == {}


async def test_a_parameter_cannot_change_the_statement(users: dict[str, Any]) -> None:
    outcome = await run(lookup(users), {"uri": "http://app.example.com/?mail='%20OR%20'1'='1"})
    assert row(outcome) == {}


async def test_a_failing_statement_is_logged_and_the_request_goes_on(
    users: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        outcome = await run(lookup(users, preparedStatement="SELECT a FROM nowhere WHERE b = ?"), REQUEST)
    assert row(outcome) == {}
    assert "no such table: nowhere" in caplog.text
    assert "george" not in caplog.text


@pytest.mark.parametrize(
    ("parameters", "outcome"), [([], "the missing ones are null"), (["x", "y"], "the surplus is ignored")]
)
async def test_a_wrong_number_of_parameters_is_logged(
    users: dict[str, Any], caplog: pytest.LogCaptureFixture, parameters: list[str], outcome: str
) -> None:
    assert row(await run(lookup(users, parameters=parameters), REQUEST)) == {}
    assert f"takes 1 parameters, not {len(parameters)}; {outcome}" in caplog.text


async def test_the_row_goes_to_the_target_too(users: dict[str, Any]) -> None:
    outcome = await run(lookup(users, target="${attributes.user}"), REQUEST)
    assert outcome.context.attributes["user"] == {"username": "george", "SECRET": canary("row")}


def test_values_of_columns_are_what_expressions_know() -> None:
    assert plain(datetime(2026, 1, 2, 3, 4, 5)) == "2026-01-02 03:04:05.0"
    assert plain(datetime(2026, 1, 2, 3, 4, 5, 120000)) == "2026-01-02 03:04:05.12"
    assert plain(date(2026, 1, 2)) == "2026-01-02"
    assert plain(UUID(int=1)) == "00000000-0000-0000-0000-000000000001"
    assert plain(memoryview(b"x")) == b"x"
    assert plain(True) is True
    assert text(plain({"a": [1]})) == '{"a":[1]}'


def test_a_label_in_its_own_spelling_comes_first() -> None:
    values = Row({"name": 1, "NAME": 2})
    assert (values["NAME"], values["Name"], values.get("none"), "naMe" in values) == (2, 1, None, True)
    with pytest.raises(KeyError):
        values["none"]


def test_data_source_and_statement_are_needed() -> None:
    assert problems({"type": "SqlAttributesFilter", "config": {}}) == [
        f'SqlAttributesFilter needs the property "{name}"' for name in ("dataSource", "preparedStatement")
    ]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with postgresql() as port:
        yield port


@needs_postgresql
async def test_a_row_of_a_real_postgresql(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASS", PASSWORD)
    source = {
        "name": "users",
        "type": "JdbcDataSource",
        "config": {
            "jdbcUrl": f"jdbc:postgresql://127.0.0.1:{port}/postgres",
            "username": "gw",
            "passwordSecretId": "db.pass",
            "secretsProvider": {"type": "SystemAndEnvSecretStore", "config": {"format": "PLAIN"}},
        },
    }
    declaration = lookup({}, dataSource="users", preparedStatement="SELECT * FROM users WHERE email = ?")
    create = (
        "CREATE TABLE users (email text, age integer, born date, ok boolean, id uuid, data jsonb)",
        "INSERT INTO users VALUES ('george@example.com', 34, '1991-02-03', true,"
        " '00000000-0000-0000-0000-000000000001', '{\"a\": 1}')",
    )
    async with started(source) as database:
        assert isinstance(database, JdbcDataSource)
        for command in create:
            await database.first_row(Statement.parse(command), [])
    async with started(declaration, heap=[source]) as tested:
        assert row(await exchange(tested, REQUEST)) == {
            "email": "george@example.com",
            "age": 34,
            "born": "1991-02-03",
            "ok": True,
            "id": "00000000-0000-0000-0000-000000000001",
            "data": {"a": 1},
        }
