"""Renewal of keys that are in use: looks again and again whether they changed, so that a change needs no restart.

What cannot be read or used leaves the last good keys in place, with one log line and one count for each time that it
begins. Knows neither what the keys are for nor where they come from.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import Final

from gateway.background import Background
from gateway.secrets.leases import REFRESH_FAILURES
from gateway.secrets.secret import NoSuchSecret

REFRESH: Final = 5.0
"""Seconds between looks for changed keys; what has not changed costs next to nothing."""

UNUSABLE: Final = (NoSuchSecret, ssl.SSLError, OSError, ValueError)
"""What reading keys and making a TLS context of them raises when they are not to be had."""


class Renewal:
    """Calls `refresh` of one object from time to time, until `stop`."""

    def __init__(self, name: str, refresh: Callable[[], Awaitable[bool]], log: logging.Logger) -> None:
        self._name = name
        self._refresh = refresh
        self._log = log
        self._failing = False
        self._background = Background()

    def start(self) -> None:
        self._background.spawn(f"{self._name} key refresh", self._keep_fresh())

    async def stop(self) -> None:
        await self._background.stop()

    async def refresh_or_keep(self) -> None:
        """Refresh; what cannot be used is logged once and changes nothing."""
        try:
            await self._refresh()
            self._failing = False
        except UNUSABLE as error:
            if not self._failing:
                self._log.warning("%s: the keys cannot be refreshed, the last ones stay: %s", self._name, error)
                REFRESH_FAILURES.add(self._name)
            self._failing = True

    async def _keep_fresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH)
            await self.refresh_or_keep()
