"""Values that are known with each exchange: expressions that are compiled when an object is built, and evaluated later.

Follows expressions.md, sections 12 to 15.
"""

from __future__ import annotations

import logging
from typing import Any, Generic, TypeVar, get_args

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from config.codes import DROPPED_LITERAL, WRONG_TYPE
from config.kinds import EXPECTS, accepts, expected, kind_of, needs_preparation
from config.loading import Loading, Side
from config.problem import problem, unknown
from config.values import Unknown
from expr import EvaluationError, LValue, Template, types

T = TypeVar("T")
log = logging.getLogger("gatewright.expression")
Info = core_schema.ValidationInfo


class Runtime(Generic[T]):
    """A runtime expression, evaluated before the next element answered: `await x(context, request)` is a T or None.

    What it reads is made readable first (an entity is buffered, a session loaded). An evaluation error is logged and
    counts as null; so does a result that is not a T (expressions.md, sections 12 and 13).
    """

    __slots__ = ("_owner", "_prepare", "immediate", "template")
    side = Side.REQUEST

    def __init__(self, template: Template, loading: Loading, owner: str) -> None:
        self.template = template
        self._prepare = loading.runtime.prepare if needs_preparation(template.reads) else None
        self.immediate = self._prepare is None
        """Whether nothing has to be awaited first, so that `now` gives what a call does."""
        self._owner = owner

    async def __call__(self, *parameters: object) -> T | None:
        if self._prepare is not None:
            await self._prepare(self.template.reads, *parameters)
        return self.now(*parameters)

    def now(self, *parameters: object) -> T | None:
        """Evaluate what is `immediate`, without a coroutine."""
        try:
            return self.template.evaluate(*parameters)  # type: ignore[no-any-return]
        except EvaluationError as error:
            log.warning("%s: the expression %s failed: %s", self._owner, self.template.text, error)
            return None

    @property
    def constant(self) -> bool:
        return self.template.constant

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        expects = expected((get_args(source) or (Any,))[0])

        def validate(value: object, info: Info) -> object:
            loading: Loading = info.context  # type: ignore[assignment]
            return cls.read(value, expects, loading)

        return core_schema.with_info_plain_validator_function(validate, metadata={EXPECTS: expects.name})

    @classmethod
    def read(cls, value: object, expects: types.Type, loading: Loading) -> Any:
        """Compile what stands in the configuration."""
        if isinstance(value, Unknown):
            raise unknown()
        if isinstance(value, str):
            return cls(loading.compile(value, expects, cls.side), loading, loading.place(value))
        if isinstance(value, list | dict) and accepts(expects, value):
            return Tree(value, cls, loading)
        if not accepts(expects, value):
            noun = "a string" if expects is types.STRING else str(expects)
            loading.advise(
                DROPPED_LITERAL, f"{kind_of(value)} stands where {noun} is wanted, and counts as null", value
            )
            value = None
        return Literal(value)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        from config.emit.fragments import runtime

        return runtime(schema.get("metadata", {}).get(EXPECTS, types.ANY.name))


class RuntimeOnResponse(Runtime[T]):
    """A runtime expression that is evaluated with the response too: `await x(context, request, response)`."""

    __slots__ = ()
    side = Side.RESPONSE


class RuntimeOnException(Runtime[T]):
    """A runtime expression that is evaluated when a call failed: `await x(context, request, exception)`."""

    __slots__ = ()
    side = Side.EXCEPTION


class Literal(Generic[T]):
    """A value that is no expression, in the place of one."""

    __slots__ = ("value",)
    constant = immediate = True

    def __init__(self, value: T | None) -> None:
        self.value = value

    async def __call__(self, *_: object) -> T | None:
        return self.value

    def now(self, *_: object) -> T | None:
        return self.value


class Tree:
    """A list or map in the place of an expression: each string in it is an expression of its own."""

    __slots__ = ("_parts", "_value", "immediate")
    constant = False

    def __init__(self, value: list[Any] | dict[str, Any], runtime: type[Runtime[Any]], loading: Loading) -> None:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        self._parts = [(key, runtime.read(item, types.ANY, loading)) for key, item in items]
        self._value = type(value) is dict or isinstance(value, dict)
        self.immediate = all(part.immediate for _, part in self._parts)

    async def __call__(self, *parameters: object) -> Any:
        values = [(key, await part(*parameters)) for key, part in self._parts]
        return dict(values) if self._value else [value for _, value in values]

    def now(self, *parameters: object) -> Any:
        values = [(key, part.now(*parameters)) for key, part in self._parts]
        return dict(values) if self._value else [value for _, value in values]


class Condition:
    """A runtime condition: JSON true or false, an expression, or {label, expression}; satisfied only by a Boolean true.

    `await condition(context, request)` is a bool (expressions.md, section 14).
    """

    __slots__ = ("expression", "immediate", "label")
    side = Side.REQUEST

    def __init__(self, expression: Runtime[bool] | Literal[bool], label: str | None = None) -> None:
        self.expression = expression
        self.immediate = expression.immediate
        """Whether nothing has to be awaited first, so that `now` gives what a call does."""
        self.label = label

    @property
    def always(self) -> bool:
        """Is it the JSON value true, and so satisfied by everything?"""
        return isinstance(self.expression, Literal) and self.expression.value is True

    async def __call__(self, *parameters: object) -> bool:
        return await self.expression(*parameters) is True

    def now(self, *parameters: object) -> bool:
        """Evaluate what is `immediate`, without a coroutine."""
        return self.expression.now(*parameters) is True

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        runtime = {Side.REQUEST: Runtime, Side.RESPONSE: RuntimeOnResponse}[cls.side]

        def validate(value: object, info: Info) -> Condition:
            loading: Loading = info.context  # type: ignore[assignment]
            label = None
            if isinstance(value, dict):
                if "expression" not in value:
                    raise problem(
                        WRONG_TYPE, "a condition object needs an expression", 'write {"expression": "${...}"}'
                    )
                label = value.get("label")
                value = value["expression"]
            return cls(runtime.read(value, types.BOOLEAN, loading), label)

        return core_schema.with_info_plain_validator_function(validate)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        from config.emit.fragments import condition

        return condition()


ALWAYS: Any = True
"""Default of a condition that need not be given."""


class ConditionOnResponse(Condition):
    """A condition that is evaluated with the response too: `await condition(context, request, response)`."""

    __slots__ = ()
    side = Side.RESPONSE


class Target:
    """An l-value expression: `target.set(value, context, request)` writes to the place that it names."""

    __slots__ = ("_lvalue", "_prepare")

    def __init__(self, lvalue: LValue, loading: Loading) -> None:
        self._lvalue = lvalue
        self._prepare = loading.runtime.prepare if needs_preparation(lvalue.reads) else None

    async def set(self, value: object, *parameters: object) -> None:
        if self._prepare is not None:
            await self._prepare(self._lvalue.reads, *parameters)
        self._lvalue.set(value, *parameters)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def validate(value: object, info: Info) -> Target:
            loading: Loading = info.context  # type: ignore[assignment]
            if isinstance(value, Unknown):
                raise unknown()
            if not isinstance(value, str):
                raise problem(
                    WRONG_TYPE, f"expected an l-value expression, found {kind_of(value)}", 'write "${attributes.name}"'
                )
            return cls(loading.compile_target(value, Side.RESPONSE), loading)

        return core_schema.with_info_plain_validator_function(validate)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        from config.emit.fragments import target

        return target()
