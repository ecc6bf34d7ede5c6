"""FragmentFilter: the four steps from the login redirect back to the URL with its fragment."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest

from gateway.filters.auth_redirect_context import redirect_uri
from gateway.http.message import Response
from tests.gateway.scripted import answer, headers_of, problems, run

ENDPOINT = "/home/ig/fragment"
ORIGINAL = "http://gateway.example.com:8080/home?a=b"
LOGIN = "https://am.example.com/login?goto=x&y=z"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def fragment(**config) -> dict:
    return {"type": "FragmentFilter", "config": {"fragmentCaptureEndpoint": ENDPOINT, **config}}


def to_login(context, request):
    """What an authentication filter does: announce the redirect, and make it."""
    redirect_uri(context, request.uri)
    return Response(302, headers_of({"Location": LOGIN, "Set-Cookie": ["one=1", "two=2"]}))


def hidden(page: str) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="(\w+)"(?: id="\w+")? value="([^"]*)"', page)
    return {name: unescape(value) for name, value in fields}


async def captured(session: dict, config: dict | None = None, **changes: str):
    page = await run(config or fragment(), {"uri": ORIGINAL}, to_login, session=session)
    form = {**hidden(page.text), "fragment": "#section/2", **changes}
    request = {"method": "POST", "uri": f"http://gateway.example.com:8080{ENDPOINT}", "headers": FORM}
    return await run(config or fragment(), {**request, "entity": urlencode(form)}, session=session)


async def test_a_login_redirect_becomes_a_page_that_posts_the_fragment():
    outcome = await run(fragment(noJavaScriptMessage="<press>"), {"uri": ORIGINAL}, to_login, session={})
    assert outcome.status == 200
    assert outcome.headers["Content-Type"] == ["text/html; charset=UTF-8"]
    assert outcome.headers["Set-Cookie"] == ["one=1", "two=2"]
    assert "Location" not in outcome.headers
    fields = hidden(outcome.text)
    assert (fields["loginUri"], fields["originalUri"]) == (LOGIN, ORIGINAL)
    assert f'action="{ENDPOINT}"' in outcome.text
    assert "&lt;press&gt;" in outcome.text


async def test_the_post_keeps_the_url_in_a_cookie_and_goes_to_log_in():
    session: dict = {}
    outcome = await captured(session)
    assert (outcome.status, outcome.headers["Location"], outcome.seen) == (302, [LOGIN], [])
    (cookie,) = outcome.headers["Set-Cookie"]
    assert re.fullmatch(r"ig-fragment-cookie=[\w-]+; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600", cookie)
    assert session == {}


async def test_a_url_without_a_fragment_needs_no_cookie():
    outcome = await captured({}, fragment="")
    assert outcome.headers == {"Location": [LOGIN]}


async def test_the_form_cannot_say_where_to_go():
    assert (await captured({}, loginUri="https://evil.example.com/")).headers["Location"] == [LOGIN]


@pytest.mark.parametrize("nonce", ["", "guessed", "ä"])
async def test_a_wrong_nonce_is_refused(nonce):
    outcome = await captured({}, nonce=nonce)
    assert (outcome.status, outcome.headers) == (400, {})


async def test_after_login_the_browser_is_sent_to_the_url_with_its_fragment_once():
    cookie = (await captured({})).headers["Set-Cookie"][0].partition(";")[0]
    back = await run(fragment(), {"uri": ORIGINAL, "headers": {"Cookie": cookie}}, answer(200))
    assert (back.status, back.headers["Location"]) == (302, [f"{ORIGINAL}#section/2"])
    assert back.headers["Set-Cookie"] == ["ig-fragment-cookie=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"]
    assert (await run(fragment(), {"uri": ORIGINAL}, answer(200))).status == 200


async def test_the_cookie_leads_nowhere_from_another_url():
    cookie = (await captured({})).headers["Set-Cookie"][0].partition(";")[0]
    other = {"uri": "http://gateway.example.com:8080/other", "headers": {"Cookie": cookie}}
    assert (await run(fragment(), other, answer(200))).status == 200


async def test_the_first_fragment_wins():
    cookie = (await captured({})).headers["Set-Cookie"][0].partition(";")[0]
    outcome = await run(fragment(), {"uri": ORIGINAL, "headers": {"Cookie": cookie}}, to_login, session={})
    assert (outcome.status, outcome.headers["Location"]) == (302, [LOGIN])


async def test_a_redirect_that_nobody_announced_passes():
    outcome = await run(fragment(), {"uri": ORIGINAL}, answer(302, {"Location": "/elsewhere"}))
    assert (outcome.status, outcome.headers) == (302, {"Location": ["/elsewhere"]})


async def test_the_cookie_can_be_configured():
    cookie = {"name": "f", "domain": "example.com", "httpOnly": False, "path": "/a", "sameSite": "none", "secure": True,
              "maxAge": "5 minutes"}  # fmt: skip
    (line,) = (await captured({}, fragment(cookie=cookie))).headers["Set-Cookie"]
    assert re.fullmatch(r"f=[\w-]+; Path=/a; Domain=example\.com; Secure; SameSite=None; Max-Age=300", line)


@pytest.mark.parametrize("cookie", [{"name": "a b"}, {"path": "/; Secure"}, {"domain": "a\r\nX: b"}])
def test_the_cookie_cannot_break_its_line(cookie: dict):
    assert len(problems(fragment(cookie=cookie))) == 1


def test_the_endpoint_is_a_path():
    assert problems(fragment(fragmentCaptureEndpoint="home")) == ["the endpoint is no path"]
