"""InMemorySessionManager: its cookie, its timeout, and sessions across a reload."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.session.in_memory_session_manager import _SHARED, InMemorySessionManager
from tests.gateway.scripted import build, problems
from tests.gateway.session.support import Browser


def _manager(**config: Any) -> InMemorySessionManager:
    return build({"type": "InMemorySessionManager", "config": config})  # type: ignore[no-any-return]


async def test_first_value_makes_a_session_with_the_documented_cookie() -> None:
    browser = Browser(_manager())
    await browser.visit(len)
    assert browser.lines == []
    await browser.put(user="bob")
    identifier = browser.cookies["IG_SESSIONID"]
    assert browser.lines == [f"IG_SESSIONID={identifier}; Path=/; HttpOnly"] and len(identifier) == 43
    assert await browser.content() == {"user": "bob"}
    assert browser.lines == []


async def test_cookie_attributes_are_as_configured() -> None:
    cookie = {
        "name": "GW",
        "domain": ".example.com",
        "path": "/app",
        "httpOnly": False,
        "secure": True,
        "sameSite": "lax",
    }
    browser = Browser(_manager(cookie=cookie))
    await browser.put(a=1)
    assert browser.lines[0].partition("; ")[2] == "Path=/app; Domain=.example.com; Secure; SameSite=Lax"


async def test_any_object_is_kept_as_it_is() -> None:
    browser = Browser(_manager())
    thing = object()
    await browser.put(thing=thing)
    assert (await browser.content())["thing"] is thing


async def test_requests_of_one_user_share_the_session() -> None:
    first = Browser(_manager())
    await first.put(a=1)
    second = Browser(first.manager, first.cookies)
    await second.put(b=2)
    assert await first.content() == {"a": 1, "b": 2}


@pytest.mark.parametrize("value", ["", "guess", "x" * 43, "%00", "../../x"])
async def test_unknown_id_is_a_new_session_with_an_id_of_its_own(value: str) -> None:
    browser = Browser(_manager(), {"IG_SESSIONID": value})
    await browser.put(a=1)
    assert browser.cookies["IG_SESSIONID"] != value


async def test_session_ends_when_it_was_not_used_for_its_timeout() -> None:
    manager = _manager(timeout="10 minutes")
    now = 0.0
    manager._clock = lambda: now
    browser = Browser(manager)
    await browser.put(a=1)
    now = 599.0
    assert await browser.content() == {"a": 1}
    now = 599.0 + 599.9
    assert await browser.content() == {"a": 1}
    now += 600.0
    assert await browser.content() == {}


async def test_ended_sessions_are_let_go_of() -> None:
    manager = _manager(timeout="1 minute")
    now = 0.0
    manager._clock = lambda: now
    for _ in range(3):
        await Browser(manager).put(a=1)
        now += 30
    assert len(manager._sessions.kept) == 2


async def test_cookie_that_is_replayed_after_logout_finds_nothing() -> None:
    browser = Browser(_manager())
    await browser.put(user="bob")
    stolen = Browser(browser.manager, browser.cookies)
    await browser.visit(lambda session: session.clear())
    assert await stolen.content() == {}


async def test_sessions_outlive_a_reload_and_end_with_the_last_generation() -> None:
    old = _manager()
    await old.start()
    browser = Browser(old)
    await browser.put(user="bob")
    new = _manager()
    await new.start()
    await old.stop()
    assert await Browser(new, browser.cookies).content() == {"user": "bob"}
    other = _manager(cookie={"name": "OTHER"})
    await other.start()
    assert await Browser(other, {"OTHER": browser.cookies["IG_SESSIONID"]}).content() == {}
    await new.stop()
    await other.stop()
    assert not _SHARED


async def test_users_do_not_see_each_other() -> None:
    manager = _manager()
    one, two = Browser(manager), Browser(manager)
    await one.put(user="one")
    await two.put(user="two")
    assert await one.content() == {"user": "one"} and await two.content() == {"user": "two"}


@pytest.mark.parametrize(
    "config",
    [{"timeout": "zero"}, {"cookie": {"name": "a b"}}, {"cookie": {"path": "/;x"}}, {"cookie": {"sameSite": "maybe"}}],
)
def test_what_cannot_work_stops_the_load(config: dict[str, Any]) -> None:
    assert problems({"type": "InMemorySessionManager", "config": config})
