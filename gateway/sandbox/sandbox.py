"""Runs the sandbox: the AM-compatible authorization server and the sample application, in one event loop."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from gateway.sandbox.application import build_application
from gateway.sandbox.keys import SigningKeys
from gateway.sandbox.reading import read_settings
from gateway.sandbox.sample_app import SampleApp
from gateway.sandbox.server import AuthorizationServer
from gateway.sandbox.settings import SandboxSettings
from gateway.sandbox.tokens import Clock

logger = logging.getLogger("gatewright.sandbox")
WARNING = (
    "The sandbox is a development tool: passwords are in a text file and in clear on the wire, "
    "and all it knows is lost when it stops. Never use it for anything real."
)
# An identity gateway carries cookies and tokens that are longer than aiohttp expects header fields to be.
MAX_FIELD = 65536


class Sandbox:
    """The development authorization server and sample application.

    Port 0 takes a free port; `am_url` and `sample_app_url` tell the addresses once it has started. `clock` gives
    seconds since the epoch, so that a test can let tokens and sessions expire. With `am_tls` the authorization server
    speaks HTTPS; with `app_tls` the sample application listens on a third port too, `app_tls_port`, as in the guides.
    """

    def __init__(
        self,
        settings: SandboxSettings,
        *,
        host: str = "127.0.0.1",
        am_port: int = 8088,
        app_port: int = 8081,
        clock: Clock = time.time,
        am_tls: ssl.SSLContext | None = None,
        app_tls: ssl.SSLContext | None = None,
        app_tls_port: int = 8444,
    ) -> None:
        self.settings = settings
        self._host = host
        self._ports = {"am": am_port, "app": app_port, "app_tls": app_tls_port}
        self._clock = clock
        self._tls = {"am": am_tls, "app": None, "app_tls": app_tls}
        self._runners: list[web.AppRunner] = []
        self._server: AuthorizationServer | None = None

    @classmethod
    def from_yaml(cls, path: str | Path | None = None, **options: Any) -> Self:
        """Configure from a YAML file, the guide's when there is none; raises SettingsError.

        The options are those of the constructor.
        """
        return cls(read_settings(path), **options)

    @property
    def am_port(self) -> int:
        return self._ports["am"]

    @property
    def app_port(self) -> int:
        return self._ports["app"]

    @property
    def am_url(self) -> str:
        """The authorization server, with its context path: http://127.0.0.1:8088/openam."""
        return self._origin("am") + self.settings.context_path

    @property
    def sample_app_url(self) -> str:
        """The sample application: http://127.0.0.1:8081."""
        return self._origin("app")

    @property
    def sample_app_tls_url(self) -> str:
        """The sample application over HTTPS, when it has that: https://127.0.0.1:8444."""
        return self._origin("app_tls")

    async def start(self) -> None:
        """Listen on both ports; raises OSError when one is taken, and then listens on neither."""
        keys = await asyncio.to_thread(SigningKeys.generate)
        self._server = AuthorizationServer(self.settings, keys, self._clock)
        try:
            await self._listen(build_application(self._server), "am")
            app = SampleApp(self.settings.sample_application.users).application()
            await self._listen(app, "app", *(["app_tls"] if self._tls["app_tls"] else []))
        except OSError:
            await self.stop()
            raise
        logger.warning(WARNING)
        logger.info("Authorization server on %s, sample application on %s", self.am_url, self.sample_app_url)

    async def stop(self) -> None:
        """Stop listening and end the connections; tokens and sessions are gone."""
        if self._server:
            await self._server.notifications.close()
        while self._runners:
            await self._runners.pop().cleanup()
        self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _listen(self, app: web.Application, *ports: str) -> None:
        runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=1, max_field_size=MAX_FIELD, max_line_size=MAX_FIELD
        )
        await runner.setup()
        self._runners.append(runner)
        for which in ports:
            known = len(runner.addresses)
            await web.TCPSite(runner, self._host, self._ports[which], ssl_context=self._tls[which]).start()
            self._ports[which] = runner.addresses[known][1]

    def _origin(self, which: str) -> str:
        scheme = "https" if self._tls[which] else "http"
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self._host, self._host)  # noqa: S104 - only named, not bound
        return f"{scheme}://{f'[{host}]' if ':' in host and host[0] != '[' else host}:{self._ports[which]}"
