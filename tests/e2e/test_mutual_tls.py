"""A port that asks for client certificates, as admin.json declares it: the chain is seen, and revocation counts."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import aiohttp
import pytest

from gateway.secrets.key_material import KeyPair
from tests.e2e.processes import free_port, gatewright
from tests.gateway.certificates.issuing import Issuer, pem, public
from tests.gateway.certificates.publisher import Publisher

NAMES = "${contexts.client.certificates[0].subjectDN} ${contexts.client.certificates[1].subjectDN}"
ROUTE = {"handler": {"type": "StaticResponseHandler", "config": {"status": 200, "entity": NAMES}}}


def instance(directory: Path, root: Issuer, port: int) -> None:
    (directory / "config/routes").mkdir(parents=True)
    (directory / "server").write_text(pem(root.issue("127.0.0.1")))
    (directory / "clients").write_text(public(root.certificate))
    files = {"directory": str(directory), "format": {"type": "PemPropertyFormat"}}
    store = {"name": "Files", "type": "FileSystemSecretStore", "config": files}
    key = {"signingSecretId": "server", "secretsProvider": "Files"}
    trust = {"certificateVerificationSecretId": "clients", "secretsProvider": "Files"}
    tls = {
        "keyManager": {"type": "SecretsKeyManager", "config": key},
        "trustManager": {"type": "SecretsTrustManager", "config": trust},
        "clientAuth": "REQUIRED",
    }
    connectors = [{"port": 8080}, {"port": port, "tls": {"type": "ServerTlsOptions", "config": tls}}]
    (directory / "config/admin.json").write_text(json.dumps({"connectors": connectors, "heap": [store]}))
    (directory / "config/routes/names.json").write_text(json.dumps(ROUTE))


async def visit(port: int, root: Issuer, pair: KeyPair) -> str:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    root.anchors().load_into(context)
    pair.load_into(context)
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session,
        session.get(f"https://127.0.0.1:{port}/") as answer,
    ):
        return await answer.text()


async def test_clients_are_let_in_unless_their_authority_revoked_them(tmp_path: Path) -> None:
    root, port = Issuer.root(), free_port()
    instance(tmp_path, root, port)
    async with Publisher() as publisher, gatewright(tmp_path, https=False) as gateway:
        middle = root.authority("middle", crl=publisher.at("/root"))
        good, revoked = (middle.issue(name, crl=publisher.at("/middle")) for name in ("good", "revoked"))
        publisher.publish("/root", root.revokes())
        publisher.publish("/middle", middle.revokes(revoked.chain[0].serial_number))
        assert await visit(port, root, good) == "CN=good CN=middle"
        with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
            await visit(port, root, revoked)
        await gateway.line("the client at 127.0.0.1 is refused: the certificate CN=revoked ")
        assert await visit(port, root, good) == "CN=good CN=middle"
        assert publisher.asked == ["/root", "/middle"]
        assert "Traceback" not in gateway.output
