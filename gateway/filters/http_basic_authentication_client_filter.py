"""HttpBasicAuthenticationClientFilter: authenticates the gateway itself at a service. Follows the documented type."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from config.types import SecretId, Static
from expr.functions.urls import form_encoded
from gateway.filters.base import Filter, Next
from gateway.http.authorization import basic_credentials
from gateway.secrets.base import Secrets

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request, Response


class HttpBasicAuthenticationClientFilter(Filter):
    """Adds an Authorization header with the credentials of the gateway, for requests to another service.

    It replaces one that is there. There is no retry and no look at the response.
    """

    username: Static[str]
    """Name of the user."""
    passwordSecretId: SecretId
    """Secret id of the password."""
    secretsProvider: Secrets
    """Provider of the password. It is asked for each request; one without the password is an error (status 500)."""
    urlEncodeCredentials: Static[bool] = False
    """URL-encode user name and password first, as client_secret_basic of OAuth 2.0 wants? False by default."""

    example: ClassVar = {
        "type": "HttpBasicAuthenticationClientFilter",
        "config": {
            "username": "ig_agent",
            "passwordSecretId": "agent.secret.id",
            "secretsProvider": {"type": "SystemAndEnvSecretStore"},
        },
    }

    async def filter(self, context: Context, request: Request, next: Next) -> Response:  # noqa: A002
        secret = await self.secretsProvider.password(self.passwordSecretId)
        username, password = self.username, secret.reveal_text()
        if self.urlEncodeCredentials:  # RFC 6749, 2.3.1
            username, password = form_encoded(username), form_encoded(password)
        request.headers.set("Authorization", basic_credentials(username, password))
        return await next(context, request)
