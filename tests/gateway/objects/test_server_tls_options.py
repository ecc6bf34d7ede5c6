"""ServerTlsOptions on a real port, asked by `openssl s_client` and by Python's client."""

from __future__ import annotations

import asyncio
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from expr.diagnostic import DiagnosticError
from gateway.objects.server_tls_options import ServerTlsOptions, covering
from gateway.secrets.leases import REFRESH_FAILURES
from tests.gateway.scripted import build, problems, started

KEYS = Path(__file__).parents[2] / "data/keys"
AUTHORITY = KEYS / "test-ca.crt"


def _store(directory: Path = KEYS) -> dict[str, Any]:
    config = {"directory": str(directory), "suffix": ".pem", "format": {"type": "PemPropertyFormat"}}
    return {"type": "FileSystemSecretStore", "config": config}


def _manager(secret_id: str, directory: Path = KEYS) -> dict[str, Any]:
    return {"type": "SecretsKeyManager", "config": {"signingSecretId": secret_id, "secretsProvider": _store(directory)}}


def _trust(**config: Any) -> dict[str, Any]:
    store = {**_store()["config"], "suffix": ".crt"}
    provider = {"type": "FileSystemSecretStore", "config": store}
    return {"type": "SecretsTrustManager", "config": {"secretsProvider": provider, "checkRevocation": False, **config}}


def _options(**config: Any) -> dict[str, Any]:
    return {"type": "ServerTlsOptions", "config": {"keyManager": _manager("server"), **config}}


@asynccontextmanager
async def _port(options: ServerTlsOptions) -> AsyncIterator[int]:
    """A server that says whose certificate it got, then hangs up."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        certificate = writer.get_extra_info("ssl_object").getpeercert(True)
        name = x509.load_der_x509_certificate(certificate).subject.rfc4514_string() if certificate else "nobody"
        writer.write(f"hello {name}\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=options.context())
    async with server:
        yield server.sockets[0].getsockname()[1]
        server.close()
    await server.wait_closed()


@asynccontextmanager
async def _listening(declaration: dict[str, Any]) -> AsyncIterator[int]:
    async with started(declaration) as options, _port(options) as port:
        yield port


async def _client(port: int, *arguments: str) -> str:
    """All that `openssl s_client` says."""
    command = [
        "openssl",
        "s_client",
        "-connect",
        f"127.0.0.1:{port}",
        "-CAfile",
        str(AUTHORITY),
        "-verify_return_error",
    ]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, *arguments, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await process.communicate()
    return out.decode(errors="replace")


def _subject(said: str) -> str:
    return next((line.partition("CN = ")[2] for line in said.splitlines() if line.startswith("subject=")), "")


needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


@needs_openssl
async def test_openssl_verifies_the_server_and_gets_the_newest_version() -> None:
    async with _listening(_options()) as port:
        said = await _client(port, "-verify_hostname", "localhost")
    assert "Verification: OK" in said and "TLSv1.3" in said and _subject(said) == "server"


SNI = {
    "serverNames": {"alpha.example.com": "alpha", "*.Example.ORG": "wildcard"},
    "defaultSecretId": "server",
    "secretsProvider": _store(),
}


@needs_openssl
@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("alpha.example.com", "alpha"),
        ("ALPHA.example.com", "alpha"),
        ("x.example.org", "wildcard"),
        ("a.b.example.org", "server"),
        ("example.org", "server"),
        ("other.example.com", "server"),
        (None, "server"),
    ],
)
async def test_server_name_chooses_the_certificate(name: str | None, subject: str) -> None:
    async with _listening(_options(keyManager=[], sni=SNI)) as port:
        said = await _client(port, *(["-servername", name] if name else ["-noservername"]))
    assert _subject(said) == subject


@needs_openssl
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
async def test_client_certificate_is_required_and_read(version: str) -> None:
    trust = _trust(certificateVerificationSecretId="test-ca")
    async with _listening(_options(clientAuth="REQUIRED", trustManager=trust)) as port:
        own = ["-cert", str(KEYS / "client.pem"), "-key", str(KEYS / "client.pem")]
        assert "hello CN=client" in await _client(port, "-quiet", version, *own)
        assert "hello" not in await _client(port, "-quiet", version)
        stranger = ["-cert", str(KEYS / "stranger.pem"), "-key", str(KEYS / "stranger.pem")]
        assert "hello" not in await _client(port, "-quiet", version, *stranger)


@needs_openssl
async def test_client_certificate_is_asked_for_and_need_not_be_sent() -> None:
    trust = _trust(certificateVerificationSecretId="test-ca")
    async with _listening(_options(clientAuth="REQUEST", trustManager=trust)) as port:
        assert "hello nobody" in await _client(port, "-quiet")
        own = ["-cert", str(KEYS / "client.pem"), "-key", str(KEYS / "client.pem")]
        assert "hello CN=client" in await _client(port, "-quiet", *own)
        stranger = ["-cert", str(KEYS / "stranger.pem"), "-key", str(KEYS / "stranger.pem")]
        assert "hello" not in await _client(port, "-quiet", *stranger)


@needs_openssl
async def test_expired_client_certificate_is_refused() -> None:
    trust = _trust(certificateVerificationSecretId="test-ca")
    async with _listening(_options(clientAuth="REQUIRED", trustManager=trust)) as port:
        expired = ["-cert", str(KEYS / "expired.pem"), "-key", str(KEYS / "expired.pem")]
        assert "hello" not in await _client(port, "-quiet", *expired)


@needs_openssl
async def test_trusted_peer_certificate_needs_no_authority() -> None:
    store = {"type": "SecretsTrustManager", "config": {"verificationSecretId": "stranger", "secretsProvider": _store()}}
    async with _listening(_options(clientAuth="REQUIRED", trustManager=store)) as port:
        stranger = ["-cert", str(KEYS / "stranger.pem"), "-key", str(KEYS / "stranger.pem")]
        assert "hello CN=stranger" in await _client(port, "-quiet", *stranger)
        client = ["-cert", str(KEYS / "client.pem"), "-key", str(KEYS / "client.pem")]
        assert "hello" not in await _client(port, "-quiet", *client)


@needs_openssl
@pytest.mark.parametrize(
    ("config", "arguments", "works"),
    [
        ({"sslEnabledProtocols": ["TLSv1.2"]}, ["-tls1_3"], False),
        ({"sslEnabledProtocols": ["TLSv1.2"]}, ["-tls1_2"], True),
        ({"sslEnabledProtocols": ["TLSv1.3"]}, ["-tls1_2"], False),
        ({}, ["-tls1_1"], False),
        ({"sslContextAlgorithm": "TLSv1.3"}, ["-tls1_2"], False),
    ],
)
async def test_versions_are_as_configured(config: dict[str, Any], arguments: list[str], works: bool) -> None:
    async with _listening(_options(**config)) as port:
        assert ("hello" in await _client(port, "-quiet", *arguments)) == works


@needs_openssl
async def test_cipher_suites_have_their_java_names() -> None:
    suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
    async with _listening(_options(sslCipherSuites=[suite], sslEnabledProtocols=["TLSv1.2"])) as port:
        assert "Cipher is ECDHE-ECDSA-AES256-GCM-SHA384" in await _client(port)
        assert "hello" not in await _client(port, "-quiet", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256")


@needs_openssl
async def test_protocol_is_negotiated_unless_switched_off() -> None:
    async with _listening(_options()) as port:
        assert "ALPN protocol: http/1.1" in await _client(port, "-alpn", "h2,http/1.1")
    async with _listening(_options(alpn={"enabled": False})) as port:
        assert "No ALPN negotiated" in await _client(port, "-alpn", "h2,http/1.1")


def _copy(name: str, directory: Path) -> None:
    (directory / "tls.pem").write_bytes((KEYS / f"{name}.pem").read_bytes())


@needs_openssl
async def test_changed_certificate_is_served_without_restart_and_open_connections_go_on(tmp_path: Path) -> None:
    _copy("server", tmp_path)
    async with started(_options(keyManager=_manager("tls", tmp_path))) as options, _port(options) as port:
        client = ssl.create_default_context(cafile=str(AUTHORITY))
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname="localhost")
        assert _subject(await _client(port)) == "server"
        _copy("server-next", tmp_path)
        assert await options.refresh() is True
        assert await options.refresh() is False
        assert _subject(await _client(port)) == "server-next"
        assert await reader.readline() == b"hello nobody\n"
        writer.close()
        await writer.wait_closed()


@needs_openssl
async def test_garbage_in_place_of_a_key_leaves_the_last_good_certificate(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _copy("server", tmp_path)
    async with started(_options(keyManager=_manager("tls", tmp_path))) as options, _port(options) as port:
        failures = REFRESH_FAILURES.count
        (tmp_path / "tls.pem").write_text("canary")
        for _ in range(3):
            await options.refresh_or_keep()
        assert _subject(await _client(port)) == "server"
        assert REFRESH_FAILURES.count == failures + 1
        (tmp_path / "tls.pem").unlink()
        for _ in range(3):
            await options.refresh_or_keep()
        assert _subject(await _client(port)) == "server"
        assert caplog.text.count("cannot be refreshed") == 1 and "canary" not in caplog.text
        _copy("server-next", tmp_path)
        await options.refresh_or_keep()
        assert _subject(await _client(port)) == "server-next"


async def test_handshakes_succeed_while_the_certificate_changes(tmp_path: Path) -> None:
    _copy("server", tmp_path)
    client = ssl.create_default_context(cafile=str(AUTHORITY))

    async def visit(port: int) -> str:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname="localhost")
        try:
            assert await reader.readline() == b"hello nobody\n"
            return str(writer.get_extra_info("peercert")["subject"][0][0][1])
        finally:
            writer.close()
            await writer.wait_closed()

    async with started(_options(keyManager=_manager("tls", tmp_path))) as options, _port(options) as port:
        seen: set[str] = set()
        for name in ("server", "server-next", "server"):
            _copy(name, tmp_path)
            _, *subjects = await asyncio.gather(options.refresh(), *[visit(port) for _ in range(8)])
            seen.update(subjects)
        assert seen == {"server", "server-next"}


async def test_expired_certificate_gives_way_to_a_valid_one_and_is_logged_once(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    for version, name in enumerate(("server", "expired")):
        (tmp_path / f"tls.v{version}.pem").write_bytes((KEYS / f"{name}.pem").read_bytes())
    store = _store(tmp_path)
    store["config"]["versionSuffix"] = ".v"
    manager = build({"type": "SecretsKeyManager", "config": {"signingSecretId": "tls", "secretsProvider": store}})
    for _ in range(2):
        pairs = await manager.key_pairs()
        assert [pair.label for pair in pairs] == ["tls.v0", "tls.v1"]
    assert caplog.text.count("outside its validity") == 1


async def test_key_that_is_missing_at_the_start_stops_it() -> None:
    for manager in (_manager("absent"), _manager("ed25519")):
        options = build(_options(keyManager=manager))
        with pytest.raises(DiagnosticError) as caught:
            await options.start()
        assert "the keys of the port" in caught.value.diagnostics[0].message


@pytest.mark.parametrize(
    "config",
    [
        {"keyManager": []},
        {"sslEnabledProtocols": ["SSLv3"]},
        {"sslCipherSuites": ["TLS_NO_SUCH_WITH_THING_SHA"]},
        {"clientAuth": "SOMETIMES"},
        {"sni": {"serverNames": {}}},
        {"keyManager": {"type": "TrustAllManager"}},
    ],
)
def test_what_cannot_work_stops_the_load(config: dict[str, Any]) -> None:
    assert problems(_options(**config))


def test_sni_wins_over_key_manager_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    build(_options(sni=SNI))
    assert "sni is used" in caplog.text


def test_most_specific_name_covers() -> None:
    names: dict[str, Any] = dict.fromkeys(["", "a.example.com", "*.example.com"])
    assert covering("A.EXAMPLE.COM.", names) == "a.example.com"
    assert covering("b.example.com", names) == "*.example.com"
    assert covering("localhost", names) == covering(None, names) == covering("", names) == ""
