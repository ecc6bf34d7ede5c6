"""Properties of filters that work on one of the two messages: which one, and expressions that see what is there then."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar, get_args

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from config.types import Runtime, RuntimeOnResponse, expected

T = TypeVar("T")


class MessageType(StrEnum):
    """The message that a filter works on."""

    REQUEST = "REQUEST"
    RESPONSE = "RESPONSE"


class RuntimeOnMessage(Runtime[T]):
    """A runtime expression of the side that the property `messageType` in front of it names."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        expects = expected((get_args(source) or (Any,))[0])

        def validate(value: object, info: core_schema.ValidationInfo) -> object:
            on_response = info.data.get("messageType") is MessageType.RESPONSE
            side: type[Runtime[Any]] = RuntimeOnResponse if on_response else Runtime
            return side.read(value, expects, info.context)  # type: ignore[arg-type]

        return core_schema.with_info_plain_validator_function(validate)
