"""Header and form fields that a configuration gives as expressions: name -> values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gateway.errors import ExchangeError
from gateway.http.headers import Headers

if TYPE_CHECKING:
    from gateway.http.context import Context
    from gateway.http.message import Request

Expressions = Sequence[Any]
"""Runtime expressions of the values of one field."""


async def values_of(expressions: Expressions, *exchange: Any) -> list[str]:
    """The values of one field: null and what is no text are left out, each text of a list is a value."""
    values = []
    for expression in expressions:
        value = await expression(*exchange)
        if isinstance(value, str):
            values.append(value)
        elif isinstance(value, list | tuple):
            values.extend(item for item in value if isinstance(item, str))
    return values


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
