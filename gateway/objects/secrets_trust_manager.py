"""SecretsTrustManager: the certificates that the gateway trusts in TLS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from config.types import SecretId, Static
from gateway.secrets.base import Secrets
from gateway.secrets.key_material import TrustAnchors
from gateway.secrets.managers import TrustManager
from gateway.secrets.secret import CryptoKey, NoSuchSecret, Purpose

if TYPE_CHECKING:
    from cryptography import x509


class SecretsTrustManager(TrustManager):
    """Gives trusted certificates to TLS."""

    verificationSecretId: SecretId | None = None
    """ID of the certificates of trusted peers."""
    certificateVerificationSecretId: SecretId | None = None
    """ID of the certificates of trusted authorities."""
    secretsProvider: Secrets
    """Where the certificates are."""
    checkRevocation: Static[bool] = True
    """Whether revoked certificates are refused: OCSP responders are asked, and revocation lists where they do not help,
    about every certificate that is not itself trusted. A certificate whose status cannot be determined is refused too,
    as is one that names neither: private authorities often need false here. True by default.
    """

    example: ClassVar = {
        "type": "SecretsTrustManager",
        "config": {
            "certificateVerificationSecretId": "ca.certs",
            "secretsProvider": {"type": "SystemAndEnvSecretStore"},
            "checkRevocation": False,
        },
    }

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self.verificationSecretId is None and self.certificateVerificationSecretId is None:
            advice = "add verificationSecretId (peers) or certificateVerificationSecretId (authorities)"
            yield "verificationSecretId", "a trust manager needs the ID of a secret", advice

    async def trust_anchors(self) -> TrustAnchors:
        found: list[CryptoKey] = []
        for secret_id, purpose in (
            (self.verificationSecretId, Purpose.VERIFY),
            (self.certificateVerificationSecretId, Purpose.VERIFY_CERTIFICATE),
        ):
            if secret_id is not None:
                secrets = await self.secretsProvider.valid(secret_id, purpose)
                found += [key for key in secrets if isinstance(key, CryptoKey) and key.certificates]
        if not found:
            wanted = self.verificationSecretId or self.certificateVerificationSecretId or ""
            raise NoSuchSecret(wanted, Purpose.VERIFY_CERTIFICATE, details="no certificate is there to trust")
        anchors = dict.fromkeys(certificate for key in found for certificate in _trusted(key))
        return TrustAnchors(tuple(anchors), check_revocation=self.checkRevocation)


def _trusted(key: CryptoKey) -> tuple[x509.Certificate, ...]:
    """All certificates of a text without a private key (a bundle), else the entry's own."""
    return key.certificates if key.private is None else key.certificates[:1]
