"""Turns a checked tree into the source of one Python function, and that into the function.

Each node becomes one line that assigns a local name, so that code is as flat as expressions are long; only branches are
indented. Plain kinds of values take a shortcut inline, everything else the general operator. This is the only place
that runs `exec`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from expr import access, coerce, compile_operators, operators, tree
from expr.check import Checker
from expr.check_paths import find_property, host_of, overloaded
from expr.compile_operators import ARITHMETIC, ORDER
from expr.errors import EvaluationError
from expr.functions import Function, functions
from expr.host import Method, Property, reader
from expr.instants import Instant
from expr.known import Known
from expr.methods import strings, table_for
from expr.scope import IMPLICIT, implicit
from expr.types import (
    ANY,
    BOOLEAN,
    NULL,
    PATTERN,
    STRING,
    ListType,
    MapType,
    Type,
)
from expr.values import Array, text

Observer = Callable[[int, Any], None]


def _failed(error: Exception) -> EvaluationError:
    return EvaluationError(f"evaluation failed: {type(error).__name__}")


def _frozen(value: Any) -> Any:
    """A constant as methods may see it that could change it."""
    if isinstance(value, dict):
        return MappingProxyType(value)
    return tuple(value) if value.__class__ is not Array and isinstance(value, list) else value


_RUNTIME: dict[str, Any] = {
    "__builtins__": {},
    "Exception": Exception,
    "EvaluationError": EvaluationError,
    "dict": dict,
    "list": list,
    "str": str,
    "int": int,
    "bool": bool,
    "failed": _failed,
    "get": access.get,
    "call": access.call,
    "frozen": _frozen,
    "text": text,
    "coerce": coerce.coerce,
    "to_boolean": coerce.to_boolean,
    "to_long": coerce.to_long,
    "is_empty": operators.is_empty,
    "negate": operators.negate,
    "equal": operators.equal,
    "not_equal": operators.not_equal,
    "implicit": implicit,
    "read_now": Instant.now,
    **{name: getattr(operators, name) for name in (*ARITHMETIC.values(), *ORDER.values())},
}
"""All that compiled code can name, beside its parameters and its own constants."""


class Emitter:
    """Writes the function of one template."""

    def __init__(self, checker: Checker, observer: Observer | None = None) -> None:
        self.checker = checker
        self.known = checker.known
        self.observer = observer
        self.lines: list[str] = []
        self.indent = 3
        self.pool: dict[str, Any] = {}
        self.temporaries = 0
        self.uses_now = False
        self.nodes: list[tree.Node] = []

    def line(self, code: str) -> None:
        self.lines.append(" " * self.indent + code)

    def assign(self, code: str) -> str:
        """A new local name with the value of some code."""
        name = self.fresh()
        self.line(f"{name} = {code}")
        return name

    def fresh(self) -> str:
        self.temporaries += 1
        return f"_{self.temporaries}"

    def constant(self, value: Any) -> str:
        """The name or literal of a value that never changes."""
        if value is None or value is True or value is False or value.__class__ in (str, int):
            code = repr(value)
            if len(code) < 200:
                return f"({code})" if value.__class__ is int else code
        name = f"k{len(self.pool)}"
        self.pool[name] = value
        return name

    def emit(self, node: tree.Node) -> str:
        """Write a node; returns the name or literal of its value."""
        known = self.known[id(node)]
        code = self.constant(known.value) if known.constant else _EMITTERS[node.__class__](self, node)
        return self.observed(node, code)

    def observed(self, node: tree.Node, code: str) -> str:
        if self.observer is not None:
            self.nodes.append(node)
            self.line(f"observe({len(self.nodes) - 1}, {code})")
        return code

    def type_of(self, node: tree.Node) -> Type:
        return self.known[id(node)].type

    def is_literal(self, node: tree.Node) -> bool:
        return self.known[id(node)].constant

    # names and paths

    def identifier(self, node: tree.Identifier) -> str:
        if node.name == "now":
            self.uses_now = True
            self.line("if now is None: now = read_now()")
            return "now"
        name = IMPLICIT.get(node.name) or self.checker.environment.names.get(node.name)
        if name is None:
            return "None"  # a property of which only the type is known
        return name.source if name.source.isidentifier() else self.assign(name.source)

    def path(self, node: tree.Path) -> str:
        return self.steps(node, node.steps)

    def steps(self, node: tree.Path, steps: tuple[tree.Step, ...]) -> str:
        """Write a path up to a step; what is constant at its beginning is not written."""
        base, known = "", self.known[id(node.base)]
        shortcut = self._shortcut(node, steps)
        if not shortcut and (not known.constant or not steps or not self.known[id(steps[0])].constant):
            base = self.emit(node.base)
        for index, step in enumerate(steps):
            here = self.known[id(step)]
            if shortcut and not index:
                base, known = self.assign(shortcut), here
                continue
            if here.constant:
                later = index + 1 < len(steps) and self.known[id(steps[index + 1])].constant
                base = "" if later else self.constant(here.value)
            elif isinstance(step, tree.Method):
                base = self.method(step, base, known)
            else:
                base = self.property(step, base, known)
            known = here
            if base:
                self.observed(step, base)
        return base

    def _shortcut(self, node: tree.Path, steps: tuple[tree.Step, ...]) -> str:
        if self.observer is not None or not steps or not isinstance(node.base, tree.Identifier):
            return ""
        found = self.checker.environment.names.get(node.base.name)
        key = self.known[id(steps[0].key)].value
        if found is None or not found.item or not isinstance(key, str) or isinstance(steps[0], tree.Method):
            return ""
        return "" if node.base.name in IMPLICIT else found.item.format(repr(found.aliases.get(key, key)))

    def property(self, step: tree.Step, base: str, known: Known) -> str:
        if not self.is_literal(step.key):
            return self.assign(f"get({base}, {self.emit(step.key)})")
        key = self.known[id(step.key)].value
        entry = find_property(known.type, key)
        if entry is not None:
            return self.published(base, entry)
        published = host_of(known.type)
        code = self.constant(key)
        if published is not None and published.item is not None:
            return self.assign(f"None if {base} is None else {self.constant(published.item)}({base}, {code})")
        if isinstance(known.type, ListType) and key == 0 and key.__class__ is int:
            return self.assign(f"{base}[0] if {base}.__class__ is list and {base} else get({base}, 0)")
        if key.__class__ is str and (known.type is ANY or isinstance(known.type, MapType)):
            return self.assign(f"{base}.get({code}) if {base}.__class__ is dict else get({base}, {code})")
        return self.assign(f"get({base}, {code})")

    def name(self, code: str) -> str:
        """A name for a value: Python warns of a literal that is compared with None."""
        return code if code.isidentifier() and code not in ("None", "True", "False") else self.assign(code)

    def published(self, base: str, entry: Property) -> str:
        if isinstance(entry.get, str) and entry.get.replace(".", "_").isidentifier():
            return self.assign(f"None if {base} is None else {base}.{entry.get}")
        return self.assign(f"None if {base} is None else {self.constant(reader(entry))}({base})")

    def method(self, step: tree.Method, base: str, known: Known) -> str:
        base = self.name(base)
        result = self.fresh()
        self.line(f"{result} = None")
        self.line(f"if {base} is not None:")
        self.indent += 1
        table = table_for(known.type)
        name = self.known[id(step.key)].value if self.is_literal(step.key) else None
        methods = table.get(name, ()) if table is not None and isinstance(name, str) else ()
        count = len(step.arguments)
        method = next((method for method in methods if len(method.parameters) == count), None)
        if known.constant and (method is None or method.mutates):
            base = self.assign(f"frozen({base})")
        codes = [self.emit(argument) for argument in step.arguments]
        if method is None or overloaded(methods, count) or known.constant:
            self._dynamic(step, base, result, codes)
        else:
            self._static(step, method, [result, base, *codes])
        self.indent -= 1
        return result

    def _static(self, step: tree.Method, method: Method, codes: list[str]) -> None:
        result, base, *arguments = codes
        wanted = zip(step.arguments, arguments, method.parameters, strict=True)
        coerced = [self.coerced(node, code, kind) for node, code, kind in wanted]
        self.line(f"{result} = {self.constant(method.call)}({', '.join([base, *coerced])})")

    def _dynamic(self, step: tree.Method, base: str, result: str, codes: list[str]) -> None:
        name = self.known[id(step.key)].value
        methods = strings.METHODS.get(name, ()) if isinstance(name, str) else ()
        fitting = [method for method in methods if len(method.parameters) == len(codes)]
        key = self.emit(step.key)
        if len(fitting) == 1:
            # What nothing is known of is a string most of the time.
            self.line(f"if {base}.__class__ is str:")
            self.indent += 1
            self._static(step, fitting[0], [result, base, *codes])
            self.indent -= 1
            self.line("else:")
            self.line(f" {result} = call({base}, {key}, ({''.join(f'{code}, ' for code in codes)}))")
        else:
            self.line(f"{result} = call({base}, {key}, ({''.join(f'{code}, ' for code in codes)}))")

    # calls

    def argument(self, node: tree.Node, wanted: Type) -> str:
        """Write an argument, coerced to the type of its parameter."""
        return self.coerced(node, self.emit(node), wanted)

    def coerced(self, node: tree.Node, code: str, wanted: Type) -> str:
        """Write the conversion of an argument that is there."""
        kind = self.type_of(node)
        if self.is_literal(node):
            try:
                return self.constant(coerce.coerce(self.known[id(node)].value, wanted))
            except EvaluationError:
                return self.assign(f"coerce({code}, {self.constant(wanted)})")
        if wanted is ANY or (wanted in (STRING, PATTERN) and kind is STRING):
            return code
        if wanted in (STRING, PATTERN):
            return self.assign(f"{code} if {code}.__class__ is str or {code} is None else text({code})")
        return self.assign(f"coerce({code}, {self.constant(wanted)})")

    def call(self, node: tree.Call) -> str:
        function = functions()[node.name]
        prepared = self._prepared(function, node)
        if prepared is not None:
            first = self.name(self.argument(node.arguments[0], function.parameters[0].type))
            null = self.constant(function.null)
            return self.assign(f"{null} if {first} is None else {self.constant(prepared)}({first})")
        codes = [self.argument(a, function.parameter(i).type) for i, a in enumerate(node.arguments)]
        return self.assign(f"{self.constant(function.call)}({', '.join(codes)})")

    def _prepared(self, function: Function, node: tree.Call) -> Callable[[Any], Any] | None:
        last = self.known[id(node.arguments[-1])].value if node.arguments else None
        if function.prepared is None or not isinstance(last, str):
            return None
        try:
            return function.prepared(last)
        except EvaluationError:
            return None  # the call itself says what a bad pattern gives

    # the function

    def function(self, parameters: tuple[str, ...]) -> Callable[..., Any]:
        """The function with what is written so far as its body."""
        outer = ", ".join(self.pool)
        body = [f"def make({outer}):", f" def evaluate({', '.join(parameters)}):"]
        body += ["  now = None"] if self.uses_now else []
        body += [
            "  try:",
            *self.lines,
            "  except EvaluationError: raise",
            "  except Exception as error: raise failed(error) from error",
            " return evaluate",
        ]
        namespace: dict[str, Any] = {}
        runtime = _RUNTIME if self.observer is None else {**_RUNTIME, "observe": self.observer}
        exec(compile("\n".join(body), "<expression>", "exec"), runtime, namespace)  # noqa: S102
        made: Callable[..., Any] = namespace["make"](*self.pool.values())
        return made


_EMITTERS: dict[type, Callable[[Emitter, Any], str]] = {
    tree.Identifier: Emitter.identifier,
    tree.Path: Emitter.path,
    tree.Call: Emitter.call,
    tree.Unary: compile_operators.unary,
    tree.Conjunction: compile_operators.logic,
    tree.Disjunction: compile_operators.logic,
    tree.Choice: compile_operators.choice,
    tree.Sum: compile_operators.arithmetic,
    tree.Product: compile_operators.arithmetic,
    tree.Comparison: compile_operators.comparison,
    tree.Equality: compile_operators.equality,
}


def write_template(
    emitter: Emitter, parts: list[str | tree.Node], expects: Type, mismatch: Callable[[Any], Any]
) -> None:
    """Write the body for a template: the value of its one expression, or its parts as text."""
    if len(parts) > 1 or isinstance(parts[0], str):
        codes = []
        for part in parts:
            if isinstance(part, str):
                codes.append(emitter.constant(part))
                continue
            code = emitter.emit(part)
            plain = f"{code} if {code}.__class__ is str else text({code})"
            codes.append(
                emitter.constant(text(emitter.known[id(part)].value)) if emitter.is_literal(part) else f"({plain})"
            )
        joined = f"{emitter.constant('')}.join(({', '.join(codes)}))" if len(codes) > 4 else " + ".join(codes)
        # Text is never what another kind of property needs.
        emitter.line(
            f"return {joined}" if expects in (ANY, STRING) else f"return {emitter.constant(mismatch)}({joined})"
        )
        return
    code, kind = emitter.name(emitter.emit(parts[0])), emitter.type_of(parts[0])
    if expects is ANY or kind is expects or kind is NULL:
        emitter.line(f"return {code}")
        return
    name = {STRING: "str", BOOLEAN: "bool"}.get(expects, "")
    test = f"{code}.__class__ is {name}" if name else "False"
    emitter.line(f"return {code} if {test} or {code} is None else {emitter.constant(mismatch)}({code})")
