from __future__ import annotations

from typing import Any

import pytest

from tests.canaries import canary
from tests.gateway.scripted import answer, problems, run

LOGIN = {
    "method": "POST",
    "uri": "https://app.example.com/login",
    "form": {"username": ["demo"], "token": ["${attributes.extracted.token}"]},
}
TOKEN = {"name": "token", "pattern": 'csrf\\s+value="(.*?)"'}
NONCE = canary("nonce").encode()
PAGE = answer(200, entity=b'<h1>Log in</h1><input csrf value="' + NONCE + b'">')
REQUEST = {"method": "PUT", "uri": "http://app.example.com/page", "headers": {"X-Own": "1"}, "entity": "body"}


def replay(**config: Any) -> dict[str, Any]:
    return {"type": "PasswordReplayFilter", "config": {"request": LOGIN, **config}}


async def test_a_request_for_the_login_page_becomes_the_login_request() -> None:
    outcome = await run(replay(loginPage="${request.uri.path == '/page'}"), REQUEST, answer(302))
    assert outcome.status == 302
    seen = outcome.forwarded
    assert (seen.method, seen.uri, seen.entity) == ("POST", "https://app.example.com/login", b"username=demo")
    assert "X-Own" not in seen.headers


async def test_other_requests_pass() -> None:
    outcome = await run(replay(loginPage="${request.uri.path == '/login'}"), REQUEST, PAGE)
    assert (outcome.forwarded.method, outcome.forwarded.entity) == ("PUT", b"body")
    assert outcome.text.startswith("<h1>")


async def test_the_marker_is_not_looked_at_when_there_is_a_condition() -> None:
    outcome = await run(replay(loginPage=False, loginPageContentMarker="Log in"), REQUEST, PAGE)
    assert len(outcome.seen) == 1


async def test_values_of_the_login_page_go_into_the_login_request() -> None:
    declaration = replay(loginPage=True, loginPageExtractions=[TOKEN, {"name": "none", "pattern": "no(thing)"}])
    outcome = await run(declaration, REQUEST, [PAGE, answer(302)])
    assert outcome.status == 302
    original, login = outcome.seen
    assert (original.method, original.uri, original.entity) == ("PUT", REQUEST["uri"], b"body")
    assert login.entity == b"username=demo&token=" + NONCE
    assert outcome.context.attributes["extracted"] == {"token": NONCE.decode(), "none": None}


async def test_a_marker_in_the_response_leads_to_a_login_and_the_request_again() -> None:
    declaration = replay(loginPageContentMarker="Log\\s+in", loginPageExtractions=[TOKEN])
    outcome = await run(declaration, REQUEST, [PAGE, answer(302), answer(200, entity="welcome")])
    assert outcome.text == "welcome"
    assert [(seen.method, seen.uri) for seen in outcome.seen] == [
        ("PUT", "http://app.example.com/page"),
        ("POST", "https://app.example.com/login"),
        ("PUT", "http://app.example.com/page"),
    ]
    assert outcome.seen[1].entity == b"username=demo&token=" + NONCE
    assert outcome.seen[2].entity == b"body"


async def test_a_response_without_the_marker_is_the_response() -> None:
    outcome = await run(replay(loginPageContentMarker="Log in"), REQUEST, answer(200, entity="welcome"))
    assert (outcome.text, len(outcome.seen)) == ("welcome", 1)
    assert outcome.forwarded.entity == b"body"


async def test_a_failed_login_is_not_tried_again() -> None:
    outcome = await run(replay(loginPageContentMarker="Log in"), REQUEST, [PAGE, PAGE, PAGE])
    assert len(outcome.seen) == 3
    assert outcome.text.startswith("<h1>Log in")


async def test_credentials_are_made_available_to_the_login_request() -> None:
    credentials = {"type": "AssignmentFilter", "config": {"onRequest": [{"target": "${attributes.u}", "value": "bob"}]}}
    login = {**LOGIN, "form": {"username": ["${attributes.u}"]}}
    outcome = await run(replay(loginPage=True, credentials=credentials, request=login), REQUEST)
    assert outcome.forwarded.entity == b"username=bob"


async def test_credentials_that_refuse_end_the_exchange() -> None:
    refused = {"type": "StaticResponseHandler", "config": {"status": 401}}
    credentials = {"type": "ConditionEnforcementFilter", "config": {"condition": False, "failureHandler": refused}}
    outcome = await run(replay(loginPage=True, credentials=credentials), REQUEST)
    assert (outcome.status, outcome.seen) == (401, [])


async def test_a_page_that_cannot_be_read_has_no_marker() -> None:
    page = answer(200, {"Content-Encoding": "unheard-of"}, b"Log in")
    outcome = await run(replay(loginPageContentMarker="Log in"), REQUEST, page)
    assert len(outcome.seen) == 1


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "nothing tells what the login page is"),
        ({"loginPage": True, "loginPageExtractions": [{"name": "a", "pattern": "b"}]}, '"b" has no group'),
        ({"loginPage": True, "request": {"method": "GET"}}, 'needs the property "uri"'),
        ({"loginPage": True, "request": {**LOGIN, "entity": "x"}}, "both entity and form"),
        ({"loginPageContentMarker": "("}, ""),
    ],
)
def test_mistakes_are_found_when_it_is_built(config: dict[str, Any], message: str) -> None:
    found = problems(replay(**config))
    assert len(found) == 1
    assert message in found[0]
