"""JwtSessionManager without a key of its own, in several worker processes: each manager stands for a worker."""

from __future__ import annotations

import json
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
from gateway.session.base import SessionManager
from tests.gateway.session.support import Browser


class ManagerDocument(Document):
    """A file with two session managers."""

    first: Ref[SessionManager]
    second: Ref[SessionManager]


def _managers(
    shared: Path | None, *, key: bytes = b"k" * 32, file: str = "a.json", **config: Any
) -> tuple[SessionManager, SessionManager]:
    host = SimpleNamespace(shared_directory=shared, shared_key=key)
    manager = {"type": "JwtSessionManager", "config": config}
    text = json.dumps({"heap": [], "first": manager, "second": manager})
    _, document = Loader(registry(), host=host).build(ManagerDocument, read_document(Source(file, text)), name="s")
    return document.first, document.second


async def _cookies(manager: SessionManager) -> dict[str, str]:
    browser = Browser(manager)
    await browser.put(user="bob")
    return browser.cookies


@pytest.mark.parametrize("method", ["A256GCM", "A256CBC-HS512"])
async def test_a_session_of_one_worker_is_read_by_another(tmp_path: Path, method: str) -> None:
    one, other = (_managers(tmp_path, encryptionMethod=method)[0] for _ in range(2))
    assert await Browser(other, await _cookies(one)).content() == {"user": "bob"}


async def test_each_manager_of_a_file_has_a_key_of_its_own(tmp_path: Path) -> None:
    first, second = _managers(tmp_path)
    assert await Browser(second, await _cookies(first)).content() == {}


@pytest.mark.parametrize("other", [{"key": b"x" * 32}, {"file": "b.json"}, {"sessionTimeout": "1 hour"}])
async def test_another_gateway_file_or_content_means_another_key(tmp_path: Path, other: dict[str, Any]) -> None:
    cookies = await _cookies(_managers(tmp_path)[0])
    assert await Browser(_managers(tmp_path, **other)[0], cookies).content() == {}


async def test_one_process_alone_makes_its_key_by_chance() -> None:
    cookies = await _cookies(_managers(None)[0])
    assert await Browser(_managers(None)[0], cookies).content() == {}
