"""Two gateways that share their throttling counts through one real Redis."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from aiohttp import ClientSession

from tests.e2e.processes import gatewright
from tests.gateway.servers import needs_redis, redis_server

ROUTE = {
    "name": "limited",
    "handler": {
        "type": "Chain",
        "config": {
            "filters": [
                {
                    "type": "ThrottlingFilter",
                    "config": {
                        "requestGroupingPolicy": "${request.headers['X-User'][0]}",
                        "rate": {"numberOfRequests": 10, "duration": "1 hour"},
                        "sharedCounts": {"url": "&{redis.url}", "timeout": "10 seconds"},
                    },
                }
            ],
            "handler": {"type": "StaticResponseHandler", "config": {"status": 204}},
        },
    },
}


@needs_redis
async def test_two_gateways_let_no_more_pass_than_one(tmp_path: Path) -> None:
    route = tmp_path / "limited.json"
    route.write_text(json.dumps(ROUTE))
    with redis_server(tmp_path) as url:
        environment = {"REDIS_URL": url}
        async with (
            gatewright(route, env=environment, https=False) as first,
            gatewright(route, env=environment, https=False) as second,
            ClientSession() as client,
        ):
            seen: dict[str, Counter[int]] = {}
            for number in range(14):
                gateway = (first, second)[number % 2]
                for user in ("george", "kramer"):
                    address = f"http://127.0.0.1:{gateway.port}/"
                    async with client.get(address, headers={"X-User": user}) as response:
                        seen.setdefault(user, Counter())[response.status] += 1
    assert seen == {"george": {204: 10, 429: 4}, "kramer": {204: 10, 429: 4}}
