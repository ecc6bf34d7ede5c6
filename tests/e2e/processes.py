"""Real gateway processes for end-to-end tests: started on free ports, asked to stop, and their output kept."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import aiohttp

from tests.canaries import wrote
from tests.e2e.authorization_server import AGENT_SECRET_ID, CLIENT_SECRET_ID
from tests.gateway.servers import free_port

STARTED = re.compile(r"Gateway started on ports")
METRICS = "/metrics/prometheus/0.0.4"
PATIENCE = 60.0
SECRETS = {"CLIENT_SECRET_ID": CLIENT_SECRET_ID, "AGENT_SECRET_ID": AGENT_SECRET_ID}


@dataclass
class Process:
    """A running `gatewright`, and every line that it wrote."""

    process: asyncio.subprocess.Process
    port: int
    https_port: int
    admin_port: int
    lines: list[str] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    @property
    def certificate(self) -> Path:
        found = re.search(r"--cacert (\S+)", self.output)
        assert found is not None, self.output
        return Path(found[1])

    @property
    def workers(self) -> dict[int, int]:
        """The processes of all workers that ever started, by the numbers of the workers."""
        return {int(n): int(pid) for n, pid in re.findall(r"Worker (\d+) starts as process (\d+)", self.output)}

    def http(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def admin(self, path: str) -> str:
        return f"http://127.0.0.1:{self.admin_port}{path}"

    async def read(self) -> None:
        assert self.process.stderr is not None
        while line := await self.process.stderr.readline():
            self.lines.append(line.decode(errors="replace").rstrip("\n"))
            self._more.set()
        self._more.set()

    async def keep_metrics(self) -> None:
        """Look at the metrics once more, when there is still somebody to give them."""
        try:
            async with aiohttp.ClientSession() as client, client.get(self.admin(METRICS)) as answer:
                wrote("the metrics of a process", await answer.text())
        except aiohttp.ClientError:  # the test has ended the process
            pass

    async def line(self, pattern: str | re.Pattern[str], after: int = 0) -> str:
        """The first line from a number on that matches, now or later; fails when the process ends without one."""
        seen = after
        while True:
            for line in self.lines[seen:]:
                if re.search(pattern, line):
                    return line
            seen = len(self.lines)
            if self.process.stderr is not None and self.process.stderr.at_eof():
                raise AssertionError(f"the process ended without a line like {pattern!r}:\n{self.output}")
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), PATIENCE)


@asynccontextmanager
async def gatewright(
    *arguments: object,
    env: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
    https: bool = True,
    stdout: IO[bytes] | None = None,
    workers: int = 1,
) -> AsyncIterator[Process]:
    """`gatewright run ARGUMENTS` on free ports of the loopback interface, ready to answer."""
    ports = [free_port(), free_port(), free_port()]
    command = [sys.executable, "-m", "gateway", "run", "--host", "127.0.0.1", "--port", str(ports[0])]
    command += ["--admin-port", str(ports[2]), *([f"--https={ports[1]}"] if https else []), "--workers", str(workers)]
    process = await asyncio.create_subprocess_exec(
        *command,
        *options,
        *map(str, arguments),
        env={**os.environ, **SECRETS, **(env or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=stdout,
        stderr=asyncio.subprocess.PIPE,
    )
    running = Process(process, *ports)
    reader = asyncio.get_running_loop().create_task(running.read())
    try:
        await running.line(STARTED)
        yield running
        await running.keep_metrics()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await reader
        wrote("the log of a process", running.output)
        if stdout is not None:
            wrote("the stdout of a process", Path(stdout.name).read_bytes())
