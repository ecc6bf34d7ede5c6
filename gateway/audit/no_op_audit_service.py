"""NoOpAuditService: the audit service of a gateway that has none configured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from gateway.audit.base import AuditService


class NoOpAuditService(AuditService):
    """Records nothing."""

    example: ClassVar = {"type": "NoOpAuditService"}

    def wants(self, topic: str) -> bool:
        return False

    def publish(self, topic: str, event: Mapping[str, Any]) -> None:
        """Nothing is recorded."""
