"""NoProxyOptions: connects directly."""

from __future__ import annotations

from typing import ClassVar

from gateway.client.proxy import Direct, ProxyChooser
from gateway.objects.proxy_options import ProxyOptions


class NoProxyOptions(ProxyOptions):
    """Connects directly, without a forward proxy. The default object ProxyOptions is of this type."""

    example: ClassVar = {"name": "direct", "type": "NoProxyOptions"}

    def chooser(self) -> ProxyChooser:
        return Direct()
