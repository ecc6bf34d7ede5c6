"""LocationHeaderFilter: scheme, host and port of redirects."""

import pytest

from gateway.errors import ExchangeError
from tests.gateway.scripted import answer, run

REQUEST = {"uri": "http://gateway.example.com:8080/a/b"}


def location(**config) -> dict:
    return {"type": "LocationHeaderFilter", "config": config}


async def rewritten(config: dict, value: str) -> str:
    outcome = await run(config, REQUEST, answer(302, {"Location": value}))
    (found,) = outcome.headers["Location"]
    return found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("http://app:8081/x%20y?q=1#f", "https://ig.example.com:8443/x%20y?q=1#f"),
        ("/login?q=1", "https://ig.example.com:8443/login?q=1"),
        ("login", "https://ig.example.com:8443/a/login"),
    ],
)
async def test_origin_is_replaced_and_the_rest_stays(value, expected):
    assert await rewritten(location(baseURI="https://ig.example.com:8443/ignored"), value) == expected


async def test_the_default_is_what_the_client_asked_for():
    assert await rewritten(location(), "http://app:8081/x") == "http://gateway.example.com:8080/x"


async def test_a_base_without_a_host_changes_nothing():
    assert await rewritten(location(baseURI="/base"), "http://app:8081/x") == "http://app:8081/x"


async def test_a_response_without_the_header_is_left_alone():
    assert (await run(location(baseURI="${null}"), REQUEST)).headers == {}


@pytest.mark.parametrize("base", ["${null}", "http://a b/"])
async def test_a_base_that_is_null_or_invalid_fails(base):
    with pytest.raises(ExchangeError):
        await rewritten(location(baseURI=base), "http://app/")


async def test_a_location_that_is_no_uri_fails():
    with pytest.raises(ExchangeError) as caught:
        await rewritten(location(), "http://a b/<>")
    assert caught.value.code == 500
