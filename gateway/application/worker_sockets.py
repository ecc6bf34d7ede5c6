"""The sockets on which worker processes listen: opened by their supervisor, one for each worker at each place.

The kernel spreads new connections over the sockets of a place (SO_REUSEPORT). When such a socket closes, connections
that wait in its queue are reset; these stay open while workers come and go, so a worker that replaces another one finds
the connections that waited. Knows neither connectors nor processes.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A port of an interface; port 0 is any free one, and `number` tells several of those apart."""

    host: str
    port: int
    number: int = 0


def places(named: Iterable[tuple[str, int]]) -> list[Place]:
    """Hosts and ports as places, in the same order."""
    seen: Counter[tuple[str, int]] = Counter()
    found = []
    for host, port in named:
        found.append(Place(host, port, seen[host, port] if port == 0 else 0))
        seen[host, port] += 1
    return found


class WorkerSockets:
    """For each place the sockets of each slot; a slot is the position of a worker, whatever process is in it."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self._open: dict[Place, list[list[socket.socket]]] = {}

    def open(self, wanted: Iterable[Place]) -> None:
        """Bind the sockets of places that are not open yet; OSError when a place is taken, and then none is added."""
        added: dict[Place, list[list[socket.socket]]] = {}
        try:
            for place in wanted:
                if place not in self._open and place not in added:
                    added[place] = _bound(place, self.slots)
        except BaseException:
            _close(added)
            raise
        self._open.update(added)

    def keep(self, wanted: Iterable[Place]) -> None:
        """Close the sockets of all other places."""
        gone = {place: self._open.pop(place) for place in set(self._open) - set(wanted)}
        _close(gone)

    def of(self, place: Place, slot: int) -> list[socket.socket]:
        """The sockets of a slot at a place: one for each address of its host."""
        return self._open[place][slot]

    def ports(self, wanted: Iterable[Place]) -> list[int]:
        """The numbers of the ports of places."""
        return [int(one.getsockname()[1]) for place in wanted for one in self.of(place, 0)]

    def close(self) -> None:
        """Close the sockets in this process; other processes that have them listen on."""
        self.keep(())


def _close(opened: dict[Place, list[list[socket.socket]]]) -> None:
    for slots in opened.values():
        for sockets in slots:
            for one in sockets:
                one.close()


def _bound(place: Place, slots: int) -> list[list[socket.socket]]:
    made: list[list[socket.socket]] = [[] for _ in range(slots)]
    found = socket.getaddrinfo(place.host or None, place.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    try:
        for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
            if place.port:
                _require_free(family, address)
            here = address
            for sockets in made:
                sockets.append(_bind(family, here, shared=True))
                here = sockets[-1].getsockname()  # where any port would do, all take the one that the first one got
    except OSError as error:
        _close({place: made})
        reason = error.strerror or str(error)
        raise OSError(error.errno, f"cannot listen on {place.host} port {place.port}: {reason}") from None
    return made


def _require_free(family: int, address: tuple[object, ...]) -> None:
    # With SO_REUSEPORT alone, another gateway of the same user would share the port, and nobody would notice.
    _bind(family, address, shared=False).close()


def _bind(family: int, address: tuple[object, ...], *, shared: bool) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except BaseException:
        made.close()
        raise
    return made
