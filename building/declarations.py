"""What Cython must know about a module to compile it well, read from the module itself.

A compiled module is ordinary Python, and runs as such where no compiler is. Cython takes types from a `.pxd` file,
which would say everything a second time; so that file is made of the module's syntax tree:

- A class with `__slots__` and no keywords, whose bases are such classes too, becomes an extension type: an attribute
  is then a place in a structure, and making an object a single allocation.
- An attribute or a parameter has a type where its annotation names an extension type, and no other: a `str` may still
  be of a subclass, as in Python.
- A method or function that takes its arguments by position is called directly by other compiled modules.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Function = ast.FunctionDef
_CLOSURES = (ast.Lambda, ast.GeneratorExp, ast.Yield, ast.YieldFrom, ast.AsyncFunctionDef)
"""What Cython cannot have inside a function that is called directly."""


@dataclass
class Module:
    """A module to be compiled."""

    name: str
    tree: ast.Module
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    """Its extension types."""
    names: dict[str, tuple[Module, str]] = field(default_factory=dict)
    """The extension types that it can name: its own, and those that it imports."""

    @classmethod
    def read(cls, root: Path, name: str) -> Module:
        path = root.joinpath(*name.split(".")).with_suffix(".py")
        return cls(name, ast.parse(path.read_text(encoding="utf-8"), str(path)))


def declarations(root: Path, names: Iterable[str]) -> dict[str, str]:
    """The text of the `.pxd` file of each module, by the module's dotted name."""
    modules = {name: Module.read(root, name) for name in names}
    for module in modules.values():
        module.names = dict(_imports(module, modules))
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and not node.keywords and _slots(node) is not None:
                # Whether bases are extension types themselves is decided below, when all candidates are known.
                module.classes[node.name] = node
                module.names[node.name] = (module, node.name)
    while any(_drop_other_classes(module) for module in modules.values()):
        pass
    return {name: _declare(module) for name, module in modules.items()}


def _imports(module: Module, modules: Mapping[str, Module]) -> Iterator[tuple[str, tuple[Module, str]]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module in modules:
            for alias in node.names:
                yield alias.asname or alias.name, (modules[node.module], alias.name)


def _drop_other_classes(module: Module) -> bool:
    """Forget classes with a base that is no extension type; true when there were any."""
    foreign = [
        name for name, node in module.classes.items() if not all(_extension(module, base) for base in node.bases)
    ]
    for name in foreign:
        del module.classes[name]
    return bool(foreign)


def _extension(module: Module, node: ast.expr | None) -> str | None:
    """The name of the extension type that an expression names in a module."""
    if isinstance(node, ast.Name) and node.id in module.names:
        owner, name = module.names[node.id]
        return node.id if name in owner.classes else None
    return None


def _slots(node: ast.ClassDef) -> list[str] | None:
    """The names in `__slots__`; None for a class without."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__slots__":
            return list(ast.literal_eval(statement.value))
    return None


def _declare(module: Module) -> str:
    lines: list[str] = []
    for name, node in module.classes.items():
        bases = ", ".join(base.id for base in node.bases if isinstance(base, ast.Name))
        lines += ["", f"cdef class {name}({bases}):" if bases else f"cdef class {name}:"]
        types = _attribute_types(module, node)
        members = [_attribute(slot, types.get(slot)) for slot in _slots(node) or ()]
        members += [_signature(module, method) for method in _functions(node.body) if not method.name.startswith("__")]
        lines += [f"    {member}" for member in members] or ["    pass"]
    lines += [_signature(module, function) for function in _functions(module.tree.body)]
    imports = [
        f"from {owner.name} cimport {name}" + (f" as {local}" if local != name else "")
        for local, (owner, name) in sorted(module.names.items())
        if owner is not module and name in owner.classes
    ]
    return "\n".join([*imports, *lines]) + "\n"


def _attribute(slot: str, kind: str | None) -> str:
    return f"cdef object {slot}" if slot.startswith("__") else f"cdef public {kind or 'object'} {slot}"


def _attribute_types(module: Module, node: ast.ClassDef) -> dict[str, str]:
    """The extension types of attributes: annotated in the class or where they are set, or those of a parameter."""
    found: dict[str, str] = {}
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            _note(found, statement.target.id, _type(module, statement.annotation))
        elif isinstance(statement, Function):
            parameters = {argument.arg: argument.annotation for argument in _arguments(statement)}
            for target, annotation in _settings(statement, parameters):
                _note(found, target, _type(module, annotation))
    return found


def _note(found: dict[str, str], name: str, kind: str | None) -> None:
    if kind is not None:
        found.setdefault(name, kind)


def _settings(method: Function, parameters: Mapping[str, ast.expr | None]) -> Iterator[tuple[str, ast.expr | None]]:
    """Attributes of `self` that a method sets, with the annotation that tells their type."""
    for node in ast.walk(method):
        if isinstance(node, ast.AnnAssign):
            if name := _of_self(node.target):
                yield name, node.annotation
        elif isinstance(node, ast.Assign) and method.name == "__init__":
            for target in node.targets:
                for place, value in _pairs(target, node.value):
                    if (name := _of_self(place)) and isinstance(value, ast.Name):
                        yield name, parameters.get(value.id)


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=False)
    else:
        yield target, value


def _of_self(node: ast.expr) -> str | None:
    owned = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    return node.attr if owned and isinstance(node, ast.Attribute) else None


def _type(module: Module, annotation: ast.expr | None) -> str | None:
    """The extension type that an annotation names, alone or beside None."""
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        sides = [side for side in (annotation.left, annotation.right) if ast.unparse(side) != "None"]
        return _type(module, sides[0]) if len(sides) == 1 else None
    return _extension(module, annotation)


def _functions(body: list[ast.stmt]) -> Iterator[Function]:
    """Functions that can be called directly: plain ones, whose arguments all go by position."""
    for node in body:
        if not isinstance(node, Function) or node.decorator_list:
            continue
        arguments = node.args
        if arguments.kwonlyargs or arguments.vararg or arguments.kwarg:
            continue
        inside = [inner for inner in ast.walk(node) if inner is not node]
        if not any(isinstance(inner, (*_CLOSURES, Function, ast.ClassDef)) for inner in inside):
            yield node


def _arguments(function: Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def _signature(module: Module, function: Function) -> str:
    arguments = _arguments(function)
    optional = len(arguments) - len(function.args.defaults)
    parts = []
    for place, argument in enumerate(arguments):
        kind = None if argument.arg == "self" else _type(module, argument.annotation)
        parts.append((f"{kind} " if kind else "") + argument.arg + ("=*" if place >= optional else ""))
    return f"cpdef {function.name}({', '.join(parts)})"
