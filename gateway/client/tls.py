"""TLS of outgoing connections: what ClientTlsOptions says, as a value that compares by content, and its context.

Two handlers whose options are equal share one context and so one pool of connections, also across a reload; knows
neither where keys come from nor how connections are made.
"""

from __future__ import annotations

import ipaddress
import ssl
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from gateway.client.cipher_names import openssl_list

if TYPE_CHECKING:
    from gateway.secrets.key_material import KeyPair, TrustAnchors

PROTOCOLS: Final = {
    "TLSv1": (ssl.TLSVersion.TLSv1, ssl.OP_NO_TLSv1),
    "TLSv1.1": (ssl.TLSVersion.TLSv1_1, ssl.OP_NO_TLSv1_1),
    "TLSv1.2": (ssl.TLSVersion.TLSv1_2, ssl.OP_NO_TLSv1_2),
    "TLSv1.3": (ssl.TLSVersion.TLSv1_3, ssl.OP_NO_TLSv1_3),
}
"""Java's names of the protocols that can be used at all; SSLv2Hello and SSLv3 are not among them."""


@dataclass(frozen=True)
class TlsSettings:
    """How to speak TLS with upstreams; equal settings give one shared context.

    `anchors` None trusts what the operating system trusts. Settings with other keys or anchors are never equal: the
    fingerprints stand for them.
    """

    anchors: TrustAnchors | None = field(default=None, compare=False)
    key_pairs: tuple[KeyPair, ...] = field(default=(), compare=False)
    check_hostname: bool = True
    protocols: tuple[str, ...] = ()
    ciphers: tuple[str, ...] = ()
    alpn: bool = True
    identity: tuple[object, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        anchors = self.anchors
        trust = None if anchors is None else (anchors.fingerprint, anchors.trust_all)
        object.__setattr__(self, "identity", (trust, *(pair.fingerprint for pair in self.key_pairs)))

    @property
    def trust_all(self) -> bool:
        return self.anchors is not None and self.anchors.trust_all

    def context(self) -> ssl.SSLContext:
        """Make the context; ssl.SSLError or ValueError when the settings are not possible here."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = self.check_hostname and not self.trust_all
        if self.trust_all:
            context.verify_mode = ssl.CERT_NONE
        elif self.anchors is None:
            context.load_default_certs()
        else:
            self.anchors.load_into(context)
        for pair in reversed(self.key_pairs):
            pair.load_into(context)  # of two for one type of key the later one counts, and the first is preferred
        if self.alpn:
            context.set_alpn_protocols(["http/1.1"])
        if cipher_list := openssl_list(list(self.ciphers)):
            context.set_ciphers(cipher_list)
        _restrict(context, self.protocols)
        return context

    @property
    def revocable(self) -> TrustAnchors | None:
        """The anchors when what they vouch for has to be checked for revocation."""
        return self.anchors if self.anchors is not None and self.anchors.check_revocation else None

    @property
    def checks_name_afterwards(self) -> bool:
        """The ssl module checks names only of trusted chains; TrustAllManager leaves the name to be checked here."""
        return self.trust_all and self.check_hostname


def _restrict(context: ssl.SSLContext, protocols: Iterable[str]) -> None:
    versions = sorted(PROTOCOLS[name][0] for name in protocols if name in PROTOCOLS)
    if not versions:
        return
    with warnings.catch_warnings():
        # What the configuration asks for by name may be old; lint says so, the ssl module need not.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = versions[0], versions[-1]
        for version, exclusion in PROTOCOLS.values():
            if version not in versions and versions[0] < version < versions[-1]:
                context.options |= exclusion


def certificate_matches(der: bytes, host: str) -> bool:
    """Tell whether a certificate is for a host: its subject alternative names, as RFC 6125 compares them."""
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(der)
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        folded = host.rstrip(".").lower()
        return any(_name_matches(name.lower(), folded) for name in names.get_values_for_type(x509.DNSName))
    return address in names.get_values_for_type(x509.IPAddress)


def _name_matches(pattern: str, host: str) -> bool:
    if pattern.startswith("*."):
        label, dot, rest = host.partition(".")
        return bool(label and dot) and rest == pattern[2:]
    return pattern == host
