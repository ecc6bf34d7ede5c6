"""CustomProxyOptions: one named forward proxy, with credentials if it asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import PrivateAttr

from config.types import SecretId, Static, Url
from gateway.client.proxy import Always, Proxy, ProxyChooser
from gateway.http.authorization import basic_credentials
from gateway.objects.proxy_options import ProxyOptions
from gateway.secrets.base import Secrets

_DEFAULT_PORTS = {"http": 80, "https": 443}


class CustomProxyOptions(ProxyOptions):
    """Goes through one forward proxy. Requests to http targets carry the whole URI, https targets are reached through
    a tunnel (CONNECT); credentials go as Proxy-Authorization: Basic.
    """

    uri: Url
    """Scheme, host and port of the proxy; the scheme is the protocol spoken with the proxy itself."""
    username: Static[str] | None = None
    """User name, when the proxy asks for credentials."""
    passwordSecretId: SecretId | None = None
    """Id of the password, a GenericSecret."""
    secretsProvider: Secrets | None = None
    """Where the password comes from."""

    example: ClassVar = {
        "name": "ProxyOptions",
        "type": "CustomProxyOptions",
        "config": {
            "uri": "http://proxy.example.com:3128",
            "username": "gw",
            "passwordSecretId": "proxy.pass",
            "secretsProvider": {"type": "SystemAndEnvSecretStore"},
        },
    }

    _proxy: Proxy = PrivateAttr()

    def verify(self) -> Iterator[tuple[str, str, str]]:
        parts = urlsplit(self.uri)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            yield "uri", "the URI of a proxy begins with http or https and has a host", "such as http://proxy:3128"
        if (self.username is None) != (self.passwordSecretId is None):
            yield "username", "credentials are a username and a passwordSecretId", "set both, or neither"
        if self.passwordSecretId is not None and self.secretsProvider is None:
            yield "passwordSecretId", "there is no secretsProvider to ask for the password", "set secretsProvider"

    async def start(self) -> None:
        authorization = ""
        if self.username is not None and self.passwordSecretId is not None and self.secretsProvider is not None:
            password = await self.secretsProvider.password(self.passwordSecretId)
            authorization = basic_credentials(self.username, password.reveal_text())
        parts = urlsplit(self.uri)
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
        self._proxy = Proxy(parts.scheme, parts.hostname or "", port, authorization)

    def chooser(self) -> ProxyChooser:
        return Always(self._proxy)
