"""Ways to an origin: addresses tried in parallel (RFC 8305), TLS, and forward proxies.

Whether a certificate was revoked is found out here too, so that a connection pays for it once.
"""

from __future__ import annotations

import asyncio
import math
import ssl
from typing import Final, cast

from aiohappyeyeballs import start_connection

from gateway.client.connection import Connection
from gateway.client.errors import ConnectFailed, ConnectTimeout, ProxyRefused, TlsFailure
from gateway.client.head import connect_head
from gateway.client.options import ClientOptions, Origin
from gateway.client.resolve import Resolver
from gateway.client.tls import certificate_matches
from gateway.client.upgrade import UpgradeConnection

ATTEMPT_DELAY: Final = 0.25
"""Seconds after which the next address is tried beside the one that has not answered yet."""
_TUNNEL_HEAD_LIMIT: Final = 64 * 1024


class Connector:
    """Opens connections as the options say; every fault is an error of `gateway.client.errors`."""

    def __init__(self, options: ClientOptions, resolver: Resolver, loop: asyncio.AbstractEventLoop) -> None:
        self._options = options
        self._resolver = resolver
        self._loop = loop
        self._context: ssl.SSLContext | None = None

    async def open(self, origin: Origin) -> Connection:
        limit = self._options.connect_timeout
        try:
            async with asyncio.timeout(None if math.isinf(limit) else limit):
                connection = await self._open(origin)
            # Authorities that do not answer have a time limit of their own: connectionTimeout is for the origin.
            await self._check_revocation(connection.transport)
            return connection
        except TimeoutError as error:
            raise ConnectTimeout(f"no connection to {origin} within {limit:g} s") from error
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or error
            raise TlsFailure(f"TLS with {origin} failed: {reason}") from error
        except OSError as error:
            raise ConnectFailed(f"cannot connect to {origin}: {error.strerror or error}") from error

    async def _open(self, origin: Origin) -> Connection:
        if origin.proxy is None:
            return await self._dial(origin.host, origin.port, origin.secure)
        proxy = origin.proxy
        if not origin.secure:
            return await self._dial(proxy.host, proxy.port, proxy.scheme == "https")
        return await self._through(origin)

    async def _dial(self, host: str, port: int, secure: bool) -> Connection:
        connection = self._connection()
        await self._transport(host, port, secure, connection)
        if secure:
            self._check_name(connection, host)
        return connection

    def _connection(self) -> Connection:
        now = self._loop.time()
        kind = UpgradeConnection if self._options.upgrade else Connection
        return kind(self._loop, self._options.head_limit, now, now + self._options.time_to_live)

    async def _transport(
        self, host: str, port: int, secure: bool, protocol: asyncio.BaseProtocol
    ) -> asyncio.BaseTransport:
        context = await self._tls() if secure else None
        addresses = await self._resolver.resolve(host, port)
        sock = await start_connection(addresses, happy_eyeballs_delay=ATTEMPT_DELAY, interleave=1, loop=self._loop)
        try:
            transport, _ = await self._loop.create_connection(
                lambda: protocol, sock=sock, ssl=context, server_hostname=_sni(host) if secure else None
            )
        except BaseException as error:
            sock.close()
            if secure and isinstance(error, ConnectionError):
                raise TlsFailure(f"{host}:{port} ended the TLS handshake: {error or 'it closed'}") from error
            raise
        return transport

    async def _through(self, origin: Origin) -> Connection:
        """Through a tunnel that a forward proxy opens."""
        assert origin.proxy is not None
        proxy, tunnel = origin.proxy, _TunnelSetup(self._loop)
        transport = await self._transport(proxy.host, proxy.port, proxy.scheme == "https", tunnel)
        await self._check_revocation(transport)
        try:
            cast(asyncio.Transport, transport).write(connect_head(origin))
            status = await tunnel.status
            if not 200 <= status < 300:
                raise ProxyRefused(f"the proxy {proxy.host}:{proxy.port} answered {status} to CONNECT")
            connection = self._connection()
            secured = await self._loop.start_tls(
                transport,  # type: ignore[arg-type]
                connection,
                await self._tls(),
                server_hostname=_sni(origin.host),
            )
        except BaseException:
            cast(asyncio.Transport, transport).abort()
            raise
        connection.connection_made(cast(asyncio.BaseTransport, secured))
        self._check_name(connection, origin.host)
        return connection

    async def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            # Reading the system's certificates takes milliseconds that other exchanges should not wait for.
            self._context = await asyncio.to_thread(self._options.tls.context)
        return self._context

    async def _check_revocation(self, transport: asyncio.BaseTransport) -> None:
        anchors, ssl_object = self._options.tls.revocable, transport.get_extra_info("ssl_object")
        if anchors is None or ssl_object is None:
            return
        from gateway.certificates.revocation import CertificateRefused, check_peer

        try:
            await check_peer(ssl_object, anchors, self._options.proxies)
        except BaseException as error:
            cast(asyncio.Transport, transport).abort()
            if isinstance(error, CertificateRefused):
                raise TlsFailure(str(error)) from None
            raise

    def _check_name(self, connection: Connection, host: str) -> None:
        if not self._options.tls.checks_name_afterwards:
            return
        der = connection.transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
        if not certificate_matches(der, host):
            connection.close()
            raise TlsFailure(f"the certificate of {host} is for another name")


def _sni(host: str) -> str:
    return host.rstrip(".")


class _TunnelSetup(asyncio.Protocol):
    """Reads the answer to CONNECT."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.status: asyncio.Future[int] = loop.create_future()
        self._head = b""

    def data_received(self, data: bytes) -> None:
        if self.status.done():
            return
        self._head += data
        head, end, rest = self._head.partition(b"\r\n\r\n")
        code = head[9:12]
        if len(head) > _TUNNEL_HEAD_LIMIT or (end and (head[:7] != b"HTTP/1." or not code.isdigit())):
            self.status.set_exception(ProxyRefused("the answer of the proxy to CONNECT is not HTTP"))
        elif end and rest and code[:1] == b"2":
            self.status.set_exception(ProxyRefused("the proxy sent data in front of the tunnel"))
        elif end:
            self.status.set_result(int(code))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.status.done():
            self.status.set_exception(ConnectFailed(f"the proxy closed the connection: {exc or 'no answer'}"))
            self.status.exception()  # nobody may be waiting any more
