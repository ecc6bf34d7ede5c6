"""What becomes of cookies that are cut, swapped, guessed or replayed: the same attacks on every manager of sessions."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from config.document import Document
from config.load import Loader
from config.read import read_document
from config.types import Ref
from expr.source import Source
from gateway.catalog import registry
from gateway.session.base import Session, SessionManager
from tests.gateway.servers import needs_redis, redis_server
from tests.gateway.session.support import Browser


class ManagerDocument(Document):
    """A file with one session manager."""

    tested: Ref[SessionManager]


@asynccontextmanager
async def _built(declaration: dict[str, Any], host: Any = None) -> AsyncIterator[SessionManager]:
    document = read_document(Source("s.json", json.dumps({"heap": [], "tested": declaration})))
    heap, made = Loader(registry(), host=host).build(ManagerDocument, document, name="s")
    await heap.start()
    yield made.tested
    await heap.stop()


@pytest.fixture(
    params=[
        "InMemorySessionManager",
        "InMemorySessionManager of workers",
        "JwtSessionManager",
        pytest.param("RedisSessionManager", marks=needs_redis),
    ]
)
async def manager(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SessionManager]:
    kind, _, workers = request.param.partition(" ")
    host = SimpleNamespace(shared_directory=tmp_path, shared_key=b"k" * 32) if workers else None
    async with AsyncExitStack() as stack:
        config: dict[str, Any] = {}
        if kind == "RedisSessionManager":
            config = {"redis": {"url": stack.enter_context(redis_server(tmp_path))}}
        yield await stack.enter_async_context(_built({"type": kind, "config": config}, host))


def _cookie(browser: Browser) -> tuple[str, str]:
    ((name, value),) = browser.cookies.items()
    return name, value


async def test_users_do_not_see_each_other(manager: SessionManager) -> None:
    bob, eve = Browser(manager), Browser(manager)
    await bob.put(user="bob")
    await eve.put(user="eve")
    assert _cookie(bob) != _cookie(eve)
    assert (await bob.content(), await eve.content()) == ({"user": "bob"}, {"user": "eve"})


async def test_a_cookie_that_was_cut_or_mixed_of_two_is_a_new_session(manager: SessionManager) -> None:
    bob, eve = Browser(manager), Browser(manager)
    await bob.put(user="bob")
    await eve.put(user="eve")
    (name, one), (_, two) = _cookie(bob), _cookie(eve)
    for value in (one[:-1], one[:10], one[: len(one) // 2] + two[len(two) // 2 :], one + "x", "", "../" + one):
        attacker = Browser(manager, {name: value})
        assert await attacker.content() == {}
        await attacker.put(user="attacker")
        assert _cookie(attacker)[1] != value
    assert await bob.content() == {"user": "bob"}


async def test_another_users_cookie_beside_ones_own_joins_nothing(manager: SessionManager) -> None:
    bob, eve = Browser(manager), Browser(manager)
    await bob.put(user="bob", secret=1)
    await eve.put(user="eve")
    (name, one), (_, two) = _cookie(bob), _cookie(eve)
    both = Browser(manager, {name: f"{two}; {name}={one}"})
    assert await both.content() in ({"user": "eve"}, {"user": "bob", "secret": 1})


async def test_a_cookie_that_is_replayed_after_logout_finds_nothing_where_sessions_are_kept(
    manager: SessionManager,
) -> None:
    bob = Browser(manager)
    await bob.put(user="bob")
    stolen = Browser(manager, bob.cookies)
    await bob.visit(lambda session: session.clear())
    # What is kept in the cookie alone cannot be taken back: it ends with its time.
    stateless = type(manager).__name__ == "JwtSessionManager"
    assert await stolen.content() == ({"user": "bob"} if stateless else {})


async def test_a_request_that_ends_after_a_logout_does_not_bring_the_session_back(manager: SessionManager) -> None:
    bob = Browser(manager)
    await bob.put(user="bob")
    await bob.visit(_logging_out_meanwhile(Browser(manager, bob.cookies)))
    kept = await bob.content()
    if type(manager).__name__ != "JwtSessionManager":
        assert kept == {"seen": 1}


def _logging_out_meanwhile(other: Browser) -> Callable[[Session], Awaitable[None]]:
    async def use(session: Session) -> None:
        await other.visit(lambda theirs: theirs.clear())
        session["seen"] = 1

    return use
