"""Syslog: messages as RFC 5424 has them, over real sockets, and what a daemon that fails does to requests."""

import asyncio
import os
import re
import socket

import pytest

from gateway.audit import delivery
from tests.gateway.audit.support import SYSLOG, event, handler, lines, service, to_json
from tests.gateway.instances import ROUTER, running, static, until
from tests.gateway.scripted import build, problems, started

RFC5424 = re.compile(
    r"<(?P<pri>\d{1,3})>1 (?P<timestamp>\S+) (?P<host>\S+) (?P<app>\S+) (?P<proc>\S+) (?P<msgid>\S+) "
    r'\[(?P<id>\S+)(?P<parameters>(?: [\w.]+="(?:[^"\\\]]|\\["\\\]])*")*)\]'
)


def declared(to, protocol="UDP", **config):
    settings = {"protocol": protocol, "host": "127.0.0.1", "port": to, "facility": "local0", "connectTimeout": 5000}
    return handler(SYSLOG, **{**settings, **config})


def parameters(match):
    found = re.findall(r' ([\w.]+)="((?:[^"\\\]]|\\["\\\]])*)"', match["parameters"])
    return {name: re.sub(r"\\(.)", r"\1", value) for name, value in found}


@pytest.fixture
def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(10)
        yield daemon


@pytest.fixture
def tcp():
    with socket.create_server(("127.0.0.1", 0)) as daemon:
        daemon.settimeout(10)
        yield daemon


def port_of(daemon):
    return daemon.getsockname()[1]


async def receive(daemon):
    return (await asyncio.to_thread(daemon.recv, 70_000)).decode()


async def test_a_datagram_is_one_message(udp):
    async with started(service(declared(port_of(udp)))) as tested:
        tested.publish("access", event(1, userId='a "quoted" \\ name]'))
        match = RFC5424.fullmatch(await receive(udp))
    assert match is not None
    assert match["pri"] == str(16 * 8 + 6)
    assert (match["timestamp"], match["msgid"]) == ("2026-03-01T10:15:30.123Z", "OPENIG-HTTP-ACCESS")
    assert match["proc"] == str(os.getpid())
    assert match["id"] == "access.OPENIG@36733"
    found = parameters(match)
    assert found["userId"] == 'a "quoted" \\ name]'
    assert (found["transactionId"], found["client.ip"], found["ig.routeId"]) == ("transaction-1", "192.0.2.10", "")
    assert not {"_id", "timestamp", "eventName"} & set(found)


@pytest.mark.parametrize(
    ("value", "severity"),
    [("FAILED", 4), ("SUCCESSFUL", 6), ("unknown", 6), ("critical", 2)],
)
async def test_a_field_tells_the_severity(udp, value, severity):
    mapping = {"topic": "access", "field": "/response/status", "valueMappings": {"FAILED": "WARNING"}}
    async with started(service(declared(port_of(udp), severityFieldMappings=[mapping]))) as tested:
        tested.publish("access", event(1, response={"status": value}))
        match = RFC5424.fullmatch(await receive(udp))
    assert int(match["pri"]) % 8 == severity


async def test_messages_on_a_connection_are_lines(tcp):
    async with started(service(declared(port_of(tcp), "TCP"))) as tested:
        for number in range(3):
            tested.publish("access", event(number, userId="two\nlines"))
        connection, _ = await asyncio.to_thread(tcp.accept)
        with connection, connection.makefile(encoding="utf-8") as stream:
            for number in range(3):
                match = RFC5424.fullmatch((await asyncio.to_thread(stream.readline)).rstrip("\n"))
                assert parameters(match)["transactionId"] == f"transaction-{number}"
                assert parameters(match)["userId"] == "two lines"


async def test_a_daemon_that_was_restarted_gets_what_came_meanwhile(tcp, monkeypatch):
    monkeypatch.setattr(delivery, "RETRY", 0.01)
    async with started(service(declared(port_of(tcp), "TCP"))) as tested:
        tested.publish("access", event(1))
        connection, _ = await asyncio.to_thread(tcp.accept)
        assert b"transaction-1" in await asyncio.to_thread(connection.recv, 10_000)
        connection.close()
        await until(lambda: _closed_by_daemon(tested))
        tested.publish("access", event(2))
        connection, _ = await asyncio.to_thread(tcp.accept)
        with connection:
            assert b"transaction-2" in await asyncio.to_thread(connection.recv, 10_000)


def _closed_by_daemon(audit):
    target = audit.eventHandlers[0]._delivery._target
    try:
        return target._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False


async def test_a_daemon_that_is_not_there_costs_events_and_no_request(tmp_path, caplog):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = port_of(gone)
    audit = service(
        declared(port, "TCP", buffering={"enabled": True, "maxSize": 3}, name="gone"),
        to_json(tmp_path / "j", name="json"),
    )
    async with running(tmp_path, config={**ROUTER, "heap": [audit]}, routes={"a": static("fine")}) as instance:
        for _ in range(10):
            assert (await instance.get("/")).text == "fine"
        scrape = (await instance.admin("/metrics/prometheus/0.0.4")).text
    assert 'ig_audit_events_lost_total{handler="gone"} 7.0' in scrape
    assert len([r for r in caplog.records if "loses events: its queue of 3 events is full" in r.getMessage()]) == 1
    assert len(lines(tmp_path / "j" / "access.audit.json")) == 10


async def test_a_daemon_that_takes_nothing_holds_no_request(tmp_path, tcp, monkeypatch):
    monkeypatch.setattr(delivery, "GRACE", 0.05)
    monkeypatch.setattr(delivery.Delivery.stop, "__defaults__", (0.05,))
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    audit = service(declared(port_of(tcp), "TCP", buffering={"enabled": True, "maxSize": 5}), include=["/access/http"])
    async with running(tmp_path, config={**ROUTER, "heap": [audit]}, routes={"a": static("fine")}) as instance:
        service_ = instance.gateway._audit
        for _ in range(100):
            service_.publish("access", event(1, userId="x" * 100_000))
        for _ in range(20):
            assert (await instance.get("/")).text == "fine"
        connection, _ = await asyncio.to_thread(tcp.accept)
    connection.close()


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"protocol": "SCTP"}, '"SCTP" is not a value of this property'),
        ({"facility": "local8"}, '"local8" is not a value of this property'),
        ({"port": 65536}, "input should be less than or equal to 65535"),
        ({"protocol": "TCP", "connectTimeout": None}, "TCP needs a connect timeout"),
        (
            {"severityFieldMappings": [{"topic": "access", "field": "a", "valueMappings": {"x": "BAD"}}]},
            '"BAD" is not a value of this property',
        ),
    ],
)
def test_what_keeps_a_handler_from_loading(config, message):
    assert problems(service(declared(514, **config))) == [message]


def test_mappings_that_mean_nothing_are_ignored_with_a_warning(caplog):
    def mapping(topic, field):
        return {"topic": topic, "field": field, "valueMappings": {"x": "ALERT"}}

    mappings = [mapping("access", "response/status"), mapping("access", "userId"), mapping("nope", "a")]
    build(service(declared(514, severityFieldMappings=[*mappings, mapping("mcp", "b")])))
    assert [r.getMessage() for r in caplog.records] == [
        "tested: a second severity mapping for topic access is ignored",
        "tested: topic nope has no field a",
        "tested: topic mcp has no field b",
    ]
