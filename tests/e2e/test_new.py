"""Routes that `gatewright new` writes lint clean and run."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import ClientSession
from click.testing import CliRunner

from gateway.cli.new import KINDS, PLACEHOLDER, command
from gateway.linting import lint_paths
from gateway.sandbox import Sandbox
from tests.canaries import canary
from tests.e2e.authorization_server import (
    AGENT_SECRET_ID,
    APPLICATION_SECRET,
    CLIENT_SECRET_ID,
    USER_PASSWORD,
    authorization_server,
)
from tests.e2e.inside import browsing
from tests.e2e.issuer import NAME, issuing


def new(kind: str, directory: Path, *options: str) -> Path:
    result = CliRunner().invoke(command, ["my-route", "--from", kind, "--dir", str(directory), *options])
    assert result.exit_code == 0, result.output
    return directory / "my-route.json"


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_route_has_comments_and_lints_clean(kind: str, tmp_path: Path) -> None:
    path = new(kind, tmp_path / "routes")
    text = path.read_text("utf-8")
    assert text.count("// ") >= 3
    assert PLACEHOLDER not in text
    assert '"name": "my-route"' in text
    assert list(map(str, lint_paths([path]))) == []


def test_a_file_that_is_there_stays_unless_forced(tmp_path: Path) -> None:
    path = new("static", tmp_path)
    path.write_text("mine", "utf-8")
    refused = CliRunner().invoke(command, ["my-route", "--dir", str(tmp_path)])
    assert refused.exit_code == 1
    assert "exists; --force replaces it" in refused.stderr
    assert path.read_text("utf-8") == "mine"
    assert "StaticResponseHandler" in new("static", tmp_path, "--force").read_text("utf-8")


@pytest.mark.parametrize("name", ["../x", "a/b", "", "a b", '"'])
def test_a_name_is_part_of_a_url_and_of_a_file_name(name: str, tmp_path: Path) -> None:
    assert CliRunner().invoke(command, [name, "--dir", str(tmp_path)]).exit_code == 2
    assert list(tmp_path.iterdir()) == []


async def test_reverse_proxy_runs(tmp_path: Path) -> None:
    route = new("reverse-proxy", tmp_path)
    async with browsing(route, directory=tmp_path) as browser:
        async with browser.get("/my-route/page", headers={"X-Forwarded-User": "admin"}) as response:
            assert response.status == 200
            page = await response.text()
            assert "admin" not in page
            assert "X-Gateway-Route" in page
            assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert await browser.status("/my-routes") == 404


async def test_static_runs(tmp_path: Path) -> None:
    async with (
        browsing(new("static", tmp_path), directory=tmp_path) as browser,
        browser.get("/my-route") as response,
    ):
        assert "<p>It works: 127.0.0.1 asked for 127.0.0.1.</p>" in await response.text()
        assert response.headers["Content-Security-Policy"] == "default-src 'none'"


async def test_throttled_api_runs(tmp_path: Path) -> None:
    async with browsing(new("throttled-api", tmp_path), directory=tmp_path, requests_per_minute="2") as browser:
        assert [await browser.status("/my-route") for _ in range(3)] == [200, 200, 429]
    nobody = "http://127.0.0.1:9"
    async with browsing(tmp_path / "my-route.json", directory=tmp_path, app_url=nobody) as browser:
        assert [await browser.status("/my-route") for _ in range(4)] == [502, 502, 502, 503]


async def test_resource_server_runs(tmp_path: Path) -> None:
    async with (
        issuing() as issuer,
        browsing(new("resource-server", tmp_path), directory=tmp_path, issuer=NAME, jwks_url=issuer.url) as browser,
    ):
        assert await browser.status("/my-route", headers=issuer.bearer(scope="write read")) == 200
        async with browser.get("/my-route", headers=issuer.bearer(scope="readers")) as refused:
            assert refused.status == 403
            expected = 'Bearer realm="my-route", error="insufficient_scope", scope="read"'
            assert refused.headers["WWW-Authenticate"] == expected
        for headers in ({}, issuer.bearer(scope="read", iss="https://evil.example.com"), issuer.bearer(exp=1)):
            async with browser.get("/my-route", headers=headers) as refused:
                assert refused.status == 401
                assert refused.headers["WWW-Authenticate"] == 'Bearer realm="my-route", error="invalid_token"'


async def test_token_exchange_runs(tmp_path: Path) -> None:
    async with authorization_server(am_port=0, app_port=0) as sandbox:
        system = {
            "am_url": f"{sandbox.am_url}/",
            "client_secret_id": CLIENT_SECRET_ID,
            "agent_secret_id": AGENT_SECRET_ID,
        }
        app = f"{sandbox.sample_app_url}"
        async with browsing(new("token-exchange", tmp_path), directory=tmp_path, app_url=app, **system) as browser:
            token = await subject_token(sandbox)
            async with browser.get("/my-route", headers={"Authorization": f"Bearer {token}"}) as response:
                assert response.status == 200
                page = await response.text()
                assert "Bearer " in page
                assert token not in page
            async with browser.get("/my-route", headers={"Authorization": f"Bearer {canary('nonsense')}"}) as refused:
                assert refused.status == 401


async def subject_token(sandbox: Sandbox) -> str:
    form = {"grant_type": "password", "username": "demo", "password": USER_PASSWORD, "scope": "mail employeenumber"}
    credentials = {"client_id": "client-application", "client_secret": APPLICATION_SECRET}
    url = f"{sandbox.am_url}/oauth2/access_token"
    async with ClientSession() as client, client.post(url, data={**form, **credentials}) as response:
        return str((await response.json())["access_token"])
