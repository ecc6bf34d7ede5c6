"""DispatchHandler: the first binding that holds, its base URI, and 404."""

import pytest

from gateway.errors import ExchangeError
from tests.gateway.scripted import run


def echo(text: str) -> dict:
    return {"type": "StaticResponseHandler", "config": {"status": 200, "entity": f"{text} ${{request.uri}}"}}


def dispatch(*bindings: dict) -> dict:
    return {"type": "DispatchHandler", "config": {"bindings": list(bindings)}}


async def test_the_first_binding_whose_condition_holds_answers():
    handler = dispatch(
        {"condition": "${request.uri.path == '/a'}", "handler": echo("a")},
        {"condition": "${request.method == 'GET'}", "handler": echo("get")},
        {"handler": echo("rest")},
    )
    assert (await run(handler, {"uri": "http://h/b"})).text == "get http://h/b"
    assert (await run(handler, {"method": "PUT", "uri": "http://h/b"})).text == "rest http://h/b"


async def test_no_binding_is_404_with_an_empty_body():
    outcome = await run(dispatch({"condition": False, "handler": echo("never")}))
    assert (outcome.status, outcome.text) == (404, "")


async def test_null_and_text_are_no_true_condition():
    handler = dispatch(
        {"condition": "${request.headers['X'][0]}", "handler": echo("null")},
        {"condition": "true", "handler": echo("text")},
    )
    assert (await run(handler)).status == 404


async def test_base_uri_changes_the_origin_and_keeps_the_rest():
    handler = dispatch({"handler": echo("to"), "baseURI": "https://app.example.com:8443/ignored"})
    outcome = await run(handler, {"uri": "http://user@h:8080/p%2Fq?a=b#c"})
    assert outcome.text == "to https://user@app.example.com:8443/p%2Fq?a=b#c"


async def test_base_uri_without_a_port_leaves_none():
    outcome = await run(dispatch({"handler": echo("to"), "baseURI": "http://app"}), {"uri": "http://h:8080/p"})
    assert outcome.text == "to http://app/p"


@pytest.mark.parametrize("base", ["${request.headers['X'][0]}", "http://under_score/", "http://[x"])
async def test_a_base_uri_that_is_null_or_invalid_fails(base):
    with pytest.raises(ExchangeError) as caught:
        await run(dispatch({"handler": echo("to"), "baseURI": base}))
    assert caught.value.code == 500
