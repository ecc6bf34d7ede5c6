"""SystemProxyOptions: the forward proxy that the system properties name."""

from __future__ import annotations

from typing import ClassVar

from expr.scope import implicit
from gateway.client.proxy import PerScheme, Proxy, ProxyChooser
from gateway.objects.proxy_options import ProxyOptions

_DEFAULT_PORTS = {"http": "80", "https": "443"}
_DIRECT_BY_DEFAULT = "localhost|127.*|[::1]|::1"


class SystemProxyOptions(ProxyOptions):
    """Takes the proxy from the system properties http.proxyHost, http.proxyPort, http.nonProxyHosts.

    For https targets these are https.proxyHost and https.proxyPort. System properties are given as `-D NAME=VALUE` on
    the command line.
    """

    example: ClassVar = {"name": "ProxyOptions", "type": "SystemProxyOptions"}

    def chooser(self) -> ProxyChooser:
        system = implicit.system
        proxies = []
        for scheme in ("http", "https"):
            host, port = system.get(f"{scheme}.proxyHost"), system.get(f"{scheme}.proxyPort") or _DEFAULT_PORTS[scheme]
            if not host:
                continue
            if not port.isdecimal():
                self.log.warning("system property %s.proxyPort is not a number, the proxy is not used", scheme)
                continue
            proxies.append((scheme, Proxy("http", host, int(port))))
        exceptions = system.get("http.nonProxyHosts") or _DIRECT_BY_DEFAULT
        return PerScheme(tuple(proxies), tuple(filter(None, exceptions.split("|"))))
