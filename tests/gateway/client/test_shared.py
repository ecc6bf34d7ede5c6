"""Clients are shared by equal options and close with their last user."""

from __future__ import annotations

from gateway.client import shared
from gateway.client.options import ClientOptions
from gateway.http.message import Request
from tests.gateway.client.upstream_scripts import OK, Upstream, reply


async def test_equal_options_give_one_client_and_a_reload_keeps_its_connections():
    async with Upstream(reply(OK)) as upstream:
        before = shared.acquire(ClientOptions(so_timeout=3))
        await before.send(Request("GET", upstream.url))
        after = shared.acquire(ClientOptions(so_timeout=3))
        assert after is before
        shared.release(before)
        await after.send(Request("GET", upstream.url))
        assert upstream.connections == 1
        shared.release(after)
        assert after.connections == 0


async def test_other_options_give_another_client():
    one, other = shared.acquire(ClientOptions(so_timeout=3)), shared.acquire(ClientOptions(so_timeout=4))
    assert one is not other
    shared.release(one)
    shared.release(other)


async def test_a_client_that_was_given_back_is_not_handed_out_again():
    first = shared.acquire(ClientOptions())
    shared.release(first)
    shared.release(first)
    second = shared.acquire(ClientOptions())
    assert second is not first
    shared.release(first)
    assert shared.acquire(ClientOptions()) is second
    shared.release(second)
    shared.release(second)
