"""Shipped routes of general filters, over real sockets, in front of the sample application."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar

from tests.canaries import canary, packed
from tests.e2e.authorization_server import USER_PASSWORD, authorization_server
from tests.e2e.processes import gatewright

ROUTES = Path(str(files("routes")))
NAMES = ("cors", "csrf", "throttling", "password-replay-from-file", "basic-auth-from-database")
PASSWORD = canary("row")
ORIGIN = "https://app.example.com"


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("users")
    (directory / "users.csv").write_text(f"email,username,password\ngeorge@example.com,demo,{USER_PASSWORD}\n")
    with closing(sqlite3.connect(directory / "users.db")) as database, database:
        database.execute("CREATE TABLE users (email text, username text, password text)")
        database.execute("INSERT INTO users VALUES ('george@example.com', 'george', ?)", [PASSWORD])
    return directory


@pytest.fixture
async def client(users: Path) -> AsyncIterator[ClientSession]:
    """A browser in front of a gateway with all the routes."""
    sandbox = authorization_server(am_port=0, app_port=0)
    await sandbox.start()
    environment = {
        "SAMPLE_APP_URL": sandbox.sample_app_url,
        "USERS_FILE": str(users / "users.csv"),
        "USERS_JDBC_URL": f"jdbc:sqlite:{users / 'users.db'}",
    }
    try:
        async with gatewright(*(ROUTES / f"{name}.json" for name in NAMES), env=environment, https=False) as process:
            base = f"http://127.0.0.1:{process.port}"
            async with ClientSession(base, cookie_jar=CookieJar(unsafe=True)) as session:
                yield session
    finally:
        await sandbox.stop()


async def received(response: ClientResponse) -> Any:
    """What the sample application got."""
    assert response.status == 200
    return await response.json()


def header(request: Any, name: str) -> str | None:
    return next((value for key, value in request["headers"] if key.lower() == name.lower()), None)


async def test_scripts_of_an_accepted_origin_use_the_api(client: ClientSession) -> None:
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "content-type"}
    async with client.options("/echo/api/1", headers=asked) as preflight:
        assert preflight.status == 200
        assert preflight.headers["Access-Control-Allow-Methods"] == "PUT"
        assert preflight.headers["Access-Control-Allow-Headers"] == "content-type"
        assert await preflight.read() == b""
    async with client.put("/echo/api/1", headers={"Origin": ORIGIN}, data=b"x") as actual:
        assert (await received(actual))["body"] == "x"
        assert actual.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert actual.headers["Vary"] == "Origin"
    async with client.get("/echo/api/1", headers={"Origin": "https://evil.example.com"}) as refused:
        assert refused.status == 403


async def test_a_request_that_changes_something_needs_the_token_of_the_session(client: ClientSession) -> None:
    cookies = {"Cookie": "SampleAppSession=abc"}
    async with client.post("/echo/account", headers=cookies, data=b"x") as refused:
        assert (refused.status, await refused.text()) == (403, "Request forbidden")
        token = refused.headers["X-CSRF-Token"]
    async with client.post("/echo/account", headers={**cookies, "X-CSRF-Token": token}, data=b"x") as response:
        assert (await received(response))["body"] == "x"


async def test_each_user_has_a_rate(client: ClientSession) -> None:
    async def statuses(headers: dict[str, str], number: int) -> list[int]:
        found = []
        for _ in range(number):
            async with client.get("/echo/limited", headers=headers) as response:
                found.append(response.status)
        return found

    assert await statuses({"X-User": "a"}, 3) == [200, 200, 429]
    assert await statuses({"X-User": "b", "X-Status": "gold"}, 7) == [200] * 6 + [429]
    async with client.get("/echo/limited", headers={"X-User": "a"}) as response:
        assert 0 < int(response.headers["Retry-After"]) <= 300
        assert await response.read() == b""


async def test_the_login_page_is_answered_with_credentials_of_a_file(client: ClientSession) -> None:
    async with client.get("/login?demo=hidden&mail=george@example.com") as response:
        assert response.status == 200
        assert "Howdy, demo" in await response.text()
        assert "SampleAppSession" not in response.headers.get("Set-Cookie", "")
    async with client.get("/login?demo=hidden&mail=nobody@example.com") as response:
        assert response.status == 401


async def test_credentials_of_a_database_reach_the_application(client: ClientSession) -> None:
    headers = {"Authorization": f"Bearer {canary('bearer')}"}
    async with client.get("/echo/basic?mail=george@example.com", headers=headers) as response:
        expected = "Basic " + packed(f"george:{PASSWORD}")
        assert header(await received(response), "Authorization") == expected
    async with client.get("/echo/basic?mail=nobody@example.com") as response:
        assert (response.status, await response.text()) == (403, "Nobody is known by this address")
