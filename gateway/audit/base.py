"""What an audit service is: a sink for events of topics."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from config.declaration import HeapObject


class AuditService(HeapObject):
    """Takes audit events; publishing never waits for the target of an event."""

    @abstractmethod
    def wants(self, topic: str) -> bool:
        """Are events of a topic recorded? What is not wanted need not be made."""

    @abstractmethod
    def publish(self, topic: str, event: Mapping[str, Any]) -> None:
        """Hand over an event."""
