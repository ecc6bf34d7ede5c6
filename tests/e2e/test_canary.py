"""Known secrets run through a gateway that logs, audits and measures everything; nothing that it wrote has one."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e import canary_routes
from tests.e2e.canaries import Canaries
from tests.e2e.gateway_in_process import Message, RawUpstream
from tests.e2e.processes import Process, free_port, gatewright
from tests.gateway.instances import write

METRICS = "/metrics/prometheus/0.0.4"
ADMINISTRATION = (METRICS, "/api/info", "/api/system/objects/_router/routes?_queryFilter=true&_fields=_id")
ANSWER = "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{fields}Content-Length: {length}\r\n\r\n"


def answer(body: str, status: str = "200 OK", kind: str = "application/json", fields: str = "") -> bytes:
    content = body.encode()
    return ANSWER.format(status=status, kind=kind, fields=fields, length=len(content)).encode() + content


class Application:
    """The upstream: an application that sets cookies, a token endpoint that fails in turn, and nonsense."""

    def __init__(self, canary: Canaries) -> None:
        self._canary = canary
        issued = {"access_token": canary["issued-token"], "refresh_token": canary["refresh-token"], "expires_in": 60}
        token = {**issued, "token_type": "Bearer", "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"}
        self._tokens = [
            answer(json.dumps(token)),
            answer(f'{{"access_token": "{canary["issued-token"]}'),
            answer(f"<a href='?access_token={canary['issued-token']}'>", "500 Oops", "text/html"),
            answer(json.dumps({"token": [canary["issued-token"]]})),
            answer(json.dumps({"error": "invalid_grant", "access_token": canary["issued-token"]}), "400 Bad Request"),
            f"HTTP/1.1 200 {canary['issued-token']}\r\nnonsense\r\n\r\n".encode(),
        ]

    def __call__(self, request: Message) -> bytes:
        path = request.start.split(" ")[1].partition("?")[0]
        if path == "/token":
            return self._tokens.pop(0)
        if path == "/nonsense":
            return f"{self._canary['upstream-secret']}\r\n\r\n".encode()
        if request.start.startswith("CONNECT"):
            return answer(self._canary["upstream-secret"], "407 No", fields="Proxy-Authenticate: Basic\r\n")
        cookie = f"Set-Cookie: app={self._canary['upstream-cookie']}; Path=/\r\n"
        body = {"password": self._canary["upstream-password"], "access_token": self._canary["upstream-token"]}
        return answer(json.dumps({**body, "name": "george"}), fields=cookie)


class Traffic:
    """Sends requests with secrets in all the places that clients put them, and keeps what the gateway itself said."""

    def __init__(self, process: Process, session: aiohttp.ClientSession, canary: Canaries) -> None:
        self._base, self._session, self._canary = f"http://127.0.0.1:{process.port}", session, canary
        self._admin = f"http://127.0.0.1:{process.admin_port}"
        self.port = process.port
        self.said: list[tuple[str, str]] = []

    async def send(self, path: str, method: str = "POST", **headers: str) -> tuple[int, list[str]]:
        canary = self._canary
        form = {"subject_token": canary["subject-token"], "client_secret": canary["form-secret"], "a": "b"}
        fields = {
            "Authorization": f"Bearer {canary['bearer']}",
            "Cookie": f"sso={canary['cookie']}",
            "X-Secret-Pin": canary["pin"],
            "X-Api-Key": canary["api-key"],
            "Proxy-Authorization": f"Basic {canary['proxy-authorization']}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        query = f"?access_token={canary['query-token']}&code={canary['query-code']}&secret={canary['query-secret']}%0a"
        async with self._session.request(method, self._base + path + query, headers=fields, data=form) as response:
            text = await response.text()
            if response.status >= 400:
                self.said.append((f"the answer to {path}", f"{response.headers} {text}"))
            return response.status, response.headers.getall("Set-Cookie", [])

    async def send_json(self, path: str, body: str) -> None:
        headers = {"X-Secret-Pin": self._canary["pin"], "Content-Type": "application/json"}
        async with self._session.post(self._base + path, headers=headers, data=body) as response:
            await response.read()

    async def send_raw(self, data: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data.encode("latin-1"))
        writer.write_eof()
        self.said.append(("the answer to nonsense", (await reader.read()).decode("latin-1")))
        writer.close()
        await writer.wait_closed()

    async def administer(self, path: str) -> None:
        async with self._session.get(self._admin + path) as response:
            self.said.append((f"the administrative path {path}", f"{response.headers} {await response.text()}"))
            assert response.status == 200, path


@asynccontextmanager
async def traffic(directory: Path, canary: Canaries, upstream: RawUpstream) -> AsyncIterator[Traffic]:
    """A gateway process with all the routes; everything that it writes ends in files below the directory."""
    made = canary_routes.instance(directory, canary, upstream.url, free_port())
    write(directory / "config" / "config.json", made["config"])
    write(directory / "config" / "admin.json", {"mode": "DEVELOPMENT", "heap": [], "streamingEnabled": True})
    for name, declared in made["routes"].items():
        write(directory / "config" / "routes" / f"{name}.json", declared)
    env = {"CANARY_IN_ENV": canary["env-secret"], "SIGNING": canary["env-key"]}
    with (directory / "stdout").open("wb") as stdout:
        async with gatewright(directory, env=env, https=False, stdout=stdout) as process:
            jar = aiohttp.DummyCookieJar()
            async with aiohttp.ClientSession(cookie_jar=jar, auto_decompress=False) as session:
                yield Traffic(process, session, canary)
        (directory / "stderr").write_text(process.output)


def written_below(directory: Path) -> Iterator[tuple[str, str]]:
    """Everything that is there, less what the test itself put there."""
    for file in directory.rglob("*"):
        if file.is_file() and not {"config", "secrets"} & set(file.relative_to(directory).parts[:-1]):
            yield str(file.relative_to(directory)), file.read_text("latin-1")


async def test_nothing_that_the_gateway_writes_has_a_secret_in_it(tmp_path: Path) -> None:
    canary = Canaries()
    async with RawUpstream(Application(canary)) as upstream, traffic(tmp_path, canary, upstream) as gateway:
        await _sound(gateway, canary, upstream)
        await _faulty(gateway, canary)
        await _malformed(gateway, canary)
        for path in (
            "/metrics/prometheus/0.0.4",
            "/api/info",
            "/api/system/objects/_router/routes?_queryFilter=true&_fields=_id",
        ):
            await gateway.administer(path)
        upstream.take_rest()
    places = [*written_below(tmp_path), *gateway.said]
    assert {"stdout", "stderr", "audit/access.audit.json"} <= {name for name, _ in places}
    _something_was_written(dict(places))
    leaks = canary.found_in(places)
    assert not leaks, "\n\n".join(leaks)


async def _sound(gateway: Traffic, canary: Canaries, upstream: RawUpstream) -> None:
    found = {}
    for path in ("/exchange", "/agent", "/replay", "/signed", "/pass", "/basic"):
        found[path], _ = await gateway.send(path)
    assert found == {"/exchange": 200, "/agent": 200, "/replay": 200, "/signed": 200, "/pass": 200, "/basic": 200}
    for _ in range(5):
        assert (await gateway.send("/exchange"))[0] == 400
    signed = next(request for request in upstream.requests if request.start.startswith("POST /signed"))
    canary.learn("signed-token", signed.all("X-Token")[0])
    basic = [request.all("Authorization") for request in upstream.requests if "/agent" in request.start]
    assert base64.b64decode(basic[0][0].split()[1]).decode() == f"agent:{canary['agent-password']}"
    for path in ("/memory", "/cookie"):
        status, cookies = await gateway.send(path)
        own = [line.partition(";")[0] for line in cookies if not line.startswith("app=")]
        assert (status, len(own)) == (200, 1)
        canary.learn(f"session of {path}", own[0].partition("=")[2])
        assert (await gateway.send(path, Cookie=own[0]))[0] == 200
        assert (await gateway.send(path, Cookie=f"{own[0].partition('=')[0]}={canary['forged-session']}"))[0] == 200


async def _faulty(gateway: Traffic, canary: Canaries) -> None:
    for path in ("/tls", "/proxy", "/proxy-refuses", "/nonsense"):
        assert (await gateway.send(path))[0] in {500, 502}, path
    packed = base64.urlsafe_b64encode(json.dumps({"sub": canary["claim"]}).encode()).decode().rstrip("=")
    for token in (
        canary["bearer"],
        f"eyJhbGciOiJub25lIn0.{packed}.",
        f"eyJhbGciOiJSUzI1NiJ9.{packed}.c2ln",
        "a.b.c.d.e",
    ):
        assert (await gateway.send("/validate", Authorization=f"Bearer {token}"))[0] in {401, 403}
    await gateway.send("/basic", Authorization=f"Basic {canary['bearer']}")
    for path in ("/sql", "/redis", "/uri", "/header"):
        await gateway.send(path)
    for number in range(len(canary_routes.EXPRESSIONS)):
        await gateway.send_json(f"/evaluate-{number}", f'{{"password": "{canary["json-body"]}')
        await gateway.send_json(f"/evaluate-{number}", f'{{"password": "{canary["json-body"]}"}}')
    for name in ("wrong-store-password", "broken-pem", "broken-jwk", "no-base64", "no-key", "incomplete", "unbalanced"):
        assert (await gateway.send(f"/{name}"))[0] in {404, 500}, name


async def _malformed(gateway: Traffic, canary: Canaries) -> None:
    secret = canary["malformed"]
    for data in (
        f"GET / HTTP/1.1\r\nHost: a\r\nCookie: {secret}\0\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: a\r\nAuthorization : Bearer {secret}\r\n\r\n",
        f"GET / HTTP/1.1\r\nHost: a\r\nCookie: {secret * 1000}\r\n\r\n",
        f"GET /{secret * 1000} HTTP/1.1\r\nHost: a\r\n\r\n",
        f"GET http://{secret}@a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        f"{secret} / HTTP/1.1\r\nHost: a\r\n\r\n",
        f"POST /pass HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{secret}\r\n",
    ):
        await gateway.send_raw(data)


def _something_was_written(places: dict[str, str]) -> None:
    """The search is worth something: each part of the gateway has said what it had to say."""
    assert '"eventName":"OPENIG-HTTP-ACCESS"' in places["stdout"].replace(" ", "")
    assert "OPENIG-HTTP-ACCESS" in places["audit/access.audit.json"]
    for expected in ("*****", "subject_token=*****", "Context's content as JSON", "exchange failed with"):
        assert expected in places["stderr"], expected
    for name in ("wrong-store-password", "broken-pem", "misnamed", "incomplete", "unbalanced"):
        assert name in places["stderr"], name
    assert "ig_route_request" in places[f"the administrative path {METRICS}"]


@pytest.mark.parametrize("surrounding", ["", "a", "ab", "abc", "user:"])
def test_a_secret_is_found_in_every_form(surrounding: str) -> None:
    canary = Canaries()
    text = f"{surrounding}{canary['token']}{surrounding}".encode()
    written: dict[str, Any] = {
        "plain": text.decode(),
        "base64": base64.b64encode(text).decode(),
        "url": base64.urlsafe_b64encode(text).decode(),
        "hex": text.hex(),
    }
    assert len(canary.found_in(written.items())) >= len(written)
    assert canary.found_in([("elsewhere", "nothing")]) == []
