"""Sessions that are in cookies, without a key in the configuration: every worker process reads what another wrote."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.processes import gatewright
from tests.e2e.worker_clients import MARKING, instance, sessions_go_on_at_every_worker


async def test_a_session_in_a_cookie_goes_on_at_every_worker(tmp_path: Path) -> None:
    directory = instance(tmp_path, session={**MARKING, "session": {"type": "JwtSessionManager"}})
    async with gatewright(directory, https=False, workers=2) as gateway:
        await sessions_go_on_at_every_worker(gateway.http("/session"))
