"""Known secrets run through a gateway that logs, audits and measures everything; nothing that it wrote has one."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.canaries import answered, canary, learn, wrote
from tests.e2e import canary_routes
from tests.e2e.gateway_in_process import Message, RawUpstream
from tests.e2e.processes import Process, free_port, gatewright
from tests.gateway.instances import write

ADMINISTRATION = (
    "/metrics/prometheus/0.0.4",
    "/api/info",
    "/api/system/objects/_router/routes?_queryFilter=true&_fields=_id",
)
ANSWER = "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{fields}Content-Length: {length}\r\n\r\n"


def answer(body: str, status: str = "200 OK", kind: str = "application/json", fields: str = "") -> bytes:
    content = body.encode()
    return ANSWER.format(status=status, kind=kind, fields=fields, length=len(content)).encode() + content


class Application:
    """The upstream: an application that sets cookies, a token endpoint that fails in turn, and nonsense."""

    def __init__(self) -> None:
        issued = {"access_token": canary("issued-token"), "refresh_token": canary("refresh-token"), "expires_in": 60}
        token = {**issued, "token_type": "Bearer", "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"}
        self._tokens = [
            answer(json.dumps(token)),
            answer(f'{{"access_token": "{canary("issued-token")}'),
            answer(f"<a href='?access_token={canary('issued-token')}'>", "500 Oops", "text/html"),
            answer(json.dumps({"token": [canary("issued-token")]})),
            answer(json.dumps({"error": "invalid_grant", "access_token": canary("issued-token")}), "400 Bad Request"),
            f"HTTP/1.1 200 {canary('issued-token')}\r\nnonsense\r\n\r\n".encode(),
        ]

    def __call__(self, request: Message) -> bytes:
        path = request.start.split(" ")[1].partition("?")[0]
        if path == "/token":
            return self._tokens.pop(0)
        if path == "/nonsense":
            return f"{canary('upstream-secret')}\r\n\r\n".encode()
        if request.start.startswith("CONNECT"):
            return answer(canary("upstream-secret"), "407 No", fields="Proxy-Authenticate: Basic\r\n")
        cookie = f"Set-Cookie: app={canary('upstream-cookie')}; Path=/\r\n"
        body = {"password": canary("upstream-password"), "access_token": canary("upstream-token")}
        return answer(json.dumps({**body, "name": "george"}), fields=cookie)


class Traffic:
    """Sends requests with secrets in all the places that clients put them, and keeps what the gateway itself said."""

    def __init__(self, process: Process, session: aiohttp.ClientSession) -> None:
        self._base, self._session = f"http://127.0.0.1:{process.port}", session
        self._admin = f"http://127.0.0.1:{process.admin_port}"
        self.port = process.port

    async def send(self, path: str, method: str = "POST", **headers: str) -> tuple[int, list[str]]:
        form = {"subject_token": canary("subject-token"), "client_secret": canary("form-secret"), "a": "b"}
        fields = {
            "Authorization": f"Bearer {canary('bearer')}",
            "Cookie": f"sso={canary('cookie')}",
            "X-Secret-Pin": canary("pin"),
            "X-Api-Key": canary("api-key"),
            "Proxy-Authorization": f"Basic {canary('proxy-authorization')}",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        query = f"?access_token={canary('query-token')}&code={canary('query-code')}&secret={canary('query-secret')}%0a"
        async with self._session.request(method, self._base + path + query, headers=fields, data=form) as response:
            await response.read()
            return response.status, response.headers.getall("Set-Cookie", [])

    async def send_json(self, path: str, body: str) -> None:
        headers = {"X-Secret-Pin": canary("pin"), "Content-Type": "application/json"}
        async with self._session.post(self._base + path, headers=headers, data=body) as response:
            await response.read()

    async def send_raw(self, data: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(data.encode("latin-1"))
        writer.write_eof()
        answered(400, "nonsense", await reader.read())
        writer.close()
        await writer.wait_closed()

    async def administer(self, path: str) -> str:
        async with self._session.get(self._admin + path) as response:
            assert response.status == 200, path
            text = await response.text()
            wrote(f"the administrative path {path}", f"{response.headers} {text}")
            return text


@asynccontextmanager
async def traffic(directory: Path, upstream: RawUpstream) -> AsyncIterator[Traffic]:
    """A gateway process with all the routes; everything that it writes ends in files below the directory."""
    made = canary_routes.instance(directory, upstream.url, free_port())
    write(directory / "config" / "config.json", made["config"])
    write(directory / "config" / "admin.json", {"mode": "DEVELOPMENT", "heap": [], "streamingEnabled": True})
    for name, declared in made["routes"].items():
        write(directory / "config" / "routes" / f"{name}.json", declared)
    env = {"CANARY_IN_ENV": canary("env-secret"), "SIGNING": canary("env-key")}
    with (directory / "stdout").open("wb") as stdout:
        async with gatewright(directory, env=env, https=False, stdout=stdout) as process:
            jar = aiohttp.DummyCookieJar()
            async with aiohttp.ClientSession(cookie_jar=jar, auto_decompress=False) as session:
                yield Traffic(process, session)
        (directory / "stderr").write_text(process.output)


async def test_nothing_that_the_gateway_writes_has_a_secret_in_it(tmp_path: Path) -> None:
    """The search after every test does the rest: see tests/conftest.py."""
    async with RawUpstream(Application()) as upstream, traffic(tmp_path, upstream) as gateway:
        await _sound(gateway, upstream)
        await _faulty(gateway)
        await _malformed(gateway)
        pages = [await gateway.administer(path) for path in ADMINISTRATION]
        upstream.take_rest()
    files = {name: (tmp_path / name).read_text("latin-1") for name in ("stdout", "stderr", "audit/access.audit.json")}
    _something_was_written({**files, "metrics": pages[0]})


async def _sound(gateway: Traffic, upstream: RawUpstream) -> None:
    found = {}
    for path in ("/exchange", "/agent", "/replay", "/signed", "/pass", "/basic"):
        found[path], _ = await gateway.send(path)
    assert found == {"/exchange": 200, "/agent": 200, "/replay": 200, "/signed": 200, "/pass": 200, "/basic": 200}
    for _ in range(5):
        assert (await gateway.send("/exchange"))[0] == 400
    signed = next(request for request in upstream.requests if request.start.startswith("POST /signed"))
    learn("signed-token", signed.all("X-Token")[0])
    basic = [request.all("Authorization") for request in upstream.requests if "/agent" in request.start]
    assert base64.b64decode(basic[0][0].split()[1]).decode() == f"agent:{canary('agent-password')}"
    for path in ("/memory", "/cookie"):
        status, cookies = await gateway.send(path)
        own = [line.partition(";")[0] for line in cookies if not line.startswith("app=")]
        assert (status, len(own)) == (200, 1)
        learn(f"session of {path}", own[0].partition("=")[2])
        assert (await gateway.send(path, Cookie=own[0]))[0] == 200
        assert (await gateway.send(path, Cookie=f"{own[0].partition('=')[0]}={canary('forged-session')}"))[0] == 200


async def _faulty(gateway: Traffic) -> None:
    for path in ("/tls", "/proxy", "/proxy-refuses", "/nonsense"):
        assert (await gateway.send(path))[0] in {500, 502}, path
    packed = base64.urlsafe_b64encode(json.dumps({"sub": canary("claim")}).encode()).decode().rstrip("=")
    for token in (
        canary("bearer"),
        f"eyJhbGciOiJub25lIn0.{packed}.",
        f"eyJhbGciOiJSUzI1NiJ9.{packed}.c2ln",
        "a.b.c.d.e",
    ):
        assert (await gateway.send("/validate", Authorization=f"Bearer {token}"))[0] in {401, 403}
    await gateway.send("/basic", Authorization=f"Basic {canary('bearer')}")
    for path in ("/sql", "/redis", "/uri", "/header"):
        await gateway.send(path)
    for number in range(len(canary_routes.EXPRESSIONS)):
        await gateway.send_json(f"/evaluate-{number}", f'{{"password": "{canary("json-body")}')
        await gateway.send_json(f"/evaluate-{number}", f'{{"password": "{canary("json-body")}"}}')
    for name in ("wrong-store-password", "broken-pem", "broken-jwk", "no-base64", "no-key", "incomplete", "unbalanced"):
        assert (await gateway.send(f"/{name}"))[0] in {404, 500}, name


async def _malformed(gateway: Traffic) -> None:
    secret = canary("malformed")
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
    assert "ig_route_request" in places["metrics"]
