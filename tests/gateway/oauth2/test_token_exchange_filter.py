"""OAuth2TokenExchangeFilter by itself: what it provides, what it makes of failures, and how it is declared."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.canaries import canary, packed
from tests.gateway.scripted import problems, run

SECRET = canary("client-secret")
SUBJECT, ISSUED = canary("subject"), canary("issued")
ENDPOINT = "https://as.example.com/oauth2/token"
REQUEST = {"headers": {"X-Token": SUBJECT}}


def server(status: int = 200, body: object = None) -> dict[str, Any]:
    """An endpoint handler that answers at once."""
    answer = {"access_token": ISSUED, "issued_token_type": "urn:t", "scope": "mail phone", "expires_in": 5}
    entity = json.dumps(answer if body is None else body) if not isinstance(body, str) else body
    return {"type": "StaticResponseHandler", "config": {"status": status, "entity": entity}}


def declaration(**config: Any) -> dict[str, Any]:
    required = {"endpoint": ENDPOINT, "subjectToken": "${request.headers['X-Token'][0]}", "endpointHandler": server()}
    return {"type": "OAuth2TokenExchangeFilter", "config": {**required, **config}}


async def test_the_issued_token_is_in_a_context_and_the_request_is_unchanged() -> None:
    outcome = await run(declaration(), request=REQUEST)
    found = outcome.forwarded.context.find("oauth2TokenExchange")
    assert (found.issued_token, found.issued_token_type, found.scopes) == (ISSUED, "urn:t", ["mail", "phone"])
    assert found.raw_info["expires_in"] == 5
    assert outcome.forwarded.headers == {"X-Token": [SUBJECT]}
    assert outcome.status == 200


async def test_without_a_scope_in_the_answer_the_scopes_are_empty() -> None:
    handler = server(body={"access_token": ISSUED})
    outcome = await run(declaration(endpointHandler=handler), request=REQUEST)
    assert outcome.forwarded.context.find("oauth2TokenExchange").scopes == []


async def test_without_a_failure_handler_a_failure_is_an_empty_internal_error() -> None:
    outcome = await run(declaration(endpointHandler=server(400, {"error": "invalid_grant"})), request=REQUEST)
    assert (outcome.status, outcome.text, outcome.seen) == (500, "", [])


@pytest.mark.parametrize(
    ("status", "body", "shown"),
    [
        (400, {"error": "invalid_grant", "error_description": "expired"}, "invalid_grant|expired"),
        (401, {"error": "invalid_client"}, "invalid_client|"),
        (400, {"oops": 1}, "server_error|malformed JSON response from the authorization server"),
        (403, {"error": "access_denied"}, "server_error|the token exchange failed [status=403]"),
        (500, "boom", "server_error|the token exchange failed [status=500]"),
        (200, "[]", "server_error|malformed JSON response from the authorization server"),
    ],
)
async def test_the_failure_handler_sees_why(status: int, body: object, shown: str) -> None:
    text = "${contexts.oauth2Failure.error}|${contexts.oauth2Failure.description}"
    handler = {"type": "StaticResponseHandler", "config": {"status": 418, "entity": text}}
    outcome = await run(declaration(endpointHandler=server(status, body), failureHandler=handler), request=REQUEST)
    assert (outcome.status, outcome.text, outcome.seen) == (418, shown, [])


async def test_the_older_spellings_of_the_failure_context_work() -> None:
    text = "${contexts.oauth2failure.error} ${contexts.OAuth2Failure.error}"
    handler = {"type": "StaticResponseHandler", "config": {"status": 418, "entity": text}}
    outcome = await run(declaration(failureHandler=handler), request={})
    assert outcome.text == "invalid_request invalid_request"


def test_a_filter_without_an_endpoint_does_not_load() -> None:
    found = problems({"type": "OAuth2TokenExchangeFilter", "config": {"subjectToken": "x"}})
    assert found == ["the filter does not know which token endpoint to call"]


def test_a_bad_endpoint_does_not_load() -> None:
    assert problems(declaration(endpoint="not a url")) == ['"not a url" is not an absolute URL']


@pytest.mark.parametrize(
    ("realm", "path"),
    [("/", "realms/root"), ("/alpha", "realms/root/realms/alpha"), ("a/b c", "realms/root/realms/a/realms/b%20c")],
)
async def test_an_am_service_knows_the_endpoint_of_its_realm(realm: str, path: str) -> None:
    echo = {
        "type": "StaticResponseHandler",
        "config": {"status": 200, "entity": '{"access_token": "${request.uri.rawPath}"}'},
    }
    service = {
        "type": "AmService",
        "config": {
            "url": "http://am.example.com:8088/openam/",
            "realm": realm,
            "agent": {"username": "a", "passwordSecretId": "a"},
            "secretsProvider": {"type": "SystemAndEnvSecretStore"},
        },
    }
    outcome = await run(declaration(endpoint=None, amService=service, endpointHandler=echo), request=REQUEST)
    assert outcome.forwarded.context.find("oauth2TokenExchange").issued_token == f"/openam/oauth2/{path}/access_token"


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("Basic", {"Authorization": ["Basic " + packed(f"a%3Ab:{SECRET}%26+")]}),
        ("Post", {"Content-Type": ["application/x-www-form-urlencoded"]}),
    ],
)
async def test_client_authentication_adds_the_credentials(
    kind: str, seen: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_SECRET", packed(f"{SECRET}& "))
    outcome = await run(
        {
            "type": f"ClientSecret{kind}AuthenticationFilter",
            "config": {
                "clientId": "a:b",
                "clientSecretId": "the.secret",
                "secretsProvider": {"type": "SystemAndEnvSecretStore"},
            },
        },
        request={
            "method": "POST",
            "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            "entity": "grant_type=x",
        },
    )
    forwarded = outcome.forwarded
    assert seen.items() <= forwarded.headers.items()
    added = "" if kind == "Basic" else f"&client_id=a%3Ab&client_secret={SECRET}%26+"
    assert forwarded.entity == f"grant_type=x{added}".encode()
