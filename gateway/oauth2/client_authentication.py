"""What the filters that authenticate a client at a token endpoint by its secret have in common (RFC 6749, 2.3.1)."""

from __future__ import annotations

from config.types import SecretId, Static
from gateway.filters.base import Filter
from gateway.secrets.base import Secrets


class ClientSecretFilter(Filter):
    """Adds the credentials of a confidential client to a call of the token endpoint."""

    clientId: Static[str]
    """Identifier of the client at the authorization server."""
    clientSecretId: SecretId
    """Id of the client's secret, a GenericSecret."""
    secretsProvider: Secrets
    """Where the secret comes from."""

    async def secret(self) -> str:
        """The client's secret as it is now; NoSuchSecret when there is none, which ends in 500."""
        return (await self.secretsProvider.password(self.clientSecretId)).reveal_text()
