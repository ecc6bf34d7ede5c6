"""BaseUriDecorator: the origin of what enters an object."""

import pytest

from gateway.errors import ExchangeError
from tests.gateway.scripted import answer, build, exchange, run

ECHO = {
    "type": "StaticResponseHandler",
    "config": {"status": 200, "entity": "${request.uri} ${request.headers['Host'][0]}"},
}
REQUEST = {"uri": "http://u@gateway:8080/a%2Fb?c=d", "headers": {"Host": "gateway:8080"}}


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://app.example.com:8443", "https://u@app.example.com:8443/a%2Fb?c=d"),
        ("http://app.example.com/ignored?x", "http://u@app.example.com/a%2Fb?c=d"),
        ("http://${request.headers['X-Target'][0]}:1", "http://u@[::1]:1/a%2Fb?c=d"),
        ("/no/origin", "http://u@gateway:8080/a%2Fb?c=d"),
    ],
)
async def test_scheme_host_and_port_change_and_the_host_header_does_not(base, expected):
    request = {**REQUEST, "headers": {**REQUEST["headers"], "X-Target": "[::1]"}}
    assert (await run({**ECHO, "baseURI": base}, request)).text == f"{expected} gateway:8080"


async def test_a_filter_is_decorated_too_and_the_change_stays():
    outcome = await run({"type": "DateHeaderFilter", "baseURI": "http://app"}, REQUEST, answer())
    assert outcome.forwarded.uri == "http://u@app/a%2Fb?c=d"


@pytest.mark.parametrize("base", ["${null}", "${request.headers['None'][0]}", "http://under_score", "http://a b"])
async def test_null_and_invalid_values_fail_and_the_object_is_not_called(base):
    tested = build({"type": "DateHeaderFilter", "baseURI": base})
    with pytest.raises(ExchangeError) as caught:
        await exchange(tested, REQUEST)
    assert caught.value.code == 500


async def test_a_value_that_is_no_string_decorates_nothing():
    assert (await run({**ECHO, "baseURI": 5}, REQUEST)).text.startswith("http://u@gateway:8080/")


async def test_properties_are_seen():
    outcome = await run(
        {**ECHO, "baseURI": "http://${uris[request.uri.host]}"},
        REQUEST,
        top={"properties": {"uris": {"gateway": "app:1"}}},
    )
    assert outcome.text.startswith("http://u@app:1/")
