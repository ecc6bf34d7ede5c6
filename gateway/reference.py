"""Everything that this version knows, by name: types, diagnostics, functions and contexts, each with its page.

`gatewright explain` shows a page, `gateway.docs` writes them all. They read the declarations; nothing is by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pkgutil import walk_packages
from typing import Any

from config.document import Document
from config.emit.layout import dumps
from config.emit.other_pages import GROUPS, code_page, function_page, group_of, host_page, method_page, value_page
from config.emit.page import Block, Heading, Items, Page, Paragraph, Sample, Table
from config.emit.properties import Schemas, model_schemas
from config.emit.schema import SchemaWriter
from config.emit.type_page import not_run_page, type_page
from config.problem import closest
from expr.diagnostic import Code
from expr.functions import REMOVED, Function, functions
from expr.host import HostType, resolve
from expr.methods import Table as Methods
from expr.methods import table_for
from expr.types import ARRAY, BOOLEAN, INSTANT, MAP, NUMBER, STRING, STRINGS
from gateway.all_codes import all_codes
from gateway.application.admin_http_application import AdminHttpApplication
from gateway.application.gateway_http_application import GatewayHttpApplication
from gateway.catalog import PACKAGES, registry
from gateway.documented_types import GROUPS as DOCUMENTED_GROUPS
from gateway.http.bindings import EXCEPTION_SIDE, RESPONSE_SIDE
from gateway.http.published import ALIASES, CONTEXTS
from gateway.routing.route import Route

DOCUMENTS: Mapping[str, type[Document]] = {
    "route": Route,
    "config": GatewayHttpApplication,
    "admin": AdminHttpApplication,
}
"""Kinds of configuration files."""
TITLES = {
    "route": "A Gatewright route",
    "config": "config.json of Gatewright",
    "admin": "admin.json of Gatewright",
}
PACKAGE_TITLES = {
    "gateway.handlers": "Handlers",
    "gateway.filters": "Filters",
    "gateway.decorators": "Decorators",
    "gateway.routing": "Routes",
    "gateway.objects": "Other objects",
    "gateway.secrets": "Secrets",
    "gateway.session": "Sessions",
    "gateway.audit": "Audit",
    "gateway.oauth2": "OAuth 2.0",
    "gateway.am": "PingAM",
}


class Reference:
    """The names that somebody may ask about, each with its page."""

    @cached_property
    def types(self) -> dict[str, list[str]]:
        """Names of the types that run, by the title of their package, and of the documents."""
        known = registry()
        found: dict[str, list[str]] = {_title(package): [] for package in PACKAGES}
        for name in known.names():
            package = ".".join(known.get(name).__module__.split(".")[:2])
            found.setdefault(_title(package) if package in PACKAGES else "From other packages", []).append(name)
        found["Files"] = [cls.__name__ for cls in DOCUMENTS.values() if cls is not Route]
        return {title: names for title, names in found.items() if names}

    @cached_property
    def not_run(self) -> dict[str, list[str]]:
        """Names of the types that are documented and do not run, by group."""
        rest = set(registry().documented_only()) - set(GatewayHttpApplication.default_objects)
        found = {group: sorted(rest & set(names.split())) for group, names in DOCUMENTED_GROUPS.items()}
        return {group: names for group, names in found.items() if names}

    @cached_property
    def codes(self) -> dict[str, Code]:
        """All diagnostics by their codes, in order."""
        return all_codes()

    @cached_property
    def families(self) -> dict[str, list[Function]]:
        """Functions by the module that declares them."""
        found: dict[str, list[Function]] = {}
        for function in functions().values():
            found.setdefault(_family(function), []).append(function)
        return {family: sorted(found[family], key=lambda f: f.name) for family in sorted(found)}

    @cached_property
    def contexts(self) -> dict[str, HostType]:
        """The contexts by the names that reach them."""
        return dict(sorted(CONTEXTS.items(), key=lambda item: item[0].lower()))

    @cached_property
    def values(self) -> dict[str, Methods]:
        """Methods of values that are not host objects, by their kinds."""
        kinds = {"string": STRING, "list": STRINGS, "array": ARRAY, "map": MAP, "number": NUMBER, "boolean": BOOLEAN}
        tables = {**kinds, "instant": INSTANT}
        return {name: table for name, kind in tables.items() if (table := table_for(kind)) is not None}

    def _method(self, name: str) -> Page | None:
        kinds = {kind: table[name] for kind, table in self.values.items() if name in table}
        return method_page(name, kinds) if kinds else None

    def _function(self, name: str) -> Page:
        page, method = function_page(functions()[name]), self._method(name)
        return replace(page, blocks=(*page.blocks, *method.blocks)) if method is not None else page

    @cached_property
    def names_in_scope(self) -> dict[str, HostType]:
        """Names of expressions whose values publish properties: request, response, ..."""
        scope = {**EXCEPTION_SIDE.names, **RESPONSE_SIDE.names}
        kinds = {name: resolve(entry.type) for name, entry in scope.items()}
        return {n: k for n, k in sorted(kinds.items()) if isinstance(k, HostType) and n not in ("context", "contexts")}

    # ------------------------------------------------------------------------------------------------------- pages

    @property
    def host_names(self) -> list[str]:
        """The contexts, then the other names in expressions."""
        return [*self.contexts, *(name for name in self.names_in_scope if name not in self.contexts)]

    @cached_property
    def all_schemas(self) -> Schemas:
        """Schemas of all types; once they are there, pages use them."""
        known = registry()
        return model_schemas(dict.fromkeys([*DOCUMENTS.values(), *map(known.get, known.names())]))

    def type_page(self, name: str) -> Page:
        known = registry()
        documents = {cls.__name__: cls for cls in DOCUMENTS.values()}
        cls = documents.get(name) or known.get(name)
        schemas = self.__dict__.get("all_schemas") or model_schemas([cls])
        return type_page(known.canonical(name), cls, schemas, known.aliases(name))

    def host_page(self, name: str) -> Page:
        if name in self.contexts:
            return host_page(name, self.contexts[name], list(self._providers(name)))
        return host_page(name, self.names_in_scope[name], [], context=False)

    def _providers(self, context: str) -> Iterator[tuple[str, str]]:
        known = registry()
        for name in known.names():
            for place, contexts in known.get(name).provides.items():
                if context in contexts:
                    yield name, place

    def find(self, name: str) -> Page | None:
        """The page of a name: a type, a code or the name of its rule, a function, a context; case may differ."""
        wanted = name.removeprefix("contexts.").removesuffix("()")
        page = self._exactly(wanted)
        for spelling in self._same_but_for_case(wanted) if page is None else ():
            page = page or self._exactly(spelling)
        return page

    def _exactly(self, name: str) -> Page | None:
        known = registry()
        if known.knows(name) or name in {cls.__name__ for cls in DOCUMENTS.values()}:
            return self.type_page(known.canonical(name))
        for group, names in self.not_run.items():
            if name in names:
                return not_run_page(name, group)
        if name in known.removed:
            return _gone(name, "removed type", f"PingGateway has removed the type {name}: {known.removed[name]}.")
        if name in REMOVED:
            return _gone(
                name, "removed function", f"PingGateway has removed the function {name}: call {REMOVED[name]}."
            )
        if name in self.default_objects:
            return _default_object(name, self.default_objects[name])
        if name in functions():
            return self._function(name)
        if name in self.values:
            return value_page(name, self.values[name])
        context = ALIASES.get(name, name)
        if context in self.contexts or context in self.names_in_scope:
            return self.host_page(context)
        return self._method(name) or self._code_or_group(name)

    def _code_or_group(self, name: str) -> Page | None:
        for code in self.codes.values():
            if name in (code.id, code.rule):
                return code_page(code)
        for digit, title in GROUPS.items():
            if name == f"GW{digit}xx" and (codes := self.codes_of(title)):
                rows = tuple((code.id, f"{code.rule}, {code.severity.value}", code.summary) for code in codes)
                return Page(name, "diagnostics", title, (Table(("Code", "Rule", ""), rows),))
        return None

    def names(self) -> list[str]:
        """Everything that has a page."""
        known = registry()
        types = [*known.known_names(), *known.names(), *known.removed, *(cls.__name__ for cls in DOCUMENTS.values())]
        codes = [name for code in self.codes.values() for name in (code.id, code.rule)]
        groups = [f"GW{digit}xx" for digit in GROUPS]
        methods = [name for table in self.values.values() for name in table]
        words = [*functions(), *REMOVED, *self.values, *methods, *self.contexts, *ALIASES, *self.names_in_scope]
        return [*dict.fromkeys([*types, *self.default_objects, *words, *codes, *groups])]

    @property
    def default_objects(self) -> dict[str, Mapping[str, Any]]:
        """Objects that every configuration has."""
        return {name: value for cls in DOCUMENTS.values() for name, value in cls.default_objects.items()}

    def _same_but_for_case(self, name: str) -> list[str]:
        return [other for other in self.names() if other.lower() == name.lower()]

    def suggestion(self, name: str) -> str:
        """`did you mean ...?`, or an empty text."""
        return closest(name, self.names())

    def schema_writer(self) -> SchemaWriter:
        return SchemaWriter(registry(), list(DOCUMENTS.values()))

    # -------------------------------------------------------------------------------------------------- overview

    def overview(self) -> Page:
        """What there is, without a word about it."""
        blocks: list[Block] = [Heading("Object types that run")]
        blocks.append(lists(self.types))
        blocks += [Heading("Documented object types that this version does not run"), lists(self.not_run)]
        blocks += [Heading("Functions"), lists({f: [fn.name for fn in fns] for f, fns in self.families.items()})]
        blocks += [
            Heading("Methods of values"),
            lists(self.values),
            Heading("Contexts"),
            Paragraph(", ".join(self.contexts)),
        ]
        blocks += [Heading("Other names in expressions"), Paragraph(", ".join(self.names_in_scope))]
        blocks += [Heading("Default objects"), Paragraph(", ".join(sorted(self.default_objects)))]
        grouped = {f"GW{digit}xx": [title] for digit, title in GROUPS.items() if self.codes_of(title)}
        blocks += [Heading("Diagnostics"), lists(grouped)]
        return Page("Gatewright", "gatewright explain NAME", "", tuple(blocks))

    def codes_of(self, title: str) -> list[Code]:
        """The codes of a group."""
        return [code for code in self.codes.values() if group_of(code) == title]


def _title(package: str) -> str:
    return PACKAGE_TITLES.get(package, package.rpartition(".")[2].capitalize())


def _gone(name: str, kind: str, text: str) -> Page:
    return Page(name, kind, text, (Paragraph(text),))


def _default_object(name: str, declaration: Mapping[str, Any]) -> Page:
    text = f"An object that exists without being declared; a declaration of the name {name} replaces it."
    return Page(name, "default object", text, (Paragraph(text), Sample(dumps({"name": name, **declaration}))))


def lists(groups: Mapping[str, Iterable[str]]) -> Block:
    return Items(tuple(f"{title}: {', '.join(names)}" for title, names in groups.items()))


def _family(function: Function) -> str:
    for family in _modules("expr.functions"):
        if any(member is function for member in getattr(import_module(family), "FUNCTIONS", ())):
            return family.rpartition(".")[2]
    return "other"


def _modules(package: str) -> list[str]:
    spec = find_spec(package)
    paths = spec.submodule_search_locations if spec is not None else None
    return [module.name for module in walk_packages(paths, f"{package}.")]
