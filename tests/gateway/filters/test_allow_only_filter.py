"""AllowOnlyFilter: senders, destinations and conditions of rules."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.http.connection import Connection
from tests.gateway.scripted import problems, run


def allow(*rules: dict, **config) -> dict:
    return {"type": "AllowOnlyFilter", "config": {"rules": list(rules), **config}}


def sender(*addresses: str, **ip) -> dict:
    return {"from": [{"ip": {"list": list(addresses), **ip}}]}


async def allowed(config: dict, request: dict | None = None, remote: str = "192.0.2.1", chain: tuple = ()) -> bool:
    connection = Connection((remote, 1234), secure=bool(chain), chain=chain)
    outcome = await run(config, request, connection=connection)
    assert outcome.status == (200 if outcome.seen else 401)
    return bool(outcome.seen)


@pytest.mark.parametrize(
    ("addresses", "remote", "expected"),
    [
        (["192.0.2.1"], "192.0.2.1", True),
        (["192.0.2.0/24", "::1"], "192.0.2.200", True),
        (["192.0.2.0/24", "::1"], "::1", True),
        (["2001:db8::/32"], "2001:db8:1::5", True),
        (["192.0.2.0/24"], "198.51.100.1", False),
        (["192.0.2.0/24"], "::ffff:192.0.2.7", True),
        (["192.0.2.0/24"], "", False),
    ],
)
async def test_the_address_of_the_connection(addresses, remote, expected):
    assert await allowed(allow(sender(*addresses)), remote=remote) is expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Forwarded-For": "203.0.113.9, 10.1.2.3"}, True),
        ({"X-Forwarded-For": "10.1.2.3, 203.0.113.9"}, False),
        ({"X-Forwarded-For": ["203.0.113.9", "10.1.2.3:4711"]}, True),
        ({"Forwarded": 'for=203.0.113.9, for="10.1.2.3:80";proto=https'}, True),
        ({"Forwarded": "for=203.0.113.9", "X-Forwarded-For": "10.1.2.3"}, False),
        ({"Forwarded": 'For="[2001:db8::1]:4711"'}, True),
        ({"Forwarded": "proto=https"}, False),
        ({"X-Forwarded-For": "unknown"}, False),
    ],
)
async def test_the_last_hop_of_the_headers_comes_first(headers, expected):
    assert await allowed(allow(sender("10.0.0.0/8", "2001:db8::/32")), {"headers": headers}) is expected


async def test_a_resolver_gives_the_address():
    config = allow(sender("10.0.0.0/8", resolver="${request.headers['X-Real'][0]}"))
    assert await allowed(config, {"headers": {"X-Real": "10.1.1.1", "X-Forwarded-For": "203.0.113.1"}})
    assert not await allowed(config, {"headers": {"X-Real": "none"}})
    assert not await allowed(config)


@pytest.mark.parametrize(
    ("destination", "uri", "method", "expected"),
    [
        ({"hosts": ["api\\..*"]}, "http://API.example.com/", "GET", True),
        ({"hosts": ["api"]}, "http://api.example.com/", "GET", False),
        ({"ports": ["80", "8000:8999"]}, "http://h/", "GET", True),
        ({"ports": ["80", "8000:8999"]}, "http://h:8999/", "GET", True),
        ({"ports": ["80", "8000:8999"]}, "https://h/", "GET", False),
        ({"methods": ["GET", "PUT"]}, "http://h/", "PUT", True),
        ({"methods": ["GET"]}, "http://h/", "get", False),
        ({"paths": ["/v1/.*"]}, "http://h/v1/a", "GET", True),
        ({"paths": ["/v1/.*"]}, "http://h/V1/a", "GET", False),
        ({"paths": ["/v1"]}, "http://h/v1/a", "GET", False),
        ({"hosts": ["h"], "methods": ["PUT"]}, "http://h/", "GET", False),
    ],
)
async def test_all_that_a_destination_names_has_to_match(destination, uri, method, expected):
    assert await allowed(allow({"destination": [destination]}), {"uri": uri, "method": method}) is expected


async def test_one_rule_is_enough_and_all_of_it_has_to_hold():
    config = allow({**sender("10.0.0.0/8"), "when": True}, {"name": "probe", "when": "${request.method == 'GET'}"})
    assert await allowed(config)
    assert not await allowed(config, {"method": "POST"})
    assert not await allowed(allow({**sender("192.0.2.1"), "when": "${request.method == 'POST'}"}))


def certificate() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name.from_rfc4514_string("CN=client,O=Example,C=DE")
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


async def test_the_subject_of_the_client_certificate():
    chain = (certificate(),)
    for pattern, expected in (("CN=client,.*", True), (".*, C=DE", True), ("CN=client", False)):
        config = allow({"from": [{"certificate": {"subjectDNs": [pattern]}}]})
        assert await allowed(config, chain=chain) is expected
    assert not await allowed(allow({"from": [{"certificate": {"subjectDNs": [".*"]}}]}))


async def test_address_and_certificate_have_to_match_together():
    entry = {"ip": {"list": ["10.0.0.0/8"]}, "certificate": {"subjectDNs": [".*"]}}
    assert not await allowed(allow({"from": [entry]}), chain=(certificate(),))
    assert await allowed(allow({"from": [entry]}), chain=(certificate(),), remote="10.0.0.1")


async def test_the_failure_handler_answers_what_no_rule_allows():
    handler = {"type": "StaticResponseHandler", "config": {"status": 404}}
    outcome = await run(allow({"when": False}, failureHandler=handler))
    assert (outcome.status, outcome.seen) == (404, [])


def test_mistakes_are_found_when_the_filter_is_loaded():
    assert problems(allow()) == ["no request can satisfy an empty list of rules"]
    assert problems(allow(sender("10.0.0.300"))) == ['"10.0.0.300" is no IP address and no range of them']
    assert problems(allow({"destination": [{"ports": ["90:80"]}]})) == ['"90:80" is no port and no range of ports']
    assert problems(allow({"destination": [{"hosts": ["("]}]}))


async def test_the_log_names_the_rule_that_allows(caplog):
    caplog.set_level("DEBUG", "gatewright")
    named = {"name": "probe", "when": "${request.headers['x-probe'][0] == 'yes'}"}
    tested = {"name": "door", **allow({"when": False}, named)}
    assert await allowed(tested, {"headers": {"X-Probe": "yes"}})
    (record,) = [record for record in caplog.records if record.name.endswith(".AllowOnlyFilter.door")]
    assert record.getMessage() == "the rule probe allows the request"
