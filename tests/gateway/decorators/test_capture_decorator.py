"""CaptureDecorator: points, form, bodies, contexts, and what is hidden."""

import gzip
import json

import pytest

from gateway.http.context import InnerContext
from gateway.http.message import Response
from tests.gateway.scripted import answer, build, exchange, problems

TEXT = {"Content-Type": "text/plain; charset=UTF-8"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def captured(caplog):
    caplog.set_level("INFO", "gatewright.CaptureDecorator")

    async def capture(value, request=None, next=None, *, declaration=None, around=None, **config):  # noqa: A002
        caplog.clear()
        heap = [{"name": "log", "type": "CaptureDecorator", "config": config}]
        named = {"name": "named", **(declaration or {"type": "DateHeaderFilter"}), "log": value}
        holder = {"type": "ChainOfFilters", "config": {"filters": ["named"]}}
        if declaration is not None:
            holder = {"type": "Chain", "config": {"filters": [], "handler": "named"}}
        outcome = await exchange(build(holder, heap=[*heap, named]), request, next, **(around or {}))
        return outcome, [record.getMessage() for record in caplog.records]

    return capture


CHANGING = {"type": "HeaderFilter", "config": {"messageType": "REQUEST", "add": {"X": ["y"]}}}


@pytest.mark.parametrize(
    ("value", "titles"),
    [
        ("all", ["request", "filtered-request", "response", "filtered-response"]),
        ("ALL", ["request", "filtered-request", "response", "filtered-response"]),
        ("request", ["request"]),
        (["filtered_request", "filtered_response"], ["filtered-request", "filtered-response"]),
        (["Response"], ["response"]),
        (["all", "none"], []),
        ([], []),
    ],
)
async def test_points_of_a_filter(captured, value, titles):
    _, lines = await captured(value)
    assert [line.split("(")[1].split(")")[0] for line in lines] == titles


async def test_points_of_a_handler(captured):
    handler = {"type": "StaticResponseHandler", "config": {"status": 200}}
    _, lines = await captured("all", declaration=handler)
    assert [line.split(" id:")[0] for line in lines] == ["--- (request)", "<--- (response)"]
    assert (await captured("filtered_request", declaration=handler))[1] == []


async def test_the_form_of_a_message(captured):
    request = {"method": "POST", "uri": "http://h/p?a=b", "headers": {"X-A": ["1", "2"], **TEXT}, "entity": "body"}
    outcome, (first, last) = await captured(
        ["request", "filtered_response"], request, answer(404, {"X-B": "3", "Date": "d"})
    )
    id_ = outcome.context.id
    assert first == (
        f"--- (request) id:{id_} --->\n\nPOST http://h/p?a=b HTTP/1.1\n"
        "X-A: 1\nX-A: 2\nContent-Type: text/plain; charset=UTF-8\nContent-Length: 4\n\n[entity]"
    )
    assert last == f"<--- (filtered-response) id:{id_} ---\n\nHTTP/1.1 404 Not Found\nX-B: 3\nDate: d"


async def test_the_logger_is_named_after_the_decorator_and_the_object(captured, caplog):
    await captured("request")
    assert caplog.records[0].name == "gatewright.CaptureDecorator.log.named"


@pytest.mark.parametrize(
    ("headers", "entity", "shown"),
    [
        (TEXT, "größe", "größe"),
        (JSON, '{"a": 1}', '{"a": 1}'),
        ({"Content-Type": "image/png"}, b"\x89PNG", "[binary entity]"),
        ({"Content-Type": "image/svg+xml; charset=UTF-8"}, "<svg>", "<svg>"),
        ({}, b"x", "[content-type not set: entity cannot be displayed]"),
        ({"Content-Type": "text/event-stream"}, "data: x", "[event stream: entity cannot be displayed]"),
        ({**TEXT, "Content-Encoding": "gzip"}, gzip.compress(b"packed"), "packed"),
        ({**TEXT, "Content-Encoding": "gzip"}, b"no gzip", "[entity cannot be decoded]"),
        ({**TEXT, "Content-Encoding": "br"}, b"?", "[entity cannot be decoded]"),
        (TEXT, "0123456789" * 3, "0123456789" * 2 + "[entity truncated]"),
    ],
)
async def test_bodies(captured, headers, entity, shown):
    outcome, (line,) = await captured(
        "response", next=answer(200, headers, entity), captureEntity=True, maxEntityLength=20
    )
    assert line.split("\n\n", 2)[2] == shown
    assert outcome.response.entity.raw == (entity.encode() if isinstance(entity, str) else entity)


class Pieces:
    """A body on its way."""

    length = None

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.read = 0

    async def __aiter__(self):
        for piece in self.pieces:
            self.read += 1
            yield piece

    def close(self) -> None:
        self.read = -1


async def test_a_long_stream_stays_one_and_nothing_of_it_is_lost(captured):
    body = Pieces(*[b"0123456789"] * 10)

    def streamed(_context, _request):
        response = Response(200, entity=body)
        response.headers.set("Content-Type", "text/plain")
        return response

    outcome, (line,) = await captured("response", next=streamed, captureEntity=True, maxEntityLength=15)
    assert line.endswith("012345678901234[entity truncated]")
    assert (body.read, outcome.response.entity.buffered) == (2, False)
    assert b"".join([piece async for piece in outcome.response.entity.stream()]) == b"0123456789" * 10


SECRETS = {"Authorization": "Basic s3cret", "cookie": "sid=s3cret", "X-Auth-Token": "s3cret", "X-Plain": "shown"}


async def test_credentials_are_hidden_by_default(captured):
    request = {
        "method": "POST",
        "uri": "http://h/cb?code=s3cret&state=shown",
        "headers": {**SECRETS, "Referer": "http://h/?access_token=s3cret&a=b", **FORM},
        "entity": "grant_type=x&subject_token=s3cret&client_secret=s3cret%20&password=s3cret",
    }
    response = {
        "access_token": "s3cret",
        "refresh_token": 's3"cret',
        "nested": {"id_token": "s3cret"},
        "scope": "shown",
    }
    headers = {**JSON, "Set-Cookie": "sid=s3cret", "Location": "http://h/#id_token=s3cret&ok=1"}
    next_ = answer(200, headers, json.dumps(response))
    outcome, lines = await captured(["request", "response"], request, next_, captureEntity=True)
    text = "\n".join(lines)
    assert "s3cret" not in text
    assert 's3\\"cret' not in text
    for shown in (
        "code=*****&state=shown",
        "Authorization: *****",
        "X-Plain: shown",
        "grant_type=x&subject_token=*****",
        '"id_token": "*****"',
        '"scope": "shown"',
        "id_token=*****&ok=1",
    ):
        assert shown in text
    assert json.loads(outcome.response.entity.string) == response


async def test_credentials_are_hidden_wherever_an_application_repeats_them(captured):
    said = {
        "headers": [["Authorization", "Bearer s3cret.S-x~"], ["cookie", "sid=s3cret"], ["Accept", "x"]],
        "members": {"X-Api-Key": "s3cret", "Set-Cookie": ["sid=s3cret"]},
        "names": ["authorization", "cookie", "accept"],
        "text": "Basic authentication, Bearer of news; X-Auth: Bearer s3cret.S-x~",
    }
    headers = {**JSON, "X-Seen": "Basic czNjcmV0Og==", "WWW-Authenticate": 'Bearer realm="x", Basic realm=App4'}
    _, (line,) = await captured("response", next=answer(200, headers, json.dumps(said)), captureEntity=True)
    shown = json.loads(line.rpartition("\n")[2])
    assert shown == {
        "headers": [["Authorization", "*****"], ["cookie", "*****"], ["Accept", "x"]],
        "members": {"X-Api-Key": "*****", "Set-Cookie": "*****"},
        "names": ["authorization", "cookie", "accept"],
        "text": "Basic authentication, Bearer of news; X-Auth: Bearer *****",
    }
    assert "X-Seen: Basic *****" in line
    assert 'WWW-Authenticate: Bearer realm="x", Basic realm=App4' in line


async def test_a_value_that_was_cut_is_hidden_too(captured):
    _, (line,) = await captured(
        "response", next=answer(200, JSON, '{"password": "s3cret and more"}'), captureEntity=True, maxEntityLength=20
    )
    assert "s3c" not in line


async def test_masks_of_a_configuration_hide_what_they_name_and_nothing_else(captured):
    request = {"uri": "http://h/?code=abc", "headers": {**SECRETS}}
    _, (line,) = await captured("request", request, masks={"headers": ["x-.*", "COOKIE"], "mask": "###"})
    assert line.splitlines()[2:] == [
        "GET http://h/?code=abc HTTP/1.1",
        "Authorization: Basic s3cret",
        "cookie: ###",
        "X-Auth-Token: ###",
        "X-Plain: ###",
    ]


async def test_empty_masks_hide_nothing(captured):
    _, (line,) = await captured("request", {"headers": SECRETS}, masks={})
    assert line.count("s3cret") == 3


async def test_trailers_are_shown_and_masked(captured):
    def with_trailers(_context, _request):
        response = Response(200)
        response.trailers.add("X-Sum", "1")
        response.trailers.add("X-Token", "s3cret")
        return response

    _, (line,) = await captured("response", next=with_trailers)
    assert line.endswith("X-Sum: 1\nX-Token: *****")


class SsoTokenContext(InnerContext, name="ssoToken"):
    """As a login filter makes it."""


async def test_contexts_as_json(captured):
    around = {
        "attributes": {"plain": "shown", "password": "s3cret", "list": [{"token": "s3cret"}]},
        "session": {"user": "s3cret"},
        "context": lambda root: SsoTokenContext(root, value="s3cret", info={"uid": "demo", "tokenId": "x"}),
    }
    _, (line,) = await captured("request", around=around, captureContext=True)
    assert "s3cret" not in line
    values = json.loads(line.partition("Context's content as JSON:\n")[2])
    assert values["ssoToken"] == {"value": "*****", "info": {"uid": "demo", "tokenId": "x"}, "loginEndpoint": None}
    assert values["attributes"]["attributes"] == {"plain": "shown", "password": "*****", "list": [{"token": "*****"}]}
    assert values["client"]["remoteAddress"] == "192.0.2.1"
    assert values["router"]["originalUri"] == "http://gateway.example.com:8080/"
    _, (line,) = await captured("request", around=around, captureContext=True, masks={"attributes": ["UID", "list"]})
    values = json.loads(line.partition("Context's content as JSON:\n")[2])
    assert values["ssoToken"]["info"] == {"uid": "*****", "tokenId": "x"}
    assert values["attributes"]["attributes"]["list"] == "*****"
    assert values["session"]["session"] == {"user": "s3cret"}


@pytest.mark.parametrize("value", [True, None, "everything", ["request", "x"], {}])
def test_other_values_are_load_errors(value):
    assert problems({"type": "DateHeaderFilter", "capture": value})


def test_a_length_beyond_two_gigabytes_is_refused():
    heap = [{"name": "log", "type": "CaptureDecorator", "config": {"maxEntityLength": 2147483648}}]
    assert len(problems({"type": "DateHeaderFilter"}, heap=heap)) == 1
