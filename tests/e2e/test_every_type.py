"""Every handler, general filter and decorator over real sockets, in front of the sample application.

A case is a route and exchanges with it. Types that are not here are in a route that another test of this folder drives.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientSession, CookieJar
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.sandbox.sample_app import SampleApp
from tests.canaries import canary
from tests.e2e.authorization_server import USER_PASSWORD
from tests.e2e.inside import Browser, listening
from tests.gateway.client.certificates import Authority
from tests.gateway.instances import running
from tests.gateway.servers import free_port

HERE = Path(__file__).parent
CERTIFICATE = quote(Authority().certificate.public_bytes(Encoding.PEM).decode())
HELLO = {"type": "StaticResponseHandler", "config": {"status": 200, "entity": "hello"}}


def one(kind: str, **config: Any) -> dict[str, Any]:
    return {"type": kind, "config": config}


def chain(*filters: Any, handler: Any = "ReverseProxyHandler") -> dict[str, Any]:
    return one("Chain", filters=[*filters], handler=handler)


def redirect(location: str) -> dict[str, Any]:
    return one("StaticResponseHandler", status=302, headers={"Location": [location]})


@dataclass
class Exchange:
    """A request, and what has to be true of its answer and of the request that the application got.

    Values are regular expressions for the whole of a text; None says that a header field is not there.
    """

    path: str = "/echo/a"
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    status: int = 200
    answer: Mapping[str, str | None] = field(default_factory=dict)
    text: str | None = None
    got: Mapping[str, str | None] = field(default_factory=dict)
    target: str | None = None


CASES: dict[str, tuple[Any, list[Exchange]]] = {
    "SequenceHandler": (
        one(
            "SequenceHandler",
            bindings=[
                {"handler": "ReverseProxyHandler", "postcondition": "${response.status.code == 200}"},
                {"handler": HELLO},
            ],
        ),
        [Exchange(text="hello"), Exchange("/login", "POST", body="username=x", status=401)],
    ),
    "ResourceHandler": (
        one("ResourceHandler", directories=["@SITE@"], basePath="/static", welcomePages=["index.html"]),
        [
            Exchange("/static/a.css", text="body {}", answer={"Content-Type": "text/css", "Last-Modified": ".+ GMT"}),
            Exchange("/static/", text="home"),
            Exchange("/static", status=302, answer={"Location": "http://.+/static/"}),
            Exchange("/static/%2e%2e/secret", status=404, text=""),
            Exchange("/static/a.css", "POST", body="x", status=405),
            Exchange("/static/a.css", headers={"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}, status=304),
        ],
    ),
    "WelcomeHandler": (one("WelcomeHandler"), [Exchange(text="(?s)<!DOCTYPE html>.+")]),
    "Delegate": (
        {"type": "Delegate", "baseURI": "@APP@", "config": {"delegate": "ForgeRockClientHandler"}},
        [Exchange(got={"x-forgerock-transactionid": ".+/0"})],
    ),
    "CertificateThumbprintFilter": (
        chain(
            one("CertificateThumbprintFilter", certificate="${pemCertificate(urlDecode(request.headers['x-cert'][0]))}")
        ),
        [Exchange(headers={"X-Cert": CERTIFICATE}), Exchange(headers={"X-Cert": "no"}, status=403, text="")],
    ),
    "ChainOfFilters": (
        chain(
            one(
                "ChainOfFilters",
                filters=[
                    one("HeaderFilter", messageType="REQUEST", add={"X-A": ["1"]}),
                    one("HeaderFilter", messageType="REQUEST", remove=["X-B"]),
                ],
            )
        ),
        [Exchange(headers={"X-B": "2"}, got={"x-a": "1", "x-b": None})],
    ),
    "CircuitBreakerFilter": (
        chain(
            one(
                "CircuitBreakerFilter",
                maxFailures=2,
                openDuration="1 hour",
                openHandler=one("StaticResponseHandler", status=503),
            ),
            handler={"type": "ClientHandler", "baseURI": "@REFUSED@"},
        ),
        [Exchange(status=500, text=""), Exchange(status=500), Exchange(status=503), Exchange(status=503)],
    ),
    "DateHeaderFilter": (
        chain(one("DateHeaderFilter"), one("HeaderFilter", messageType="RESPONSE", remove=["Date"])),
        [Exchange(answer={"Date": r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"})],
    ),
    "EntityExtractFilter": (
        chain(
            one(
                "EntityExtractFilter",
                messageType="REQUEST",
                target="${attributes.found}",
                bindings=[{"key": "id", "pattern": "id=([0-9]+)", "template": "<$1>"}],
            ),
            one("HeaderFilter", messageType="REQUEST", add={"X-Id": ["${attributes.found.id}"]}),
        ),
        [
            Exchange(method="POST", body="a=1&id=42", got={"x-id": "<42>"}),
            Exchange(method="POST", body="a=1", got={"x-id": None}),
        ],
    ),
    "FapiInteractionIdFilter": (
        chain(one("FapiInteractionIdFilter")),
        [
            Exchange(headers={"x-fapi-interaction-id": "abc"}, answer={"x-fapi-interaction-id": "abc"}),
            Exchange(got={"x-fapi-interaction-id": "[0-9a-f-]{36}"}, answer={"x-fapi-interaction-id": "[0-9a-f-]{36}"}),
        ],
    ),
    "ForwardedRequestFilter": (
        chain(
            one("ForwardedRequestFilter", scheme="${request.headers['X-Proto'][0]}", host="www.example.com", port=443),
            handler=redirect("${toString(contexts.router.originalUri)}"),
        ),
        [
            Exchange(
                "/a%20b?c=%2F",
                headers={"X-Proto": "https"},
                status=302,
                answer={"Location": r"https://www\.example\.com(:443)?/a%20b\?c=(%2F|/)"},
            ),
            Exchange(headers={"X-Proto": "not a scheme"}, status=400),
        ],
    ),
    "LocationHeaderFilter": (
        chain(one("LocationHeaderFilter"), handler=redirect("http://app.example.com:8081/next?a=1#b")),
        [
            Exchange(
                headers={"Host": "ig.example.com"},
                status=302,
                answer={"Location": r"http://ig\.example\.com/next\?a=1#b"},
            )
        ],
    ),
    "SetCookieUpdateFilter": (
        chain(
            one(
                "SetCookieUpdateFilter",
                cookies={
                    "SampleApp.*": {"secure": True, "SameSite": "strict", "http-only": "${false}"},
                    ".*": {"path": "/app"},
                },
            )
        ),
        [
            Exchange(
                "/login",
                "POST",
                body=f"username=demo&password={USER_PASSWORD}",
                answer={"Set-Cookie": r"SampleAppSession=[^;]+; Path=/app; Secure; SameSite=strict"},
            )
        ],
    ),
    "DefaultRateThrottlingPolicy": (
        chain(
            one(
                "ThrottlingFilter",
                requestGroupingPolicy="${request.headers['X-User'][0]}",
                throttlingRatePolicy=one(
                    "DefaultRateThrottlingPolicy",
                    delegateThrottlingRatePolicy=one(
                        "MappedThrottlingPolicy",
                        throttlingRateMapper="${request.headers['X-Level'][0]}",
                        throttlingRatesMapping={"gold": {"numberOfRequests": 2, "duration": "1 hour"}},
                        defaultRate={"numberOfRequests": 1, "duration": "1 hour"},
                    ),
                    defaultRate={"numberOfRequests": 1, "duration": "1 hour"},
                ),
            )
        ),
        [
            Exchange(headers={"X-User": "a"}),
            Exchange(headers={"X-User": "a"}, status=429, text="", answer={"Retry-After": "3[56][0-9]{2}"}),
            Exchange(headers={"X-User": "b", "X-Level": "gold"}),
            Exchange(headers={"X-User": "b", "X-Level": "gold"}),
            Exchange(headers={"X-User": "b", "X-Level": "gold"}, status=429),
            Exchange(status=500, text=""),
        ],
    ),
    "TransactionIdOutboundFilter": (
        chain("TransactionIdOutboundFilter", "TransactionIdOutboundFilter"),
        [Exchange(got={"x-forgerock-transactionid": ".+/1"})],
    ),
    "BaseUriDecorator": (
        {**chain(handler={"type": "ReverseProxyHandler", "baseURI": "@APP@"}), "baseURI": "@REFUSED@"},
        [Exchange("/echo/a?b=%20", headers={"Host": "kept"}, got={"host": "kept"}, target=r"/echo/a\?b=%20")],
    ),
    "a handler whose base is no URI": ({**HELLO, "baseURI": "http://not valid"}, [Exchange(status=500, text="")]),
    "TracingDecorator": ({**chain(), "tracing": True}, [Exchange(got={"traceparent": None})]),
}


@asynccontextmanager
async def browsing(directory: Path, handler: Any, **route: Any) -> AsyncIterator[Browser]:
    """A browser in front of a gateway with one route, and the sample application behind it."""
    async with listening(SampleApp({"demo": USER_PASSWORD}).application()) as app:
        text = json.dumps({"baseURI": app, "handler": handler, **route})
        places = {"@APP@": app, "@SITE@": str(directory / "site"), "@REFUSED@": f"http://127.0.0.1:{free_port()}"}
        for mark, value in places.items():
            text = text.replace(mark, value)
        async with running(directory, routes={"route": text}) as instance:
            assert len(instance.router.table.routes) == 1, "the route was not loaded"
            async with ClientSession(instance.url, cookie_jar=CookieJar(unsafe=True)) as session:
                yield Browser(session)


@pytest.mark.parametrize("case", CASES)
async def test_a_type_does_its_work(case: str, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "a.css").write_text("body {}")
    (site / "index.html").write_text("home")
    (tmp_path / "secret").write_text(canary("file"))
    handler, exchanges = CASES[case]
    async with browsing(tmp_path, handler) as browser:
        for exchange in exchanges:
            await _run(browser, exchange)


async def _run(browser: Browser, wanted: Exchange) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", **wanted.headers} if wanted.body else wanted.headers
    async with browser.request(
        wanted.method, wanted.path, headers=headers, data=wanted.body, allow_redirects=False
    ) as response:
        text = await response.text()
    assert response.status == wanted.status, text
    assert wanted.text is None or re.fullmatch(wanted.text, text), text
    _compare(wanted.answer, response.headers)
    if wanted.got or wanted.target:
        got = json.loads(text)
        _compare(wanted.got, {name.lower(): value for name, value in got["headers"]})
        assert wanted.target is None or re.fullmatch(wanted.target, got["target"]), got["target"]


def _compare(wanted: Mapping[str, str | None], headers: Mapping[str, str]) -> None:
    for name, pattern in wanted.items():
        value = headers.get(name)
        if pattern is None:
            assert value is None, (name, value)
        else:
            assert value is not None and re.fullmatch(pattern, value), (name, value)


async def test_times_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """TimerDecorator."""
    caplog.set_level("INFO", "gatewright")
    timed = {"type": "DateHeaderFilter", "name": "dated", "timer": True}
    async with browsing(tmp_path, {**chain(timed), "timer": True}) as browser:
        await browser.status("/echo/a")
    lines = [record.getMessage() for record in caplog.records if ".TimerDecorator.timer." in record.name]
    form = re.compile(r"Elapsed time: \d+ ms( \(internal: \d+ ms, downstream: \d+ ms\))?")
    assert all(form.fullmatch(one) for one in lines), lines
    assert ["internal" in one for one in lines] == [True, False]


# ------------------------------------------------------------------------------------------------------------- logins

BACK = "${contexts.AuthRedirectAwareContext.notifyImpendingIgRedirectAndUpdateUri(contexts.router.originalUri)}"
LOGIN = one(
    "SwitchFilter",
    onRequest=[
        {
            "condition": "${request.uri.path == '/log-in'}",
            "handler": chain(
                one("AssignmentFilter", onRequest=[{"target": "${session.user}", "value": "demo"}]),
                handler=redirect("${request.queryParams['goto'][0]}"),
            ),
        },
        {
            "condition": "${empty session.user}",
            "handler": redirect("/log-in?goto=${urlEncodeQueryParameterNameOrValue(" + BACK[2:-1] + ".toString())}"),
        },
    ],
)
"""Stands for a filter that redirects to a login page and lets who comes back from there pass."""


async def test_a_post_survives_a_login(tmp_path: Path) -> None:
    """DataPreservationFilter."""
    async with browsing(tmp_path, chain(one("DataPreservationFilter"), LOGIN)) as browser:
        async with browser.post("/echo/form?a=1", data={"x": "1 2"}) as page:
            assert page.status == 200
            action = unescape(_only(r'action="([^"]*)"', await page.text()))
        async with browser.post(f"/echo/form{action}") as response:
            got = await response.json()
    assert (got["method"], got["target"], got["form"]) == ("POST", "/echo/form?a=1", {"x": ["1 2"]})


async def test_a_fragment_survives_a_login(tmp_path: Path) -> None:
    """FragmentFilter."""
    keeping = one("FragmentFilter", fragmentCaptureEndpoint="/fragment", noJavaScriptMessage="Press the button")
    async with browsing(tmp_path, chain(keeping, LOGIN)) as browser:
        async with browser.get("/echo/page?a=1") as page:
            text = await page.text()
        assert "Press the button" in text
        form = {name: unescape(value) for name, value in re.findall(r'name="(\w+)"[^>]* value="([^"]*)"', text)}
        assert await browser.status("/fragment", "POST", data={**form, "nonce": "forged"}) == 400
        async with browser.post("/fragment", data={**form, "fragment": "#part"}) as response:
            assert [str(one.headers["Location"]) for one in response.history][-1].endswith("/echo/page?a=1#part")
            assert (await response.json())["target"] == "/echo/page?a=1"
        assert await browser.status("/echo/page?a=1") == 200


def _only(pattern: str, text: str) -> str:
    [found] = re.findall(pattern, text)
    return str(found)


# -------------------------------------------------------------------------------------------------------- completeness


def test_no_type_is_left_out() -> None:
    from gateway.decorators import TYPES as DECORATORS
    from gateway.filters import TYPES as FILTERS
    from gateway.handlers import TYPES as HANDLERS

    routes = Path(str(files("routes")))
    text = "".join(path.read_text("utf-8") for path in (*HERE.glob("*.py"), *routes.glob("*.json")))
    used = {"CaptureDecorator": '"capture"'}
    assert [name for name in (*HANDLERS, *FILTERS, *DECORATORS) if used.get(name, name) not in text] == []
