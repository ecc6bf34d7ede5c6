"""Runs a whole gateway in the test's event loop, from an instance directory that the test writes.

async with running(tmp_path, routes={"home": {...}}) as instance:
    assert (await instance.get("/home")).status == 200
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from gateway.application.gateway import Gateway, Overrides
from gateway.application.instance import Instance
from gateway.metrics.prometheus import exposition
from gateway.metrics.registry import METRICS
from gateway.routing.router import Router
from tests.canaries import SENT, wrote

LOCAL = {"port": 0, "host": "127.0.0.1"}
ADMIN = {"connectors": [LOCAL], "adminConnector": LOCAL}
ROUTER = {
    "handler": {"type": "Router", "name": "_router", "config": {"scanInterval": "disabled"}},
}


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass
class Running:
    """A gateway that runs, and a client for its ports."""

    gateway: Gateway
    directory: Path
    client: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.gateway.ports[0]}"

    @property
    def admin_url(self) -> str:
        return f"http://127.0.0.1:{self.gateway.admin_ports[0]}"

    @property
    def router(self) -> Router:
        """The main router."""
        return next(router for router in self.gateway.routers if router.heap.name == "gateway")

    async def send(self, method: str, url: str, **options: Any) -> Answer:
        fields = {**SENT, **options.pop("headers", {})}
        async with self.client.request(method, url, headers=fields, **options) as response:
            return Answer(response.status, response.headers, await response.text())

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.send("GET", self.url + path, **options)

    async def admin(self, path: str, method: str = "GET", **options: Any) -> Answer:
        return await self.send(method, self.admin_url + path, **options)

    def write_route(self, name: str, route: Mapping[str, Any] | str) -> Path:
        file = self.directory / "config" / "routes" / f"{name}.json"
        write(file, route)
        return file


def write(file: Path, content: Mapping[str, Any] | str) -> None:
    """Write a file that counts as changed even when the clock has not moved."""
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.stat().st_mtime_ns if file.exists() else 0
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    if file.stat().st_mtime_ns <= before:
        os.utime(file, ns=(before + 1_000_000, before + 1_000_000))


@asynccontextmanager
async def running(
    directory: Path,
    *,
    admin: Mapping[str, Any] | None = None,
    config: Mapping[str, Any] | None = None,
    routes: Mapping[str, Any] | None = None,
    overrides: Overrides | None = None,
) -> AsyncIterator[Running]:
    """A gateway on free ports; `admin` is added to an admin.json that has them."""
    write(directory / "config" / "admin.json", {**ADMIN, **(admin or {})})
    write(directory / "config" / "config.json", config or ROUTER)
    (directory / "config" / "routes").mkdir(exist_ok=True)
    for name, route in (routes or {}).items():
        write(directory / "config" / "routes" / f"{name}.json", route)
    gateway = Gateway(Instance(directory), overrides or Overrides())
    gateway.load()
    await gateway.start()
    try:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
            instance = Running(gateway, directory, client)
            yield instance
            wrote("the metrics", exposition(METRICS.snapshot()))
    finally:
        await gateway.stop()


def static(text: str = "", status: int = 200, **route: Any) -> dict[str, Any]:
    """A route with a fixed answer."""
    return {**route, "handler": {"type": "StaticResponseHandler", "config": {"status": status, "entity": text}}}


def at(path: str) -> str:
    """The condition of a route for a path."""
    return f"${{request.uri.path == '{path}'}}"


async def until(fact: Callable[[], Any]) -> None:
    """Wait for something that another task or thread is about to bring about."""
    async with asyncio.timeout(20):
        while not fact():
            await asyncio.sleep(0.005)
