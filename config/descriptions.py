"""What each property is for, read from the strings behind the fields of a declaration.

Those who explain types need them, and nobody else: reading sources costs more than all else that a start does.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache

from config.declaration import Properties


@cache
def descriptions(cls: type[Properties]) -> dict[str, str]:
    """The property names of a class, those it inherits included, with their sentences; empty for one without."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if isinstance(base, type) and issubclass(base, Properties):
            found.update(_written_in(base))
    named = {name: field.alias or name for name, field in cls.model_fields.items()}
    given = {name: field.description for name, field in cls.model_fields.items() if field.description}
    return {alias: given.get(name, found.get(name, "")) for name, alias in named.items()}


def _written_in(cls: type) -> dict[str, str]:
    try:
        source = textwrap.dedent(inspect.getsource(cls))
    except (OSError, TypeError):  # a class made at run time, or shipped without its source
        return {}
    body = ast.parse(source).body[0]
    found: dict[str, str] = {}
    field = ""
    for statement in body.body if isinstance(body, ast.ClassDef) else ():
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            field = statement.target.id
            continue
        if field and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            found[field] = inspect.cleandoc(str(statement.value.value))
        field = ""
    return found
