"""ClientTlsOptions: TLS of the connections that the gateway opens."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import PrivateAttr

from config.declaration import HeapObject, NoEffect, Properties
from config.types import OneOrMore, Ref, Static
from gateway.client.cipher_names import openssl_list
from gateway.client.tls import PROTOCOLS, TlsSettings
from gateway.secrets.key_material import TrustAnchors
from gateway.secrets.managers import KeyManager, TrustManager

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

    async def start(self) -> None:
        """Fetch keys and anchors, and make a context once, so that what cannot work fails the load."""
        pairs = [pair for manager in self.keyManager for pair in await manager.key_pairs()]
        anchors = [await manager.trust_anchors() for manager in self.trustManager]
        self._settings = TlsSettings(
            anchors=TrustAnchors.union(anchors) if anchors else None,
            key_pairs=tuple(pairs),
            check_hostname=self.hostnameVerifier is HostnameVerifier.STRICT,
            protocols=self._protocols(),
            ciphers=tuple(self.sslCipherSuites),
            alpn=self.alpn.enabled,
        )
        self._settings.context()

    def _protocols(self) -> tuple[str, ...]:
        names = tuple(name for name in self.sslEnabledProtocols if name in PROTOCOLS)
        if names or self.sslContextAlgorithm not in PROTOCOLS:
            return names
        versions = list(PROTOCOLS)
        highest = versions.index(self.sslContextAlgorithm)
        return tuple(versions[min(2, highest) : highest + 1])

    @property
    def settings(self) -> TlsSettings:
        """The options as the client uses them; there once the object has been started."""
        if self._settings is None:
            raise RuntimeError(f"{self.object_name} has not been started")
        return self._settings
