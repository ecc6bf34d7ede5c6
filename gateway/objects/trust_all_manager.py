"""TrustAllManager: trusts every certificate, for tests."""

from __future__ import annotations

from typing import ClassVar

from gateway.secrets.key_material import TrustAnchors
from gateway.secrets.managers import TrustManager


class TrustAllManager(TrustManager):
    """Accepts every certificate, whoever issued it and however old it is. Names of hosts are still compared, unless
    hostnameVerifier is ALLOW_ALL. For tests only.
    """

    example: ClassVar = {"name": "trust-all", "type": "TrustAllManager"}

    async def start(self) -> None:
        self.log.warning("%s trusts every certificate; use it for tests only", self.object_name)

    async def trust_anchors(self) -> TrustAnchors:
        return TrustAnchors(trust_all=True)
