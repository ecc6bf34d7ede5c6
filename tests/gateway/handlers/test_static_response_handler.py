"""StaticResponseHandler: a response made of expressions."""

from __future__ import annotations

import pytest

from gateway.errors import ExchangeError
from gateway.handlers.static_response_handler import StaticResponseHandler
from tests.gateway.scripted import build, problems, run

HTML = {"Content-Type": ["text/html; charset=UTF-8"]}


def static(status: int | str = 200, **config) -> dict:
    return {"type": "StaticResponseHandler", "config": {"status": status, **config}}


def test_the_example_builds():
    build(StaticResponseHandler.example)


async def test_status_headers_and_entity():
    outcome = await run(static("${201}", headers={**HTML, "X-Two": ["a", "${request.method}"]}, entity="caf\u00e9"))
    assert outcome.status == 201
    assert outcome.headers["X-Two"] == ["a", "GET"]
    assert outcome.response.entity.bytes == "caf\u00e9".encode()


async def test_without_charset_the_entity_is_latin_1_and_no_content_type_is_added():
    outcome = await run(static(entity="caf\u00e9"))
    assert outcome.response.entity.bytes == b"caf\xe9"
    assert outcome.headers == {"Content-Length": ["4"]}


@pytest.mark.parametrize("line", ["two", "${request.method == 'GET' ? 'two' : ''}"])
async def test_an_array_is_joined_line_by_line(line: str):
    assert (await run(static(entity=["one", line]))).text == "one\ntwo"


async def test_names_of_fields_may_be_expressions():
    assert (await run(static(headers={"X-${'A'}": ["1"]}))).headers == {"X-A": ["1"]}


async def test_null_leaves_a_value_out_and_the_entity_empty():
    outcome = await run(static(headers={"X-A": ["${request.headers['no'][0]}"]}, entity="${attributes.no}"))
    assert (outcome.headers, outcome.text) == ({"Content-Length": ["0"]}, "")


async def test_an_escaped_expression_is_text():
    assert (await run(static(entity="\\${request.method}"))).text == "${request.method}"


async def test_values_are_not_escaped_in_html():
    outcome = await run(static(headers=HTML, entity="<p>${attributes.x}</p>"), attributes={"x": "<b>"})
    assert outcome.text == "<p><b></p>"


@pytest.mark.parametrize(("status", "reason"), [(299, "Odd"), (200, "OK")])
async def test_the_reason_counts_for_codes_without_one(status: int, reason: str):
    assert (await run(static(status, reason="Odd"))).response.status.reason == reason


async def test_trailers_are_expressions_too():
    outcome = await run(static(trailers={"X-Sum": ["${request.method}", "${attributes.no}"]}, entity="x"))
    assert outcome.response.trailers.all("X-Sum") == ["GET"]


@pytest.mark.parametrize("value", ["a\r\nX-Forged: b", "${request.method}${attributes.forged}"])
async def test_a_value_never_starts_a_line(value: str):
    if "forged}" not in value:
        assert problems(static(headers={"X-A": [value]}))
        return
    with pytest.raises(ExchangeError, match="control character"):
        await run(static(headers={"X-A": [value]}), attributes={"forged": "\r\nX-Forged: b"})


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"status": 99}, "99 is no status code"),
        ({"status": 1000}, "1000 is no status code"),
        ({"reason": "a\r\nX-Forged: b"}, "a reason phrase holds a control character"),
        ({"headers": {"X A": ["${request.method}"]}}, '"X A" is no name of a header field'),
        ({"trailers": {"X A": ["1"]}}, '"X A" is no name of a header field'),
        ({"trailers": {"Content-Length": ["1"]}}, '"Content-Length" cannot be a trailer field'),
        ({"trailers": {"set-cookie": ["a=b"]}}, '"set-cookie" cannot be a trailer field'),
        ({"trailers": {"Host": ["a"]}}, '"Host" cannot be a trailer field'),
    ],
)
def test_what_cannot_be_sent_is_a_load_error(config: dict, message: str):
    assert problems(static(**config)) == [message]


async def test_answers_do_not_share_what_filters_change():
    tested = static(headers={"X-A": ["1"]}, entity="x")
    chain = {
        "type": "Chain",
        "config": {
            "filters": [{"type": "HeaderFilter", "config": {"messageType": "RESPONSE", "add": {"X-A": ["2"]}}}],
            "handler": "shared",
        },
    }
    pair = {"type": "SequenceHandler", "config": {"bindings": [{"handler": chain}, {"handler": "shared"}]}}
    assert (await run(pair, heap=[{"name": "shared", **tested}])).headers["X-A"] == ["1"]
