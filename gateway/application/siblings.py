"""How the worker processes of one gateway speak with each other: each answers at a Unix socket in their directory.

A worker that asks leaves out those that do not answer soon, so one that hangs holds up nobody. Knows nothing of what is
asked: a question has a name, its answer is a JSON value.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

log = logging.getLogger("gatewright.workers")
PATIENCE: Final = 2.0
"""Seconds for an answer."""
SUFFIX: Final = ".worker"

Answer = Callable[[], Awaitable[Any]]


class Siblings:
    """The other workers, for one worker; `number` is its own and is never given to another one again."""

    def __init__(self, directory: Path, number: int, answers: Mapping[str, Answer]) -> None:
        self.directory = directory
        self.number = number
        self._answers = dict(answers)
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, socket_file(self.directory, self.number))

    async def stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
            socket_file(self.directory, self.number).unlink(missing_ok=True)

    async def ask(self, question: str, patience: float = PATIENCE) -> dict[int, Any]:
        """The answers of the other workers by their numbers, without those that gave none in time."""
        files = {int(file.stem): file for file in self.directory.glob(f"*{SUFFIX}")}
        files.pop(self.number, None)
        answers = await asyncio.gather(*(_ask(file, question, patience) for file in files.values()))
        return {number: answer[0] for number, answer in zip(files, answers, strict=True) if answer is not None}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            question = (await reader.readline()).decode().strip()
            answer = await self._answers[question]()
            writer.write(json.dumps(answer).encode())
            writer.write_eof()
            await writer.drain()
        except Exception as error:  # whoever asked has an answer too few; this worker goes on
            log.warning("a question of another worker was not answered: %s", type(error).__name__)
        finally:
            writer.close()


def socket_file(directory: Path, number: int) -> Path:
    """Where a worker answers."""
    return directory / f"{number}{SUFFIX}"


async def _ask(file: Path, question: str, patience: float) -> tuple[Any] | None:
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_unix_connection(file)
            try:
                writer.write(f"{question}\n".encode())
                return (json.loads(await reader.read()),)
            finally:
                writer.close()
    except FileNotFoundError:
        return None  # it ended since the directory was read
    except (OSError, TimeoutError, ValueError) as error:
        log.warning("worker %s did not answer: %s", file.stem, type(error).__name__)
        return None
