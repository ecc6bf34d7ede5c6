"""What the tests of worker processes share: instances that tell their workers apart, and clients that find them all."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from tests.canaries import SENT
from tests.e2e.processes import Process

WHO = "${contexts.transactionId.transactionId.value}"
"""Ids of transactions begin with something that each process has for itself."""
ATTEMPTS = 300


def write(file: Path, content: Mapping[str, Any] | str) -> None:
    """Write a file in one step."""
    file.parent.mkdir(parents=True, exist_ok=True)
    made = file.with_suffix(".partial")
    made.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    made.replace(file)


def at(path: str) -> str:
    return "${request.uri.path == '" + path + "'}"


def answer(entity: str = WHO, status: int = 200) -> dict[str, Any]:
    return {"type": "StaticResponseHandler", "config": {"status": status, "entity": entity}}


_MARK = {"target": "${session.seen}", "value": "${session.seen}x"}
MARKING = {
    "condition": at("/session"),
    "handler": {
        "type": "Chain",
        "config": {
            "filters": [{"type": "AssignmentFilter", "config": {"onRequest": [_MARK]}}],
            "handler": answer("${session.seen} " + WHO),
        },
    },
}
"""A route that answers with a mark for each visit of its session, and with its process."""


def instance(directory: Path, *, scan: str = "disabled", mode: str = "production", **routes: Mapping[str, Any]) -> Path:
    """An instance directory with some routes."""
    write(directory / "config/admin.json", {"mode": mode})
    write(directory / "config/config.json", {"handler": {"type": "Router", "config": {"scanInterval": scan}}})
    for name, route in {"who": {"condition": at("/who"), "handler": answer()}, **routes}.items():
        write(directory / f"config/routes/{name}.json", route)
    return directory


async def fetch(url: str, method: str = "GET", **options: Any) -> tuple[int, str]:
    """One request on a connection of its own, which finds any worker."""
    async with aiohttp.ClientSession(headers=SENT) as session, session.request(method, url, **options) as response:
        return response.status, await response.text()


def process_of(transaction: str) -> str:
    """What the ids of transactions of one process have in common."""
    return transaction.rpartition("-")[0]


async def sessions_go_on_at_every_worker(url: str) -> None:
    """Visit the route MARKING with the cookies of the visit before until two processes have answered."""
    seen: set[str] = set()
    cookies: dict[str, str] = {}
    visits = 0
    while len(seen) < 2 or visits < 4:
        async with aiohttp.ClientSession() as session, session.get(url, cookies=cookies) as response:
            marks, who = (await response.text()).split(" ")
            cookies |= {name: morsel.value for name, morsel in response.cookies.items()}
        visits += 1
        assert marks == "x" * visits
        seen.add(process_of(who))
        assert visits < ATTEMPTS


async def until_all_answered(gateway: Process, workers: int = 2) -> int:
    """Ask on new connections until so many processes have answered; how often that was."""
    seen: set[str] = set()
    for count in range(1, ATTEMPTS):
        status, text = await fetch(gateway.http("/who"))
        assert status == 200
        seen.add(process_of(text))
        if len(seen) == workers:
            return count
    raise AssertionError(f"only {len(seen)} workers took requests")


async def counted(gateway: Process, metric: str = "ig_route_request_total", **labels: str) -> float:
    """What a scrape says of a metric."""
    status, text = await fetch(gateway.admin("/metrics/prometheus/0.0.4"))
    assert status == 200
    total = 0.0
    for line in re.findall(rf"^{metric}{{.*", text, re.MULTILINE):
        if all(f'{name}="{value}"' in line for name, value in labels.items()):
            total += float(line.rpartition(" ")[2])
    return total
