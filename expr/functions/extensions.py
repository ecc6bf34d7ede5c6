"""Functions of Gatewright's own, which PingGateway does not have."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from expr.errors import EvaluationError
from expr.functions import Function, Parameter
from expr.types import ANY, STRING
from expr.values import as_json


@lru_cache(maxsize=256)
def _compiled(query: str) -> Any:
    import jmespath

    try:
        return jmespath.compile(query)
    except (jmespath.exceptions.JMESPathError, RecursionError) as error:
        raise EvaluationError(f"invalid JMESPath query: {str(error).splitlines()[0]}") from error


def _prepared(query: str) -> Callable[[Any], Any]:
    compiled = _compiled(query)

    def search(value: Any) -> Any:
        try:
            return as_json(compiled.search(value))
        except Exception as error:
            raise EvaluationError(f"the JMESPath query failed: {type(error).__name__}") from error

    return search


def _jmespath(value: Any, query: str | None) -> Any:
    return None if value is None or query is None else _prepared(query)(value)


FUNCTIONS = (
    Function(
        "jmespath",
        "Result of a JMESPath query on a JSON structure or a map.",
        (Parameter("value", ANY), Parameter("query", STRING, "a JMESPath query")),
        ANY,
        _jmespath,
        (
            ('jmespath(toJson(\'{"a": [{"b": 1}, {"b": 2}]}\'), \'a[].b\')[1]', 2),
            ("jmespath(toJson('{\"a\": 1}'), 'a')", 1),
            ("jmespath(null, 'a')", None),
        ),
        extension=True,
        prepared=_prepared,
    ),
)
