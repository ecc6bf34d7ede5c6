"""Every test here runs on both event loops, and fails when it leaves a socket or a task behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from gateway.client.client import HttpClient
from gateway.client.options import ClientOptions
from gateway.client.resolve import Resolver


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict[str, Callable[[], Any]]:
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def sockets() -> int:
    """Open sockets; a count, for an event loop exchanges those of its own from run to run."""
    count = 0
    for entry in Path("/proc/self/fd").iterdir():
        try:
            count += str(entry.readlink()).startswith("socket:")
        except FileNotFoundError:  # the descriptor of the listing itself
            continue
    return count


def tasks() -> set[asyncio.Task[Any]]:
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


@pytest.fixture(autouse=True)
async def nothing_leaks() -> AsyncIterator[None]:
    """Every test leaves the sockets and tasks that it found."""
    found = sockets()
    yield
    for _ in range(100):
        if sockets() <= found and not tasks():
            return
        await asyncio.sleep(0)
    assert sockets() <= found, "sockets are left open"
    assert not tasks(), "tasks are left running"


@pytest.fixture
async def client(nothing_leaks: None) -> AsyncIterator[Callable[..., HttpClient]]:
    """Makes clients and closes them after the test."""
    made: list[HttpClient] = []

    def make(resolver: Resolver | None = None, **options: Any) -> HttpClient:
        made.append(HttpClient(ClientOptions(**options), resolver or Resolver()))
        return made[-1]

    yield make
    for one in made:
        one.close(0)
        assert one.connections == 0
