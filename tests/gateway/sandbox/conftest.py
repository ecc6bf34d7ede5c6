"""A running sandbox and a plain HTTP client for it; time stands still unless a test moves it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.sandbox import Sandbox, parse_settings, read_settings

TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
START = 1_800_000_000.0

EXTENDED = """
cookie_domains: [example.com]
realms:
  /:
    validation_service:
      valid_goto_url_resources: ["https://ig.example.com:8443/*", "https://ig.example.com:8443/*?*"]
    agents:
      ig_agent: {password: password, token_introspection: Realm Only}
      blind_agent: {password: password}
      far_agent: {password: password, token_introspection: All Realms}
    scripts:
      May Act: {may_act: {client_id: exchanger, sub: (age!exchanger)}}
      Delegate: {may_act: {client_id: exchanger, sub: (usr!actor)}}
      Other: {may_act: {client_id: somebody-else}}
    oauth2_provider:
      access_token_may_act_script: May Act
      id_token_may_act_script: May Act
    clients:
      app:
        secret: pass:w%rd +
        scopes: [openid, mail, employeenumber, profile]
        default_scopes: [mail]
        redirect_uris: [https://rp.example.com/cb]
        grant_types: [Authorization Code, Resource Owner Password Credentials, Refresh Token, Client Credentials]
      public-app:
        client_type: Public
        scopes: [openid, mail]
        redirect_uris: ["https://rp.example.com/cb?x=1", "https://rp.example.com/other"]
        implied_consent: true
        grant_types: [Authorization Code]
        token_endpoint_authentication_method: none
      delegated:
        secret: password
        scopes: [mail]
        grant_types: [Resource Owner Password Credentials]
        access_token_may_act_script: Delegate
      unrelated:
        secret: password
        scopes: [mail]
        grant_types: [Resource Owner Password Credentials]
        access_token_may_act_script: Other
      exchanger:
        secret: password
        scopes: [openid, mail, transfer]
        default_scopes: [transfer]
        grant_types: [Token Exchange]
      seer: {secret: password, scopes: [am-introspect-all-tokens]}
    users:
      demo: {password: Ch4ng31t, attributes: {cn: demo, sn: user, mail: demo@example.com, employeeNumber: "123"}}
      actor: {password: Ch4ng31t}
      gone: {password: Ch4ng31t, active: false}
    policy_sets:
      PEP-SSO:
        - resources: ["*://*:*/home/pep-sso*", "*://*:*/home/pep-sso*?*"]
          actions: {GET: true, POST: true}
          response_attributes: [mail]
        - resources: ["*://*:*/home/pep-sso*"]
          actions: {POST: false}
          subjects: [demo]
        - resources: ["*://*:*/step-up/-*-"]
          actions: {GET: true}
          advices: {AuthLevelConditionAdvice: ["1"]}
  /alpha:
    agents:
      ig_agent: {password: other}
    clients:
      app: {secret: other, scopes: [mail], grant_types: [Client Credentials]}
    users:
      demo: {password: other}
"""


class Clock:
    """Seconds since the epoch, moved by the test."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Any
    text: str
    json: Any


@dataclass
class Am:
    """A sandbox with a client session."""

    sandbox: Sandbox
    http: aiohttp.ClientSession
    clock: Clock

    async def send(self, method: str, path: str, **rest: Any) -> Answer:
        url = path if path.startswith("http") else self.sandbox.am_url + path
        async with self.http.request(method, url, allow_redirects=False, **rest) as response:
            is_json = response.content_type == "application/json"
            json = await response.json() if is_json else None
            return Answer(response.status, response.headers, await response.text(), json)

    async def form(self, path: str, fields: Any, basic: tuple[str, str] | None = None, **headers: str) -> Answer:
        if basic:
            headers["Authorization"] = aiohttp.encode_basic_auth(*basic)
        return await self.send("POST", path, data=fields, headers=headers)

    async def token(self, fields: dict[str, str], basic: tuple[str, str]) -> Answer:
        return await self.form("/oauth2/access_token", fields, basic)

    async def user_token(self, client: str, secret: str = "password", scope: str = "mail", user: str = "demo") -> str:
        fields = {"grant_type": "password", "username": user, "password": "Ch4ng31t", "scope": scope}
        answer = await self.token(fields, (client, secret))
        assert answer.status == 200, answer.text
        return answer.json["access_token"]

    async def exchange(self, subject: str, client: str = "exchanger", **fields: str) -> Answer:
        fields = {
            "grant_type": TOKEN_EXCHANGE,
            "subject_token": subject,
            "subject_token_type": ACCESS_TOKEN,
            **fields,
        }
        return await self.token({name: value for name, value in fields.items() if value != "-"}, (client, "password"))

    async def introspect(self, token: str, caller: str = "ig_agent", secret: str = "password", realm: str = "") -> Any:
        answer = await self.form(f"/oauth2{realm}/introspect", {"token": token}, (caller, secret))
        assert answer.status == 200, answer.text
        return answer.json

    async def rest(self, path: str, body: Any = None, token: str | None = None, **headers: str) -> Answer:
        headers = {"Accept-API-Version": "protocol=1.0", **headers}
        if token:
            headers["iPlanetDirectoryPro"] = token
        return await self.send("POST", f"/json{path}", json={} if body is None else body, headers=headers)

    async def login(self, name: str, password: str, realm: str = "/realms/root", agent: bool = False) -> str:
        query = "?authIndexType=service&authIndexValue=Agent" if agent else ""
        credentials = {"X-OpenAM-Username": name, "X-OpenAM-Password": password}
        answer = await self.rest(f"{realm}/authenticate{query}", **credentials)
        assert answer.status == 200, answer.text
        return answer.json["tokenId"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def start(clock: Clock) -> AsyncIterator[Callable[[str | Path | None], Awaitable[Am]]]:
    """Start sandboxes from YAML text; None is the guide's file."""
    running: list[Am] = []

    async def start_one(text: str | None = None) -> Am:
        settings = read_settings() if text is None else parse_settings(text)
        sandbox = Sandbox(settings, am_port=0, app_port=0, clock=clock)
        await sandbox.start()
        jar = aiohttp.DummyCookieJar()
        running.append(Am(sandbox, aiohttp.ClientSession(cookie_jar=jar), clock))
        return running[-1]

    yield start_one
    for am in running:
        await am.http.close()
        await am.sandbox.stop()


@pytest.fixture
async def guide(start: Callable[..., Awaitable[Am]]) -> Am:
    """The guide's set-up."""
    return await start()


@pytest.fixture
async def am(start: Callable[..., Awaitable[Am]]) -> Am:
    """A set-up with two realms and more of everything."""
    return await start(EXTENDED)


@pytest.fixture
def extended() -> str:
    return EXTENDED
