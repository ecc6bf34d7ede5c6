import base64
from typing import Any

import pytest

from gateway.errors import ExchangeError
from tests.canaries import canary
from tests.gateway.scripted import answer, problems, run

KEY = "HttpBasicAuthFilter:http:app.example.com:80"
FAILED = {
    "type": "StaticResponseHandler",
    "config": {"status": 403, "headers": {"WWW-Authenticate": ["Basic"]}, "entity": "no"},
}
PASSWORD = canary("password")
CHALLENGE = answer(401, {"WWW-Authenticate": 'Basic realm="app"'})


def basic(**config: Any) -> dict[str, Any]:
    properties = {"username": "${attributes.user}", "password": "${attributes.pass}", "failureHandler": FAILED}
    return {"type": "HttpBasicAuthFilter", "config": {**properties, **config}}


def credentials(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


async def exchange(next_: Any = None, session: Any = None, user: str | None = "demo", **config: Any) -> Any:
    return await run(
        basic(**config),
        {
            "method": "POST",
            "uri": "http://app.example.com/x",
            "headers": {"Authorization": f"Bearer {canary('client')}", "Content-Type": "text/plain"},
            "entity": "body",
        },
        next_,
        session=session if session is not None else {},
        attributes={"user": user, "pass": PASSWORD},
    )


async def test_the_credentials_are_sent_with_the_first_request_and_kept_in_the_session() -> None:
    session: dict[str, Any] = {}
    outcome = await exchange(session=session)
    assert outcome.forwarded.headers["Authorization"] == [credentials(f"demo:{PASSWORD}")]
    assert session == {KEY: credentials(f"demo:{PASSWORD}")}


async def test_the_credentials_of_the_session_are_used_without_evaluating() -> None:
    outcome = await exchange(session={KEY: credentials(f"kept:{canary('kept')}")}, user=None)
    assert outcome.status == 200
    assert outcome.forwarded.headers["Authorization"] == [credentials(f"kept:{canary('kept')}")]
    assert outcome.forwarded.entity == b"body"


async def test_refused_credentials_of_the_session_are_replaced_by_new_ones_and_the_request_sent_again() -> None:
    session = {KEY: credentials(f"kept:{canary('old')}")}
    outcome = await exchange([CHALLENGE, answer(200)], session)
    assert outcome.status == 200
    assert [seen.headers["Authorization"] for seen in outcome.seen] == [
        [credentials(f"kept:{canary('old')}")],
        [credentials(f"demo:{PASSWORD}")],
    ]
    assert [seen.entity for seen in outcome.seen] == [b"body", b"body"]
    assert session == {KEY: credentials(f"demo:{PASSWORD}")}


async def test_refused_new_credentials_lead_to_the_failure_handler() -> None:
    outcome = await exchange(CHALLENGE)
    assert (outcome.status, outcome.text, len(outcome.seen)) == (403, "no", 1)
    assert "WWW-Authenticate" not in outcome.headers


async def test_null_credentials_lead_to_the_failure_handler_without_a_request() -> None:
    outcome = await exchange(user=None)
    assert (outcome.status, outcome.seen) == (403, [])


async def test_a_colon_in_the_user_name_is_an_error() -> None:
    with pytest.raises(ExchangeError) as caught:
        await exchange(user="de:mo")
    assert caught.value.code == 500


async def test_without_a_cache_the_session_is_neither_read_nor_written() -> None:
    session = {KEY: credentials(f"kept:{canary('kept')}")}
    outcome = await exchange(session=session, cacheHeader=False)
    assert outcome.forwarded.headers["Authorization"] == [credentials(f"demo:{PASSWORD}")]
    assert session == {KEY: credentials(f"kept:{canary('kept')}")}


async def test_each_application_has_credentials_of_its_own() -> None:
    outcome = await exchange(session={KEY.replace("80", "8080"): credentials(f"kept:{canary('other')}")})
    assert outcome.forwarded.headers["Authorization"] == [credentials(f"demo:{PASSWORD}")]


async def test_a_challenge_never_reaches_the_client() -> None:
    outcome = await exchange(answer(200, {"WWW-Authenticate": "Basic"}))
    assert outcome.headers == {}


def test_user_password_and_failure_handler_are_needed() -> None:
    needed = [f'HttpBasicAuthFilter needs the property "{name}"' for name in ("username", "password", "failureHandler")]
    assert problems({"type": "HttpBasicAuthFilter", "config": {}}) == needed
