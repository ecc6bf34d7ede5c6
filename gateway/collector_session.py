"""The HTTP session through which traces go to their collector, with the TLS and proxy options of the configuration.

The exporter is made before any object starts, so keys and proxies are asked for when a request is sent. It needs the
extra gatewright[tracing], as the exporter itself does.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from gateway.application.open_telemetry import ExporterConfig
    from gateway.client.proxy import Proxy
    from gateway.client.tls import TlsSettings


class CollectorSession(requests.Session):
    """Sends exports as the configuration says, whatever the exporter asks for."""

    def __init__(self, settings: ExporterConfig) -> None:
        super().__init__()
        self._settings = settings
        self._tls: TlsSettings | None = None
        for prefix in ("http://", "https://"):
            self.mount(prefix, _Adapter())

    def request(self, method: str, url: str, *arguments: Any, **options: Any) -> requests.Response:  # type: ignore[override]
        settings = self._settings
        if settings.tls is not None:
            options["verify"] = self._prepare(settings.tls.settings)
        if settings.proxyOptions is not None:
            parts = urlsplit(url)
            proxy = settings.proxyOptions.chooser().proxy_for(parts.scheme, parts.hostname or "")
            self.trust_env = False  # the environment has no say in what is configured
            self._take_proxy(proxy, parts.scheme)
        left = options.get("timeout") or settings.timeout
        options["timeout"] = (min(settings.connectionTimeout or left, left), left)
        return super().request(method, url, *arguments, **options)

    def _prepare(self, tls: TlsSettings) -> bool:
        """Use the keys and anchors as they are now; gives whether certificates are verified."""
        if tls is not self._tls:
            self._tls = tls
            self.adapters["https://"].close()
            self.mount("https://", _Adapter(tls.context()))
        return not tls.trust_all

    def _take_proxy(self, proxy: Proxy | None, scheme: str) -> None:
        if proxy is None:
            self.proxies.clear()
            return
        url = f"{proxy.scheme}://{proxy.host}:{proxy.port}"
        self.proxies[scheme] = url
        for adapter in self.adapters.values():
            if isinstance(adapter, _Adapter):
                adapter.authorization = proxy.authorization


class _Adapter(HTTPAdapter):
    """Connects with one TLS context, which knows whom to trust, and names itself to the proxy."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.authorization = ""
        self._tls: dict[str, Any] = {}
        if context is not None:
            # Without a name check of the context's own, urllib3 would make one.
            self._tls = {"ssl_context": context, "assert_hostname": None if context.check_hostname else False}
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **options, **self._tls)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        return super().proxy_manager_for(proxy, **options, **self._tls)

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        return {"Proxy-Authorization": self.authorization} if self.authorization else {}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Add no other authorities to those of the context."""
        if not self._tls:
            super().cert_verify(conn, url, verify, cert)
