"""A thousand reloads while clients keep asking: no request is lost, and nothing grows."""

import asyncio
import gc
from contextlib import asynccontextmanager

from config.heap import Heap
from gateway.http.message import Response
from gateway.metrics.registry import METRICS
from gateway.routing.route import Route
from gateway.server.listener import Listener
from gateway.server.service import Service
from tests.gateway.instances import at, running, static

SCANS = 1000
"""Each reloads two routes."""
CLIENTS = 8


@asynccontextmanager
async def upstream():
    """An application behind the gateway."""

    async def application(context, request):
        return Response(200, None, request.uri.path)

    listener = Listener(Service(application), [0], "127.0.0.1")
    await listener.start()
    try:
        yield listener
    finally:
        await listener.stop(0)


def living(kind):
    gc.collect()
    return sum(1 for found in gc.get_objects() if type(found) is kind)


async def ask(instance, path, wrong, stop):
    count = 0
    while not stop.is_set():
        answer = await instance.get(path)
        count += 1
        if answer.status != 200:
            wrong.append((path, answer.status))
    return count


async def test_a_thousand_reloads_lose_no_request_and_leave_nothing(tmp_path):
    async with upstream() as behind:
        base = f"http://127.0.0.1:{behind.ports[0]}"

        def proxying(number):
            remark = {"name": f"step {number}", "type": "TransactionIdOutboundFilter"}
            return {"condition": at("/proxied"), "baseURI": base, "heap": [remark], "handler": "ReverseProxyHandler"}

        routes = {"proxied": proxying(0), "other": static("fine", condition=at("/static"))}
        async with running(tmp_path, routes=routes) as instance:
            wrong, stop = [], asyncio.Event()
            async with asyncio.TaskGroup() as group:
                paths = ["/proxied", "/static"] * (CLIENTS // 2)
                asking = [group.create_task(ask(instance, path, wrong, stop)) for path in paths]
                before = None
                for number in range(1, SCANS + 1):
                    instance.write_route("proxied", proxying(number))
                    instance.write_route("other", static(str(number), condition=at("/static")))
                    assert await instance.router.scan() == []
                    if number == SCANS // 10:
                        before = living(Route), living(Heap), len(METRICS._registered), len(behind.service.connections)
                stop.set()
            assert wrong == []
            assert all(task.result() > 10 for task in asking)
            await asyncio.sleep(0)
            after = living(Route), living(Heap), len(METRICS._registered), len(behind.service.connections)
            assert before is not None
            assert after[0] <= max(before[0], CLIENTS + 4)
            assert after[1] <= max(before[1], CLIENTS + 8)
            assert after[2] == before[2]
            assert after[3] <= CLIENTS
            assert len(asyncio.all_tasks()) <= 2 * CLIENTS + 4
            assert (await instance.get("/static")).text == str(SCANS)
