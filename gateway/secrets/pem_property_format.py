"""PemPropertyFormat: keys and certificates in PEM, encrypted or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from config.types import SecretId
from gateway.secrets.base import Secrets
from gateway.secrets.leases import Unreadable
from gateway.secrets.property_format import SecretPropertyFormat
from gateway.secrets.secret import NoSuchSecret, Secret


class PemPropertyFormat(SecretPropertyFormat):
    """Reads a key with its certificates from PEM."""

    decryptionSecretId: SecretId | None = None
    """Password of encrypted blocks."""
    secretsProvider: Secrets | None = None
    """Where the password is."""

    example: ClassVar = {"type": "PemPropertyFormat"}

    def verify(self) -> Iterator[tuple[str, str, str]]:
        if self.decryptionSecretId is not None and self.secretsProvider is None:
            yield (
                "decryptionSecretId",
                "a decryptionSecretId needs a secretsProvider",
                "add the property secretsProvider",
            )

    async def decode(self, text: str, stable_id: str) -> Secret:
        from gateway.secrets.pem import encrypted, read_pem

        password = None
        if encrypted(text) and self.decryptionSecretId is not None and self.secretsProvider is not None:
            try:
                password = (await self.secretsProvider.password(self.decryptionSecretId)).reveal()
            except NoSuchSecret as error:
                raise Unreadable(str(error)) from None
        return read_pem(text, stable_id, password)
