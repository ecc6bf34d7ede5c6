"""What TLS options refer to: key managers give identities, trust managers give trust anchors."""

from __future__ import annotations

from abc import abstractmethod

from config.declaration import HeapObject
from gateway.secrets.key_material import KeyPair, TrustAnchors


class KeyManager(HeapObject):
    """Gives the identities of a side of TLS."""

    @abstractmethod
    async def key_pairs(self) -> list[KeyPair]:
        """Every identity, in order of preference; raise NoSuchSecret when there is none."""


class TrustManager(HeapObject):
    """Gives the certificates that are trusted."""

    @abstractmethod
    async def trust_anchors(self) -> TrustAnchors:
        """The trust anchors as they are now."""
