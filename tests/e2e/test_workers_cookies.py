"""Sessions that are in cookies, without a key in the configuration: every worker process reads what another wrote."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from tests.e2e.processes import gatewright
from tests.e2e.worker_clients import ATTEMPTS, WHO, answer, at, instance, process_of

MARK = {"target": "${session.seen}", "value": "${session.seen}x"}
MARKING = {
    "condition": at("/session"),
    "session": {"type": "JwtSessionManager"},
    "handler": {
        "type": "Chain",
        "config": {
            "filters": [{"type": "AssignmentFilter", "config": {"onRequest": [MARK]}}],
            "handler": answer("${session.seen} " + WHO),
        },
    },
}


async def test_a_session_in_a_cookie_goes_on_at_every_worker(tmp_path: Path) -> None:
    seen: set[str] = set()
    cookies: dict[str, str] = {}
    visits = 0
    async with gatewright(instance(tmp_path, session=MARKING), https=False, workers=2) as gateway:
        while len(seen) < 2 or visits < 4:
            url = gateway.http("/session")
            async with aiohttp.ClientSession() as session, session.get(url, cookies=cookies) as response:
                marks, who = (await response.text()).split(" ")
                cookies |= {name: morsel.value for name, morsel in response.cookies.items()}
            visits += 1
            assert marks == "x" * visits
            seen.add(process_of(who))
            assert visits < ATTEMPTS
