"""ClientTlsOptions: TLS of the connections that the gateway opens, with keys and trust that can change meanwhile.

Who makes connections with the settings subscribes to their changes: new connections are made with the new ones, and
those that are in use end as they began. A change that cannot be used leaves the last good settings in place.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import PrivateAttr

from config.declaration import HeapObject, NoEffect, Properties
from config.types import OneOrMore, Ref, Static
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.source import Source, Span
from gateway.client.cipher_names import openssl_list
from gateway.client.tls import PROTOCOLS, TlsSettings
from gateway.secrets.codes import SECRET_UNAVAILABLE
from gateway.secrets.key_material import TrustAnchors
from gateway.secrets.managers import KeyManager, TrustManager
from gateway.secrets.renewal import UNUSABLE, Renewal

if TYPE_CHECKING:
    from config.heap import Heap

_JAVA_ONLY = frozenset({"SSLv2Hello", "SSLv3"})


class HostnameVerifier(StrEnum):
    STRICT = "STRICT"
    ALLOW_ALL = "ALLOW_ALL"


class Alpn(Properties):
    """Negotiation of the protocol inside TLS."""

    enabled: Static[bool] = True
    """Offer the protocols that the gateway speaks? True by default."""


class ClientTlsOptions(HeapObject):
    """How the gateway speaks TLS with other servers. Without it the certificates that the operating system trusts are
    trusted, and host names are compared.
    """

    keyManager: OneOrMore[Ref[KeyManager]] = []
    """Client certificates for mutual TLS; none by default."""
    trustManager: OneOrMore[Ref[TrustManager]] = []
    """What decides which servers are trusted; when there is none, the certificates of the operating system do."""
    sslCipherSuites: list[Static[str]] = []
    """Names of the cipher suites to allow, as Java writes them; all sound ones by default."""
    sslContextAlgorithm: Static[str] = "TLS"
    """TLS, or the highest protocol version to use, such as TLSv1.2. TLS by default."""
    sslEnabledProtocols: list[Static[str]] = []
    """Protocol versions to allow, such as TLSv1.3; all sound ones by default."""
    alpn: Alpn = Alpn()
    """Negotiation of the protocol."""
    hostnameVerifier: Static[HostnameVerifier] = HostnameVerifier.STRICT
    """STRICT: the certificate is for the host that was asked for. ALLOW_ALL: any name will do. STRICT by default."""
    offloadHandshake: Annotated[Static[bool], NoEffect("handshakes do not block other exchanges")] = False
    """Handshakes in threads of their own?"""

    example: ClassVar = {
        "type": "ClientTlsOptions",
        "config": {
            "trustManager": {"type": "TrustAllManager"},
            "sslEnabledProtocols": ["TLSv1.2", "TLSv1.3"],
        },
    }

    _settings: TlsSettings | None = PrivateAttr(default=None)
    _subscribers: list[Callable[[], None]] = PrivateAttr(default_factory=list)
    _place: tuple[Source, Span] = PrivateAttr()
    _renewal: Renewal = PrivateAttr()

    def verify(self) -> Iterator[tuple[str, str, str]]:
        names = ", ".join(PROTOCOLS)
        for name in self.sslEnabledProtocols:
            if name not in PROTOCOLS and name not in _JAVA_ONLY:
                yield "sslEnabledProtocols", f'"{name}" is no TLS protocol', f"the protocols are {names}"
        if self.sslEnabledProtocols and not set(self.sslEnabledProtocols) & set(PROTOCOLS):
            yield "sslEnabledProtocols", "no protocol is left that can be used", f"the protocols are {names}"
        if self.sslContextAlgorithm not in ("TLS", "SSL", "Default", *PROTOCOLS):
            yield (
                "sslContextAlgorithm",
                f'"{self.sslContextAlgorithm}" is no TLS algorithm',
                f"use TLS or one of {names}",
            )
        ciphers = openssl_list(self.sslCipherSuites)
        if ciphers:
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).set_ciphers(ciphers)
            except ssl.SSLError:
                yield "sslCipherSuites", "none of these cipher suites exists here", "name suites of OpenSSL or Java"

    def prepare(self, heap: Heap) -> None:
        self._place = heap.where(None)
        self._renewal = Renewal(self.object_name, self.refresh, self.log)

    async def start(self) -> None:
        """Fetch keys and anchors, which must work now, and look for changes from now on."""
        try:
            await self.refresh()
        except UNUSABLE as error:
            message = f"the keys for connections are not to be had: {error}"
            raise DiagnosticError([Diagnostic(SECRET_UNAVAILABLE, message, *self._place)]) from None
        if self.keyManager or self.trustManager:
            self._renewal.start()

    async def stop(self) -> None:
        await self._renewal.stop()

    async def refresh(self) -> bool:
        """Take over changed keys and anchors for connections to come; tell whether anything changed."""
        settings = await self._read()
        if settings == self._settings:
            return False
        await asyncio.to_thread(settings.context)  # what cannot work is found here, before it is in use
        self._settings = settings
        for changed in tuple(self._subscribers):
            changed()
        return True

    async def refresh_or_keep(self) -> None:
        """Refresh; what cannot be used is logged once and changes nothing."""
        await self._renewal.refresh_or_keep()

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` when the settings are others; the returned function ends it."""
        self._subscribers.append(changed)
        return lambda: self._subscribers.remove(changed)

    async def _read(self) -> TlsSettings:
        pairs = [pair for manager in self.keyManager for pair in await manager.key_pairs()]
        anchors = [await manager.trust_anchors() for manager in self.trustManager]
        return TlsSettings(
            anchors=TrustAnchors.union(anchors) if anchors else None,
            key_pairs=tuple(pairs),
            check_hostname=self.hostnameVerifier is HostnameVerifier.STRICT,
            protocols=self._protocols(),
            ciphers=tuple(self.sslCipherSuites),
            alpn=self.alpn.enabled,
        )

    def _protocols(self) -> tuple[str, ...]:
        names = tuple(name for name in self.sslEnabledProtocols if name in PROTOCOLS)
        if names or self.sslContextAlgorithm not in PROTOCOLS:
            return names
        versions = list(PROTOCOLS)
        highest = versions.index(self.sslContextAlgorithm)
        return tuple(versions[min(2, highest) : highest + 1])

    @property
    def settings(self) -> TlsSettings:
        """The options as they are now; there once the object has been started."""
        if self._settings is None:
            raise RuntimeError(f"{self.object_name} has not been started")
        return self._settings
