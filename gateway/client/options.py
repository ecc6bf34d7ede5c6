"""What tells one client from another: options that compare by content, and the origin of a pool."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from gateway.client.proxy import Direct, Proxy, ProxyChooser
from gateway.client.tls import TlsSettings

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class ClientOptions:
    """Options of a client; equal ones share their connections. Times are in seconds, `math.inf` is no limit."""

    connections: int = 64
    """Connections to one origin."""
    wait_queue: int = 4096
    """Exchanges that may wait for one of them."""
    so_timeout: float = 10.0
    connect_timeout: float = 10.0
    time_to_live: float = math.inf
    """Age at which a connection is not used again."""
    keep_alive: float = 60.0
    """Time that an unused connection is kept."""
    head_limit: int = 256 * 1024
    """Bytes of a response head; identity headers are large, so this is too."""
    propagate_disconnection: bool = False
    upgrade: str = ""
    """Protocol that every request of this client asks to switch to (`websocket`)."""
    tls: TlsSettings = field(default_factory=TlsSettings)
    proxies: ProxyChooser = field(default_factory=Direct)


@dataclass(frozen=True)
class Origin:
    """What one pool connects to."""

    scheme: str
    host: str
    port: int
    proxy: Proxy | None = None

    @property
    def secure(self) -> bool:
        return self.scheme == "https"

    @property
    def absolute_form(self) -> bool:
        """Plain requests through a proxy carry the whole URI."""
        return self.proxy is not None and not self.secure

    @property
    def authority(self) -> str:
        """Host and port as CONNECT names them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        through = f" through proxy {self.proxy.host}:{self.proxy.port}" if self.proxy else ""
        return f"{self.scheme}://{self.authority}{through}"
