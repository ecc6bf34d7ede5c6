"""What Cython must know about a module to compile it well, read from the module itself.

A compiled module is ordinary Python, and runs as such where no compiler is. Cython takes types from a `.pxd` file,
which would say everything a second time; so that file is made of the module's syntax tree:

- A class with `__slots__` and no keywords, whose bases are such classes too, becomes an extension type: an attribute
  is then a place in a structure, and making an object a single allocation.
- An attribute, parameter or variable has a type where its annotation names an extension type, or `bytes`, of which
  nobody makes subclasses; a `str` may still be of a subclass, as in Python. The other annotations are left out.
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
class Compiled:
    """What Cython is given of a module."""

    source: str
    declarations: str
    """The content of the `.pxd` file."""


@dataclass
class Module:
    """A module to be compiled."""

    name: str
    text: str
    tree: ast.Module
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    """Its extension types."""
    functions: dict[str, Function] = field(default_factory=dict)
    """Its functions that are called directly."""
    names: dict[str, tuple[Module, str]] = field(default_factory=dict)
    """What it can name of all this: its own, and what it imports."""

    @classmethod
    def read(cls, root: Path, name: str) -> Module:
        path = root.joinpath(*name.split(".")).with_suffix(".py")
        text = path.read_text(encoding="utf-8")
        return cls(name, text, ast.parse(text, str(path)))


def prepared(root: Path, names: Iterable[str]) -> dict[str, Compiled]:
    """What Cython is given of each module, by the module's dotted name."""
    modules = {name: Module.read(root, name) for name in names}
    for module in modules.values():
        module.names = dict(_imports(module, modules))
        module.functions = {function.name: function for function in _functions(module.tree.body)}
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef) and not node.keywords and _slots(node) is not None:
                # Whether bases are extension types themselves is decided below, when all candidates are known.
                module.classes[node.name] = node
                module.names[node.name] = (module, node.name)
    while any(_drop_other_classes(module) for module in modules.values()):
        pass
    return {name: Compiled(_source(module), _declare(module)) for name, module in modules.items()}


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
        members += [_signature(module, method) for method in _methods(node)]
        lines += [f"    {member}" for member in members] or ["    pass"]
    lines += [_signature(module, function) for function in module.functions.values()]
    imports = [
        f"from {owner.name} cimport {name}" + (f" as {local}" if local != name else "")
        for local, (owner, name) in sorted(module.names.items())
        if owner is not module and (name in owner.classes or name in owner.functions)
    ]
    return "\n".join([*imports, *lines]) + "\n"


def _attribute(slot: str, kind: str | None) -> str:
    return f"cdef object {slot}" if slot.startswith("__") else f"cdef public {kind or 'object'} {slot}"


def _attribute_types(module: Module, node: ast.ClassDef) -> dict[str, str | None]:
    """The extension types of attributes; None for those that are annotated otherwise.

    An annotation in the class or where the attribute is set counts most; without one, the parameter or the constructor
    of which the attribute is set.
    """
    annotated: dict[str, str | None] = {}
    implied: dict[str, str | None] = {}
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            annotated[statement.target.id] = _type(module, statement.annotation)
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            parameters = {argument.arg: _type(module, argument.annotation) for argument in _arguments(statement)}
            for inner in ast.walk(statement):
                if isinstance(inner, ast.AnnAssign) and (name := _of_self(inner.target)):
                    annotated[name] = _type(module, inner.annotation)
                elif isinstance(inner, ast.Assign):
                    for place, value in _assignments(inner):
                        if name := _of_self(place):
                            _note(implied, name, _implied(module, value, parameters))
    return implied | annotated


def _note(found: dict[str, str | None], name: str, kind: str | None) -> None:
    """Keep the type of the first assignment that implies one."""
    if found.get(name) is None:
        found[name] = kind


def _implied(module: Module, value: ast.expr, parameters: Mapping[str, str | None]) -> str | None:
    if isinstance(value, ast.Name):
        return parameters.get(value.id)
    return _extension(module, value.func) if isinstance(value, ast.Call) else None


def _assignments(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    for target in node.targets:
        yield from _pairs(target, node.value)


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=False)
    else:
        yield target, value


def _of_self(node: ast.expr) -> str | None:
    """The name of an attribute of `self`; None for anything else."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        return node.attr
    return None


def _type(module: Module, annotation: ast.expr | None) -> str | None:
    """The extension type, or `bytes`, that an annotation names, alone or beside None."""
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        sides = [side for side in (annotation.left, annotation.right) if ast.unparse(side) != "None"]
        return _type(module, sides[0]) if len(sides) == 1 else None
    if isinstance(annotation, ast.Name) and annotation.id == "bytes":
        return "bytes"
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


def _methods(node: ast.ClassDef) -> Iterator[Function]:
    """Methods of an extension type that can be called directly; Cython has its own ways to call the special ones."""
    return (method for method in _functions(node.body) if not method.name.startswith("__"))


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


def _source(module: Module) -> str:
    """The text of a module, line by line, with the annotations that mean something to Cython and no others."""
    lines = [bytearray(line) for line in module.text.encode().split(b"\n")]
    for change in sorted(_changes(module, lines), key=lambda change: change.start, reverse=True):
        change.apply(lines)
    return b"\n".join(lines).decode()


@dataclass
class Change:
    """What stands between two places, as line and column in bytes, is replaced; the lines stay as many."""

    start: tuple[int, int]
    end: tuple[int, int]
    by: bytes = b""

    def apply(self, lines: list[bytearray]) -> None:
        (first, left), (last, right) = self.start, self.end
        if first == last:
            lines[first - 1][left:right] = self.by
            return
        lines[first - 1][left:] = self.by
        for number in range(first + 1, last):
            lines[number - 1][:] = b""
        lines[last - 1][:right] = b""


def _changes(module: Module, lines: list[bytearray]) -> Iterator[Change]:
    declared, kept = set(map(id, _declared(module))), set(map(id, _fields(module)))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for argument in _arguments(node):
                if argument.annotation:
                    kind = None if id(node) in declared else _type(module, argument.annotation)
                    # Alone it would refuse None, with which tests call what does not look at an argument.
                    by = b": %b | None" % kind.encode() if kind else b""
                    yield Change((argument.lineno, argument.col_offset + len(argument.arg)), _end(argument), by)
            if node.returns:
                line, column = node.returns.lineno, node.returns.col_offset
                yield Change((line, lines[line - 1].rindex(b" ->", 0, column)), _end(node.returns))
        elif isinstance(node, ast.AnnAssign) and id(node) not in kept:
            if node.value is None:
                yield Change((node.lineno, node.col_offset), _end(node), b"pass")
            elif not isinstance(node.target, ast.Name) or _type(module, node.annotation) is None:
                yield Change(_end(node.target), _end(node.annotation))


def _declared(module: Module) -> Iterator[Function]:
    """The functions whose parameters have their types in the declarations."""
    yield from module.functions.values()
    for node in module.classes.values():
        yield from _methods(node)


def _fields(module: Module) -> Iterator[ast.stmt]:
    """What stands in the bodies of classes that remain Python's: the annotations there are read, by dataclasses say."""
    ours = set(map(id, module.classes.values()))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef) and id(node) not in ours:
            yield from node.body


def _end(node: ast.expr | ast.arg | ast.stmt) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0
