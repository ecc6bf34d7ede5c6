"""SecretsKeyManager: the private keys and certificates with which the gateway identifies itself in TLS."""

from __future__ import annotations

from typing import ClassVar

from config.types import SecretId
from gateway.secrets.base import Secrets
from gateway.secrets.key_material import KeyPair
from gateway.secrets.managers import KeyManager
from gateway.secrets.tls_identity import identities


class SecretsKeyManager(KeyManager):
    """Gives a private key and its certificate to TLS."""

    signingSecretId: SecretId
    """ID of the key: a private key with its certificate."""
    secretsProvider: Secrets
    """Where the key is."""

    example: ClassVar = {
        "type": "SecretsKeyManager",
        "config": {"signingSecretId": "tls.key", "secretsProvider": {"type": "SystemAndEnvSecretStore"}},
    }

    async def key_pairs(self) -> list[KeyPair]:
        return await identities(self.secretsProvider, self.signingSecretId)
