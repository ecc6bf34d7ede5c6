"""The life of worker processes: they crash, are replaced, reloaded and drained, and clients do not notice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.canaries import wrote
from tests.e2e.inside import upstream
from tests.e2e.processes import Process, gatewright
from tests.e2e.worker_clients import answer, at, counted, fetch, instance, until_all_answered, write


async def test_a_worker_that_crashes_is_replaced_and_no_connection_is_refused(tmp_path: Path) -> None:
    async with gatewright(instance(tmp_path), https=False, workers=2) as gateway:
        sent = await until_all_answered(gateway)
        assert await counted(gateway, route="who") == sent
        for number in (1, 2, 3):
            os.kill(gateway.workers[number], signal.SIGKILL)
            assert {(await fetch(gateway.http("/who")))[0] for _ in range(10)} == {200}
            assert (await fetch(gateway.admin("/health/ready")))[0] == 200
        await gateway.line(r"Worker 4, process \d+, was ended by signal 9|Worker 5 is ready")
        sent += 30 + await until_all_answered(gateway)
        # What was counted after the last scrape went with the processes, nothing else.
        assert await counted(gateway, route="who") >= sent - 30
        assert "Traceback" not in gateway.output


class Slow:
    """An upstream that answers when it is told to, and says when somebody waits."""

    def __init__(self) -> None:
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.set()
        await self.may_answer.wait()
        return web.Response(text="at last")


def proxying(url: str) -> dict[str, Any]:
    return {"condition": at("/slow"), "baseURI": url, "handler": "ReverseProxyHandler"}


async def test_running_exchanges_end_before_the_gateway_does(tmp_path: Path) -> None:
    slow = Slow()
    async with upstream(slow.answer) as url:
        directory = instance(tmp_path, slow=proxying(url))
        write(directory / "config/admin.json", {"connectors": [{"port": 8080, "gracePeriod": "30 seconds"}]})
        async with gatewright(directory, https=False, workers=2) as gateway:
            running = asyncio.ensure_future(fetch(gateway.http("/slow")))
            await slow.asked.wait()
            gateway.process.terminate()
            await gateway.line("Gateway stops")
            with pytest.raises(aiohttp.ClientConnectionError):
                while True:
                    await fetch(gateway.http("/who"))
            slow.may_answer.set()
            assert await running == (200, "at last")
            assert await gateway.process.wait() == 0


async def test_exchanges_are_ended_by_the_grace_period(tmp_path: Path) -> None:
    slow = Slow()
    async with upstream(slow.answer) as url:
        directory = instance(tmp_path, slow=proxying(url))
        write(directory / "config/admin.json", {"connectors": [{"port": 8080, "gracePeriod": "50 ms"}]})
        async with gatewright(directory, https=False, workers=2) as gateway:
            running = asyncio.ensure_future(fetch(gateway.http("/slow")))
            await slow.asked.wait()
            gateway.process.send_signal(signal.SIGINT)
            with pytest.raises(aiohttp.ClientConnectionError):
                await running
            assert await gateway.process.wait() == 0
            slow.may_answer.set()


@asynccontextmanager
async def load(gateway: Process) -> AsyncIterator[list[str]]:
    """Clients that ask all the time, on kept and on new connections; gives what they got that is no answer."""
    wrong: list[str] = []
    done = asyncio.Event()

    async def keep_asking(connections: int) -> int:
        count = 0
        connector = aiohttp.TCPConnector(limit=connections, force_close=connections == 0)
        async with aiohttp.ClientSession(connector=connector) as session:
            while not done.is_set():
                count += 1
                try:  # a POST, which no client sends twice by itself
                    async with session.post(gateway.http("/who"), data=b"x" * 100) as response:
                        if response.status != 200 or not await response.text():
                            wrong.append(f"status {response.status}")
                except aiohttp.ClientError as error:
                    wrong.append(repr(error))
        return count

    asking = [asyncio.ensure_future(keep_asking(kind)) for kind in (0, 0, 1, 1, 1, 1)]
    try:
        yield wrong
    finally:
        done.set()
        counts = await asyncio.gather(*asking)
    assert min(counts) > 10


async def test_a_rolling_reload_under_load_loses_no_request(tmp_path: Path) -> None:
    directory = instance(tmp_path)
    async with gatewright(directory, https=False, workers=2) as gateway, load(gateway) as wrong:
        for number in range(5):
            router = {"type": "Router", "config": {"scanInterval": "disabled", "defaultHandler": answer(f"{number}")}}
            write(directory / "config/config.json", {"handler": router})
            said = len(gateway.lines)
            gateway.process.send_signal(signal.SIGHUP)
            await gateway.line("Gateway reloaded", after=said)
            assert {(await fetch(gateway.http("/other"))) for _ in range(8)} == {(200, f"{number}")}
        assert wrong == []
        assert "was ended by" not in gateway.output


async def test_a_reload_that_fails_changes_nothing(tmp_path: Path) -> None:
    directory = instance(tmp_path)
    async with gatewright(directory, https=False, workers=2) as gateway:
        write(directory / "config/config.json", {"handler": "Missing"})
        gateway.process.send_signal(signal.SIGHUP)
        await gateway.line('no object is named "Missing"')
        # This one is only found out by a worker, which loads the routes.
        router = {"type": "Router", "config": {"failOnRouteError": True, "scanInterval": "disabled"}}
        write(directory / "config/config.json", {"handler": router})
        write(directory / "config/routes/bad.json", {"handler": "Absent"})
        gateway.process.send_signal(signal.SIGHUP)
        await gateway.line("the workers that there are go on")
        await until_all_answered(gateway)
        (directory / "config/routes/bad.json").unlink()
        gateway.process.send_signal(signal.SIGHUP)
        await gateway.line("Gateway reloaded")
        await until_all_answered(gateway)


async def run_to_its_end(*arguments: object) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "run"), *map(str, arguments), stderr=asyncio.subprocess.PIPE
    )
    _, errors = await process.communicate()
    wrote("stderr of a start that failed", errors)
    return process.returncode, errors.decode()


async def test_a_bad_configuration_is_explained_before_there_is_any_worker(tmp_path: Path) -> None:
    directory = instance(tmp_path)
    write(directory / "config/config.json", {"handler": "Missing"})
    status, text = await run_to_its_end(directory, "--workers", "2")
    assert (status, text.count('no object is named "Missing"')) == (2, 1)
    assert "Worker" not in text
    assert "Traceback" not in text


async def test_what_keeps_workers_from_starting_is_explained_once(tmp_path: Path) -> None:
    directory = instance(tmp_path, bad={"handler": "Absent"})
    router = {"type": "Router", "config": {"failOnRouteError": True}}
    write(directory / "config/config.json", {"handler": router})
    status, text = await run_to_its_end(directory, "--workers", "2", "--port", "0", "--admin-port", "0")
    assert status == 2
    assert text.count("Found 1 error.") == 1, text
    assert "Traceback" not in text


async def test_workers_end_with_their_supervisor(tmp_path: Path) -> None:
    directory = instance(tmp_path / "instance")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    async with gatewright(directory, https=False, workers=2, env={"TMPDIR": str(temporary)}) as gateway:
        assert list(temporary.iterdir())
        gateway.process.kill()
        await gateway.process.wait()
        # The workers hold the other end of its standard error: it ends with the last one.
        with pytest.raises(AssertionError, match="the process ended"):
            await gateway.line("this is never said")
        with pytest.raises(aiohttp.ClientConnectionError):
            await fetch(gateway.http("/who"))
        assert list(temporary.iterdir()) == []


async def test_two_gateways_do_not_serve_one_directory(tmp_path: Path) -> None:
    directory = instance(tmp_path)
    file = tmp_path / "tmp/ig.pid"
    write(file, "999999999")
    async with gatewright(directory, https=False, workers=2) as gateway:
        assert "left behind by a process that is gone" in gateway.output
        assert int(file.read_text()) == gateway.process.pid
        status, text = await run_to_its_end(directory, "--port", "0", "--admin-port", "0")
        assert (status, "PID file already exists. Cannot start" in text) == (2, True)
        replacing = ("-Dig.pid.file.mode=override",)
        async with gatewright(directory, https=False, options=replacing) as other:
            assert int(file.read_text()) == other.process.pid
        assert not file.exists()
    assert gateway.process.returncode == 0


async def test_a_port_that_another_gateway_has_is_not_shared_with_it(tmp_path: Path) -> None:
    async with gatewright(instance(tmp_path / "one"), https=False, workers=2) as gateway:
        other = instance(tmp_path / "two")
        status, text = await run_to_its_end(other, "--workers", "2", "--host", "127.0.0.1", "--port", gateway.port)
        assert status == 2
        assert f"cannot listen on 127.0.0.1 port {gateway.port}" in text, json.dumps(text)
