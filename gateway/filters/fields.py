"""Header and form fields that a configuration gives as expressions: name -> values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from config.types import Runtime
from gateway.errors import ExchangeError
from gateway.http.headers import Headers

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request

Expressions = Sequence[Any]
"""Runtime expressions of the values of one field."""


async def values_of(expressions: Expressions, *exchange: Any) -> list[str]:
    """The values of one field: null and what is no text are left out, each text of a list is a value."""
    values: list[str] = []
    for expression in expressions:
        value = expression.now(*exchange) if expression.immediate else await expression(*exchange)
        if isinstance(value, str):
            values.append(value)
        elif value is not None:
            values.extend(_texts(value))
    return values


def values_now(expressions: Expressions, *exchange: Any) -> list[str]:
    """As `values_of`, for expressions that wait for nothing."""
    values: list[str] = []
    for expression in expressions:
        value = expression.now(*exchange)
        if isinstance(value, str):
            values.append(value)
        elif value is not None:
            values.extend(_texts(value))
    return values


def fixed_values(expressions: Expressions) -> list[str] | None:
    """The values of a field that are the same for each exchange, None when one of them is not."""
    if not all(expression.constant for expression in expressions):
        return None
    return [text for expression in expressions for text in _texts(_value(expression))]


def _value(expression: Any) -> Any:
    return expression.template() if isinstance(expression, Runtime) else expression.value


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []


async def headers_of(fields: Mapping[str, Expressions], context: Context, request: Request) -> Headers:
    """New headers from a configuration."""
    headers = Headers()
    for name, expressions in fields.items():
        put(headers, name, await values_of(expressions, context, request))
    return headers


def put(headers: Headers, name: str, values: Iterable[str]) -> None:
    """Append values to a field; a value that would break the message fails the exchange."""
    try:
        for value in values:
            headers.add(name, value)
    except ValueError as error:
        raise ExchangeError(str(error)) from None


def bad_names(property_name: str, names: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Names that cannot be those of header fields, as `verify` reports them."""
    for name in names:
        try:
            Headers().set(name, None)
        except ValueError:
            yield property_name, f'"{name}" is no name of a header field', "use letters, digits and hyphens"
