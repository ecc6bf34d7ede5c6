"""NoProxyOptions, SystemProxyOptions and CustomProxyOptions: which proxy they choose."""

from __future__ import annotations

import pytest

from expr.scope import implicit
from gateway.client.proxy import Direct, Proxy
from gateway.objects.custom_proxy_options import CustomProxyOptions
from gateway.objects.no_proxy_options import NoProxyOptions
from gateway.objects.proxy_options import ProxyOptions
from gateway.objects.system_proxy_options import SystemProxyOptions
from tests.canaries import canary, packed
from tests.gateway.client.upstream_scripts import OK, Upstream, reply
from tests.gateway.scripted import build, problems, run, started

ENVIRONMENT = {"name": "env", "type": "SystemAndEnvSecretStore", "config": {"format": "PLAIN"}}


def custom(**config) -> dict:
    return {"name": "ProxyOptions", "type": "CustomProxyOptions", "config": config}


@pytest.fixture
def system(monkeypatch) -> dict[str, str]:
    properties: dict[str, str] = {}
    monkeypatch.setattr(implicit, "_system", properties)
    return properties


def test_no_proxy_is_direct_and_the_default():
    assert build(NoProxyOptions.example).chooser() == Direct()
    assert build({"type": "ClientHandler"}).proxyOptions.chooser() == Direct()


async def test_the_system_properties_name_the_proxies(system):
    system.update(
        {
            "http.proxyHost": "proxy.example.com",
            "http.proxyPort": "3128",
            "https.proxyHost": "secure.example.com",
            "http.nonProxyHosts": "*.internal|10.*",
        }
    )
    async with started(SystemProxyOptions.example) as options:
        chooser = options.chooser()
    assert chooser.proxy_for("http", "app.example.com") == Proxy("http", "proxy.example.com", 3128)
    assert chooser.proxy_for("https", "app.example.com") == Proxy("http", "secure.example.com", 443)
    assert chooser.proxy_for("http", "app.internal") is None
    assert chooser.proxy_for("https", "10.0.0.1") is None
    assert chooser == options.chooser()


def test_without_system_properties_there_is_no_proxy(system):
    assert build(SystemProxyOptions.example).chooser().proxy_for("http", "app.example.com") is None


def test_this_machine_is_reached_directly(system):
    system["http.proxyHost"] = "proxy.example.com"
    chooser = build(SystemProxyOptions.example).chooser()
    assert chooser.proxy_for("http", "localhost") is None
    assert chooser.proxy_for("http", "127.0.0.1") is None
    assert chooser.proxy_for("http", "example.com") == Proxy("http", "proxy.example.com", 80)


def test_a_port_that_is_no_number_is_logged(system, caplog):
    system.update({"http.proxyHost": "proxy.example.com", "http.proxyPort": "many"})
    assert build(SystemProxyOptions.example).chooser().proxy_for("http", "example.com") is None
    assert "http.proxyPort" in caplog.text


async def test_a_custom_proxy_with_credentials(monkeypatch):
    monkeypatch.setenv("PROXY_PASS", canary("proxy") + "é")
    declaration = custom(
        uri="http://proxy.example.com:3128", username="gw", passwordSecretId="proxy.pass", secretsProvider="env"
    )
    async with started(declaration, heap=[ENVIRONMENT]) as options:
        proxy = options.chooser().proxy_for("https", "app.example.com")
    assert proxy == Proxy("http", "proxy.example.com", 3128, "Basic " + packed(f"gw:{canary('proxy')}é"))
    assert "Basic" not in repr(proxy)


@pytest.mark.parametrize(("uri", "port"), [("http://proxy", 80), ("https://proxy/", 443), ("https://proxy:8443", 8443)])
async def test_the_port_of_the_scheme_is_the_default(uri, port):
    async with started(custom(uri=uri)) as options:
        assert options.chooser().proxy_for("http", "app").port == port


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"uri": "socks5://proxy:1080"},
        {"uri": "http://proxy", "username": "gw"},
        {"uri": "http://proxy", "username": "gw", "passwordSecretId": "proxy.pass"},
    ],
)
def test_what_cannot_be_is_said_at_load(config):
    assert problems(custom(**config))


def test_the_kinds_are_kinds():
    for declaration in (NoProxyOptions.example, SystemProxyOptions.example):
        assert isinstance(build(declaration), ProxyOptions)
    assert isinstance(build(CustomProxyOptions.example), ProxyOptions)


async def test_an_object_named_proxy_options_is_the_default_of_all_handlers():
    async with Upstream(reply(OK)) as proxy:
        handler = {"type": "ClientHandler"}
        outcome = await run(handler, {"uri": "http://app.example.com/a"}, heap=[custom(uri=proxy.url)])
        assert outcome.status == 200
        assert proxy.heads[0].startswith(b"GET http://app.example.com/a HTTP/1.1\r\n")
