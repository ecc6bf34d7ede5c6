"""The heap: builds the objects of one configuration file, each when the first reference asks for it.

Objects are decorated, shared by all who refer to them, started in the order in which they were built and stopped in
reverse. Follows the documented entries HeapObjects and DecoratorRules.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from config.codes import CYCLE, WRONG_KIND
from config.declaration import Decorator, HeapObject
from config.decode import Declared, declared, decode, decode_value
from config.document import Document
from config.problem import quoted, reported
from config.registry import Registry
from config.scope import Scope
from config.values import Map
from expr import EvaluationError, types
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.source import Source, Span

T = TypeVar("T")
D = TypeVar("D", bound=Document)
log = logging.getLogger("gatewright.heap")


class Heap(Scope):
    """The objects of one file; objects of the files around it are shared."""

    parent: Heap | None
    host: Any
    """What runs the gateway (its directories, listeners, registries), for objects that need it."""

    def __init__(
        self,
        registry: Registry,
        values: Map,
        *,
        parent: Heap | None = None,
        properties: Mapping[str, Any] | None = None,
        name: str = "",
        host: Any = None,
    ) -> None:
        super().__init__(registry, values, parent=parent, properties=properties, name=name)
        self.host = host if host is not None else (parent.host if parent else None)
        self._built: dict[str, Any] = {}
        self._failed: dict[str, DiagnosticError] = {}
        self._path: list[Declared] = []
        self._unstarted: list[HeapObject] = []
        self._running: list[HeapObject] = []
        self._decorated: dict[str, Any] = {}

    # --------------------------------------------------------------------------------------------------- building

    def build_all(self) -> None:
        """Build every declared object, used or not; raises DiagnosticError with all that is wrong."""
        found = list(self.errors)
        for name in self.declared:
            try:
                self.get(name)
            except DiagnosticError as error:
                found.extend(error.diagnostics)
        if found:
            raise DiagnosticError(dict.fromkeys(found))

    def document(self, cls: type[D]) -> D:
        """Read the file itself as the properties of its class, and decorate its handler; raises DiagnosticError."""
        declaration = Declared(self.name, cls.__name__, self.values, lambda: cls)
        self._owners.append(declaration)
        try:
            built = decode(cls, self.values, self, (self.values.source, self.values.span))
            built._object_name = self.name
            handler = getattr(built, "handler", None)
            for key in cls.decorations(self.values):
                handler = self.decorated(handler, self.values, key, self.name)
            if handler is not None:
                built.__dict__["handler"] = handler
            built.prepare(self)
        finally:
            self._owners.pop()
        return built

    def get(self, name: str, kind: type[T] = cast("type[Any]", object)) -> T:  # noqa: B008 - only a type
        """The object of a name, of the wanted kind; raises DiagnosticError."""
        found = self.find(name)
        if found is None:
            raise self.no_such_object(name, kind)
        scope, declaration = found
        built = scope._object(declaration)
        self._require_kind(built, kind, name, declaration)
        return cast("T", self._seen_from_here(name, built))

    def optional(self, name: str, kind: type[T]) -> T | None:
        """The object of a name, or None where nothing declares it."""
        return self.get(name, kind) if self.find(name) is not None else None

    def reference(self, value: object, kind: type, property_name: str) -> Any:
        try:
            return self.get(value, kind) if isinstance(value, str) else self.inline(value, kind, property_name)
        except DiagnosticError as error:
            raise reported(error.diagnostics) from None

    def inline(self, values: object, kind: type[T], property_name: str = "") -> T:
        """Build an inline object in place of a reference."""
        declaration = declared(values, self.registry, self.where(None), self._inline_name(property_name))
        built = self._build(declaration)
        self._require_kind(built, kind, declaration.type_name, declaration)
        return cast("T", self._globally_decorated(built, declaration.name))

    def _inline_name(self, property_name: str) -> str:
        owner = self._owners[-1].name if self._owners else self.name
        return f"{owner}.{property_name}" if owner else property_name

    def _object(self, declaration: Declared) -> Any:
        name = declaration.name
        if name in self._built:
            return self._built[name]
        if name in self._failed:
            raise self._failed[name]
        if declaration in self._path:
            raise self._cycle(declaration)
        self._path.append(declaration)
        try:
            built = self._built[name] = self._build(declaration)
        except DiagnosticError as error:
            self._failed[name] = error
            raise
        finally:
            self._path.pop()
        return built

    def _build(self, declaration: Declared) -> Any:
        self._owners.append(declaration)
        try:
            instance = decode(declaration.cls, declaration.config, self, declaration.place)
            instance._object_name = declaration.name
            instance.prepare(self)
            self._unstarted.append(instance)
            return self._with_own_decorations(instance.product(), declaration)
        finally:
            self._owners.pop()

    def _cycle(self, declaration: Declared) -> DiagnosticError:
        circle = [d.name for d in self._path[self._path.index(declaration) :]] + [declaration.name]
        message = f"{quoted(declaration.name)} refers to itself: {' -> '.join(circle)}"
        return DiagnosticError([Diagnostic(CYCLE, message, *declaration.place, "one of these references has to go")])

    def _require_kind(self, built: object, kind: type, name: str, declaration: Declared) -> None:
        if not isinstance(built, kind):
            raise DiagnosticError([wrong_kind(self.where(name), name, declaration.cls, kind)])

    # ------------------------------------------------------------------------------------------------- decorations

    def _with_own_decorations(self, target: Any, declaration: Declared) -> Any:
        """Fields beside type and config, the first one innermost."""
        if isinstance(target, Decorator):
            return target
        for key in declaration.decorations:
            target = self.decorated(target, declaration.values, key, declaration.name)
        return target

    def decorated(self, target: Any, values: Map, key: str, name: str) -> Any:
        """The target with one decoration around it; a field that names no decorator does nothing."""
        if self.decorator_of(key) is None:
            self.unknown_decoration(values, key)
            return target
        decorator: Decorator = self.get(key, Decorator)  # type: ignore[type-abstract]
        return decorator.decorate(target, decode_value(decorator.decoration, key, values, self), name)

    def _seen_from_here(self, name: str, built: Any) -> Any:
        """An object with global decorations around it: those of the outermost file first, then inwards to this one."""
        if name not in self._decorated:
            self._decorated[name] = self._globally_decorated(built, name)
        return self._decorated[name]

    def _globally_decorated(self, built: Any, name: str) -> Any:
        if isinstance(built, Decorator):
            return built
        for scope in reversed(list(self.scopes())):
            decorations = scope.values.get("globalDecorators")
            if isinstance(decorations, Map):
                for key in decorations:
                    built = scope.decorated(built, decorations, key, name)
        return built

    # -------------------------------------------------------------------------------------------------- life cycle

    async def start(self) -> None:
        """Start what was built and does not run yet, here and in the files around.

        An object that starts may load a file below this one (a router does), which comes back here: what is being
        started is passed over then.
        """
        if self.parent is not None:
            await self.parent.start()
        while self._unstarted:
            instance = self._unstarted.pop(0)
            await instance.start()
            self._running.append(instance)

    async def stop(self) -> None:
        """Stop all that this heap started, in reverse order; a failure of one does not keep the others running."""
        self._unstarted.clear()
        while self._running:
            instance = self._running.pop()
            try:
                await instance.stop()
            except Exception:
                log.exception("%s could not be stopped", instance.object_name)

    # ------------------------------------------------------------------------------------------------- expressions

    def evaluate(self, text: str, expects: types.Type) -> object:
        template = self._configuration(text, expects)
        try:
            return template()
        except EvaluationError as error:
            log.warning("%s: the expression %s failed: %s", self.place(text), text, error)
            return None


def wrong_kind(place: tuple[Source, Span], name: str, cls: type, kind: type) -> Diagnostic:
    message = f"{quoted(name)} is a {cls.__name__}, which is no {kind.__name__}"
    return Diagnostic(WRONG_KIND, message, *place, f"refer to a {kind.__name__}")
