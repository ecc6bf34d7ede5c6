"""Key pairs and trust anchors: what key managers and trust managers hand to the TLS layer.

Pure values and their way into an `ssl.SSLContext`; knows neither stores nor options. Used by ServerTlsOptions and
ClientTlsOptions through the objects SecretsKeyManager, SecretsTrustManager and TrustAllManager.
"""

from __future__ import annotations

import secrets
import ssl
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes


@dataclass(frozen=True)
class KeyPair:
    """A TLS identity: a private key with its certificate chain, leaf first."""

    label: str
    """Stable ID of the secret it came from, for messages."""
    chain: tuple[x509.Certificate, ...]
    private_key: PrivateKeyTypes = field(repr=False)

    @property
    def fingerprint(self) -> bytes:
        """Identity of the chain: equal fingerprints need no new TLS context."""
        from cryptography.hazmat.primitives import hashes

        return b"".join(certificate.fingerprint(hashes.SHA256()) for certificate in self.chain)

    def expired(self, now: datetime | None = None) -> bool:
        """Tell whether the leaf's validity is over (or has not begun)."""
        moment = now or datetime.now(UTC)
        return not self.chain[0].not_valid_before_utc <= moment <= self.chain[0].not_valid_after_utc

    def load_into(self, context: ssl.SSLContext) -> None:
        """Make this the identity of a context; one identity a key type, a later one replaces an earlier.

        The ssl module reads keys from files only: the key is on disk for this moment alone, in a file of the process's
        user, encrypted under a password that exists nowhere else.
        """
        from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

        password = secrets.token_bytes(32).hex()
        lock = BestAvailableEncryption(password.encode())
        pem = self.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(pem + b"".join(certificate.public_bytes(Encoding.PEM) for certificate in self.chain))
            file.flush()
            context.load_cert_chain(file.name, password=password)

    def __reduce_ex__(self, _protocol: Any) -> NoReturn:
        raise TypeError("a KeyPair cannot be serialized")


@dataclass(frozen=True)
class TrustAnchors:
    """The certificates that decide whether a peer is trusted.

    `trust_all` accepts every certificate (TrustAllManager). `check_revocation` asks whether what the anchors vouch for
    was revoked, but not for what leads to one of `exempt`.
    """

    certificates: tuple[x509.Certificate, ...] = ()
    trust_all: bool = False
    check_revocation: bool = False
    exempt: frozenset[x509.Certificate] = frozenset()

    @staticmethod
    def union(several: Iterable[TrustAnchors]) -> TrustAnchors:
        """Combine the anchors of several trust managers: what one of them accepts is accepted."""
        parts = list(several)
        trust_all = any(part.trust_all for part in parts)
        return TrustAnchors(
            tuple(dict.fromkeys(certificate for part in parts for certificate in part.certificates)),
            trust_all,
            any(part.check_revocation for part in parts) and not trust_all,
            frozenset(certificate for part in parts for certificate in part.unchecked),
        )

    @property
    def unchecked(self) -> Collection[x509.Certificate]:
        """The anchors that are enough, whatever their issuers revoked."""
        return self.exempt if self.check_revocation else self.certificates

    @property
    def fingerprint(self) -> bytes:
        """Identity of the set: equal fingerprints need no new TLS context."""
        from cryptography.hazmat.primitives import hashes

        unchecked = frozenset(self.unchecked)
        return b"".join(
            certificate.fingerprint(hashes.SHA256()) + (b"+" if certificate in unchecked else b"-")
            for certificate in self.certificates
        )

    def load_into(self, context: ssl.SSLContext) -> None:
        """Add the anchors to a context; an anchor need not be a root: a listed peer or intermediate is enough."""
        from cryptography.hazmat.primitives.serialization import Encoding

        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if self.certificates:
            der = b"".join(certificate.public_bytes(Encoding.DER) for certificate in self.certificates)
            context.load_verify_locations(cadata=der)
