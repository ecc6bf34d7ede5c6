"""Clients shared by all who want the same options: a reload of routes keeps its connections.

Clients belong to the event loop in which they are asked for and are counted; the last release closes one.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Final
from weakref import WeakKeyDictionary

from gateway import tracing
from gateway.client.client import HttpClient
from gateway.client.options import ClientOptions
from gateway.client.traced import TracedClient


class _Shared:
    __slots__ = ("client", "uses")

    def __init__(self, client: HttpClient) -> None:
        self.client = client
        self.uses = 0


_LOOPS: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, dict[ClientOptions, _Shared]]] = WeakKeyDictionary()


def acquire(options: ClientOptions) -> HttpClient:
    """The client for some options, made when nobody has one; each call is paired with a `release`."""
    clients = _LOOPS.setdefault(asyncio.get_running_loop(), {})
    shared = clients.get(options)
    if shared is None:
        shared = clients[options] = _Shared(_made(options))
    shared.uses += 1
    return shared.client


def _made(options: ClientOptions) -> HttpClient:
    return TracedClient(options) if tracing.enabled() else HttpClient(options)


def release(client: HttpClient, grace: float = math.inf) -> None:
    """Give a client back; without users left it closes, and running exchanges get the grace period."""
    clients = _LOOPS.get(asyncio.get_running_loop(), {})
    shared = clients.get(client.options)
    if shared is None or shared.client is not client:
        return
    shared.uses -= 1
    if not shared.uses:
        del clients[client.options]
        client.close(grace)


def usage() -> Mapping[str, tuple[int, int]]:
    """Open and busy connections of this event loop's shared clients, by remote address; for metrics."""
    found: dict[str, tuple[int, int]] = {}
    for one in _LOOPS.get(asyncio.get_running_loop(), {}).values():
        for remote, opened, busy in one.client.usage():
            before = found.get(remote, (0, 0))
            found[remote] = (before[0] + opened, before[1] + busy)
    return found
