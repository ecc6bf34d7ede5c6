from typing import Any

import pytest

from tests.gateway.scripted import answer, problems, run

SESSION = "AQIC5wM2LY4Sfcw"
TOKEN = "ohUAg1oy1kb3LLZKmmyZR6XhEIoyALBic6OYbWhTgSY"
REFUSED = {
    "type": "StaticResponseHandler",
    "config": {"status": 400, "headers": {"X-CSRF-Token": ["guess"]}, "entity": "Request forbidden"},
}


def csrf(**config: Any) -> dict[str, Any]:
    return {"type": "CsrfFilter", "config": {"cookieName": "iPlanetDirectoryPro", **config}}


def post(token: str | None = None, header: str = "X-CSRF-Token") -> dict[str, Any]:
    headers = {"Cookie": f"other=1; iPlanetDirectoryPro={SESSION}"}
    if token is not None:
        headers[header] = token
    return {"method": "POST", "headers": headers}


async def test_a_request_without_the_session_cookie_passes() -> None:
    outcome = await run(csrf(), {"method": "POST", "headers": {"Cookie": "other=1"}})
    assert outcome.forwarded.method == "POST"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_safe_methods_pass_unchecked_unless_they_are_to_be_checked(method: str) -> None:
    request = {**post(), "method": method}
    assert (await run(csrf(), request)).status == 200
    assert (await run(csrf(excludeSafeMethods=False), request)).status == 403


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN.lower(), "caf\u00e9"])
async def test_a_request_without_the_right_token_is_refused_and_gets_it(token: str | None) -> None:
    outcome = await run(csrf(), post(token))
    assert (outcome.status, outcome.seen, outcome.text) == (403, [], "")
    assert outcome.headers == {"X-CSRF-Token": [TOKEN]}


async def test_a_request_with_the_token_passes() -> None:
    outcome = await run(csrf(), post(TOKEN))
    assert (outcome.status, len(outcome.seen)) == (200, 1)
    assert outcome.headers == {}


async def test_the_token_is_added_after_the_failure_handler_ran() -> None:
    outcome = await run(csrf(failureHandler=REFUSED), post("wrong"))
    assert (outcome.status, outcome.text) == (400, "Request forbidden")
    assert outcome.headers["X-CSRF-Token"] == [TOKEN]


async def test_the_name_of_the_header_can_be_chosen() -> None:
    declaration = csrf(headerName="X-Anti-Forgery")
    assert (await run(declaration, post(TOKEN, "x-anti-forgery"))).status == 200
    assert (await run(declaration, post(TOKEN))).headers == {"X-Anti-Forgery": [TOKEN]}


async def test_a_response_that_sets_the_session_cookie_gets_the_token_for_it() -> None:
    lines = ["other=2; Path=/", f"iPlanetDirectoryPro={SESSION}; Path=/; HttpOnly"]
    outcome = await run(csrf(), next=answer(200, {"Set-Cookie": lines}))
    assert outcome.headers["X-CSRF-Token"] == [TOKEN]


async def test_a_response_that_ends_the_session_gets_no_token() -> None:
    outcome = await run(csrf(), next=answer(200, {"Set-Cookie": "iPlanetDirectoryPro=; Max-Age=0"}))
    assert "X-CSRF-Token" not in outcome.headers


def test_the_name_of_the_cookie_is_needed() -> None:
    assert problems({"type": "CsrfFilter", "config": {}}) == ['CsrfFilter needs the property "cookieName"']
