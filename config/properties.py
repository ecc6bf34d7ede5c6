"""The field `properties`: named values for tokens (`&{db.host}`) and for expressions (`${db.host}`).

Values are read in their order, so that a later one may use earlier ones; a file sees the properties of the files around
it, and its own hide those of the same name. Follows the documented entry Properties (config-files.yaml).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.read_codes import UNREADABLE_FILE
from config.resolver import Resolver, read_content, read_values
from config.tokens import substitute
from config.transformations import TRANSFORMATIONS, transform
from config.values import List, Map, Text, Unknown, Value, rebuilt
from expr import CONFIGURATION, EvaluationError, types
from expr.diagnostic import Code, Diagnostic, DiagnosticError, Severity, declare
from expr.source import Source, Span

PROPERTIES_FORM = declare(
    Code(
        "GW130",
        "properties-form",
        'a field "properties" that is not an object',
        '`properties` holds names and their values: `{"properties": {"host": "app.example.com"}}`. '
        "Tokens and expressions of the file, and of those below it, find them.",
        bad='{"properties": "host", "handler": "ReverseProxyHandler"}',
        good='{"properties": {"host": "app.example.com"}, "handler": "ReverseProxyHandler"}',
    )
)
PROPERTIES_LOCATION = declare(
    Code(
        "GW131",
        "properties-location",
        "a $location of properties that gives no file",
        "`$location` is the path, or the file: URL, of a .json or .properties file. `$location:<id>` is the same, and "
        "the file is read again when it changes.",
    )
)
PROPERTY_NAME = declare(
    Code(
        "GW132",
        "property-name",
        "a property that no expression can name",
        "Names are letters, digits and underscores, and begin with a letter. A token finds any name; in an expression "
        "`a-b` is a difference and `a.b` the member of a group.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"properties": {"api-host": "app.example.com"}, "handler": "ReverseProxyHandler"}',
        good='{"properties": {"apiHost": "app.example.com"}, "handler": "ReverseProxyHandler"}',
    )
)
PROPERTY_VALUE = declare(
    Code(
        "GW133",
        "property-value",
        "an expression of a property that fails, so that the property is null",
        "A property is evaluated once, when its file is loaded. Tokens and expressions that use it then "
        "see null. Correct the expression, or give it a default.",
        severity=Severity.WARNING,
        stops_load=False,
    )
)
PROPERTIES_URL = declare(
    Code(
        "GW134",
        "properties-url",
        "properties that are read from an http or https URL",
        "Deprecated since 2025.11: the configuration then depends on a server that may be down or changed. Use a file.",
        severity=Severity.WARNING,
        stops_load=False,
    )
)

LOCATION = "$location"
Fetch = Callable[[str], bytes]
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Properties(Mapping[str, Any]):
    """Named values as expressions see them: groups are mappings. Those of the files around are among them.

    What lint does not know is a type instead of a value, as the compiler of expressions takes it.
    """

    def __init__(self, parent: Properties | None = None) -> None:
        self._values: dict[str, Any] = dict(parent._values) if parent else {}
        self._own: set[str] = set()
        """First names that this file has defined: only those are its own to add members to."""
        self.flat: dict[str, Any] = dict(parent.flat) if parent else {}
        """As tokens see them: `db.host`."""
        self.watched: dict[Path, int] = dict(parent.watched) if parent else {}
        """Files that are to be read again when they change, with the time of the change that was read."""
        self.incomplete: bool = parent.incomplete if parent else False
        """Lint could not read a file that may define any name."""

    def __getitem__(self, name: str) -> Any:
        value = self._values[name]
        if not _holds_unknown(value):
            return value
        return types.MAP if isinstance(value, dict) else types.LIST if isinstance(value, list) else types.ANY

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def define(self, path: tuple[str, ...], value: Any) -> None:
        """Add a value: to be seen by what is read after it."""
        self.flat[".".join(path)] = value
        group = self._group(path[:-1])
        if group is not None:
            group[path[-1]] = value
        self._own.add(path[0])

    def open_group(self, path: tuple[str, ...]) -> None:
        """Begin a group; one of the same name of a file around is hidden as a whole in expressions."""
        group = self._group(path[:-1])
        if group is not None:
            group[path[-1]] = {}
        self._own.add(path[0])

    def _group(self, path: tuple[str, ...]) -> dict[str, Any] | None:
        """The mapping that a member belongs to, but None where a value of the same name is no group."""
        if path and path[0] not in self._own:
            self._values[path[0]] = {}
        self._own.update(path[:1])
        group: Any = self._values
        for name in path:
            group = group.setdefault(name, {})
            if not isinstance(group, dict):
                return None
        return group  # type: ignore[no-any-return]

    def changed(self) -> bool:
        """Has one of the watched files changed since it was read?"""
        return any(_changed_at(path) != time for path, time in self.watched.items())


@dataclass(frozen=True)
class Prepared:
    """A configuration file with its tokens replaced and its transformations done."""

    values: Map
    properties: Properties


def prepare(
    document: Map,
    resolver: Resolver,
    findings: list[Diagnostic],
    *,
    parent: Properties | None = None,
    lint: bool = False,
    fetch: Fetch | None = None,
) -> Prepared:
    """Read the properties of a file, then replace its tokens and do its transformations.

    The field `properties` itself stays as it is written. Raises DiagnosticError; with `lint` everything is added to
    the findings instead, and what only the machine of the gateway knows becomes `Unknown`.
    """
    properties = read_properties(
        document.get("properties"), (document.source, document.value_span("properties")), resolver, findings,
        parent=parent, lint=lint, fetch=fetch,
    )  # fmt: skip
    rest = rebuilt(document, ((key, value) for key, value in document.items() if key != "properties"))
    values = substitute(rest, resolver.with_properties(properties.flat), findings, lint=lint)
    values = transform(values, findings, lint=lint)
    if not isinstance(values, Map):  # a file is not a value: what looks like a transformation is a wrong member of it
        values = rest
    made = {key: values.get(key) if key != "properties" else value for key, value in document.items()}
    return Prepared(rebuilt(document, made.items()), properties)


def read_properties(
    block: Value,
    place: tuple[Source, Span],
    resolver: Resolver,
    findings: list[Diagnostic],
    *,
    parent: Properties | None = None,
    lint: bool = False,
    fetch: Fetch | None = None,
) -> Properties:
    """The properties of a file together with those around it; `resolver` knows everything but properties.

    Raises DiagnosticError with all errors, unless `lint` adds them to the findings.
    """
    properties = Properties(parent)
    if block is None:
        return properties
    errors: list[Diagnostic] = findings if lint else []
    if isinstance(block, Map):
        _Reading(properties, resolver.with_properties(properties.flat), errors, findings, lint, fetch).group(block, ())
    else:
        errors.append(Diagnostic(PROPERTIES_FORM, '"properties" is an object of names and values', *place))
    if errors and not lint:
        raise DiagnosticError(errors)
    return properties


@dataclass(frozen=True)
class _Reading:
    properties: Properties
    resolver: Resolver
    errors: list[Diagnostic]
    findings: list[Diagnostic]
    lint: bool
    fetch: Fetch | None

    def group(self, block: Map, path: tuple[str, ...], *, in_file: bool = False) -> None:
        """Define the members of a group in their order."""
        for key, value in block.items():
            if not in_file and (key == LOCATION or key.startswith(f"{LOCATION}:")):
                self._located(block, key, path)
            elif isinstance(value, Map) and not _is_transformation(value):
                self._check_name(block, key)
                self.properties.open_group((*path, key))
                self.group(value, (*path, key), in_file=in_file)
            else:
                # A dotted name in a file of flat names is a member of a group.
                names = tuple(filter(None, key.split("."))) if in_file else (key,)
                self._check_name(block, names[0] if names else key, key)
                self.properties.define((*path, *(names or (key,))), self._value(value, block, key))

    # ------------------------------------------------------------------------------------------------------ values

    def _value(self, value: Value, block: Map, key: str) -> Value:
        try:
            value = substitute(value, self.resolver, self.findings, lint=self.lint)
            value = transform(value, self.findings, lint=self.lint)
            return self._evaluated(value)
        except DiagnosticError as error:
            self.errors.extend(error.diagnostics)
            return Unknown("", block.source, block.value_span(key), exact=False)

    def _evaluated(self, value: Value) -> Value:
        if isinstance(value, Map):
            return {key: self._evaluated(member) for key, member in value.items()}
        if isinstance(value, List):
            return [self._evaluated(item) for item in value]
        if isinstance(value, Text) and not isinstance(value, Unknown) and ("${" in value or "#{" in value):
            return self._expression(value)
        return value

    def _expression(self, text: Text) -> Value:
        from expr import compile_template  # the compiler is loaded for those who have an expression

        try:
            template = compile_template(
                str(text), environment=CONFIGURATION, expects=types.ANY, properties=self.properties
            )
        except DiagnosticError as error:
            raise DiagnosticError(d.moved(text.source, text.locate(d.span)) for d in error.diagnostics) from None
        self.findings.extend(d.moved(text.source, text.locate(d.span)) for d in template.findings)
        if self.lint and not template.constant:
            return Unknown(text, text.source, text.span, exact=text.exact)
        try:
            value = template()
        except EvaluationError as error:
            self.findings.append(Diagnostic(PROPERTY_VALUE, f"the expression fails: {error}", text.source, text.span))
            return None
        return text.replaced(value) if isinstance(value, str) else value

    def _check_name(self, block: Map, name: str, key: str = "") -> None:
        if _NAME.fullmatch(name) or name.startswith("_"):
            return
        span = block.key_span(key or name)
        message = f'no expression can name the property "{name}"'
        self.findings.append(
            Diagnostic(PROPERTY_NAME, message, block.source, span, "use letters, digits and underscores")
        )

    # ------------------------------------------------------------------------------------------------------- files

    def _located(self, block: Map, key: str, path: tuple[str, ...]) -> None:
        """Define what a file holds."""
        place = (block.source, block.value_span(key))
        location = self._value(block[key], block, key)
        if isinstance(location, Unknown):
            self._unknown(path, location)
            return
        if not isinstance(location, str) or not location:
            self.errors.append(Diagnostic(PROPERTIES_LOCATION, f'"{key}" is the path of a file', *place))
            return
        try:
            values = self._read(location, place, watch=key != LOCATION)
        except DiagnosticError as error:
            if not (self.lint and all(found.code is UNREADABLE_FILE for found in error.diagnostics)):
                self.errors.extend(error.diagnostics)
            self._unknown(path, Unknown("", *place, exact=False))
            return
        self.group(values, path, in_file=True)

    def _read(self, location: str, place: tuple[Source, Span], *, watch: bool) -> Map:
        scheme = urlsplit(location).scheme if "://" in location or location.startswith("file:") else ""
        if scheme in ("http", "https"):
            return self._fetched(location, place)
        path = Path(_path_of(location) if scheme == "file" else location)
        if path.suffix not in (".json", ".properties"):
            message = f'"{location}" is neither a .json nor a .properties file'
            raise DiagnosticError([Diagnostic(PROPERTIES_LOCATION, message, *place)])
        if watch:
            self.properties.watched[path] = _changed_at(path)
        try:
            return read_values(path)
        except DiagnosticError as error:
            # A file that is not there is a fault of the place that names it; what is wrong inside stands in the file.
            raise DiagnosticError(
                d.moved(*place) if d.code is UNREADABLE_FILE else d for d in error.diagnostics
            ) from None

    def _fetched(self, location: str, place: tuple[Source, Span]) -> Map:
        self.findings.append(Diagnostic(PROPERTIES_URL, f'properties are read from "{location}"', *place))
        try:
            if self.fetch is None:
                raise OSError("the network is not asked here")
            return read_content(self.fetch(location), location)
        except OSError as error:
            message = f'"{location}" cannot be read: {error}'
            code = UNREADABLE_FILE if self.fetch is None else PROPERTIES_LOCATION
            raise DiagnosticError([Diagnostic(code, message, *place)]) from None

    def _unknown(self, path: tuple[str, ...], value: Unknown) -> None:
        if path:
            self.properties.define(path, value)
        else:
            self.properties.incomplete = True


def _holds_unknown(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_unknown, value.values()))
    return any(map(_holds_unknown, value)) if isinstance(value, list) else isinstance(value, Unknown)


def _is_transformation(value: Map) -> bool:
    return any(key in TRANSFORMATIONS for key in value)


def _changed_at(path: Path) -> int:
    """When a file was last changed; 0 when there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _path_of(url: str) -> str:
    from urllib.request import url2pathname  # brings an HTTP client with it, and few files need it

    return url2pathname(urlsplit(url).path)
