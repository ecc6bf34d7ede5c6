"""A gateway in this process that serves route files over real sockets, and what stands behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar, web

from expr.scope import implicit
from gateway.application.gateway import Overrides
from gateway.sandbox.sample_app import SampleApp
from tests.canaries import SENT
from tests.e2e.authorization_server import USER_PASSWORD
from tests.gateway.instances import running

LOOPBACK = "127.0.0.1"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(routes: tuple[Path, ...], directory: Path, system: Mapping[str, str]) -> AsyncIterator[str]:
    """A gateway with some routes; gives its URL. `system` stands for the environment of the routes."""
    before = implicit.system
    implicit.system = {**before, **system}
    alone = Overrides(port=0, admin_port=0, host=LOOPBACK, routes=routes)
    try:
        async with running(directory, overrides=alone) as instance:
            assert len(instance.router.table.routes) == len(routes), "a route was not loaded"
            yield instance.url
    finally:
        implicit.system = before


@asynccontextmanager
async def listening(application: web.Application) -> AsyncIterator[str]:
    """An upstream server; gives its URL."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, 0).start()
        yield f"http://{LOOPBACK}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def upstream(answer: Answer) -> AsyncIterator[str]:
    """An upstream server that answers everything in one way; gives its URL."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    async with listening(application) as url:
        yield url


@dataclass
class Browser:
    """A client of the gateway."""

    session: ClientSession

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)

    async def received(
        self, path: str, method: str = "GET", **options: Any
    ) -> tuple[dict[str, Any], Mapping[str, str]]:
        """What the sample application got of a request, header names in lower case, and the headers of its answer."""
        async with self.session.request(method, path, **options) as response:
            assert response.status == 200, response.status
            got = await response.json()
            got["headers"] = {name.lower(): value for name, value in got["headers"]}
            return got, response.headers

    async def status(self, path: str, method: str = "GET", **options: Any) -> int:
        async with self.session.request(method, path, allow_redirects=False, **options) as response:
            await response.read()
            return response.status


@asynccontextmanager
async def browsing(*routes: Path, directory: Path, **system: str) -> AsyncIterator[Browser]:
    """A browser in front of a gateway in front of the sample application.

    An underscore in a name of `system` is a dot of the token.
    """
    properties = {name.replace("_", "."): value for name, value in system.items()}
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(listening(SampleApp({"demo": USER_PASSWORD}).application()))
        properties = {"sample.app.url": app, "app.url": app, **properties}
        base = await stack.enter_async_context(serving(routes, directory, properties))
        session = ClientSession(base, cookie_jar=CookieJar(unsafe=True), headers=SENT)
        yield Browser(await stack.enter_async_context(session))
