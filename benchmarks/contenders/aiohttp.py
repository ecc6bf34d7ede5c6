"""An aiohttp application with ClientSession under uvloop, without access log."""

from __future__ import annotations

from pathlib import Path

from benchmarks.machine import free_port
from benchmarks.peers import Peers
from benchmarks.server import Server

_PROGRAM = Path(__file__).parents[1] / "programs" / "aiohttp_proxy.py"


def _start(directory: Path, peers: Peers, upstream: int, mode: str) -> Server:
    port = free_port()
    return Server([peers.python, _PROGRAM, str(port), str(upstream), mode], port, log=directory / "log")


def static(directory: Path, peers: Peers) -> Server:
    return _start(directory, peers, 0, "static")


def proxy(directory: Path, peers: Peers, upstream: Server) -> Server:
    return _start(directory, peers, upstream.port, "proxy")
