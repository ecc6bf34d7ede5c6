"""A configured route in front of upstreams whose authority runs the OCSP responder of OpenSSL, or publishes a list."""

from __future__ import annotations

import asyncio
import logging
import shutil
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from gateway.secrets.key_material import KeyPair
from tests.gateway.certificates.issuing import Issuer, private, public
from tests.gateway.certificates.publisher import Publisher
from tests.gateway.client.upstream_scripts import OK, Upstream, reply
from tests.gateway.scripted import Outcome, exchange, started
from tests.gateway.servers import free_port

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


@asynccontextmanager
async def openssl_responder(
    directory: Path, issuer: Issuer, port: int, good: Iterable[x509.Certificate], revoked: Iterable[x509.Certificate]
) -> AsyncIterator[list[str]]:
    """`openssl ocsp` as a responder with a key that the issuer gave it; what it prints is collected."""
    signer = issuer.responder()
    (directory / "issuer.pem").write_text(public(issuer.certificate))
    (directory / "signer.pem").write_text(public(signer.certificate) + private(signer.key))
    states = [*(("V\t400101000000Z\t", one) for one in good)]
    states += [("R\t400101000000Z\t200101000000Z,keyCompromise", one) for one in revoked]
    lines = [
        f"{state}\t{hexadecimal(one.serial_number)}\tunknown\t/CN={number}\n"
        for number, (state, one) in enumerate(states)
    ]
    (directory / "index.txt").write_text("".join(lines))
    command = ["openssl", "ocsp", "-port", str(port), "-CA", "issuer.pem", "-index", "index.txt", "-nmin", "30"]
    command += ["-rsigner", "signer.pem", "-text"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, cwd=directory, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=asyncio.subprocess.STDOUT
    )
    said: list[str] = []
    assert process.stdout is not None
    while not (line := (await process.stdout.readline()).decode()).startswith(("ACCEPT", "ocsp: waiting")):
        assert line, f"openssl ocsp did not start: {said}"
        said.append(line)
    try:
        yield said
    finally:
        process.terminate()
        out, _ = await process.communicate()
        said += out.decode(errors="replace").splitlines()


def hexadecimal(number: int) -> str:
    """Whole bytes, as OpenSSL writes serial numbers."""
    return number.to_bytes((number.bit_length() + 7) // 8).hex().upper()


def route(directory: Path, issuer: Issuer, **config: Any) -> dict[str, Any]:
    """A handler that trusts an authority; revocation is checked unless the configuration says otherwise."""
    (directory / "ca.pem").write_text(public(issuer.certificate))
    files = {
        "type": "FileSystemSecretStore",
        "config": {"directory": str(directory), "suffix": ".pem", "format": {"type": "PemPropertyFormat"}},
    }
    trust = {"certificateVerificationSecretId": "ca", "secretsProvider": files, **config}
    tls = {"type": "ClientTlsOptions", "config": {"trustManager": {"type": "SecretsTrustManager", "config": trust}}}
    return {"type": "ReverseProxyHandler", "config": {"tls": tls}}


async def visit(handler: Any, pair: KeyPair) -> Outcome:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pair.load_into(context)
    async with Upstream(reply(OK), ssl=context) as upstream:
        outcome = await exchange(handler, {"uri": upstream.url})
        await outcome.response.entity.buffer()
        assert bool(upstream.heads) == (outcome.status == 200)
        return outcome


@needs_openssl
async def test_openssl_says_which_upstreams_are_good(tmp_path, caplog):
    root, port = Issuer.root(), free_port()
    good, revoked, unknown = (root.issue("127.0.0.1", responder=f"http://127.0.0.1:{port}/") for _ in range(3))
    lists = ([good.chain[0]], [revoked.chain[0]])
    async with (
        openssl_responder(tmp_path, root, port, *lists) as said,
        started(route(tmp_path, root)) as handler,
    ):
        with caplog.at_level(logging.INFO):
            assert [(await visit(handler, pair)).status for pair in (good, good, revoked, unknown)] == [
                200,
                200,
                502,
                502,
            ]
    refusals = [record for record in caplog.records if "CN=127.0.0.1" in record.getMessage()]
    assert "was revoked on 2020-01-01 (keyCompromise)" in refusals[0].getMessage()
    assert "could not determine the revocation status" in refusals[1].getMessage()
    assert "does not know the certificate" in refusals[1].getMessage()
    assert len(refusals) == 2
    assert not any(record.exc_info for record in caplog.records)
    assert sum("OCSP Request Data" in line for line in said) == 3


@needs_openssl
async def test_openssl_that_is_gone_refuses_new_upstreams_and_not_known_ones(tmp_path):
    root, port = Issuer.root(), free_port()
    known, other = (root.issue("127.0.0.1", responder=f"http://127.0.0.1:{port}/") for _ in range(2))
    async with started(route(tmp_path, root)) as handler:
        async with openssl_responder(tmp_path, root, port, [pair.chain[0] for pair in (known, other)], []):
            assert (await visit(handler, known)).status == 200
        assert (await visit(handler, known)).status == 200
        assert (await visit(handler, other)).status == 502


async def test_a_list_says_which_upstreams_are_good(tmp_path, caplog):
    root = Issuer.root()
    async with Publisher() as publisher, started(route(tmp_path, root)) as handler:
        good, revoked = (root.issue("127.0.0.1", crl=publisher.at("/list")) for _ in range(2))
        publisher.publish("/list", root.revokes(revoked.chain[0].serial_number))
        assert [(await visit(handler, pair)).status for pair in (good, revoked)] == [200, 502]
        assert publisher.asked == ["/list"]
    assert caplog.text.count("was revoked on") == 1


async def test_without_the_check_nobody_is_asked(tmp_path):
    root = Issuer.root()
    async with Publisher() as publisher, started(route(tmp_path, root, checkRevocation=False)) as handler:
        pair = root.issue("127.0.0.1", crl=publisher.at("/list"))
        publisher.publish("/list", root.revokes(pair.chain[0].serial_number))
        assert (await visit(handler, pair)).status == 200
        assert publisher.asked == []
