"""The least that a proxy in Python can do, with Gatewright's interpreter, event loop and parser."""

from __future__ import annotations

from pathlib import Path

from benchmarks.machine import free_port
from benchmarks.peers import Peers
from benchmarks.server import Server

_PROGRAM = Path(__file__).parents[1] / "programs" / "bare_proxy.py"


def proxy(directory: Path, peers: Peers, upstream: Server) -> Server:
    port = free_port()
    return Server([peers.ours, _PROGRAM, str(port), str(upstream.port)], port, log=directory / "log")
