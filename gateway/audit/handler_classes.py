"""The classes of audit event handlers: `{"class": NAME, "config": {...}}` as a reference to a built handler."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeAlias

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from config.codes import INVALID_DECLARATION, REMOVED_TYPE, UNKNOWN_TYPE, UNSUPPORTED_TYPE
from config.loading import Loading
from config.problem import closest, one_of, problem, quoted
from config.types import kind_of
from config.values import Map, Text
from gateway.audit import TYPES
from gateway.audit.base import AuditEventHandler

CLASSES: Final[dict[str, str]] = {full: short for entry in TYPES if isinstance(entry, tuple) for short, full in [entry]}
"""Documented class name -> name of the type."""
_NOT_HERE: Final = "org.forgerock.audit.handlers.jms.JmsAuditEventHandler"
_GONE: Final = (
    "org.forgerock.audit.handlers.splunk.SplunkAuditEventHandler",
    "org.forgerock.audit.handlers.elasticsearch.ElasticsearchAuditEventHandler",
)


class _ByClass:
    """Builds the handler that a class name stands for."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def validate(value: object, info: core_schema.ValidationInfo) -> object:
            if not isinstance(value, Map):
                hint = 'write {"class": ..., "config": {"name": ..., "topics": [...]}}'
                raise problem(INVALID_DECLARATION, f"an event handler is an object, not {kind_of(value)}", hint)
            loading: Loading = info.context  # type: ignore[assignment]
            return loading.reference(_declaration(value), AuditEventHandler, "eventHandlers")

        return core_schema.with_info_plain_validator_function(validate)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        from config.emit.fragments import declaration

        return declaration("audit event handler", "class", CLASSES, (_NOT_HERE,))


def _declaration(value: Map) -> Map:
    """The same as an inline declaration of a heap object, with its places."""
    name = value.get("class")
    if not isinstance(name, str):
        raise problem(INVALID_DECLARATION, 'an event handler needs a "class"', one_of(CLASSES))
    if name in _GONE:
        hint = "write JSON files or standard output, and ship them (removed in 2025.3)"
        raise problem(REMOVED_TYPE, f"the event handler {quoted(name)} no longer exists", hint)
    if name == _NOT_HERE:
        message = f"PingGateway documents the event handler {quoted(name)}, and Gatewright does not run it"
        raise problem(UNSUPPORTED_TYPE, message, "there is no JMS outside of Java: use a file, syslog or a database")
    if name not in CLASSES:
        full = next((full for full, short in CLASSES.items() if short == name.rpartition(".")[2]), None)
        hint = f"did you mean {quoted(full)}?" if full else closest(name, CLASSES) or one_of(CLASSES)
        raise problem(UNKNOWN_TYPE, f"there is no event handler {quoted(name)}", hint)
    made = Map(value.source, value.span)
    for key, member in value.items():
        new_key, new_member = key, member
        if key == "class":
            new_key = "type"
            new_member = member.replaced(CLASSES[name]) if isinstance(member, Text) else CLASSES[name]
        made.place(new_key, new_member, value.key_span(key), value.value_span(key))
    return made


EventHandlers: TypeAlias = list[Annotated[AuditEventHandler, _ByClass()]]
"""Event handlers, each declared by class and config."""
