"""One configuration file while it is loaded: the names that it declares, and those of the files around it.

What the builder (`config.heap`) and the linter (`config.check`) share: finding objects and decorators by name,
compiling expressions, and collecting what does not stop the load.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Self

from config.codes import DUPLICATE_NAME, UNKNOWN_DECORATOR, UNRESOLVED_REFERENCE
from config.declaration import Decorator
from config.decode import Declared, declared
from config.loading import Loading, Side
from config.old_expressions import in_file, with_remedy
from config.problem import closest, quoted, reported
from config.registry import Registry
from config.replacement import of_value
from config.successor import MovedInto, Renamed
from config.values import List, Map, Text, place_of, place_of_scalar
from expr import CONFIGURATION, Environment, LValue, Template, compile_lvalue, compile_template, types
from expr.diagnostic import Code, Diagnostic, DiagnosticError, Label
from expr.source import Source, Span


class Scope(Loading):
    """The names in scope in one file: its heap, then the heap of its parent, up to the default objects."""

    properties: Mapping[str, Any]
    """The named values in scope (GW130 and following)."""

    def __init__(
        self,
        registry: Registry,
        values: Map,
        *,
        parent: Self | None = None,
        properties: Mapping[str, Any] | None = None,
        name: str = "",
    ) -> None:
        self.registry = registry
        self.runtime = registry.runtime
        self.values = values
        self.parent = parent
        self.properties = properties if properties is not None else (parent.properties if parent else {})
        self.name = name
        self.findings: list[Diagnostic] = []
        self.declared: dict[str, Declared] = {}
        self.errors: list[Diagnostic] = []
        """Declarations that could not be read at all; they fail the load."""
        self._owners: list[Declared] = []
        self._declare_heap(values)

    def _declare_heap(self, values: Map) -> None:
        heap = values.get("heap")
        if not isinstance(heap, List):  # what else it may be is told where the properties of the file are read
            return
        for index, item in enumerate(heap):
            try:
                found = declared(item, self.registry, (heap.source, heap.item_span(index)))
            except DiagnosticError as error:
                self.errors.extend(error.diagnostics)
                if (stand_in := self.stand_in(item)) is None or not stand_in.name:
                    continue
                found = stand_in
            if not found.name:
                message = "an object of a heap needs a name, by which others refer to it"
                self._fail(Diagnostic(UNRESOLVED_REFERENCE, message, *found.place))
            elif found.name in self.declared:
                self._fail(_duplicate(found, self.declared[found.name]))
            else:
                self.declared[found.name] = found

    def stand_in(self, declaration: object) -> Declared | None:
        """What takes the place of a declaration that cannot be read, so that others may refer to it; here nothing."""
        return None

    def _fail(self, diagnostic: Diagnostic) -> None:
        self.errors.append(diagnostic)

    # ------------------------------------------------------------------------------------------------------ names

    def scopes(self) -> Iterator[Self]:
        """The file itself, then its parents outwards."""
        scope: Self | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def visible_names(self) -> set[str]:
        return {name for scope in self.scopes() for name in scope.declared}

    def find(self, name: str) -> tuple[Self, Declared] | None:
        """The innermost declaration of a name, and the file that holds it."""
        for scope in self.scopes():
            if name in scope.declared:
                return scope, scope.declared[name]
        return None

    def no_such_object(self, name: str, kind: type) -> DiagnosticError:
        source, span = self.where(name)
        declared_types = self.registry.find(name)
        hint = closest(name, self.visible_names())
        if not hint and declared_types is not None:
            hint = f'"{name}" is a type, not an object: write {{"type": "{name}", "config": {{...}}}}'
        hint = hint or f"declare it in a heap, or write an inline object in place of its name ({kind.__name__} wanted)"
        message = f"no object is named {quoted(name)}"
        return DiagnosticError([Diagnostic(UNRESOLVED_REFERENCE, message, source, span, hint)])

    def decorator_of(self, key: str) -> type[Decorator] | None:
        """The class of the decorator that a field names."""
        found = self.find(key)
        return found[1].cls if found is not None and issubclass(found[1].cls, Decorator) else None

    def unknown_decoration(self, values: Map, key: str) -> None:
        decorators = [n for n in self.visible_names() if self.decorator_of(n)]
        hint = closest(key, [*decorators, "config", "name", "type"])
        hint = hint or f"the decorators are {', '.join(sorted(decorators))}"
        message = f'"{key}" names no decorator and is ignored'
        self.findings.append(Diagnostic(UNKNOWN_DECORATOR, message, *values.key_at([key]), hint))

    # ------------------------------------------------------------------------------------------------- diagnostics

    def where(self, value: object) -> tuple[Source, Span]:
        """Place of a value; of the object that is read, for a default value, which stands nowhere."""
        place = place_of(value)
        if place is not None:
            return place
        if self._owners:
            config = self._owners[-1].config
            return place_of_scalar(config, value) or self._owners[-1].place
        return self.values.source, self.values.span

    def place(self, value: object) -> str:
        owner = self._owners[-1] if self._owners else None
        return (owner.name or owner.type_name) if owner else self.name

    def advise(self, code: Code, message: str, value: object, help: str = "", instead: str = "") -> None:  # noqa: A002
        source, span = self.where(value)
        fix = of_value(span, instead) if instead and isinstance(value, Text) and value.exact else None
        self.findings.append(Diagnostic(code, message, source, span, help, fix=fix))

    def advise_key(self, code: Code, message: str, values: dict[str, Any], key: str, help: str = "") -> None:  # noqa: A002
        place = values.key_at([key]) if isinstance(values, Map) else self.where(values)
        fix = help.fix(values, key) if isinstance(help, Renamed | MovedInto) and isinstance(values, Map) else None
        self.findings.append(Diagnostic(code, message, *place, str(help), fix=fix))

    def found(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.findings.extend(diagnostics)

    # ------------------------------------------------------------------------------------------------- expressions

    def compile(self, text: str, expects: types.Type, side: Side) -> Template:
        return self._compiled(text, expects, self.runtime.environments[side])

    def compile_target(self, text: str, side: Side) -> LValue:
        try:
            return compile_lvalue(text, environment=self.runtime.environments[side])
        except DiagnosticError as error:
            raise reported(self._in_file(text, error.diagnostics)) from None

    def _compiled(self, text: str, expects: types.Type, environment: Environment) -> Template:
        try:
            template = compile_template(text, environment=environment, expects=expects, properties=self.properties)
        except DiagnosticError as error:
            raise reported(self._in_file(text, error.diagnostics)) from None
        if template.findings:
            self.findings.extend(self._in_file(text, template.findings))
        return template

    def _configuration(self, text: str, expects: types.Type) -> Template:
        return self._compiled(text, expects, CONFIGURATION)

    def _in_file(self, text: str, diagnostics: tuple[Diagnostic, ...]) -> list[Diagnostic]:
        """Diagnostics of an expression at their places in the file that holds it."""
        source, whole = self.where(text)
        known = [with_remedy(d, text) for d in diagnostics]
        if not isinstance(text, Text):
            return [replace(d.moved(source, whole), fix=None) for d in known]
        return [replace(d.moved(source, text.locate(d.span)), fix=in_file(d.fix, text)) for d in known]


def _duplicate(second: Declared, first: Declared) -> Diagnostic:
    label = Label(*first.place, "first declared here")
    message = f"two objects of this heap are named {quoted(second.name)}"
    return Diagnostic(DUPLICATE_NAME, message, *second.place, "give one of them another name", labels=(label,))
