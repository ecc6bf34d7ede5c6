from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest

from gateway.filters.auth_redirect_context import redirect_uri
from gateway.filters.data_preservation_filter import MARKER, SESSION_KEY
from gateway.http.context import Context
from gateway.http.headers import Headers
from gateway.http.message import Request, Response
from tests.gateway.scripted import Outcome, problems, run

URL = "http://app.example.com/form?a=%2F"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def preserving(**config: Any) -> dict[str, Any]:
    return {"type": "DataPreservationFilter", "config": config}


def to_login(context: Context, request: Request) -> Response:
    """What an authentication filter answers to somebody who is not logged in."""
    goto = redirect_uri(context, request.uri)
    return Response(302, Headers([("Location", str(goto))]))


async def posted(session: dict[str, Any], *, entity: str | bytes = "x=1&y=2", **config: Any) -> str:
    """Post to the application without being logged in; the URL to come back to after login."""
    request = {"method": "POST", "uri": URL, "headers": FORM, "entity": entity}
    outcome = await run(preserving(**config), request, to_login, session=session)
    assert outcome.status == 302
    return outcome.headers["Location"][0]


async def came_back(session: dict[str, Any], url: str, method: str = "GET") -> Outcome:
    headers = FORM if method == "POST" else {}
    return await run(preserving(), {"method": method, "uri": url, "headers": headers}, session=session)


async def test_a_post_of_somebody_who_is_logged_in_passes_and_nothing_is_kept() -> None:
    session: dict[str, Any] = {}
    outcome = await run(preserving(), {"method": "POST", "uri": URL, "entity": "x=1"}, session=session)
    assert outcome.forwarded.entity == b"x=1"
    assert outcome.forwarded.uri == URL
    assert session == {}


async def test_other_methods_pass_without_a_marker() -> None:
    session: dict[str, Any] = {}
    outcome = await run(preserving(), {"method": "PUT", "uri": URL, "entity": "x=1"}, to_login, session=session)
    assert outcome.headers["Location"] == [URL]
    assert session == {}


async def test_a_post_survives_the_login() -> None:
    session: dict[str, Any] = {}
    back = await posted(session)
    assert back.startswith(f"{URL}&{MARKER}=")

    page = await came_back(session, back)
    assert (page.status, page.seen) == (200, [])
    assert page.headers["Content-Type"] == ["text/html; charset=UTF-8"]
    action = re.search(r'action="([^"]*)"', page.text)
    assert action is not None
    assert unescape(action[1]) == "?" + back.partition("?")[2]

    replayed = await came_back(session, back, "POST")
    assert replayed.forwarded.entity == b"x=1&y=2"
    assert replayed.forwarded.headers["Content-Type"] == ["application/x-www-form-urlencoded"]
    assert replayed.forwarded.headers["Content-Length"] == ["7"]
    assert replayed.forwarded.uri == URL
    assert session == {}


async def test_any_content_is_preserved_in_a_form_that_a_cookie_can_keep() -> None:
    session: dict[str, Any] = {}
    content = bytes(range(256))
    back = await posted(session, entity=content)
    replayed = await came_back(json.loads(json.dumps(session)), back, "POST")
    assert replayed.forwarded.entity == content


async def test_the_page_posts_itself_and_shows_a_button_without_javascript() -> None:
    session: dict[str, Any] = {}
    back = await posted(session)
    page = await run(preserving(noJavaScriptMessage='<Press> "me"'), {"uri": back}, session=session)
    assert "document.forms[0].submit()" in page.text
    assert '<noscript><input type="submit" value="&lt;Press&gt; &quot;me&quot;"></noscript>' in page.text
    assert "click on this button to replay" in (await came_back(session, back)).text


async def test_a_longer_body_is_not_preserved_and_the_redirect_goes_on() -> None:
    session: dict[str, Any] = {}
    await posted(session, entity="x" * 4097)
    assert session == {}
    await posted(session, entity="x" * 4096)
    assert SESSION_KEY in session
    await posted(session, entity="x" * 11, maxContentLength=10)
    assert session == {}


async def test_only_the_last_body_is_preserved() -> None:
    session: dict[str, Any] = {}
    first = await posted(session, entity="first")
    second = await posted(session, entity="second")
    assert (await came_back(session, first)).forwarded.uri == URL
    assert (await came_back(session, second, "POST")).forwarded.entity == b"second"


async def test_a_body_is_dropped_after_its_lifetime(monkeypatch: pytest.MonkeyPatch) -> None:
    session: dict[str, Any] = {}
    back = await posted(session, lifetime="10 minutes")
    kept = session[SESSION_KEY]
    kept["expires"] -= 600
    outcome = await came_back(session, back)
    assert outcome.forwarded.uri == URL
    assert session == {}


async def test_an_unlimited_lifetime_has_no_end() -> None:
    session: dict[str, Any] = {}
    await posted(session, lifetime="unlimited")
    assert session[SESSION_KEY]["expires"] is None


async def test_a_marker_of_nobody_is_taken_away() -> None:
    outcome = await came_back({}, f"{URL}&{MARKER}=guess", "POST")
    assert outcome.forwarded.uri == URL
    assert outcome.forwarded.entity == b""


async def test_a_second_login_redirect_preserves_the_body_again() -> None:
    session: dict[str, Any] = {}
    back = await posted(session)
    request = {"method": "POST", "uri": back, "headers": FORM}
    outcome = await run(preserving(), request, to_login, session=session)
    again = outcome.headers["Location"][0]
    assert again != back
    assert (await came_back(session, again, "POST")).forwarded.entity == b"x=1&y=2"


def test_a_limit_that_preserves_nothing_is_refused() -> None:
    assert problems(preserving(maxContentLength=0)) == ["nothing would be preserved"]
