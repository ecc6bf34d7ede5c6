"""AuditService: records events of what happened, filtered, with the event handlers that take their topic.

Follows the documented entry AuditService (objects.yaml).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from pydantic import Field, PrivateAttr

from config.codes import BROKEN_RULE
from config.declaration import Properties
from config.successor import Renamed
from config.types import Static
from expr.diagnostic import Diagnostic, DiagnosticError
from gateway.audit.access import AUDITING, TOPIC
from gateway.audit.base import AuditEventHandler
from gateway.audit.base import AuditService as Service
from gateway.audit.field_filter import FieldFilter
from gateway.audit.handler_classes import CLASSES, EventHandlers
from gateway.audit.topics import TOPICS, BadTopic, Topic, read_topics
from gateway.http.ids import new_id

if TYPE_CHECKING:
    from config.heap import Heap

SCHEMAS: Final = "audit-schemas"
"""Directory of the instance with the schemas of a user's own topics."""


class FieldPolicy(Properties):
    """Which fields are recorded, by JSON pointers that begin with the topic."""

    includeIf: list[Static[str]] = []
    """Fields to record beyond the ones that are safe to record."""
    excludeIf: list[Static[str]] = []
    """Fields not to record; stronger than includeIf."""


class FilterPolicies(Properties):
    """What is recorded of an event."""

    field: FieldPolicy = Field(default={})
    """Which fields are recorded."""


class ServiceConfig(Properties):
    """Settings of the audit service itself."""

    handlerForQueries: Static[str] | None = None
    """Name of the event handler that would answer queries; nothing asks it here."""
    availableAuditEventHandlers: list[Static[str]] | None = None
    """Classes that event handlers may have; all by default."""
    caseInsensitiveFields: list[Static[str]] | None = Field(
        default=["/access/http/request/headers", "/access/http/response/headers"]
    )
    """Fields whose children are compared without case in filter policies."""
    filterPolicies: FilterPolicies = Field(default={})
    """What is recorded."""


class AuditService(Service):
    """Records audit events.

    Only fields that are safe to record are, unless filterPolicies says otherwise. Publishing never keeps a request
    waiting: events wait in bounded queues, and those that find a queue full are lost, which the log and the metric
    ig_audit_events_lost_total say.
    """

    config: ServiceConfig = Field(default={})
    """Settings of the service itself."""
    eventHandlers: EventHandlers = Field(min_length=1)
    """Where events go."""
    topicSchemasDirectory: Static[str] | None = None
    """Directory with the JSON schemas of topics of your own; audit-schemas of the instance directory by default."""

    removed: ClassVar = {"event-handlers": Renamed("eventHandlers", "2024.3")}
    example: ClassVar = {
        "name": "AuditService",
        "type": "AuditService",
        "config": {
            "config": {
                "filterPolicies": {
                    "field": {"includeIf": ["/access/http/request/queryParameters"], "excludeIf": ["/access/client"]}
                }
            },
            "eventHandlers": [
                {
                    "class": "org.forgerock.audit.handlers.json.stdout.JsonStdoutAuditEventHandler",
                    "config": {"name": "out", "topics": ["access"]},
                }
            ],
        },
    }

    _takers: dict[str, list[AuditEventHandler]] = PrivateAttr(default_factory=dict)
    _filters: dict[str, FieldFilter] = PrivateAttr(default_factory=dict)
    _counted: bool = PrivateAttr(default=False)

    def verify(self) -> Iterator[tuple[str, str, str]]:
        # The linter has declarations in the place of handlers, each with the handler that it would be.
        read = (getattr(handler, "instance", handler) for handler in self.eventHandlers)
        handlers = [handler for handler in read if isinstance(handler, AuditEventHandler)]
        names = [handler.name for handler in handlers]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield "eventHandlers", f'two event handlers are named "{name}"', "give each a name of its own"
        if self.config.handlerForQueries is not None and names and self.config.handlerForQueries not in names:
            yield "config", f'no event handler is named "{self.config.handlerForQueries}"', "name one of eventHandlers"
        allowed = self.config.availableAuditEventHandlers
        for handler in handlers if allowed is not None else ():
            full = next(full for full, short in CLASSES.items() if short == type(handler).__name__)
            if full not in (allowed or ()):
                yield "eventHandlers", f"{full} is not among availableAuditEventHandlers", "add it there"

    def prepare(self, heap: Heap) -> None:
        topics = self._known_topics(heap)
        policy = self.config.filterPolicies.field
        for handler in self.eventHandlers:
            for topic in handler.topics:
                if topic not in topics:
                    raise _problem(heap, f'there is no topic "{topic}"', f"topics are {', '.join(topics)}")
                if handler.enabled:
                    self._takers.setdefault(topic, []).append(handler)
            handler.use_topics(topics)
        for name in self._takers:
            included = (*topics[name].safelist, *_below(name, policy.includeIf))
            any_case = _below(name, self.config.caseInsensitiveFields or ())
            self._filters[name] = FieldFilter(included, _below(name, policy.excludeIf), any_case)

    def _known_topics(self, heap: Heap) -> Mapping[str, Topic]:
        if self.topicSchemasDirectory is not None:
            directory = Path(self.topicSchemasDirectory)
        elif heap.host is not None:
            directory = heap.host.instance.directory / SCHEMAS
        else:
            return TOPICS
        try:
            return {**TOPICS, **read_topics(directory)}
        except BadTopic as error:
            raise _problem(heap, "a topic of your own cannot be read", str(error)) from None

    async def start(self) -> None:
        self._counted = self.wants(TOPIC)
        AUDITING.services += self._counted

    async def stop(self) -> None:
        AUDITING.services -= self._counted
        self._counted = False

    def wants(self, topic: str) -> bool:
        return topic in self._filters

    def publish(self, topic: str, event: Mapping[str, Any]) -> None:
        keep = self._filters.get(topic)
        if keep is None:
            return
        kept = keep(event if "_id" in event else {"_id": new_id(), **event})
        for handler in self._takers[topic]:
            handler.take(topic, kept)


def _below(topic: str, pointers: Iterable[str]) -> list[str]:
    """Pointers of a topic without the topic: `/access/client` is `/client` of an access event."""
    return [pointer.removeprefix(f"/{topic}") for pointer in pointers if f"{pointer}/".startswith(f"/{topic}/")]


def _problem(heap: Heap, message: str, hint: str) -> DiagnosticError:
    return DiagnosticError([Diagnostic(BROKEN_RULE, message, *heap.where(None), hint)])
