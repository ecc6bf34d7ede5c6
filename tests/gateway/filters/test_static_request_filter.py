"""StaticRequestFilter: a new request in the place of the old one."""

import pytest

from gateway.errors import ExchangeError
from tests.gateway.scripted import problems, run

ORIGINAL = {"method": "PUT", "uri": "http://old/path?a=b", "headers": {"X": "x", "Cookie": "c=d"}, "entity": "old"}


def static(method: str = "GET", uri: str = "http://app.example.com/login", **config) -> dict:
    return {"type": "StaticRequestFilter", "config": {"method": method, "uri": uri, **config}}


async def seen(config: dict):
    outcome = await run(config, ORIGINAL)
    assert str(outcome.request.uri) == ORIGINAL["uri"]
    return outcome.forwarded


async def test_nothing_of_the_original_is_copied():
    request = await seen(static())
    assert (request.method, request.uri) == ("GET", "http://app.example.com/login")
    assert (request.headers, request.entity, request.request.version) == ({}, b"", "HTTP/1.1")


async def test_expressions_see_the_original():
    config = static(uri="http://app${request.uri.path}", headers={"X": ["${request.headers['X'][0]}", "2", "${null}"]})
    request = await seen(config)
    assert (request.uri, request.headers) == ("http://app/path", {"X": ["x", "2"]})


async def test_post_sends_a_form():
    request = await seen(static("POST", form={"user": ["demo", "${null}"], "p": ["a b&c", "2"]}))
    assert request.entity == b"user=demo&p=a+b%26c&p=2"
    assert request.headers == {"Content-Type": ["application/x-www-form-urlencoded"], "Content-Length": ["23"]}


async def test_other_methods_put_the_form_into_the_query():
    request = await seen(static(uri="http://app/x?q=1", form={"a": ["b c"], "n": ["${null}"]}))
    assert (request.uri, request.entity) == ("http://app/x?q=1&a=b%20c", b"")
    assert (await seen(static(form={"n": ["${null}"]}))).uri == "http://app.example.com/login"


async def test_the_entity_is_written_in_its_charset():
    headers = {"Content-Type": ["text/plain; charset=UTF-8"]}
    request = await seen(static("POST", headers=headers, entity="größe ${request.entity.string}"))
    assert request.entity == "größe old".encode()
    assert request.headers["Content-Length"] == ["11"]


@pytest.mark.parametrize("uri", ["${null}", "/relative", "http://a b/", "http:///x"])
async def test_a_uri_that_is_null_or_invalid_fails(uri):
    with pytest.raises(ExchangeError) as caught:
        await run(static(uri=uri), ORIGINAL)
    assert caught.value.code == 500


def test_mistakes_are_found_when_the_filter_is_loaded():
    assert problems(static("POST", form={"a": ["b"]}, entity="x")) == ["the body is given by both entity and form"]
    assert problems(static("PUT", form={"a": ["b"]}, entity="x")) == []
    assert problems(static("GET /x")) == ['"GET /x" is no method']
    assert problems(static(headers={"a:b": ["x"]})) == ['"a:b" is no name of a header field']
