"""ClientTlsOptions: its properties become the settings of the client, and what cannot be is said at load."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.objects.client_tls_options import ClientTlsOptions
from gateway.secrets.key_material import KeyPair
from gateway.secrets.leases import REFRESH_FAILURES
from tests.gateway.client.certificates import Authority
from tests.gateway.client.upstream_scripts import OK, Peer, Script, Upstream, reply
from tests.gateway.scripted import build, exchange, problems, run, started
from tests.gateway.servers import free_port


def tls(**config) -> dict:
    return {"name": "tls", "type": "ClientTlsOptions", "config": config}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def pem(pair: KeyPair) -> str:
    key = pair.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return key + "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in pair.chain)


def store(directory: Path) -> dict:
    config = {"directory": str(directory), "format": {"type": "PemPropertyFormat"}}
    return {"name": "files", "type": "FileSystemSecretStore", "config": config}


def test_the_example_builds():
    build(ClientTlsOptions.example)


async def test_defaults_trust_the_system_and_compare_names():
    async with started(tls()) as options:
        settings = options.settings
    assert settings.anchors is None
    assert settings.check_hostname
    assert settings.alpn
    assert (settings.protocols, settings.ciphers, settings.key_pairs) == ((), (), ())


async def test_properties_become_settings():
    config = {
        "trustManager": [{"type": "TrustAllManager"}],
        "hostnameVerifier": "allow_all",
        "sslEnabledProtocols": ["SSLv2Hello", "TLSv1.2"],
        "sslCipherSuites": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
        "alpn": {"enabled": False},
        "offloadHandshake": True,
    }
    async with started(tls(**config)) as options:
        settings = options.settings
    assert settings.trust_all
    assert not settings.check_hostname
    assert not settings.alpn
    assert settings.protocols == ("TLSv1.2",)
    assert settings.ciphers == ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",)


@pytest.mark.parametrize(
    ("algorithm", "protocols"), [("TLS", ()), ("TLSv1.2", ("TLSv1.2",)), ("TLSv1.3", ("TLSv1.2", "TLSv1.3"))]
)
async def test_the_algorithm_is_the_highest_protocol(algorithm, protocols):
    async with started(tls(sslContextAlgorithm=algorithm)) as options:
        assert options.settings.protocols == protocols


async def test_keys_and_anchors_come_from_secrets(authority, tmp_path):
    (tmp_path / "client.key").write_text(pem(authority.issue("gateway")))
    (tmp_path / "server.ca").write_text(authority.certificate.public_bytes(Encoding.PEM).decode())
    config = {
        "keyManager": {
            "type": "SecretsKeyManager",
            "config": {"signingSecretId": "client.key", "secretsProvider": "files"},
        },
        "trustManager": {
            "type": "SecretsTrustManager",
            "config": {
                "certificateVerificationSecretId": "server.ca",
                "secretsProvider": "files",
                "checkRevocation": False,
            },
        },
    }
    handler = {"type": "ReverseProxyHandler", "config": {"tls": tls(**config)}}
    context = authority.server_context("127.0.0.1", clients=authority.anchors)
    async with Upstream(reply(OK), ssl=context) as upstream:
        outcome = await run(handler, {"uri": upstream.url}, heap=[store(tmp_path)])
        assert outcome.text == "ok"


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"sslEnabledProtocols": ["TLSv9"]}, '"TLSv9" is no TLS protocol'),
        ({"sslEnabledProtocols": ["SSLv3"]}, "no protocol is left"),
        ({"sslContextAlgorithm": "QUIC"}, '"QUIC" is no TLS algorithm'),
        ({"sslCipherSuites": ["TLS_NO_WITH_SUCH_SHA"]}, "none of these cipher suites"),
        ({"hostnameVerifier": "MAYBE"}, "MAYBE"),
        ({"trustManager": {"type": "SecretsKeyManager"}}, ""),
    ],
)
def test_what_cannot_be_is_said_at_load(config, message):
    found = problems(tls(**config))
    assert found
    assert any(message in problem for problem in found)


async def test_options_that_were_not_started_have_no_settings():
    with pytest.raises(RuntimeError, match="started"):
        _ = build(tls()).settings


# --- keys and trust that change while the gateway runs


def rotating(directory: Path) -> dict:
    """Options whose client key and trusted authority are files of a directory."""
    key = {"signingSecretId": "client.key", "secretsProvider": store(directory)}
    trust = {
        "certificateVerificationSecretId": "server.ca",
        "secretsProvider": store(directory),
        "checkRevocation": False,
    }
    return tls(
        keyManager={"type": "SecretsKeyManager", "config": key},
        trustManager={"type": "SecretsTrustManager", "config": trust},
    )


def trusting(directory: Path, *authorities: Authority) -> None:
    texts = [one.certificate.public_bytes(Encoding.PEM).decode() for one in authorities]
    (directory / "server.ca").write_text("".join(texts))


async def tell_the_client(peer: Peer) -> None:
    """Answers with the name in the client's certificate, for as long as the connection lasts."""
    der = peer.writer.get_extra_info("ssl_object").getpeercert(True)
    name = x509.load_der_x509_certificate(der).subject.rfc4514_string().encode()
    while True:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(name), name))


@asynccontextmanager
async def rotation(directory: Path, authority: Authority, *scripts: Script) -> AsyncIterator[Any]:
    """A handler with rotating options, its options, and an upstream that asks for a client certificate."""
    (directory / "client.key").write_text(pem(authority.issue("first")))
    trusting(directory, authority)
    declaration = {"type": "ReverseProxyHandler", "config": {"tls": rotating(directory)}}
    server = authority.server_context("127.0.0.1", clients=authority.anchors)
    async with Upstream(*(scripts or (tell_the_client,)), ssl=server) as upstream, started(declaration) as handler:
        yield handler, handler.tls, upstream


async def test_a_new_client_certificate_is_used_for_new_connections_without_a_restart(authority, tmp_path):
    async with rotation(tmp_path, authority) as (handler, options, upstream):
        request = {"uri": upstream.url}
        assert [(await exchange(handler, request)).text for _ in range(2)] == ["CN=first"] * 2
        assert await options.refresh() is False
        assert upstream.connections == 1
        (tmp_path / "client.key").write_text(pem(authority.issue("second")))
        assert await options.refresh() is True
        assert [(await exchange(handler, request)).text for _ in range(2)] == ["CN=second"] * 2
        assert upstream.connections == 2


async def test_an_exchange_ends_on_the_connection_on_which_it_began(authority, tmp_path):
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(peer: Peer) -> None:
        await peer.head()
        asked.set()
        await go_on.wait()
        await peer.send(OK)
        await peer.gone()

    async with rotation(tmp_path, authority, slow, tell_the_client) as (handler, options, upstream):
        running = asyncio.ensure_future(exchange(handler, {"uri": upstream.url}))
        await asked.wait()
        (tmp_path / "client.key").write_text(pem(authority.issue("second")))
        await options.refresh()
        assert (await exchange(handler, {"uri": upstream.url})).text == "CN=second"
        go_on.set()
        assert (await running).text == "ok"


async def test_trust_that_is_taken_away_ends_new_connections_and_trust_that_is_given_allows_them(authority, tmp_path):
    async with rotation(tmp_path, authority) as (handler, options, upstream):
        request = {"uri": upstream.url}
        assert (await exchange(handler, request)).status == 200
        other = Authority("another")
        trusting(tmp_path, other)
        await options.refresh()
        assert (await exchange(handler, request)).status == 502
        trusting(tmp_path, other, authority)
        await options.refresh()
        assert (await exchange(handler, request)).status == 200


async def test_garbage_in_place_of_a_client_key_leaves_the_last_good_one(authority, tmp_path, caplog):
    async with rotation(tmp_path, authority) as (handler, options, upstream):
        failures = REFRESH_FAILURES.count
        (tmp_path / "client.key").write_text("canary")
        for _ in range(3):
            await options.refresh_or_keep()
        (tmp_path / "client.key").unlink()
        for _ in range(3):
            await options.refresh_or_keep()
        assert (await exchange(handler, {"uri": upstream.url})).text == "CN=first"
        # The store kept the key that became garbage, the options the one that was removed.
        assert REFRESH_FAILURES.count == failures + 2
        assert caplog.text.count("cannot be refreshed") == 1
        assert "canary" not in caplog.text


async def test_requests_go_on_while_keys_change(authority, tmp_path):
    async with rotation(tmp_path, authority) as (handler, options, upstream):
        for number in range(4):
            (tmp_path / "client.key").write_text(pem(authority.issue(f"client-{number}")))
            requests = [exchange(handler, {"uri": upstream.url}) for _ in range(8)]
            _, *outcomes = await asyncio.gather(options.refresh(), *requests)
            assert {outcome.status for outcome in outcomes} == {200}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
async def test_openssl_sees_the_new_client_certificate(authority, tmp_path):
    server = tmp_path / "server.pem"
    server.write_text(pem(authority.issue("127.0.0.1")))
    (tmp_path / "client.key").write_text(pem(authority.issue("first")))
    trusting(tmp_path, authority)
    declaration = {"type": "ReverseProxyHandler", "config": {"tls": rotating(tmp_path)}}
    async with openssl_server(server, tmp_path / "server.ca") as url, started(declaration) as handler:
        assert await subject_on(handler, url) == "CN=first"
        (tmp_path / "client.key").write_text(pem(authority.issue("second")))
        await handler.tls.refresh()
        assert await subject_on(handler, url) == "CN=second"


async def subject_on(handler: Any, url: str) -> str:
    """The subject of the certificate that the page of `openssl s_server` shows."""
    response = (await exchange(handler, {"uri": url})).response
    await response.entity.buffer()
    begin = response.entity.string.index("-----BEGIN CERTIFICATE-----")
    certificate = x509.load_pem_x509_certificate(response.entity.string[begin:].encode())
    return certificate.subject.rfc4514_string()


@asynccontextmanager
async def openssl_server(server: Path, authority: Path) -> AsyncIterator[str]:
    """`openssl s_server` that wants a client certificate and answers with what it knows of the connection."""
    port = free_port()
    command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", str(server), "-key", str(server)]
    command += ["-Verify", "1", "-verify_return_error", "-CAfile", str(authority), "-www"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    try:
        assert process.stdout is not None
        while b"ACCEPT" not in (line := await process.stdout.readline()):
            assert line, "openssl s_server did not start"
        yield f"https://127.0.0.1:{port}/"
    finally:
        process.terminate()
        await process.communicate()
