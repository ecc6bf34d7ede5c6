"""The types of properties, which say when a value is known.

`Static[T]` is evaluated once, when the object is built; `Runtime[T]` and `Condition` are compiled then and evaluated
for each exchange; `Ref[T]` stands for another object. `Duration`, `SecretId`, `Url`, `Pattern` are static texts with a
form of their own. Each works in pydantic declarations, and finds the load in progress in the validation context.
Follows the documented page "Field value conventions" (config-files.yaml).
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from enum import Enum, StrEnum
from typing import Annotated, Any, Generic, TypeAlias, TypeVar, get_args, get_origin

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from config.codes import DROPPED_LITERAL, INVALID_VALUE, TEXT_FOR_LITERAL, WRONG_TYPE
from config.duration import parse_duration
from config.loading import Loading, Side
from config.problem import closest, null, one_of, problem, unknown
from config.values import Unknown
from expr import EvaluationError, LValue, Reads, Template, types
from expr.diagnostic import DiagnosticError

T = TypeVar("T")
log = logging.getLogger("gatewright.expression")
Next = core_schema.ValidatorFunctionWrapHandler
Info = core_schema.ValidationInfo

EXPECTED: dict[Any, types.Type] = {
    str: types.STRING,
    bool: types.BOOLEAN,
    int: types.NUMBER,
    float: types.NUMBER,
    list: types.LIST,
    dict: types.MAP,
}
"""Type of result that an expression has to give for a Python type; anything else is open."""
EXPECTS = "gatewright_expects"
"""Where a core schema says what is expected, for the JSON Schema."""

_NOUNS = {str: "a string", bool: "a boolean", int: "an integer", float: "a number", list: "an array", dict: "an object"}
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def is_expression(value: object) -> bool:
    """Does a string hold an expression? Only then is it worth compiling."""
    return isinstance(value, str) and ("${" in value or "#{" in value)


def kind_of(value: object) -> str:
    """What a JSON value is, in the words of JSON, for messages."""
    for python, noun in _NOUNS.items():
        if type(value) is python or (python in (str, list, dict) and isinstance(value, python)):
            return noun
    return "null" if value is None else "a value"


def accepts(expects: types.Type, value: object) -> bool:
    """Is a JSON literal a value of an expression type?"""
    if value is None or expects is types.ANY:
        return True
    python = next((p for p, t in EXPECTED.items() if t is expects.family), None)
    if expects.family is types.NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return python is not None and isinstance(value, python)


def needs_preparation(reads: Reads) -> bool:
    """Does an expression read what may not be there yet: an entity, or a session?"""
    return reads.request_entity or reads.response_entity or reads.session


def expected(annotation: object) -> types.Type:
    """The expression type for a Python annotation."""
    if get_origin(annotation) is Annotated:
        return expected(get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return types.STRING
    return EXPECTED.get(get_origin(annotation) or annotation, types.ANY)


# --------------------------------------------------------------------------------------------------- static values


class _Static:
    """Evaluates a configuration expression, then reads its value as the annotated type."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        expects = expected(source)
        read = _reader(source)

        def validate(value: object, inner: Next, info: Info) -> object:
            if isinstance(value, Unknown):
                raise unknown()
            loading: Loading = info.context  # type: ignore[assignment]
            if is_expression(value):
                value = loading.evaluate(value, expects)  # type: ignore[arg-type]
                if value is None:
                    raise null(loading)
            return inner(read(value, loading))

        is_enumeration = isinstance(source, type) and issubclass(source, StrEnum)
        names = [member.value for member in source] if is_enumeration else []
        return core_schema.with_info_wrap_validator_function(validate, handler(source), metadata={EXPECTS: names})

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        from config.emit.fragments import static

        names = schema.get("metadata", {}).get(EXPECTS)
        return static({"enum": names} if names else handler(schema))


Static: TypeAlias = Annotated[T, _Static()]
"""A configuration expression: evaluated once, when the object is built. Only `env`, `system`, tokens, heap properties
and functions are in scope. A literal of the type stands for itself."""


def _reader(annotation: Any) -> Callable[[object, Loading], object]:
    """What turns a JSON value into a value of the type, beyond what pydantic does."""
    if isinstance(annotation, type):
        if issubclass(annotation, StrEnum):
            return lambda value, _: _member(annotation, value)
        if annotation in (bool, int, float):
            return lambda value, loading: _literal(annotation, value, loading)
    return lambda value, _: value


def _member(enumeration: type[StrEnum], value: object) -> StrEnum:
    """The member that a text names; case is ignored, as the documentation has it."""
    if isinstance(value, str):
        for member in enumeration:
            if member.value.lower() == value.lower():
                return member
        names = [m.value for m in enumeration]
        raise problem(
            INVALID_VALUE, f'"{value}" is not a value of this property', closest(value, names) or one_of(names)
        )
    raise problem(WRONG_TYPE, f"expected a string, found {kind_of(value)}", one_of(m.value for m in enumeration))


def _literal(wanted: type, value: object, loading: Loading) -> object:
    """A number or boolean; text that is exactly one is accepted with advice (documentation up to 2025 shows it)."""
    fits = type(value) is wanted or (wanted is float and type(value) is int)
    if fits:
        return value
    if wanted is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        converted = _from_text(wanted, value)
        if converted is not None:
            transformation = "$bool" if wanted is bool else "$int" if wanted is int else "$number"
            advice = f'write {value.lower()} without quotes, or {{"{transformation}": "&{{token}}"}} for a token'
            spelt = json.dumps(converted)
            loading.advise(TEXT_FOR_LITERAL, f'the text "{value}" stands for {_NOUNS[wanted]}', value, advice, spelt)
            return converted
    hint = ""
    if is_expression(value) or isinstance(value, str):
        hint = "write the value without quotes" if wanted is not bool else "write true or false without quotes"
    raise problem(WRONG_TYPE, f"expected {_NOUNS[wanted]}, found {kind_of(value)}", hint)


def _from_text(wanted: type, text: str) -> object:
    if wanted is bool:
        return {"true": True, "false": False}.get(text.lower())
    if wanted is int:
        return int(text) if _INTEGER.fullmatch(text) else None
    return float(text) if _NUMBER.fullmatch(text) else None


class _Parsed:
    """A static text with a form of its own: evaluated as a configuration expression, then parsed."""

    def __init__(self, parse: Callable[[str], object], noun: str, word: str) -> None:
        self.parse = parse
        self.noun = noun
        self.word = word

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def validate(value: object, info: Info) -> object:
            if isinstance(value, Unknown):
                raise unknown()
            loading: Loading = info.context  # type: ignore[assignment]
            if is_expression(value):
                value = loading.evaluate(value, types.STRING)  # type: ignore[arg-type]
                if value is None:
                    raise null(loading)
            if not isinstance(value, str):
                raise problem(WRONG_TYPE, f"expected {self.noun}, found {kind_of(value)}")
            try:
                return self.parse(value)
            except DiagnosticError as error:
                first = error.diagnostics[0]
                raise problem(first.code, first.message, first.help, first.span) from None
            except ValueError as error:
                raise problem(INVALID_VALUE, f'"{value}" is not {self.noun}', str(error)) from None

        return core_schema.with_info_plain_validator_function(validate)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        from config.emit.fragments import parsed

        return parsed(self.word)


def _secret_id(text: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*", text) is None:
        raise ValueError("use letters, digits, hyphens, underscores, and dots between them")
    return text


def _url(text: str) -> str:
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s]+", text) is None or re.search(r"\s", text):
        raise ValueError("write an absolute URL, such as https://am.example.com:8443/am")
    return text


def _pattern(text: str) -> Any:
    from expr.java_pattern import PatternError  # few configurations need the regex engine
    from expr.java_regex import check_pattern

    try:
        return check_pattern(text)
    except PatternError as error:
        raise ValueError(error.reason) from None


Duration: TypeAlias = Annotated[float, _Parsed(parse_duration, 'a duration such as "10 seconds"', "duration")]
"""A lapse of time, in seconds; `math.inf` is no limit, 0.0 is zero or disabled."""
SecretId: TypeAlias = Annotated[str, _Parsed(_secret_id, "a secret id", "secret-id")]
"""The label of a secret, asked from a secrets provider."""
Url: TypeAlias = Annotated[str, _Parsed(_url, "an absolute URL", "url")]
"""An absolute URL."""
Pattern: TypeAlias = Annotated[Any, _Parsed(_pattern, "a regular expression", "pattern")]
"""A compiled regular expression of Java's dialect (`expr.java_regex`)."""


class FormerlySeconds:
    """Annotation of a duration that was a plain number of seconds once; a number is refused with what to write."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        def validate(value: object, inner: Next) -> object:
            if isinstance(value, int) and not isinstance(value, bool):
                instead = f'"{value} seconds"' if value > 0 else '"disabled"'
                message = "a plain number of seconds is no duration any more (since 2026.3)"
                raise problem(WRONG_TYPE, message, f"write {instead}", instead=instead)
            return inner(value)

        return core_schema.no_info_wrap_validator_function(validate, handler(source))


class _OneOrMore:
    """Accepts a single value where an array is documented."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(
            lambda value: value if isinstance(value, list) or value is None else [value],
            handler(source),
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        from config.emit.fragments import one_or_more

        return one_or_more(handler(schema)["items"])


OneOrMore: TypeAlias = Annotated[list[T], _OneOrMore()]
"""An array, or one element alone."""


# --------------------------------------------------------------------------------------------------- runtime values


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


# ------------------------------------------------------------------------------------------------------ references


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
