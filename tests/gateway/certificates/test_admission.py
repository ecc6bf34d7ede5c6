"""Mutual TLS on a port: clients whose certificates were revoked are cut off, and the chain of the others is known."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from expr import compile_template, types
from gateway.certificates import revocation
from gateway.http.bindings import REQUEST_SIDE
from gateway.http.headers import Headers
from gateway.http.message import Response
from gateway.objects.server_tls_options import ServerTlsOptions
from gateway.secrets.key_material import KeyPair
from tests.gateway.certificates.issuing import REVOKED, Issuer, pem, public
from tests.gateway.certificates.publisher import Publisher
from tests.gateway.scripted import started
from tests.gateway.server.serving import Server, serving, until

CERTIFICATES = compile_template(
    "${contexts.client.certificates[0].subjectDN}|${contexts.client.certificates[1].subjectDN}|"
    "${contexts.client.certificates[2].subjectDN}|${contexts.client.certificates.size()}",
    environment=REQUEST_SIDE,
    expects=types.STRING,
)
ASK = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


class Port:
    """A port that wants certificates, and the clients that come to it."""

    def __init__(self, server: Server, options: ServerTlsOptions, root: Issuer) -> None:
        self.server, self.options, self.root = server, options, root

    async def connect(self, pair: KeyPair | None) -> Any:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.root.anchors().load_into(context)
        if pair is not None:
            pair.load_into(context)
        return await self.server.connect(ssl=context, server_hostname="127.0.0.1")

    async def visit(self, pair: KeyPair | None) -> str:
        """The names of the certificates that the application sees; empty when the client is cut off."""
        try:
            client = await self.connect(pair)
            await client.send(ASK)
            return (await client.response())[1].decode()
        except (asyncio.IncompleteReadError, ConnectionError):
            return ""


async def who(context: Any, request: Any) -> Response:
    return Response(200, Headers(), CERTIFICATES(context, request).encode())


@asynccontextmanager
async def port(root: Issuer, directory: Path, check: bool = True, **config: Any) -> AsyncIterator[Port]:
    (directory / "server").write_text(pem(root.issue("127.0.0.1")))
    (directory / "clients").write_text(public(root.certificate))
    files = {
        "type": "FileSystemSecretStore",
        "config": {"directory": str(directory), "format": {"type": "PemPropertyFormat"}},
    }
    key = {"signingSecretId": "server", "secretsProvider": files}
    trust = {"certificateVerificationSecretId": "clients", "secretsProvider": files, "checkRevocation": check}
    declaration = {
        "type": "ServerTlsOptions",
        "config": {
            "keyManager": {"type": "SecretsKeyManager", "config": key},
            "trustManager": {"type": "SecretsTrustManager", "config": trust},
            "clientAuth": "REQUIRED",
            **config,
        },
    }
    async with started(declaration) as options, serving(who, tls=options.context) as server:
        yield Port(server, options, root)


@pytest.fixture
def root() -> Issuer:
    return Issuer.root()


async def test_expressions_see_the_whole_chain_of_a_client(root, tmp_path):
    pair = root.authority("middle").issue("client")
    async with port(root, tmp_path, check=False) as server:
        assert await server.visit(pair) == "CN=client|CN=middle|CN=root|3"


async def test_a_client_that_is_good_is_asked_about_once(root, tmp_path):
    async with Publisher() as publisher, port(root, tmp_path) as server:
        pair = root.issue("client", responder=publisher.at("/ocsp"))
        publisher.answer("/ocsp", lambda request: root.answers(request, pair.chain[0]))
        for _ in range(2):
            assert (await server.visit(pair)).startswith("CN=client|CN=root|")
        assert publisher.asked == ["/ocsp"]


async def test_several_requests_of_one_connection_are_answered(root, tmp_path):
    async with Publisher() as publisher, port(root, tmp_path) as server:
        pair = root.issue("client", responder=publisher.at("/ocsp"))
        publisher.answer("/ocsp", lambda request: root.answers(request, pair.chain[0]))
        client = await server.connect(pair)
        for _ in range(3):
            await client.send(ASK + ASK)
            for _ in range(2):
                assert (await client.response())[1].startswith(b"CN=client")


async def test_a_client_that_was_revoked_is_cut_off_with_one_line(root, tmp_path, caplog):
    async with Publisher() as publisher, port(root, tmp_path) as server:
        pair = root.issue("client", responder=publisher.at("/ocsp"))
        publisher.answer("/ocsp", lambda request: root.answers(request, pair.chain[0], REVOKED))
        with caplog.at_level(logging.INFO):
            assert await server.visit(pair) == ""
            await until(lambda: caplog.records)
        assert len(caplog.records) == 1
        assert caplog.records[0].exc_info is None
        said = caplog.messages[0]
        assert said.startswith("the client at 127.0.0.1 is refused: the certificate CN=client ")
        assert "was revoked on" in said
        assert not server.server.service.connections


async def test_a_client_that_cannot_be_checked_is_cut_off(root, tmp_path, caplog):
    async with port(root, tmp_path) as server:
        assert await server.visit(root.issue("client")) == ""
        await until(lambda: "could not determine the revocation status" in caplog.text)


async def test_a_client_without_a_certificate_may_come_where_that_is_allowed(root, tmp_path):
    async with port(root, tmp_path, clientAuth="REQUEST") as server:
        assert (await server.visit(None)).endswith("|0")
        assert await server.visit(root.issue("client")) == ""


async def test_clients_that_wait_to_be_let_in_are_cut_off_when_the_port_closes(root, tmp_path):
    async with Publisher() as publisher, port(root, tmp_path) as server:
        publisher.pages["/ocsp"] = lambda _: None
        client = await server.connect(root.issue("client", responder=publisher.at("/ocsp")))
        await client.send(ASK)
        await until(lambda: publisher.asked)
        await server.server.listener.stop(0)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await client.response()


async def test_a_client_that_leaves_while_it_is_checked_leaves_nothing_behind(root, tmp_path):
    async with Publisher() as publisher, port(root, tmp_path) as server:
        publisher.pages["/ocsp"] = lambda _: None
        client = await server.connect(root.issue("client", responder=publisher.at("/ocsp")))
        await until(lambda: publisher.asked)
        client.reset()
        await until(lambda: not server.server.listener._admission.tasks)


async def test_a_client_whose_handshake_ends_when_the_port_is_closed_is_cut_off(root, tmp_path):
    async with port(root, tmp_path) as server:
        admission = server.server.listener._admission
        await admission.stop()
        assert await server.visit(root.issue("client")) == ""
        assert not admission.tasks
        assert not server.server.service.connections


async def test_a_fault_of_the_check_lets_nobody_in(root, tmp_path, caplog, monkeypatch):
    async def broken(*_: Any) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr(revocation, "check_peer", broken)
    async with port(root, tmp_path) as server:
        assert await server.visit(root.issue("client")) == ""
        await until(lambda: caplog.records)
        said = [record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG]
        assert said == ["the client at 127.0.0.1 is refused: RuntimeError"]


async def test_what_became_untrusted_cannot_resume_a_session(root, tmp_path):
    """TLS 1.2 resumes sessions without a look at certificates; Python's client does so where it is told to."""
    other = Issuer.root("other")
    async with port(root, tmp_path, check=False, sslEnabledProtocols=["TLSv1.2"]) as server:
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        root.anchors().load_into(client)
        root.authority("middle").issue("client").load_into(client)
        visit = Resuming(client, server.server.port)
        assert await visit() == (False, True)
        assert await visit() == (True, True)
        (tmp_path / "clients").write_text(public(root.certificate) + public(other.certificate))
        await server.options.refresh()
        assert await visit() == (True, True)
        (tmp_path / "clients").write_text(public(other.certificate))
        await server.options.refresh()
        assert await visit() == (True, False)


class Resuming:
    """Visits again and again with the same session; tells whether it was resumed, and whether there was an answer."""

    def __init__(self, context: ssl.SSLContext, port: int) -> None:
        self.context, self.port = context, port
        self.session: ssl.SSLSession | None = None

    async def __call__(self) -> tuple[bool, bool]:
        return await asyncio.to_thread(self._visit)

    def _visit(self) -> tuple[bool, bool]:
        plain = socket.create_connection(("127.0.0.1", self.port))
        with self.context.wrap_socket(plain, server_hostname="127.0.0.1", session=self.session) as connection:
            self.session = connection.session
            try:
                # A session whose connection ends without a farewell is not resumed: the server says its own.
                connection.sendall(ASK.replace(b"Host", b"Connection: close\r\nHost"))
                answered = b"".join(iter(connection.recv, b"")).startswith(b"HTTP/1.1 200")
            except ConnectionError:
                answered = False
            return connection.session_reused is True, answered
