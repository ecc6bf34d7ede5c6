"""ClientHandler: its options, failures, retries and circuit breaker, through real sockets."""

from __future__ import annotations

import asyncio
import math

import pytest

from gateway.client.errors import CircuitOpen, ConnectionLost, ResponseTimeout
from gateway.client.options import ClientOptions
from gateway.client.proxy import Always
from gateway.errors import ClientDisconnected, EntityTooLarge
from gateway.handlers.client_handler import ClientHandler
from gateway.http.connection import INTERNAL
from gateway.http.context import ExchangeContext
from tests.gateway.client.upstream_scripts import OK, Peer, Upstream, once, reply
from tests.gateway.scripted import build, exchange, problems, request_of, run, started

BAD = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nbad"


def client_handler(**config) -> dict:
    return {"name": "client", "type": "ClientHandler", "config": config}


async def drop(peer: Peer) -> None:
    await peer.head()


async def test_the_example_builds():
    build(ClientHandler.example)


async def test_whatever_the_server_answers_is_the_response():
    async with Upstream(reply(BAD)) as upstream:
        outcome = await run(client_handler(), {"uri": upstream.url + "/a?b", "headers": {"Host": "app.example.com"}})
        assert (outcome.status, outcome.text) == (502, "bad")
        assert upstream.heads == [b"GET /a?b HTTP/1.1\r\nHost: app.example.com\r\n\r\n"]


async def test_the_default_object_is_one():
    async with Upstream(reply(OK)) as upstream:
        outcome = await run({"type": "Delegate", "config": {"delegate": "ClientHandler"}}, {"uri": upstream.url})
        assert outcome.status == 200


async def test_a_failure_goes_up_and_is_500_when_nobody_handles_it():
    async with Upstream(drop) as upstream:
        with pytest.raises(ConnectionLost) as raised:
            await run(client_handler(), {"uri": upstream.url})
        assert (raised.value.code, raised.value.status) == (500, 502)


async def test_silence_is_a_failure_too():
    async def silent(peer: Peer) -> None:
        await peer.head()
        await peer.gone()

    async with Upstream(silent) as upstream:
        with pytest.raises(ResponseTimeout):
            await run(client_handler(soTimeout="20 ms"), {"uri": upstream.url})


async def test_defaults_are_the_documented_ones():
    async with started(client_handler()) as handler:
        assert handler.options() == ClientOptions(
            connections=64,
            wait_queue=4096,
            so_timeout=10,
            connect_timeout=10,
            time_to_live=math.inf,
            propagate_disconnection=False,
        )


async def test_options_reach_the_client():
    config = {
        "connections": 8,
        "soTimeout": "3 s",
        "connectionTimeout": "unlimited",
        "connectionTimeToLive": "1 minute",
        "propagateDisconnection": True,
        "vertx": {"maxHeaderSize": 16384, "keepAliveTimeout": "${5 + 5}", "pipelining": True},
        "proxyOptions": {"type": "CustomProxyOptions", "config": {"uri": "http://proxy.example.com:3128"}},
    }
    async with started(client_handler(**config)) as handler:
        options = handler.options()
    assert (options.connections, options.wait_queue) == (8, 64)
    assert (options.so_timeout, options.connect_timeout, options.time_to_live) == (3, math.inf, 60)
    assert (options.head_limit, options.keep_alive, options.propagate_disconnection) == (16384, 10, True)
    assert isinstance(options.proxies, Always)


async def test_max_connections_is_an_older_name():
    async with started(client_handler(maxConnections=3)) as handler:
        assert handler.options().connections == 3


async def test_handlers_with_equal_options_share_connections():
    async with Upstream(reply(OK)) as upstream:
        for_both = [client_handler(soTimeout="7 s"), client_handler(soTimeout="7 s")]
        async with started(for_both[0]) as one, started(for_both[1]) as other:
            await exchange(one, {"uri": upstream.url})
            await exchange(other, {"uri": upstream.url})
        assert upstream.connections == 1


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"protocolVersion": "HTTP/2"}, "HTTP/2 to other servers is not available"),
        ({"http2PriorKnowledge": True}, "HTTP/2 to other servers is not available"),
        ({"circuitBreaker": {"maxFailures": 5, "openDuration": "1 s", "slidingCounter": {"size": 4}}}, "maxFailures"),
        ({"circuitBreaker": {"openDuration": "1 s"}}, "maxFailures"),
        ({"connections": 0}, "greater than or equal to 1"),
        ({"retries": {"count": -1}}, "greater than or equal to 0"),
        ({"soTimeout": "soon"}, "soon"),
    ],
)
def test_what_cannot_be_is_said_at_load(config, message):
    assert any(message in problem for problem in problems(client_handler(**config)))


@pytest.mark.parametrize(
    "config",
    [
        {"protocolVersion": "HTTP/1.1"},
        {
            "hostnameVerifier": "ALLOW_ALL",
            "trustManager": "gone",
            "numberOfWorkers": 4,
            "asyncBehavior": "non_blocking",
        },
        {"baseURI": "http://app", "disableRetries": True, "disableReuseConnection": True},
    ],
)
def test_what_older_versions_had_does_not_stop_the_load(config):
    assert problems(client_handler(**config)) == []


@pytest.mark.parametrize("propagate", [True, False])
async def test_a_client_that_goes_away_breaks_its_request_off_where_that_is_wanted(propagate):
    arrived, go_on, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        arrived.set()
        if propagate:
            await peer.gone()
            gone.set()
        else:
            await go_on.wait()
            await peer.send(OK)

    async with Upstream(script) as upstream, started(client_handler(propagateDisconnection=propagate)) as handler:
        request = request_of(uri=upstream.url)
        context = ExchangeContext(INTERNAL, request)
        task = asyncio.ensure_future(handler.handle(context, request))
        await arrived.wait()
        context.disconnect()
        go_on.set()
        if propagate:
            with pytest.raises(ClientDisconnected):
                await task
            await gone.wait()
        else:
            assert (await task).status.code == 200


async def test_no_retries_without_a_block_or_when_switched_off():
    for config in ({}, {"retries": {"enabled": False}}):
        async with Upstream(drop) as upstream:
            with pytest.raises(ConnectionLost):
                await run(client_handler(**config), {"uri": upstream.url})
            assert upstream.connections == 1


async def test_a_failed_call_is_tried_again_with_its_entity():
    bodies = []

    async def answer(peer: Peer) -> None:
        await peer.head()
        bodies.append(await peer.read(5))
        await peer.send(OK)

    async with Upstream(drop, drop, answer) as upstream:
        handler = client_handler(retries={"delay": "zero"})
        outcome = await run(handler, {"method": "POST", "uri": upstream.url, "entity": "hello"})
        assert (outcome.status, upstream.connections, bodies) == (200, 3, [b"hello"])


async def test_after_the_last_try_its_failure_stands():
    async with Upstream(drop) as upstream:
        with pytest.raises(ConnectionLost):
            await run(client_handler(retries={"count": 2, "delay": "0 s"}), {"uri": upstream.url})
        assert upstream.connections == 3


async def test_a_failure_that_the_condition_does_not_want_is_not_tried_again():
    condition = "${exception.message.contains('GOAWAY')}"
    async with Upstream(drop) as upstream:
        with pytest.raises(ConnectionLost):
            await run(client_handler(retries={"runtimeExceptionCondition": condition}), {"uri": upstream.url})
        assert upstream.connections == 1


async def test_conditions_see_the_failure():
    condition = "${contains(exception.class.name, 'HttpClosedException') and request.method == 'GET'}"
    async with Upstream(drop, reply(OK)) as upstream:
        handler = client_handler(retries={"delay": "0 s", "runtimeExceptionCondition": condition})
        assert (await run(handler, {"uri": upstream.url})).status == 200


async def test_a_response_may_be_tried_again():
    large = b"HTTP/1.1 503 Busy\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000
    async with Upstream(once(large), once(BAD), reply(OK)) as upstream:
        handler = client_handler(retries={"delay": "0 s", "condition": "${response.status.code >= 502}"})
        assert (await run(handler, {"uri": upstream.url})).status == 200
        assert upstream.connections == 3


async def test_after_the_last_try_its_response_stands():
    async with Upstream(reply(BAD)) as upstream:
        handler = client_handler(retries={"count": 1, "delay": "0 s", "condition": "${response.status.code == 502}"})
        assert (await run(handler, {"uri": upstream.url})).text == "bad"
        assert len(upstream.heads) == 2


async def test_an_open_circuit_asks_no_more():
    async with Upstream(drop) as upstream:
        breaker = {"maxFailures": 2, "openDuration": "1 hour"}
        async with started(client_handler(circuitBreaker=breaker)) as handler:
            for _ in range(2):
                with pytest.raises(ConnectionLost):
                    await exchange(handler, {"uri": upstream.url})
            with pytest.raises(CircuitOpen):
                await exchange(handler, {"uri": upstream.url})
            assert upstream.connections == 2


async def test_the_open_handler_answers_while_the_circuit_is_open_and_statuses_do_not_open_it():
    busy = {"type": "StaticResponseHandler", "config": {"status": 503, "entity": "later"}}
    breaker = {"maxFailures": 1, "openDuration": "1 hour", "slidingCounter": {"size": 1}, "openHandler": busy}
    async with Upstream(once(BAD), drop) as upstream, started(client_handler(circuitBreaker=breaker)) as handler:
        assert (await exchange(handler, {"uri": upstream.url})).status == 502
        with pytest.raises(ConnectionLost):
            await exchange(handler, {"uri": upstream.url})
        outcome = await exchange(handler, {"uri": upstream.url})
        assert (outcome.status, outcome.text) == (503, "later")


async def test_the_breaker_counts_a_request_after_its_retries():
    async with Upstream(drop, drop, reply(OK)) as upstream:
        config = {
            "retries": {"count": 5, "delay": "0 s"},
            "circuitBreaker": {"maxFailures": 1, "openDuration": "1 hour"},
        }
        assert (await run(client_handler(**config), {"uri": upstream.url})).status == 200


async def test_a_request_that_fails_all_its_tries_is_one_failure_for_the_breaker():
    config = {
        "retries": {"count": 2, "delay": "0 s"},
        "circuitBreaker": {"maxFailures": 2, "openDuration": "1 hour"},
    }
    async with Upstream(drop) as upstream, started(client_handler(**config)) as handler:
        for error in (ConnectionLost, ConnectionLost, CircuitOpen):
            with pytest.raises(error):
                await exchange(handler, {"uri": upstream.url})
        assert upstream.connections == 6


async def test_a_client_that_goes_away_ends_the_tries_and_is_no_failure_for_the_breaker():
    arrived = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.head()
        if upstream.connections == 1:
            arrived.set()
            await peer.gone()
        else:
            await peer.send(OK)

    config = {
        "propagateDisconnection": True,
        "retries": {"count": 5, "delay": "0 s"},
        "circuitBreaker": {"maxFailures": 1, "openDuration": "1 hour"},
    }
    async with Upstream(script) as upstream, started(client_handler(**config)) as handler:
        request = request_of(uri=upstream.url)
        context = ExchangeContext(INTERNAL, request)
        task = asyncio.ensure_future(handler.handle(context, request))
        await arrived.wait()
        context.disconnect()
        with pytest.raises(ClientDisconnected):
            await task
        assert (await exchange(handler, {"uri": upstream.url})).status == 200
        assert upstream.connections == 2


async def test_a_breaker_that_is_switched_off_never_opens():
    async with Upstream(drop) as upstream:
        breaker = {"enabled": False, "maxFailures": 1, "openDuration": "1 hour"}
        async with started(client_handler(circuitBreaker=breaker)) as handler:
            for _ in range(3):
                with pytest.raises(ConnectionLost):
                    await exchange(handler, {"uri": upstream.url})


async def test_a_response_that_does_not_fit_the_storage_is_an_error_of_its_reader():
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000
    storage = {"type": "TemporaryStorage", "config": {"initialLength": 10, "memoryLimit": 1000, "fileLimit": 2000}}
    async with Upstream(once(large)) as upstream:
        with pytest.raises(EntityTooLarge) as caught:
            await run(client_handler(temporaryStorage=storage), {"uri": upstream.url})
        assert caught.value.code == 502
