"""Values that are known when an object is built: configuration expressions, and texts with a form of their own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from config.codes import INVALID_VALUE, TEXT_FOR_LITERAL, WRONG_TYPE
from config.duration import parse_duration
from config.kinds import EXPECTS, NOUNS, expected, is_expression, kind_of
from config.loading import Loading
from config.problem import closest, null, one_of, problem, unknown
from config.values import Unknown
from expr import types
from expr.diagnostic import DiagnosticError

T = TypeVar("T")
Next = core_schema.ValidatorFunctionWrapHandler
Info = core_schema.ValidationInfo

_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


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
            loading.advise(TEXT_FOR_LITERAL, f'the text "{value}" stands for {NOUNS[wanted]}', value, advice, spelt)
            return converted
    hint = ""
    if is_expression(value) or isinstance(value, str):
        hint = "write the value without quotes" if wanted is not bool else "write true or false without quotes"
    raise problem(WRONG_TYPE, f"expected {NOUNS[wanted]}, found {kind_of(value)}", hint)


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
