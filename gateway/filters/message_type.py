"""Filters that work on one of the two messages: which one, and field values that see what is there at that time."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from config.codes import DROPPED_LITERAL
from config.types import Literal, Runtime, RuntimeOnResponse, kind_of
from expr import types


class MessageType(StrEnum):
    """The message that a filter works on."""

    REQUEST = "REQUEST"
    RESPONSE = "RESPONSE"


class FieldValue(Runtime[Any]):
    """The value of a header field as a runtime expression: text, or a list whose texts are values of their own.

    It is one of the side that the property `messageType`, declared in front of it, names.
    """

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def validate(value: object, info: core_schema.ValidationInfo) -> object:
            # Where the message is not known, as in lint of a token, an expression may see all that there is.
            on_request = info.data.get("messageType") is MessageType.REQUEST
            side: type[Runtime[Any]] = Runtime if on_request else RuntimeOnResponse
            made = side.read(value, types.ANY, info.context)  # type: ignore[arg-type]
            if (kind := _no_text(made)) is not None:
                message = f"{kind} stands where a string is wanted, and counts as null"
                info.context.advise(DROPPED_LITERAL, message, value)  # type: ignore[union-attr]
            return made

        return core_schema.with_info_plain_validator_function(validate)


def _no_text(made: Any) -> str | None:
    """What a value is that can be neither text nor a list of texts."""
    if isinstance(made, Literal):
        return None if made.value is None or isinstance(made.value, str) else kind_of(made.value)
    if not isinstance(made, Runtime):
        return None
    kind = made.template.type
    fits = kind in (types.ANY, types.NULL, types.STRING) or kind.family is types.LIST
    return None if fits else f"an expression of type {kind.name}"
