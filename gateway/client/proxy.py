"""Forward proxies: where one stands, and the kind of object that says whether a request goes through it.

The heap objects NoProxyOptions, SystemProxyOptions and CustomProxyOptions are the implementations; the wire behaviour
(absolute form for http, CONNECT for https) is in `connect` and `head`.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Proxy:
    """One forward proxy; `authorization` is the value of Proxy-Authorization, empty without credentials."""

    scheme: str
    host: str
    port: int
    authorization: str = field(default="", repr=False)


class ProxyChooser(Protocol):
    """Says which proxy leads to a server; choosers that choose alike compare equal, so that pools can be shared."""

    @abstractmethod
    def proxy_for(self, scheme: str, host: str) -> Proxy | None:
        """The proxy to go through, None to connect directly."""


@dataclass(frozen=True)
class Direct:
    """Chooses no proxy."""

    def proxy_for(self, scheme: str, host: str) -> Proxy | None:
        return None


@dataclass(frozen=True)
class Always:
    """Chooses one proxy for every server."""

    proxy: Proxy

    def proxy_for(self, scheme: str, host: str) -> Proxy | None:
        return self.proxy


@dataclass(frozen=True)
class PerScheme:
    """Chooses by the scheme of the target, unless the host is among the exceptions (`*` at either end of a name)."""

    proxies: tuple[tuple[str, Proxy], ...] = ()
    direct: tuple[str, ...] = ()

    def proxy_for(self, scheme: str, host: str) -> Proxy | None:
        if any(_covers(pattern, host.lower()) for pattern in self.direct):
            return None
        return next((proxy for name, proxy in self.proxies if name == scheme), None)


def _covers(pattern: str, host: str) -> bool:
    pattern = pattern.lower()
    if pattern == "*":
        return True
    if pattern.startswith("*"):
        return host.endswith(pattern[1:])
    if pattern.endswith("*"):
        return host.startswith(pattern[:-1])
    return host == pattern
