import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.http.message import Response
from gateway.server.listener import Listener
from gateway.server.service import Service
from tests.gateway.server.serving import hello, serving, until

GET = b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n"


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "pair.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def server_context(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.load_verify_locations(pem)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


@pytest.mark.parametrize("with_certificate", [True, False])
async def test_tls_shows_in_the_uri_and_in_the_client_context(pem, with_certificate):
    seen: list[Any] = []

    async def application(context: Any, request: Any) -> Response:
        client = context.find("client")
        seen.append((request.uri.scheme, client.is_secure, [c.subject.rfc4514_string() for c in client.certificates]))
        return Response(204)

    trust = ssl.create_default_context(cafile=str(pem))
    if with_certificate:
        trust.load_cert_chain(pem)
    async with serving(application, tls=lambda: server_context(pem)) as server:
        client = await server.connect(ssl=trust, server_hostname="localhost")
        await client.send(GET)
        assert (await client.head()).startswith(b"HTTP/1.1 204 ")
    assert seen == [("https", True, ["CN=localhost"] if with_certificate else [])]


async def test_a_refusal_over_tls_arrives(pem):
    trust = ssl.create_default_context(cafile=str(pem))
    async with serving(tls=lambda: server_context(pem), linger=0.0) as server:
        client = await server.connect(ssl=trust, server_hostname="localhost")
        await client.send(b"nonsense\r\n\r\n")
        assert (await client.head()).startswith(b"HTTP/1.1 400 ")


async def test_several_ports_share_a_service():
    listener = Listener(Service(hello), [0, 0], "127.0.0.1")
    await listener.start()
    try:
        assert len(set(listener.ports)) == 2
    finally:
        await listener.stop(0)
    assert listener.ports == []


async def test_a_port_in_use_opens_nothing():
    async with serving() as server:
        listener = Listener(Service(hello), [0, server.port], "127.0.0.1")
        with pytest.raises(OSError):
            await listener.start()
        assert listener.ports == []


async def test_a_drain_ends_idle_connections_and_lets_running_exchanges_finish():
    gate = asyncio.Event()

    async def application(context: Any, request: Any) -> Response:
        await gate.wait()
        return Response(200, None, await request.entity.read())

    async with serving(application) as server:
        idle, busy = await server.connect(), await server.connect()
        await busy.send(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab")
        await until(lambda: len(server.service.connections) == 2)
        await until(lambda: any(connection._intake.current is not None for connection in server.service.connections))
        stopping = asyncio.ensure_future(server.listener.stop(30))
        assert await idle.rest() == b""
        gate.set()
        await busy.send(b"cd")
        head, body = await busy.response()
        assert (b"Connection: close" in head, body) == (True, b"abcd")
        assert await busy.rest() == b""
        await stopping
    assert not server.service.connections


async def test_a_drain_without_grace_ends_everything():
    cancelled: list[bool] = []

    async def application(context: Any, request: Any) -> Response:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return Response(200)

    async with serving(application) as server:
        client = await server.connect()
        await client.send(GET)
        await until(lambda: any(connection._intake.current is not None for connection in server.service.connections))
        await server.listener.stop(0)
        assert not server.service.connections
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await client.head()
    assert cancelled == [True]


async def test_the_application_can_be_replaced_while_connections_are_open():
    async def other(context: Any, request: Any) -> Response:
        return Response(200, None, b"other")

    async with serving() as server:
        client = await server.connect()
        await client.send(GET)
        assert (await client.response())[1] == b"/x"
        server.service.application = other
        await client.send(GET)
        assert (await client.response())[1] == b"other"


async def test_a_listener_can_start_again():
    async with serving() as server:
        await server.listener.stop(0)
        await server.listener.start()
        client = await server.connect()
        await client.send(GET)
        head, body = await client.response()
        assert (b"Connection: close" in head, body) == (False, b"/x")


async def test_a_connection_that_is_made_while_the_listener_stops_is_closed():
    async with serving() as server:
        client = await server.connect()
        await until(lambda: server.service.connections)
        server.service.stopping = True
        late = await server.connect()
        assert await late.rest() == b""
        server.service.stopping = False
        await client.send(GET)
        await client.response()


def bound() -> socket.socket:
    made = socket.socket()
    made.bind(("127.0.0.1", 0))
    return made


async def connect(listened: socket.socket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*listened.getsockname())


async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    writer.write(b"GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer.partition(b"\r\n")[0]


async def test_a_listener_covers_the_socket_of_another_one_until_that_is_back():
    with bound() as own, bound() as others:
        covering = Listener(Service(hello), [0], sockets=[own])
        await covering.start()
        await covering.cover([others])
        assert await answered(*await connect(others)) == b"HTTP/1.1 200 OK"
        covering.uncover()
        waiting = await connect(others)  # the socket itself is still open
        back = Listener(Service(hello), [0], sockets=[others])
        await back.start()
        assert await answered(*waiting) == b"HTTP/1.1 200 OK"
        assert await answered(*await connect(own)) == b"HTTP/1.1 200 OK"
        await back.stop(0)
        await covering.stop(0)


async def test_a_listener_that_leaves_answers_once_more_and_resets_no_connection_that_waits():
    with bound() as listened:
        leaving = Listener(Service(hello), [0], sockets=[listened])
        await leaving.start()
        reader, writer = await connect(listened)
        await until(lambda: leaving.service.connections)
        leaving.leave()
        deserted = asyncio.ensure_future(leaving.deserted(60))
        late = await connect(listened)
        writer.write(GET)
        assert b"Connection: close" in await reader.read()
        writer.close()
        await deserted
        await leaving.stop(0)
        following = Listener(Service(hello), [0], sockets=[listened])
        await following.start()
        assert await answered(*late) == b"HTTP/1.1 200 OK"
        await following.stop(0)


async def test_a_listener_does_not_wait_for_idle_connections_for_ever():
    with bound() as listened:
        leaving = Listener(Service(hello), [0], sockets=[listened])
        await leaving.start()
        reader, writer = await connect(listened)
        await until(lambda: leaving.service.connections)
        leaving.leave()
        await leaving.deserted(0.01)
        await leaving.stop(0)
        assert await reader.read() == b""
        writer.close()
