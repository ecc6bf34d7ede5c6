"""ClientSecretPostAuthenticationFilter: client authentication `client_secret_post`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from gateway.filters.base import Next
from gateway.oauth2.client_authentication import ClientSecretFilter

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class ClientSecretPostAuthenticationFilter(ClientSecretFilter):
    """Authenticates a client at a token endpoint by fields of the form that it posts."""

    example: ClassVar = {
        "type": "ClientSecretPostAuthenticationFilter",
        "config": {
            "clientId": "serviceConfidentialClient",
            "clientSecretId": "client.secret.id",
            "secretsProvider": {"type": "SystemAndEnvSecretStore"},
        },
    }

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        await request.entity.buffer()
        form = request.entity.form
        form.put("client_id", [self.clientId])
        form.put("client_secret", [await self.secret()])
        request.entity.form = form
        return await next(context, request)
