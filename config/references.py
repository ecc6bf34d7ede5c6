"""References: names of heap objects, and inline declarations in their place (HeapObjects, config-files.yaml)."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from config.codes import WRONG_TYPE
from config.kinds import EXPECTS, kind_of
from config.loading import Loading
from config.problem import problem, unknown
from config.values import Unknown

T = TypeVar("T")
Info = core_schema.ValidationInfo


class _Ref:
    """Resolves the name of a heap object, or an inline declaration, to a built object of a kind."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        kind = source if isinstance(source, type) else object

        def validate(value: object, info: Info) -> object:
            if isinstance(value, Unknown):
                raise unknown()
            if not isinstance(value, str | dict):
                raise problem(
                    WRONG_TYPE,
                    f"expected a reference, found {kind_of(value)}",
                    'write the name of a heap object, or an inline {"type": ..., "config": ...}',
                )
            loading: Loading = info.context  # type: ignore[assignment]
            return loading.reference(value, kind, info.field_name or "")

        return core_schema.with_info_plain_validator_function(validate, metadata={EXPECTS: kind.__name__})

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        from config.emit.fragments import reference

        return reference(schema["metadata"][EXPECTS])


Ref: TypeAlias = Annotated[T, _Ref()]
"""A reference: the name of a heap object, or an inline declaration; the field holds the built T."""
