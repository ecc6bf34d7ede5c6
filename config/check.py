"""The linter's load: the same declarations read by the same code, with nothing built.

References resolve to declarations instead of objects, and every expression and reference is kept with its place, so
that the rules can follow a request through chains and routes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from config.codes import CYCLE
from config.declaration import HeapObject, is_comment
from config.decode import Declared, Unknowable, declared, decode, decode_value, decorations
from config.document import Document
from config.heap import wrong_kind
from config.loading import Side
from config.node import Expression, Node, Reference, Unreadable, stood_for
from config.problem import quoted, reported, unknown
from config.registry import Registry
from config.scope import Scope
from config.types import is_expression
from config.values import Map
from expr import LValue, Template, types
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.source import Source, Span

__all__ = ["Checker", "Expression", "Node", "Reference", "Unreadable"]


class Checker(Scope):
    """One configuration file as the linter reads it."""

    parent: Checker | None

    def __init__(
        self,
        registry: Registry,
        values: Map,
        *,
        parent: Checker | None = None,
        properties: Mapping[str, Any] | None = None,
        name: str = "",
    ) -> None:
        super().__init__(registry, values, parent=parent, properties=properties, name=name)
        self.nodes: dict[str, Node] = {name: Node(item, self) for name, item in self.declared.items()}
        self.root: Node | None = None
        """The file itself: its handler and what else it refers to at the top."""
        self.objects: list[Node] = []
        """Every object of the file, inline ones too, in the order in which they were read."""
        self.used: set[str] = set()
        """Names that stand in this file, for objects of any file, beside those of references: decorators."""
        self._reading: list[Node] = []
        self._stand_ins: list[tuple[tuple[Source, Span], str, Node, type]] = []
        """References to objects that stand for others: their kinds are known once all are read."""

    def check_all(self) -> list[Diagnostic]:
        """Read every declaration of the heap; all that is wrong, and what is worth saying."""
        self.findings.extend(self.errors)
        for node in self.nodes.values():
            self._read(node)
        self._find_cycles()
        return self.findings

    def check_root(self, cls: type[Document]) -> None:
        """Read the properties of the file itself as those of an object of a class."""
        declaration = Declared(self.name, cls.__name__, self.values, lambda: cls)
        self.root = Node(declaration, self, inline=True)
        self._decode(self.root, self.values)
        self._read_decorations(self.root, cls.decorations(self.values), self.values)
        everywhere = self.values.get("globalDecorators")
        if isinstance(everywhere, Map):
            self._read_decorations(self.root, [key for key in everywhere if not is_comment(key)], everywhere)
        self._check_stand_ins()

    def stand_in(self, declaration: object) -> Declared | None:
        if not isinstance(declaration, Map):
            return None
        name, type_name = declaration.get("name"), declaration.get("type")
        return Declared(
            name if isinstance(name, str) else "",
            type_name if isinstance(type_name, str) else "",
            declaration,
            lambda: Unreadable,
            decorations(declaration),
        )

    def _read(self, node: Node) -> None:
        if node.declaration.find_class() is Unreadable:
            self._read_unreadable(node)
        else:
            self._decode(node, node.declaration.config)
        self._read_decorations(node, node.declaration.decorations, node.declaration.values)

    def _read_unreadable(self, node: Node) -> None:
        """Follow what an object refers to as far as its form tells, without knowing its properties."""
        node.incomplete = True
        self.objects.append(node)
        self._reading.append(node)
        self._owners.append(node.declaration)
        try:
            self._look_inside(node, "", node.declaration.config)
        finally:
            self._owners.pop()
            self._reading.pop()

    def _look_inside(self, node: Node, key: str, value: object) -> None:
        if isinstance(value, Map) and isinstance(value.get("type"), str) and self._is_type(value["type"]):
            node.references.append(Reference(key, value, self._inline(value, HeapObject, key), True))
        elif isinstance(value, Map):
            for name, member in value.items():
                self._look_inside(node, name, member)
        elif isinstance(value, list):
            for item in value:
                self._look_inside(node, key, item)
        elif isinstance(value, str) and (found := self.find(value)) is not None:
            node.references.append(Reference(key, value, found[0].nodes[value], False))
        elif is_expression(value):
            self._look_at_expression(str(value), value)

    def _look_at_expression(self, text: str, value: object) -> None:
        """Only what is wrong wherever an expression stands is worth saying here."""
        kept, self.findings = self.findings, []
        try:
            self.compile(value if isinstance(value, str) else text, types.ANY, Side.RESPONSE)
            found = tuple(self.findings)
        except PydanticCustomError as error:
            found = (error.context or {})["problem"].diagnostics
        self.findings = kept + [d for d in found if d.code.stops_load]

    def _is_type(self, name: str) -> bool:
        return self.registry.knows(name) or name in self.registry.documented or name in self.registry.removed

    def _decode(self, node: Node, values: Map) -> None:
        self.objects.append(node)
        self._reading.append(node)
        self._owners.append(node.declaration)
        try:
            node.instance = decode(node.cls, values, self, node.declaration.place)
        except DiagnosticError as error:
            self.findings.extend(error.diagnostics)
        except Unknowable:
            pass
        finally:
            self._owners.pop()
            self._reading.pop()

    def _read_decorations(self, node: Node, keys: list[str], values: Map) -> None:
        self._reading.append(node)
        try:
            for key in keys:
                self.check_decoration(values, key)
        finally:
            self._reading.pop()

    def check_decoration(self, values: Map, key: str) -> None:
        """Read the value of one decoration; a field that names no decorator is worth saying."""
        self.used.add(key)
        found = self.find(key)
        decorator = self.decorator_of(key)
        if decorator is None:
            if found is not None and found[1].cls is Unreadable:
                return
            self.unknown_decoration(values, key)
            return
        try:
            decode_value(decorator.decoration, key, values, self)
        except DiagnosticError as error:
            self.findings.extend(error.diagnostics)
        except Unknowable:
            pass

    # --------------------------------------------------------------------------------------------------- references

    def reference(self, value: object, kind: type, property_name: str) -> Any:
        try:
            target = self._named(value, kind) if isinstance(value, str) else self._inline(value, kind, property_name)
        except DiagnosticError as error:
            if self._reading:
                self._reading[-1].incomplete = True
            raise reported(error.diagnostics) from None
        if self._reading:
            self._reading[-1].references.append(Reference(property_name, value, target, not isinstance(value, str)))
        return target

    def _named(self, name: str, kind: type) -> Node:
        found = self.find(name)
        if found is None:
            raise self.no_such_object(name, kind)
        node = found[0].nodes[name]
        self._require_kind(name, node, kind)
        return node

    def _inline(self, values: object, kind: type, property_name: str) -> Node:
        try:
            declaration = declared(values, self.registry, self.where(None), property_name)
        except DiagnosticError as error:
            stand_in = self.stand_in(values)
            if stand_in is None:
                raise
            self.findings.extend(error.diagnostics)
            declaration = stand_in
        node = Node(declaration, self, inline=True)
        self._read(node)
        self._require_kind(node.declaration.values.get("type"), node, kind)
        return node

    def _require_kind(self, name: Any, node: Node, kind: type) -> None:
        if node.cls.stands_for:
            self._stand_ins.append((self.where(name), name, node, kind))
        elif not node.cls.may_be(kind):
            raise DiagnosticError([wrong_kind(self.where(name), name, node.cls, kind)])

    def _check_stand_ins(self) -> None:
        for place, name, node, kind in self._stand_ins:
            target = stood_for(node)
            if target is not None and not target.cls.may_be(kind):
                self.findings.append(wrong_kind(place, name, target.cls, kind))
        self._stand_ins.clear()

    def _find_cycles(self) -> None:
        done: set[Node] = set()
        for node in self.nodes.values():
            self._visit(node, [], done)

    def _visit(self, node: Node, path: list[Node], done: set[Node]) -> None:
        if node in done:
            return
        if node in path:
            circle = [n.declaration.name for n in path[path.index(node) :] if not n.inline] + [node.declaration.name]
            message = f"{quoted(node.declaration.name)} refers to itself: {' -> '.join(circle)}"
            hint = "one of these references has to go"
            self.findings.append(Diagnostic(CYCLE, message, *node.declaration.place, hint))
            return
        for reference in node.references:
            self._visit(reference.target, [*path, node], done)
        done.add(node)

    # -------------------------------------------------------------------------------------------------- expressions

    def compile(self, text: str, expects: types.Type, side: Side) -> Template:
        template = super().compile(text, expects, side)
        self._keep(Expression(text, template, side))
        return template

    def compile_target(self, text: str, side: Side) -> LValue:
        target = super().compile_target(text, side)
        self._keep(Expression(text, target, side))
        return target

    def evaluate(self, text: str, expects: types.Type) -> object:
        template = self._configuration(text, expects)
        self._keep(Expression(text, template, None))
        if not template.constant:
            raise unknown()
        return template()

    def _keep(self, expression: Expression) -> None:
        if self._reading:
            self._reading[-1].expressions.append(expression)
