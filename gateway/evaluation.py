"""Evaluates templates against a scope given as JSON: what `gatewright eval` answers.

An answer is `{"value": V}`, with `"problem": TEXT` beside a null value when evaluation failed, or
`{"error": {code, message, span}}` when the text does not compile.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from expr import EvaluationError, Template, compile_template, types
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.scope import implicit
from expr.values import text
from gateway.http.bindings import RESPONSE_SIDE
from gateway.http.scope import Scope, scope_from_json

if TYPE_CHECKING:
    from expr.explain import Explanation

TYPES = {
    "any": types.ANY,
    "string": types.STRING,
    "boolean": types.BOOLEAN,
    "number": types.NUMBER,
    "list": types.LIST,
    "map": types.MAP,
}


def answer(template: str, scope: Mapping[str, Any], expects: str = "any") -> dict[str, Any]:
    """The answer for one template and scope; `expects` is a key of TYPES."""
    if expects not in TYPES:
        return invalid(f'there is no type "{expects}"; it is one of {", ".join(TYPES)}')
    try:
        values = scope_from_json(scope)
    except ValueError as error:
        return invalid(str(error))
    with _implicit(values):
        try:
            compiled = _compile(template, values, expects)
        except DiagnosticError as error:
            return {"error": _error(error.diagnostics[0])}
        try:
            value = compiled(*values.arguments(RESPONSE_SIDE))
        except EvaluationError as error:
            return {"value": None, "problem": str(error)}
    return {"value": jsonable(value)}


def explained(template: str, scope: Mapping[str, Any], expects: str = "any") -> str:
    """The tree of a template with the type and value of each part, for people."""
    from expr.explain import explain

    try:
        values = scope_from_json(scope)
        with _implicit(values):
            compiled = _compile(template, values, expects)
            return "\n".join(map(_line, *zip(*explain(compiled, *values.arguments(RESPONSE_SIDE)).walk(), strict=True)))
    except DiagnosticError as error:
        return str(error)
    except ValueError as error:
        return f"error: {error}"


def _line(level: int, part: Explanation) -> str:
    """One part of a template: its text, its type, and what it gave."""
    if part.problem:
        gave = f"null, because {part.problem}"
    elif not part.evaluated:
        gave = "not evaluated"
    else:
        gave = json.dumps(jsonable(part.value), ensure_ascii=False)
    return f"{'  ' * level}{part.text}  : {part.type}  = {gave}"


def invalid(message: str) -> dict[str, Any]:
    """The answer to a question that cannot be understood."""
    return {"error": {"code": "invalid-scope", "message": message, "span": None}}


def _compile(template: str, values: Scope, expects: str) -> Template:
    return compile_template(
        template, environment=RESPONSE_SIDE, expects=TYPES.get(expects, types.ANY), properties=values.properties
    )


def _error(found: Diagnostic) -> dict[str, Any]:
    return {"code": found.code.id, "message": found.message, "span": [found.span.start, found.span.end]}


@contextmanager
def _implicit(values: Scope) -> Iterator[None]:
    """Let `env` and `system` be what the scope says, where it says something."""
    env, system = implicit.env, implicit.system
    if values.env is not None:
        implicit.env = values.env
    if values.system is not None:
        implicit.system = values.system
    try:
        yield
    finally:
        implicit.env, implicit.system = env, system


def jsonable(value: Any) -> Any:
    """A value of an expression as JSON; what JSON does not have is its text."""
    if value is None or isinstance(value, bool | int | str):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, float):
        return value if math.isfinite(value) else text(value)
    if isinstance(value, Mapping):
        return {text(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in value]
    return text(value)
