"""Node: its HTTP server, with undici as the client of the reverse proxy."""

from __future__ import annotations

from pathlib import Path

from benchmarks.machine import free_port
from benchmarks.peers import Peers
from benchmarks.server import Server

_PROGRAM = Path(__file__).parents[1] / "programs" / "undici_proxy.cjs"


def _start(directory: Path, peers: Peers, upstream: int, mode: str) -> Server:
    port = free_port()
    command = [Peers.program("node") or "node", _PROGRAM, str(port), str(upstream), mode]
    return Server(command, port, log=directory / "log", env={"UNDICI": str(peers.node_modules / "undici")})


def static(directory: Path, peers: Peers) -> Server:
    return _start(directory, peers, 0, "static")


def proxy(directory: Path, peers: Peers, upstream: Server) -> Server:
    return _start(directory, peers, upstream.port, "proxy")
