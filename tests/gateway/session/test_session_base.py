"""The session map: what it holds, that it is loaded before use, and how expressions see it."""

from __future__ import annotations

import pytest

from gateway.http.message import Request
from gateway.session.base import Session, SessionManager, SessionNotLoaded
from tests.gateway.scripted import build, run
from tests.gateway.session.support import Browser


def _manager() -> SessionManager:
    return build({"type": "InMemorySessionManager"})  # type: ignore[no-any-return]


async def _session() -> Session:
    return _manager().begin([])


async def test_use_before_loading_is_a_programming_error() -> None:
    session = await _session()
    for use in (dict, len, lambda s: s.get("a"), lambda s: s.update(a=1), lambda s: "a" in s):
        with pytest.raises(SessionNotLoaded):
            use(session)


async def test_null_or_removal_deletes_an_entry() -> None:
    session = await (await _session()).load()
    session.update(a=1, b=2)
    session["a"] = None
    session["absent"] = None
    del session["b"]
    assert dict(session) == {}


async def test_loading_twice_keeps_what_was_written() -> None:
    session = await (await _session()).load()
    session["a"] = 1
    assert await session.load() is session and session["a"] == 1


async def test_repr_shows_nothing() -> None:
    session = await (await _session()).load()
    session["user"] = "canary"
    assert "canary" not in repr(session) and "canary" not in str(session)


async def test_session_that_nobody_reads_costs_nothing_and_sets_nothing() -> None:
    browser = Browser(_manager())
    await browser.visit(load=False)
    assert browser.lines == []


EXPRESSIONS = {
    "${session.user} ${session['user']} ${session.get('user')}": "bob bob bob",
    "${session.containsKey('user')} ${session.containsKey('x')}": "true false",
    "${session.isEmpty()} ${empty session.absent}": "false true",
    "${session.keySet()}": "[user]",
    "${contexts.session.session.user}": "bob",
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
async def test_expressions_load_the_session_and_read_it(expression: str) -> None:
    manager = _manager()
    browser = Browser(manager)
    await browser.put(user="bob")
    request = Request("GET", "http://localhost/")
    request.headers.set("Cookie", f"IG_SESSIONID={browser.cookies['IG_SESSIONID']}")
    session = manager.begin(request.headers.all("Cookie"))
    reader = {"type": "StaticResponseHandler", "config": {"status": 200, "entity": f"x {expression}"}}
    assert (await run(reader, request, session=session)).text == f"x {EXPRESSIONS[expression]}"


async def test_assignment_writes_the_session() -> None:
    manager = _manager()
    request = Request("GET", "http://localhost/")
    session = manager.begin([])
    assign = {"onRequest": [{"target": "${session.user}", "value": "bob"}, {"target": "${session['n']}", "value": "1"}]}
    await run({"type": "AssignmentFilter", "config": assign}, request, session=session)
    assert dict(session) == {"user": "bob", "n": "1"}
