"""The kind of object that `proxyOptions` refers to: NoProxyOptions, SystemProxyOptions and CustomProxyOptions."""

from __future__ import annotations

from abc import abstractmethod

from config.declaration import HeapObject
from gateway.client.proxy import ProxyChooser


class ProxyOptions(HeapObject):
    """Says which forward proxy outgoing connections go through."""

    @abstractmethod
    def chooser(self) -> ProxyChooser:
        """What chooses the proxy; known once the object has been started."""
