"""What an audit service and an audit event handler are: a sink for events of topics, and where it sends them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from pydantic import PrivateAttr

from config.declaration import HeapObject
from config.types import Static
from gateway.audit.delivery import Delivery
from gateway.audit.topics import TOPICS, Topic


class AuditService(HeapObject):
    """Takes audit events; publishing never waits for the target of an event."""

    @abstractmethod
    def wants(self, topic: str) -> bool:
        """Are events of a topic recorded? What is not wanted need not be made."""

    @abstractmethod
    def publish(self, topic: str, event: Mapping[str, Any]) -> None:
        """Hand over an event; a value may be a function, which is called if its field is recorded."""


class AuditEventHandler(HeapObject):
    """Sends the events of some topics to one target, from a queue of its own."""

    name: Static[str]
    """Name of the handler, unique in its audit service."""
    topics: list[Static[str]]
    """Topics whose events it takes."""
    enabled: Static[bool] = True
    """Take events at all? True by default."""

    _delivery: Delivery | None = PrivateAttr(default=None)
    _known: Mapping[str, Topic] = PrivateAttr(default=TOPICS)

    @abstractmethod
    def delivery(self) -> Delivery:
        """The queue and the target, when the handler starts."""

    def use_topics(self, topics: Mapping[str, Topic]) -> None:
        """Learn the topics that the audit service knows."""
        self._known = topics

    def fields(self, topic: str) -> tuple[str, ...]:
        """Leaf fields of a topic, in the order of its schema."""
        return self._known[topic].fields

    async def start(self) -> None:
        if self.enabled:
            self._delivery = self.delivery()
            self._delivery.start()

    async def stop(self) -> None:
        delivery, self._delivery = self._delivery, None
        if delivery is not None:
            await delivery.stop()

    def take(self, topic: str, event: dict[str, Any]) -> None:
        """Queue an event, of which nobody changes anything any more."""
        delivery = self._delivery
        if delivery is not None:
            delivery.put(topic, event)
        elif self.enabled:
            # The route was replaced while its response was still on the way to the client.
            self._deliver_late(topic, event)

    def _deliver_late(self, topic: str, event: dict[str, Any]) -> None:
        delivery = self.delivery()
        delivery.put(topic, event)
        delivery.start()
        delivery.end()
