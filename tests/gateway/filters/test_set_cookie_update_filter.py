"""SetCookieUpdateFilter: attributes of cookies on their way to the browser."""

import pytest

from gateway.errors import ExchangeError
from tests.gateway.scripted import answer, problems, run


def update(**cookies) -> dict:
    return {"type": "SetCookieUpdateFilter", "config": {"cookies": cookies}}


async def updated(config: dict, *lines: str, **request) -> list[str]:
    outcome = await run(config, request or None, answer(headers={"Set-Cookie": lines}))
    return outcome.headers["Set-Cookie"]


async def test_attributes_are_added_and_replaced():
    config = update(SESSION={"secure": "${true}", "Http-Only": "${true}", "samesite": "none", "PATH": "/app"})
    assert await updated(config, "SESSION=a; Path=/; Max-Age=5", "other=b") == [
        "SESSION=a; Path=/app; Max-Age=5; Secure; HttpOnly; SameSite=none",
        "other=b",
    ]


async def test_flags_can_be_removed():
    config = update(a={"secure": "${false}", "http-only": False})
    assert await updated(config, "a=1; Secure; HttpOnly; Path=/") == ["a=1; Path=/"]


async def test_the_pattern_matches_the_whole_name_with_case():
    config = update(**{"sess.*": {"path": "/x"}})
    assert await updated(config, "session=1", "SESSION=2", "my-session=3") == [
        "session=1; Path=/x", "SESSION=2", "my-session=3"
    ]  # fmt: skip


async def test_a_later_entry_overrides_an_earlier_one():
    config = update(**{".*": {"path": "/all", "domain": "example.com"}, "a": {"path": "/a"}})
    assert await updated(config, "a=1") == ["a=1; Path=/a; Domain=example.com"]


async def test_the_value_can_be_replaced_and_null_removes():
    config = update(a={"value": "${response.status.code}-${request.method}", "max-age": "${null}"})
    assert await updated(config, "a=1; Max-Age=5") == ["a=200-GET"]


async def test_a_value_adds_no_attribute_and_no_header():
    config = update(a={"value": "${request.headers['X'][0]}"})
    assert await updated(config, "a=1", headers={"X": "v; Domain=evil"}) == ["a=v Domain=evil"]
    with pytest.raises(ExchangeError):
        await updated(update(a={"value": "${urlDecode(request.headers['X'][0])}"}), "a=1", headers={"X": "v%0d%0aX:1"})


async def test_a_line_that_is_no_cookie_is_left_alone():
    assert await updated(update(**{".*": {"path": "/x"}}), "no cookie") == ["no cookie"]


def test_attributes_are_checked():
    (message,) = problems(update(a={"colour": "red"}))
    assert message == 'a cookie has no attribute "colour"'
