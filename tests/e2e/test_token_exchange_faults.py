"""The documented route with everything that can go wrong: real sockets, a real gateway, and a server that misbehaves.

Each fault gives the documented status through the route's own failure handler, one log line with the route's name and a
transaction id, no traceback, and no secret or token in the log.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs

import aiohttp
import pytest

from tests.canaries import canary, packed
from tests.e2e.authorization_server import APPLICATION_SECRET, CLIENT_SECRET, USER_PASSWORD, authorization_server
from tests.e2e.processes import Process, free_port, gatewright
from tests.e2e.test_token_exchange import route_for

TOKEN = canary("subject-token")
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
CLIENT = {"Authorization": aiohttp.encode_basic_auth("client-application", APPLICATION_SECRET)}
AM = ("--resolve", "am.example.com:127.0.0.1")


@asynccontextmanager
async def server(answer: Answer, port: int) -> AsyncIterator[None]:
    listening = await asyncio.start_server(answer, "127.0.0.1", port)
    try:
        yield
    finally:
        listening.close()
        await listening.wait_closed()


async def read_request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], str]:
    """Request line, header fields by lower-case name, and body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *fields = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return line, headers, body.decode()


def response(status: str, body: str, content_type: str = "application/json", length: int | None = None) -> bytes:
    size = len(body.encode()) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {size}\r\n\r\n{body}".encode()


def saying(content: bytes) -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await read_request(reader)
                writer.write(content)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    return answer


def route(directory: Path, port: int, so_timeout: str | None = None) -> Path:
    from tests.e2e.test_token_exchange import ROUTE

    text = ROUTE.read_text("utf-8").replace("am.example.com:8088", f"am.example.com:{port}")
    if so_timeout is not None:
        client = json.dumps({"type": "ClientHandler", "config": {"soTimeout": so_timeout}})
        text = text.replace('"ForgeRockClientHandler"', client)
    made = directory / "token-exchange.json"
    made.write_text(text, "utf-8")
    return made


async def exchange(gateway: Process, body: str | bytes, content_type: str | None = "application/x-www-form-urlencoded"):
    headers = {"Content-Type": content_type} if content_type else {}
    async with (
        aiohttp.ClientSession(skip_auto_headers=("Content-Type",)) as session,
        session.post(f"http://127.0.0.1:{gateway.port}/token-exchange", data=body, headers=headers) as answer,
    ):
        return answer.status, await answer.text()


def nothing_leaked(gateway: Process, *secrets: str) -> None:
    assert "Traceback" not in gateway.output
    for secret in secrets:
        assert secret not in gateway.output


TRANSACTION = r"\[token-exchange\] \[[0-9a-f-]{36}-\d+\]"


async def refused(gateway: Process, error: str, body: str | bytes = f"subject_token={TOKEN}") -> str:
    """The failure handler's answer, after checking that exactly one line tells of the failure."""
    status, text = await exchange(gateway, body)
    assert (status, text.split(":")[0]) == (400, error), gateway.output
    await gateway.line(rf"{TRANSACTION} .*the token exchange failed: {error}")
    assert len(re.findall("the token exchange failed", gateway.output)) == 1
    nothing_leaked(gateway)
    return text


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (response("500 Internal Server Error", '{"error": "server_error"}'), "server_error"),
        (response("200 OK", "<html>hello</html>", "text/html"), "server_error"),
        (response("200 OK", '{"access_token": "CnryZq8xIssued'), "server_error"),
        (response("200 OK", ""), "server_error"),
        (response("200 OK", '{"token_type": "Bearer"}'), "server_error"),
        (response("200 OK", '{"access_token": "CnryZq8xIssued"}', length=500), "server_error"),
        (response("302 Found", ""), "server_error"),
        (response("400 Bad Request", '{"error": "invalid_grant", "error_description": "no"}'), "invalid_grant"),
        (response("401 Unauthorized", '{"error": "invalid_client"}'), "invalid_client"),
        (response("400 Bad Request", "oops", "text/plain"), "server_error"),
        (b"NONSENSE\r\n\r\n", "server_error"),
    ],
    ids=["500", "html", "truncated", "empty", "no-token", "cut", "redirect", "grant", "client", "no-json", "malformed"],
)
async def test_what_the_server_answers_becomes_an_oauth2_failure(content: bytes, error: str, tmp_path: Path) -> None:
    port = free_port()
    async with (
        server(saying(content), port),
        gatewright(route(tmp_path, port, "300 ms"), options=AM, https=False) as gateway,
    ):
        await refused(gateway, error)


async def test_a_server_that_is_down_is_a_server_error_with_the_status_of_a_bad_gateway(tmp_path: Path) -> None:
    async with gatewright(route(tmp_path, free_port()), options=AM, https=False) as gateway:
        assert "[status=502]" in await refused(gateway, "server_error")


async def test_a_server_that_hangs_is_a_server_error_with_the_status_of_a_time_out(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    port = free_port()
    async with (
        server(silent, port),
        gatewright(route(tmp_path, port, "200 ms"), options=AM, https=False) as gateway,
    ):
        assert "[status=504]" in await refused(gateway, "server_error")


@pytest.mark.parametrize(
    "body",
    ["", "other=1", "subject_token=", "subject_token", b"\xff\xfe", '{"subject_token": "x"}', "subject_token=%zz"],
    ids=["empty", "missing", "blank", "no-value", "bytes", "json", "bad-escape"],
)
async def test_a_body_without_a_subject_token_is_an_invalid_request(body: str | bytes, tmp_path: Path) -> None:
    async with gatewright(route(tmp_path, free_port()), options=AM, https=False) as gateway:
        await refused(gateway, "invalid_request", body)


async def test_a_body_that_is_no_form_has_no_subject_token(tmp_path: Path) -> None:
    async with gatewright(route(tmp_path, free_port()), options=AM, https=False) as gateway:
        status, text = await exchange(gateway, f"subject_token={TOKEN}", "text/plain")
        assert (status, text) == (400, "invalid_request: subject token missing")
        nothing_leaked(gateway)


async def test_of_a_repeated_subject_token_the_first_is_exchanged_as_the_reference_says(tmp_path: Path) -> None:
    """Method, path, fields, authentication, and nothing of the incoming request; one connection for all exchanges."""
    seen: list[tuple[str, dict[str, str], dict[str, list[str]]]] = []
    connections = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        try:
            while True:
                line, headers, body = await read_request(reader)
                seen.append((line, headers, parse_qs(body)))
                writer.write(
                    response("200 OK", '{"access_token": "CnryZq8xNew", "issued_token_type": "urn:x", "scope": "mail"}')
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    port = free_port()
    async with server(answer, port), gatewright(route(tmp_path, port), options=AM, https=False) as gateway:
        for _ in range(3):
            status, text = await exchange(gateway, f"subject_token={TOKEN}&subject_token={TOKEN}2&x=1")
            assert (status, json.loads(text)) == (200, {"access_token": "CnryZq8xNew", "issued_token_type": "urn:x"})
        nothing_leaked(gateway)
    assert connections == 1
    line, headers, form = seen[0]
    assert line == "POST /openam/oauth2/realms/root/access_token HTTP/1.1"
    assert form == {
        "grant_type": ["urn:ietf:params:oauth:grant-type:token-exchange"],
        "subject_token": [TOKEN],
        "subject_token_type": ["urn:ietf:params:oauth:token-type:access_token"],
        "requested_token_type": ["urn:ietf:params:oauth:token-type:access_token"],
        "scope": ["mail"],
    }
    assert headers.pop("authorization") == aiohttp.encode_basic_auth("serviceConfidentialClient", CLIENT_SECRET)
    assert re.fullmatch(r"[0-9a-f-]{36}-\d+/0", headers.pop("x-forgerock-transactionid"))
    assert headers.pop("host") == f"am.example.com:{port}"
    headers.pop("content-length")
    assert headers == {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}


async def test_what_the_server_refuses_comes_back_as_its_error(tmp_path: Path) -> None:
    """A token of another issuer, an expired one, and a client that may not act."""
    now = 1_800_000_000.0
    async with authorization_server(am_port=0, app_port=free_port(), clock=lambda: now) as sandbox:
        path = route_for(sandbox, tmp_path)
        form = {"grant_type": "password", "username": "demo", "password": USER_PASSWORD, "scope": "mail employeenumber"}
        async with aiohttp.ClientSession() as session:
            url = f"{sandbox.am_url}/oauth2/access_token"
            async with session.post(url, data=form, headers=CLIENT) as answer:
                token = (await answer.json())["access_token"]
        async with gatewright(path, options=AM, https=False) as gateway:
            assert (await exchange(gateway, f"subject_token={token}"))[0] == 200
            assert (await exchange(gateway, "subject_token={canary('another')}.issuer"))[0] == 400
            now += 10 * 24 * 3600
            status, text = await exchange(gateway, f"subject_token={token}")
            assert (status, text.split(":")[0]) == (400, "invalid_grant")
            nothing_leaked(gateway, token)


async def test_a_client_that_may_not_act_is_refused(tmp_path: Path) -> None:
    actor = "may_act:\n          client_id: "
    other = {f"{actor}serviceConfidentialClient": f"{actor}other"}
    async with authorization_server(other, am_port=0, app_port=free_port()) as sandbox:
        form = {"grant_type": "password", "username": "demo", "password": USER_PASSWORD, "scope": "mail"}
        async with aiohttp.ClientSession() as session:
            url = f"{sandbox.am_url}/oauth2/access_token"
            async with session.post(url, data=form, headers=CLIENT) as answer:
                token = (await answer.json())["access_token"]
        async with gatewright(route_for(sandbox, tmp_path), options=AM, https=False) as gateway:
            status, text = await exchange(gateway, f"subject_token={token}")
            assert (status, text.split(":")[0]) == (400, "invalid_grant")
            nothing_leaked(gateway, token)


async def test_a_wrong_client_secret_is_an_invalid_client(tmp_path: Path) -> None:
    env = {"CLIENT_SECRET_ID": packed(canary("wrong"))}
    async with authorization_server(am_port=0, app_port=free_port()) as sandbox:
        path = route_for(sandbox, tmp_path)
        async with gatewright(path, options=AM, https=False, env=env) as gateway:
            await refused(gateway, "invalid_client")


@pytest.mark.parametrize("value", ["", "not base64 !"], ids=["missing", "not-base64"])
async def test_a_missing_or_malformed_secret_is_a_server_error_that_names_its_id(value: str, tmp_path: Path) -> None:
    env = {"CLIENT_SECRET_ID": value}
    async with gatewright(route(tmp_path, free_port()), options=AM, https=False, env=env) as gateway:
        assert "[status=500]" in await refused(gateway, "server_error")
        assert "client.secret.id" in await gateway.line("the token exchange failed")


async def test_a_broken_route_does_not_keep_a_good_one_from_serving(tmp_path: Path) -> None:
    routes = tmp_path / "config" / "routes"
    routes.mkdir(parents=True)
    (routes / "broken.json").write_text('{"name": "broken", "handler": ', "utf-8")
    (routes / "good.json").write_text(
        '{"handler": {"type": "StaticResponseHandler", "config": {"status": 200}}}', "utf-8"
    )
    async with gatewright(tmp_path, https=False) as gateway:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{gateway.port}/anything") as answer,
        ):
            assert answer.status == 200
        await gateway.line("An error occurred while building the route with the name 'broken'")
        await gateway.line(r"broken\.json:1:\d+: GW101")
        assert "Traceback" not in gateway.output


async def test_an_unknown_path_is_not_found_with_an_empty_body(tmp_path: Path) -> None:
    async with (
        gatewright(route(tmp_path, free_port()), https=False) as gateway,
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{gateway.port}/other") as answer,
    ):
        assert (answer.status, await answer.read()) == (404, b"")


async def test_a_body_above_the_limit_is_refused_and_not_buffered(tmp_path: Path) -> None:
    config = tmp_path / "config"
    (config / "routes").mkdir(parents=True)
    storage = {
        "name": "TemporaryStorage",
        "type": "TemporaryStorage",
        "config": {"memoryLimit": 8192, "fileLimit": 16384},
    }
    (config / "admin.json").write_text(json.dumps({"heap": [storage], "connectors": [{"port": 0}]}), "utf-8")
    route(config / "routes", free_port())
    async with gatewright(tmp_path, https=False) as gateway:
        status, text = await exchange(gateway, f"subject_token={'x' * 40_000}")
        assert (status, text) == (413, "")
