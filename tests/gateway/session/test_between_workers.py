"""Sessions of worker processes: each of two managers stands for the one of a worker."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.document import Document
from config.load import Loader
from config.read import read_document
from config.types import Ref
from expr.source import Source
from gateway.catalog import registry
from gateway.session.base import SessionManager
from gateway.session.between_workers import DIRECTORY, WorkerSessions, merge, sweep
from tests.gateway.session.support import Browser

KEY = b"k" * 32


class ManagerDocument(Document):
    """A file with one session manager."""

    tested: Ref[SessionManager]


def _manager(shared: Path, **config: Any) -> SessionManager:
    host = SimpleNamespace(shared_directory=shared, shared_key=KEY)
    text = json.dumps({"heap": [], "tested": {"type": "InMemorySessionManager", "config": config}})
    _, document = Loader(registry(), host=host).build(ManagerDocument, read_document(Source("s.json", text)), name="s")
    return document.tested


async def test_a_session_of_one_worker_is_seen_and_changed_by_another(tmp_path: Path) -> None:
    first = Browser(_manager(tmp_path))
    await first.put(user="bob", roles=["a"])
    second = Browser(_manager(tmp_path), first.cookies)
    assert await second.content() == {"user": "bob", "roles": ["a"]}
    await second.visit(lambda session: session["roles"].append("b"))
    assert (await first.content())["roles"] == ["a", "b"]
    await second.visit(lambda session: session.clear())
    assert await first.content() == {}
    assert second.lines == []


async def test_changes_of_requests_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    first = Browser(_manager(tmp_path))
    await first.put(common={"kept": 1})
    second = Browser(_manager(tmp_path), first.cookies)

    async def while_another_changes_it(session: Any) -> None:
        await second.visit(lambda other: other["common"].update(theirs=2))
        await second.put(other="b")
        session["common"]["mine"] = 3
        session["own"] = "a"

    await first.visit(while_another_changes_it)
    expected = {"common": {"kept": 1, "theirs": 2, "mine": 3}, "other": "b", "own": "a"}
    assert await second.content() == await first.content() == expected


async def test_managers_do_not_see_the_sessions_of_others(tmp_path: Path) -> None:
    one = Browser(_manager(tmp_path))
    await one.put(a=1)
    name = {"cookie": {"name": "OTHER"}}
    assert await Browser(_manager(tmp_path, **name), {"OTHER": one.cookies["IG_SESSIONID"]}).content() == {}


@pytest.mark.parametrize("value", ["", "guess", "x" * 43, "../../x", "\udcff"])
async def test_an_unknown_id_finds_nothing(tmp_path: Path, value: str) -> None:
    assert WorkerSessions(tmp_path, KEY, ("m",)).find(value, 60) is None


async def test_a_value_that_is_no_json_is_refused(tmp_path: Path) -> None:
    browser = Browser(_manager(tmp_path))
    with pytest.raises(ValueError, match="cannot be kept"):
        await browser.put(thing=object())


def test_files_tell_nothing_to_who_lacks_the_key(tmp_path: Path) -> None:
    sessions = WorkerSessions(tmp_path, KEY, ("m",))
    sessions.keep("the id", b"{}", {"token": "secret"}, 60)
    [file] = (tmp_path / DIRECTORY).iterdir()
    assert b"secret" not in file.read_bytes()
    assert "the id" not in file.name
    assert WorkerSessions(tmp_path, b"K" * 32, ("m",)).find("the id", 60) is None
    file.write_bytes(file.read_bytes()[:20])
    os.utime(file, ns=(1 << 60, 1 << 60))
    assert sessions.find("the id", 60) is None


def test_a_session_lives_from_its_last_use_and_is_swept_then(tmp_path: Path) -> None:
    now = [1000.0]
    sessions = WorkerSessions(tmp_path, KEY, ("m",), clock=lambda: now[0])
    sessions.keep("a", b"{}", {"x": 1}, 60)
    sessions.keep("forever", b"{}", {"x": 1}, float("inf"))
    (tmp_path / DIRECTORY / "abcd.new").touch()
    now[0] += 59
    assert json.loads(sessions.find("a", 60) or b"") == {"x": 1}
    now[0] += 59
    sweep(tmp_path, lambda: now[0])
    assert len(list((tmp_path / DIRECTORY).iterdir())) == 2
    now[0] += 1
    assert sessions.find("a", 60) is None
    sweep(tmp_path, lambda: now[0])
    assert len(list((tmp_path / DIRECTORY).iterdir())) == 1
    assert sessions.find("forever", float("inf")) is not None


def test_where_there_are_no_sessions_nothing_is_swept(tmp_path: Path) -> None:
    sweep(tmp_path)


_OBJECTS = st.recursive(
    st.integers(0, 2), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=6
)
_VALUES = st.dictionaries(st.sampled_from("abc"), _OBJECTS, max_size=3)


@given(_VALUES, _VALUES)
def test_a_merge_with_no_change_on_one_side_is_the_other_side(before: dict[str, Any], changed: dict[str, Any]) -> None:
    assert merge(before, changed, before) == changed
    assert merge(before, before, changed) == changed
    assert merge(before, changed, changed) == changed
