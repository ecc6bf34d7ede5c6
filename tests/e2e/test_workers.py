"""Several worker processes serve as one: they share what a client may not notice is divided."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tests.e2e.processes import gatewright
from tests.e2e.worker_clients import (
    MARKING,
    answer,
    at,
    counted,
    fetch,
    instance,
    process_of,
    sessions_go_on_at_every_worker,
    until_all_answered,
)

THROTTLED = {
    "condition": at("/throttled"),
    "handler": {
        "type": "Chain",
        "config": {
            "filters": [
                {"type": "ThrottlingFilter", "config": {"rate": {"numberOfRequests": 10, "duration": "1 hour"}}}
            ],
            "handler": answer(),
        },
    },
}


async def test_workers_serve_and_are_administered_as_one(tmp_path: Path) -> None:
    directory = instance(tmp_path, session=MARKING, throttled=THROTTLED)
    async with gatewright(directory, https=False, workers=2) as gateway:
        sent = await until_all_answered(gateway)
        scrapes = [await counted(gateway, route="who") for _ in range(8)]
        assert scrapes == [sent] * 8
        _, text = await fetch(gateway.admin("/metrics/api?_queryFilter=true"))
        shown = {metric["_id"]: metric for metric in json.loads(text)["result"]}
        base = next(name.removesuffix(".request") for name in shown if name.endswith("route.who.request"))
        assert shown[f"{base}.request"]["count"] == shown[f"{base}.response.time"]["count"] == sent
        assert {(await fetch(gateway.admin("/health/ready")))[0] for _ in range(8)} == {200}
        await sessions_go_on_at_every_worker(gateway.http("/session"))
        await _rates_hold_for_all_together(gateway.http("/throttled"))


async def _rates_hold_for_all_together(url: str) -> None:
    answers: Counter[int] = Counter()
    seen = set()
    while len(seen) < 2 or answers.total() < 20:
        status, who = await fetch(url)
        answers[status] += 1
        seen.add(process_of(who) if status == 200 else "refused")
        assert answers.total() < 300
    assert answers[200] == 10


async def test_a_route_that_is_changed_on_one_worker_is_served_by_all_at_once(tmp_path: Path) -> None:
    directory = instance(tmp_path, mode="development")
    async with gatewright(directory, https=False, workers=2) as gateway:
        await until_all_answered(gateway)
        url = gateway.admin("/api/system/objects/router-handler/routes/new")
        for number in range(4):
            route = {"condition": at("/new"), "handler": answer(f"{number}")}
            headers = {"If-Match": "*"} if number else {"If-None-Match": "*"}
            status, text = await fetch(url, "PUT", json=route, headers=headers)
            assert status == (200 if number else 201), text
            assert {(await fetch(gateway.http("/new"))) for _ in range(12)} == {(200, f"{number}")}
        assert (await fetch(url, "DELETE"))[0] == 200
        assert {(await fetch(gateway.http("/new")))[0] for _ in range(12)} == {404}


async def test_workers_find_changed_routes_in_the_same_scan(tmp_path: Path) -> None:
    directory = instance(tmp_path, scan="1 second")
    async with gatewright(directory, https=False, workers=2) as gateway:
        said, loaded = "Loaded the route with id 'new'", len(gateway.lines)
        instance(tmp_path, scan="1 second", new={"condition": at("/new"), "handler": answer("new")})
        await gateway.line(said, after=loaded)
        first = next(number for number, line in enumerate(gateway.lines) if said in line)
        await gateway.line(said, after=first + 1)
        assert {(await fetch(gateway.http("/new"))) for _ in range(12)} == {(200, "new")}
