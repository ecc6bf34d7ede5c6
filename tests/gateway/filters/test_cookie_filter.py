"""CookieFilter: managed, suppressed and relayed cookies, in both directions."""

import pytest

from gateway.errors import ExchangeError
from gateway.filters.cookie_jar import KEY
from tests.gateway.scripted import answer, run

REQUEST = {"uri": "http://app.example.com/shop/cart", "headers": {"Cookie": "m=1; S=2; r=3", "Host": "app.example.com"}}


def cookies(**config) -> dict:
    return {"type": "CookieFilter", "config": config}


LISTS = {"managed": ["M"], "suppressed": ["s"], "relayed": ["r"]}


async def test_only_relayed_cookies_reach_the_application():
    outcome = await run(cookies(**LISTS), REQUEST, session={})
    assert outcome.forwarded.headers["Cookie"] == ["r=3"]


async def test_no_header_is_left_when_no_cookie_is():
    outcome = await run(cookies(), REQUEST, session={})
    assert "Cookie" not in outcome.forwarded.headers


@pytest.mark.parametrize(("action", "expected"), [("MANAGE", None), ("suppress", None), ("RELAY", ["m=1; S=2; r=3"])])
async def test_the_default_action(action, expected):
    outcome = await run(cookies(defaultAction=action), REQUEST, session={})
    assert outcome.forwarded.headers.get("Cookie") == expected


async def test_managed_wins_over_suppressed_and_suppressed_over_relayed():
    config = cookies(managed=["m"], suppressed=["m", "s"], relayed=["m", "s", "r"], defaultAction="RELAY")
    lines = ["m=1", "s=2", "r=3", "other=4"]
    session: dict = {}
    outcome = await run(config, REQUEST, answer(headers={"Set-Cookie": lines}), session=session)
    assert outcome.headers["Set-Cookie"] == ["r=3", "other=4"]
    assert [cookie["name"] for cookie in session[KEY]] == ["m"]


async def test_managed_cookies_live_in_the_session_and_come_back():
    session: dict = {}
    first = await run(cookies(), REQUEST, answer(headers={"Set-Cookie": ["sid=abc; Path=/", "x=y"]}), session=session)
    assert "Set-Cookie" not in first.headers
    second = await run(cookies(relayed=["r"]), REQUEST, session=session)
    assert second.forwarded.headers["Cookie"] == ["r=3; x=y; sid=abc"]
    other_path = await run(cookies(), {"uri": "http://app.example.com/"}, session=session)
    assert other_path.forwarded.headers["Cookie"] == ["sid=abc"]


async def test_the_host_header_decides_for_whom_a_cookie_is():
    session: dict = {}
    through = {"uri": "http://10.0.0.1:8081/", "headers": {"Host": "app.example.com"}}
    await run(cookies(), through, answer(headers={"Set-Cookie": "a=b; Domain=example.com"}), session=session)
    outcome = await run(cookies(), {"uri": "http://other.example.com/"}, session=session)
    assert outcome.forwarded.headers["Cookie"] == ["a=b"]


async def test_a_jar_that_cannot_be_read_fails():
    with pytest.raises(ExchangeError) as caught:
        await run(cookies(), session={KEY: [{"name": "a"}]})
    assert caught.value.code == 500
