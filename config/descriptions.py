"""What each property is for, read from the strings behind the fields of a declaration.

Those who explain types need them, and nobody else: reading sources costs more than all else that a start does.
"""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache

from config.declaration import Properties


@cache
def descriptions(cls: type[Properties]) -> dict[str, str]:
    """The property names of a class, those it inherits included, with their sentences; empty for one without."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if isinstance(base, type) and issubclass(base, Properties):
            found.update(_written_in(base.__module__).get(base.__qualname__, {}))
    named = {name: field.alias or name for name, field in cls.model_fields.items()}
    given = {name: field.description for name, field in cls.model_fields.items() if field.description}
    return {alias: given.get(name, found.get(name, "")) for name, alias in named.items()}


@cache
def _written_in(module: str) -> dict[str, dict[str, str]]:
    """The strings of each class at the top of a module; nothing for one that is shipped without its source."""
    try:
        tree = ast.parse(inspect.getsource(sys.modules[module]))
    except (OSError, TypeError, KeyError):
        return {}
    return {statement.name: _strings(statement) for statement in tree.body if isinstance(statement, ast.ClassDef)}


def _strings(cls: ast.ClassDef) -> dict[str, str]:
    found: dict[str, str] = {}
    field = ""
    for statement in cls.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            field = statement.target.id
            continue
        if field and isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            found[field] = inspect.cleandoc(str(statement.value.value))
        field = ""
    return found
