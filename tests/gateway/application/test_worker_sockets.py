"""The sockets of worker processes: one for each slot, kept while workers come and go."""

from __future__ import annotations

import socket

import pytest

from gateway.application.worker_sockets import Place, WorkerSockets, places

LOOPBACK = "127.0.0.1"


def test_several_free_ports_are_told_apart() -> None:
    named = [(LOOPBACK, 0), (LOOPBACK, 8080), (LOOPBACK, 0)]
    assert places(named) == [Place(LOOPBACK, 0), Place(LOOPBACK, 8080), Place(LOOPBACK, 0, 1)]


@pytest.fixture
def sockets():
    made = WorkerSockets(3)
    yield made
    made.close()


def test_all_slots_have_the_same_port_where_any_would_do(sockets: WorkerSockets) -> None:
    wanted = places([(LOOPBACK, 0), (LOOPBACK, 0)])
    sockets.open(wanted)
    first, second = sockets.ports(wanted)
    assert first != second
    assert {one.getsockname()[1] for slot in range(3) for one in sockets.of(wanted[0], slot)} == {first}
    assert all(one.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT) for one in sockets.of(wanted[0], 2))


def test_a_place_stays_open_when_it_is_wanted_again(sockets: WorkerSockets) -> None:
    wanted = places([(LOOPBACK, 0)])
    sockets.open(wanted)
    before = sockets.of(wanted[0], 1)
    more = places([(LOOPBACK, 0), (LOOPBACK, 0)])
    sockets.open(more)
    assert sockets.of(wanted[0], 1) is before
    sockets.keep(more[1:])
    assert before[0].fileno() == -1
    assert sockets.of(more[1], 1)[0].fileno() > 0


def test_a_port_that_is_taken_opens_nothing_at_all(sockets: WorkerSockets) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind((LOOPBACK, 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1 port {taken}"):
            sockets.open(places([(LOOPBACK, 0), (LOOPBACK, taken)]))
    with pytest.raises(KeyError):
        sockets.of(Place(LOOPBACK, 0), 0)


def test_a_name_with_two_addresses_has_a_socket_at_each(sockets: WorkerSockets, monkeypatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in (LOOPBACK, "127.0.0.2")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: found)
    [place] = places([("localhost", 0)])
    sockets.open([place])
    assert [one.getsockname()[0] for one in sockets.of(place, 0)] == [LOOPBACK, "127.0.0.2"]
