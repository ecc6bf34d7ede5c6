"""ServerTlsOptions: TLS of a listening port, with certificates by server name that can change while it listens.

The listener gets one context for its life. Each new handshake is handed the context that fits the name it asks for, of
the keys and anchors as they are then; a change that cannot be used leaves the last good ones in place.
"""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from pydantic import PrivateAttr

from config.declaration import HeapObject, NoEffect, Properties
from config.types import OneOrMore, Ref, SecretId, Static
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.source import Source, Span
from gateway.certificates.context import AnchoredContext
from gateway.client.cipher_names import openssl_list
from gateway.client.tls import PROTOCOLS
from gateway.secrets.base import Secrets
from gateway.secrets.codes import SECRET_UNAVAILABLE
from gateway.secrets.key_material import KeyPair, TrustAnchors
from gateway.secrets.managers import KeyManager, TrustManager
from gateway.secrets.renewal import UNUSABLE, Renewal
from gateway.secrets.tls_identity import identities

if TYPE_CHECKING:
    from config.heap import Heap

_DEFAULT: Final = ""


class ClientAuth(StrEnum):
    """Whether clients are asked for a certificate."""

    NONE = "NONE"
    REQUEST = "REQUEST"
    REQUIRED = "REQUIRED"


class Alpn(Properties):
    """Negotiation of the protocol over TLS."""

    enabled: Static[bool] = True
    """Whether the protocol is negotiated."""


class Sni(Properties):
    """Certificates by server name."""

    serverNames: dict[Static[str], SecretId]
    """Host names, or wildcards such as *.example.com, and the ID of the key of each."""
    defaultSecretId: SecretId
    """ID of the key for other names, and for clients that name none."""
    secretsProvider: Secrets
    """Where the keys are."""


class ServerTlsOptions(HeapObject):
    """Sets how a port speaks TLS."""

    keyManager: OneOrMore[Ref[KeyManager]] = []
    """The identity of the server."""
    sni: Sni | None = None
    """Identities by server name, instead of keyManager."""
    trustManager: OneOrMore[Ref[TrustManager]] = []
    """Which client certificates are trusted."""
    sslCipherSuites: list[Static[str]] = []
    """Java names of the cipher suites; none are those of the platform."""
    sslContextAlgorithm: Static[str] = "TLS"
    """Java name of a context; TLSv1.3 allows only that version, others are accepted and mean TLS."""
    sslEnabledProtocols: list[Static[str]] = []
    """Versions of TLS; none are TLSv1.2 and TLSv1.3."""
    alpn: Alpn = Alpn.model_construct()
    """Negotiation of the protocol over TLS."""
    clientAuth: Static[ClientAuth] = ClientAuth.NONE
    """Whether clients are asked for a certificate: NONE, REQUEST or REQUIRED."""
    offloadHandshake: Annotated[Static[bool], NoEffect("handshakes do not block other exchanges")] = False
    """Run handshakes on threads of their own?"""

    example: ClassVar = {
        "type": "ServerTlsOptions",
        "config": {
            "keyManager": {
                "type": "SecretsKeyManager",
                "config": {"signingSecretId": "tls.key", "secretsProvider": {"type": "SystemAndEnvSecretStore"}},
            },
            "sslEnabledProtocols": ["TLSv1.2", "TLSv1.3"],
        },
    }

    _listener: ssl.SSLContext | None = PrivateAttr(default=None)
    _contexts: dict[str, ssl.SSLContext] = PrivateAttr(default_factory=dict)
    _signature: list[bytes] = PrivateAttr(default_factory=list)
    _place: tuple[Source, Span] = PrivateAttr()
    _renewal: Renewal = PrivateAttr()

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if not self.keyManager and self.sni is None:
            yield "keyManager", "a port with TLS needs the identity of the server", "add keyManager or sni"
        for name in self.sslEnabledProtocols:
            if name not in PROTOCOLS:
                known = ", ".join(PROTOCOLS)
                yield "sslEnabledProtocols", f'"{name}" is not a version of TLS that can be used', f"use {known}"
        if openssl_list(self.sslCipherSuites):
            try:
                ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).set_ciphers(openssl_list(self.sslCipherSuites))
            except ssl.SSLError:
                yield "sslCipherSuites", "none of the cipher suites can be used here", "name other suites, or none"

    def prepare(self, heap: Heap) -> None:
        self._place = heap.where(None)
        self._renewal = Renewal(self.object_name, self.refresh, self.log)
        if self.keyManager and self.sni is not None:
            self.log.warning("%s: keyManager and sni are both set, sni is used", self.object_name)
        if self.clientAuth is not ClientAuth.NONE and not self.trustManager:
            self.log.warning("%s: client certificates are checked without a trustManager", self.object_name)

    async def start(self) -> None:
        """Fetch the keys, which must exist now, and look for changes from now on."""
        try:
            await self.refresh()
        except UNUSABLE as error:
            message = f"the keys of the port are not to be had: {error}"
            raise DiagnosticError([Diagnostic(SECRET_UNAVAILABLE, message, *self._place)]) from None
        self._renewal.start()

    async def stop(self) -> None:
        await self._renewal.stop()

    def context(self) -> ssl.SSLContext:
        """The context of the listener; handshakes choose among the current ones through it."""
        if self._listener is None:
            raise RuntimeError(f"{self.object_name} is not started")
        return self._listener

    async def refresh(self) -> bool:
        """Take over changed keys and anchors for handshakes to come; tell whether anything changed."""
        identities_by_name = await self._identities()
        anchors = await self._anchors()
        signature: list[bytes] = [anchors.fingerprint if anchors is not None else b""]
        for name, pairs in identities_by_name.items():
            signature += [name.encode(), *(pair.fingerprint for pair in pairs)]
        if signature == self._signature:
            return False
        contexts = {name: self._context(pairs, anchors) for name, pairs in identities_by_name.items()}
        if self._listener is None:
            self._listener = self._context(identities_by_name[_DEFAULT], anchors)
            self._listener.sni_callback = self._choose
        self._contexts, self._signature = contexts, signature
        return True

    async def refresh_or_keep(self) -> None:
        """Refresh; what cannot be used is logged once and changes nothing."""
        await self._renewal.refresh_or_keep()

    async def _identities(self) -> dict[str, list[KeyPair]]:
        """Key pairs by folded server name; the empty name is the default."""
        if self.sni is None:
            found = [await manager.key_pairs() for manager in self.keyManager]
            return {_DEFAULT: [pair for pairs in found for pair in pairs]}
        provider = self.sni.secretsProvider
        by_name = {_DEFAULT: await identities(provider, self.sni.defaultSecretId)}
        for name, secret_id in self.sni.serverNames.items():
            by_name[name.lower().rstrip(".")] = await identities(provider, secret_id)
        return by_name

    async def _anchors(self) -> TrustAnchors | None:
        if not self._asks_clients or not self.trustManager:
            return None
        return TrustAnchors.union([await manager.trust_anchors() for manager in self.trustManager])

    def _choose(self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        connection.context = self._contexts[covering(name, self._contexts)]

    def _context(self, pairs: list[KeyPair], anchors: TrustAnchors | None) -> ssl.SSLContext:
        context = self._asking(anchors) if self._asks_clients else ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        for pair in reversed(pairs):
            pair.load_into(context)
        if self.alpn.enabled:
            context.set_alpn_protocols(["http/1.1"])
        if suites := openssl_list(self.sslCipherSuites):
            context.set_ciphers(suites)
        self._restrict(context)
        return context

    @property
    def _asks_clients(self) -> bool:
        return self.clientAuth is not ClientAuth.NONE

    def _asking(self, anchors: TrustAnchors | None) -> ssl.SSLContext:
        """A context that asks clients for certificates; what they lead to is known to it, if the configuration says."""
        if anchors is None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_default_certs(ssl.Purpose.CLIENT_AUTH)
        else:
            context = AnchoredContext(ssl.PROTOCOL_TLS_SERVER)
            context.anchors = anchors
            anchors.load_into(context)
        required = self.clientAuth is ClientAuth.REQUIRED
        context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
        # A resumed session would keep a client certificate that is no longer trusted. The sessions of TLS 1.2 that need
        # no ticket cannot be switched off; AnchoredContext has their certificates looked at again.
        context.num_tickets = 0
        context.options |= ssl.OP_NO_TICKET
        return context

    def _restrict(self, context: ssl.SSLContext) -> None:
        names = self.sslEnabledProtocols or ["TLSv1.2", "TLSv1.3"]
        if self.sslContextAlgorithm == "TLSv1.3":
            names = ["TLSv1.3"]
        versions = sorted(PROTOCOLS[name][0] for name in names)
        with warnings.catch_warnings():
            # An old version that the configuration asks for by name is lint's to complain about.
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = versions[0], versions[-1]
            for version, exclusion in PROTOCOLS.values():
                if versions[0] < version < versions[-1] and version not in versions:
                    context.options |= exclusion


def covering(name: str | None, names: dict[str, ssl.SSLContext]) -> str:
    """The configured name for a server name: itself, then a wildcard for its first label, then the default."""
    folded = (name or _DEFAULT).lower().rstrip(".")
    if folded in names:
        return folded
    _, dot, rest = folded.partition(".")
    wildcard = f"*.{rest}"
    return wildcard if dot and wildcard in names else _DEFAULT
