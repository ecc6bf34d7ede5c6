"""ClientSecretBasicAuthenticationFilter: client authentication `client_secret_basic`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from expr.functions.urls import form_encoded
from gateway.filters.base import Next
from gateway.http.authorization import basic_credentials
from gateway.oauth2.client_authentication import ClientSecretFilter

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class ClientSecretBasicAuthenticationFilter(ClientSecretFilter):
    """Authenticates a client at a token endpoint by HTTP Basic authentication."""

    example: ClassVar = {
        "type": "ClientSecretBasicAuthenticationFilter",
        "config": {
            "clientId": "serviceConfidentialClient",
            "clientSecretId": "client.secret.id",
            "secretsProvider": {"type": "SystemAndEnvSecretStore"},
        },
    }

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        # Both parts are form-encoded first (RFC 6749, 2.3.1), so that a colon in the identifier is not the separator.
        credentials = basic_credentials(form_encoded(self.clientId), form_encoded(await self.secret()))
        request.headers.set("Authorization", credentials)
        return await next(context, request)
