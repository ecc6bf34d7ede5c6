"""ForwardedRequestFilter: what the client is taken to have asked for."""

import pytest

from gateway.errors import MalformedRequest
from tests.gateway.scripted import problems, run

BEHIND = {"uri": "http://10.0.0.1:8080/a%2Fb?x=%20", "headers": {"X-Proto": "https", "X-Port": "8443"}}


def forwarded(**config) -> dict:
    return {"type": "ForwardedRequestFilter", "config": config}


async def original(config: dict, request: dict) -> str:
    outcome = await run(config, request)
    seen = str(outcome.forwarded.context.find("router").original_uri)
    assert outcome.forwarded.uri == str(outcome.request.uri) == seen
    return seen


async def test_parts_are_replaced_and_the_rest_stays_as_it_is_written():
    config = forwarded(
        scheme="${request.headers['X-Proto'][0]}",
        host="www.example.com",
        port="${integer(request.headers['X-Port'][0])}",
    )
    assert await original(config, BEHIND) == "https://www.example.com:8443/a%2Fb?x=%20"


async def test_a_null_part_stays():
    config = forwarded(scheme="${request.headers['None'][0]}", port=443)
    assert await original(config, BEHIND) == "http://10.0.0.1:443/a%2Fb?x=%20"


@pytest.mark.parametrize("host", ["a b", "evil.example.com/path", "user@host"])
async def test_what_is_no_host_is_a_bad_request(host):
    with pytest.raises(MalformedRequest):
        await run(forwarded(host="${request.headers['X-Host'][0]}"), {"headers": {"X-Host": host}})


def test_something_has_to_be_configured():
    assert problems(forwarded()) == ["the filter changes nothing"]
