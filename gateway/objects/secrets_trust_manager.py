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

    from config.heap import Heap


class SecretsTrustManager(TrustManager):
    """Gives trusted certificates to TLS."""

    verificationSecretId: SecretId | None = None
    """ID of the certificates of trusted peers."""
    certificateVerificationSecretId: SecretId | None = None
    """ID of the certificates of trusted authorities."""
    secretsProvider: Secrets
    """Where the certificates are."""
    checkRevocation: Static[bool] = True
    """Whether revoked certificates are refused; this gateway cannot check it, and warns when it is asked to."""

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

    def prepare(self, heap: Heap) -> None:
        if self.checkRevocation:
            # The ssl module has no revocation check to switch on; who relies on it has to know.
            self.log.warning("%s: revocation is not checked; set checkRevocation to false to say so", self.object_name)

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
