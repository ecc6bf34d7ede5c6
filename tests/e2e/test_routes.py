"""Every shipped route does what its comment says, over real sockets."""

from __future__ import annotations

import json
import logging
from importlib.resources import files
from pathlib import Path

import pytest
from aiohttp import WSServerHandshakeError, web
from jwcrypto import jwk, jwt

from gateway.linting import lint_paths
from tests.canaries import canary, packed
from tests.e2e.inside import browsing, upstream
from tests.e2e.issuer import NAME, issuing

ROUTES = Path(str(files("routes")))
ELSEWHERE = {"token-exchange", "cors", "csrf", "throttling", "password-replay-from-file", "basic-auth-from-database"}
"""Driven by test_token_exchange and test_general_filters."""


def route(name: str) -> Path:
    return ROUTES / f"{name}.json"


def test_every_route_is_driven_and_in_the_index() -> None:
    names = {path.stem for path in ROUTES.glob("*.json")}
    here = Path(__file__).read_text("utf-8")
    assert {name for name in names if f'route("{name}")' not in here} == ELSEWHERE
    index = (ROUTES / "README.md").read_text("utf-8")
    assert {name for name in names if f"({name}.json)" not in index} == set()


def test_routes_lint_clean() -> None:
    findings = [found for found in lint_paths([ROUTES]) if not found.source.name.endswith("token-exchange.json")]
    assert list(map(str, findings)) == []


async def test_reverse_proxy_rewrites_path_and_headers(tmp_path: Path) -> None:
    async with browsing(route("reverse-proxy"), directory=tmp_path) as browser:
        forged = {"X-Forwarded-User": "admin", "X-Client-Address": "1.2.3.4"}
        got, headers = await browser.received("/shop/cart?a=1", headers=forged)
        assert got["target"] == "/echo/cart?a=1"
        assert "x-forwarded-user" not in got["headers"]
        assert got["headers"]["x-client-address"] == "127.0.0.1"
        assert got["headers"]["x-forwarded-prefix"] == "/shop"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Server" not in headers
        assert await browser.status("/shopping") == 404


async def test_static_answer_needs_no_application(tmp_path: Path) -> None:
    async with (
        browsing(route("static-answer"), directory=tmp_path, security_contact="sec@example.org") as browser,
        browser.get("/.well-known/security.txt", headers={"Host": "www.example.com"}) as response,
    ):
        contact, expires, canonical = (await response.text()).splitlines()
        assert contact == "Contact: mailto:sec@example.org"
        assert expires.startswith("Expires: 2")
        assert canonical == "Canonical: https://www.example.com/.well-known/security.txt"
        assert response.headers["Content-Type"] == "text/plain; charset=UTF-8"


async def test_jwt_validation_lets_tokens_of_the_issuer_pass(tmp_path: Path) -> None:
    async with (
        issuing() as issuer,
        browsing(route("jwt-validation"), directory=tmp_path, issuer=NAME, jwks_url=issuer.url) as browser,
    ):
        got, _ = await browser.received("/echo/orders/1", headers=issuer.bearer(aud="orders"))
        assert got["headers"]["x-subject"] == "demo"
        assert "authorization" not in got["headers"]
        stranger = jwk.JWK.generate(kty="EC", crv="P-256", kid="k1")
        refused = [
            {},
            {"Authorization": "Basic " + packed(canary("basic"))},
            issuer.bearer(aud="invoices"),
            issuer.bearer(aud="orders", iss="https://evil.example.com"),
            issuer.bearer(aud="orders", exp=1),
            issuer.bearer(stranger, aud="orders"),
        ]
        for headers in refused:
            async with browser.get("/echo/orders/1", headers=headers) as response:
                assert response.status == 401
                assert response.headers["WWW-Authenticate"] == 'Bearer realm="orders", error="invalid_token"'


async def test_jwt_building_signs_what_the_application_can_verify(tmp_path: Path) -> None:
    key = jwk.JWK.generate(kty="EC", crv="P-256").export_to_pem(private_key=True, password=None).decode()
    async with browsing(route("jwt-building"), directory=tmp_path, jwt_signing_key=key) as browser:
        got, _ = await browser.received("/echo/jwt/page", headers={"X-Gateway-JWT": "forged"})
        async with browser.get("/echo/jwt/keys") as response:
            published = await response.text()
        assert '"d"' not in published
        token = jwt.JWT(jwt=got["headers"]["x-gateway-jwt"], key=jwk.JWKSet.from_json(published))
        claims = json.loads(token.claims)
        assert (claims["aud"], claims["path"], claims["address"]) == ("app", "/echo/jwt/page", "127.0.0.1")
        assert claims["exp"] - claims["iat"] in (30, 31)


async def test_basic_auth_client_logs_the_gateway_in(tmp_path: Path) -> None:
    password = packed(canary("service"))
    async with browsing(route("basic-auth-client"), directory=tmp_path, service_password=password) as browser:
        got, _ = await browser.received("/echo/service", headers={"Authorization": f"Bearer {canary('client')}"})
        assert got["headers"]["authorization"] == "Basic " + packed(f"gateway:{canary('service')}")


async def test_websockets_of_the_own_origin_go_through(tmp_path: Path) -> None:
    async def chat(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(f"you said {message.data}")
        return socket

    async with upstream(chat) as url, browsing(route("websocket"), directory=tmp_path, chat_url=url) as browser:
        async with browser.ws_connect("/chat", origin="https://app.example.com") as socket:
            await socket.send_str("hello")
            assert await socket.receive_str() == "you said hello"
        with pytest.raises(WSServerHandshakeError) as refused:
            await browser.ws_connect("/chat", origin="https://evil.example.com")
        assert refused.value.status == 403


async def test_dispatch_chooses_by_path_and_method(tmp_path: Path) -> None:
    async with browsing(route("dispatch"), directory=tmp_path) as browser:
        got, _ = await browser.received("/echo/catalog/v2/books")
        assert got["path"] == "/echo/catalog/v2/books"
        async with browser.get("/echo/catalog/v1/books") as gone:
            assert gone.status == 410
            assert (await gone.json())["error"] == "version 1 is gone, use version 2"
        async with browser.post("/echo/catalog/v2/books", data=b"x") as refused:
            assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD")


async def test_switch_sends_browsers_to_the_login_page(tmp_path: Path) -> None:
    async def account(request: web.Request) -> web.Response:
        return web.Response(status=200 if "session" in request.cookies else 401)

    async with (
        upstream(account) as url,
        browsing(route("switch-to-login"), directory=tmp_path, account_url=url) as browser,
    ):
        async with browser.get("/account/a%20b", allow_redirects=False) as response:
            assert response.status == 302
            assert response.headers["Location"] == "/login?goto=/account/a%20b"
        assert await browser.status("/account", method="POST") == 401
        assert await browser.status("/account", headers={"Cookie": "session=1"}) == 200


async def test_resilient_upstream_repeats_reading_only_and_gives_up(tmp_path: Path) -> None:
    answers: list[int] = []
    seen: list[str] = []

    async def stock(request: web.Request) -> web.Response:
        seen.append(request.method)
        return web.Response(status=answers.pop(0) if answers else 200)

    async with (
        upstream(stock) as url,
        browsing(route("resilient-upstream"), directory=tmp_path, stock_url=url) as browser,
    ):
        answers[:] = [503, 502]
        assert await browser.status("/stock") == 200
        assert seen == ["GET", "GET", "GET"]
        answers[:] = [503]
        assert await browser.status("/stock", method="POST") == 503
        assert seen[3:] == ["POST"]


async def test_resilient_upstream_is_left_alone_after_failures(tmp_path: Path) -> None:
    nobody = "http://127.0.0.1:9"
    async with browsing(route("resilient-upstream"), directory=tmp_path, stock_url=nobody) as browser:
        assert [await browser.status("/stock", method="PUT") for _ in range(5)] == [502] * 5
        async with browser.put("/stock") as response:
            assert (response.status, response.headers["Retry-After"]) == (503, "30")


async def test_maintenance_stops_everybody_but_the_operators(tmp_path: Path) -> None:
    paths = (route("maintenance"), route("dispatch"))
    async with (
        browsing(*paths, directory=tmp_path, maintenance_mode="true") as browser,
        browser.get("/echo/catalog") as response,
    ):
        assert (response.status, response.headers["Retry-After"]) == (503, "3600")
        assert "Back soon" in await response.text()
    ours = {"maintenance_mode": "true", "operators_network": "127.0.0.0/8"}
    for system in ({}, ours):
        async with browsing(*paths, directory=tmp_path, **system) as browser:
            assert await browser.status("/echo/catalog") == 200


async def test_session_remembers_the_language(tmp_path: Path) -> None:
    async with browsing(route("session"), directory=tmp_path) as browser:
        got, _ = await browser.received("/echo/pages", headers={"Accept-Language": "en"})
        assert got["headers"]["accept-language"] == "en"
        got, headers = await browser.received("/echo/pages?lang=fr", headers={"Accept-Language": "en"})
        assert got["headers"]["accept-language"] == "fr"
        cookie, *attributes = (part.strip() for part in headers["Set-Cookie"].split(";"))
        assert {a.lower() for a in attributes} >= {"httponly", "secure", "samesite=lax", "path=/echo/pages"}
        got, _ = await browser.received("/echo/pages", headers={"Accept-Language": "en", "Cookie": cookie})
        assert got["headers"]["accept-language"] == "fr"
        got, _ = await browser.received("/echo/pages?lang=../x", headers={"Cookie": cookie})
        assert got["headers"]["accept-language"] == "fr"


async def test_capture_logs_bodies_and_no_credentials(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "gatewright")
    async with browsing(route("capture"), directory=tmp_path) as browser:
        form = {"order": "17", "password": canary("form-password")}
        got, _ = await browser.received(
            "/echo/debug", "POST", data=form, headers={"Authorization": f"Bearer {canary('bearer')}"}
        )
        assert got["form"]["password"] == [canary("form-password")]
        assert got["headers"]["x-debug"] == "true"
    assert "order=17" in caplog.text
    assert "Elapsed time:" in caplog.text
    assert canary("form-password") not in caplog.text.split("200 OK")[0]
    assert canary("bearer") not in caplog.text.split("200 OK")[0]
