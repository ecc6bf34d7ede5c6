"""The codes of what the configuration language itself reports: fields, types, names, references, compatibility.

Codes of reading live in `config.read`, those of expressions in `expr`, those of the far-seeing rules in `config.rules`.
"""

from __future__ import annotations

from expr.diagnostic import Code, Severity, declare

UNKNOWN_PROPERTY = declare(
    Code(
        "GW201",
        "unknown-property",
        "a property that the object's type does not have",
        "The loader ignores a property it does not know, so a misspelt one silently keeps its default. "
        "Correct the name, or put an underscore in front of it (`_name`) to switch it off on purpose.",
        stops_load=False,
    )
)
MISSING_PROPERTY = declare(
    Code("GW202", "missing-property", "a required property is missing, null, or evaluates to null")
)
WRONG_TYPE = declare(Code("GW203", "wrong-type", "a value of another kind than the property takes"))
INVALID_VALUE = declare(Code("GW204", "invalid-value", "a value of the right kind that the property does not accept"))
DROPPED_LITERAL = declare(
    Code(
        "GW205",
        "dropped-literal",
        "a literal of another type than the expression needs, which counts as null",
        "The result of an expression is never converted: a number where a string is wanted is null, and a header "
        "value that is null is not set. Write the literal in the type that the property needs.",
        stops_load=False,
    )
)
INVALID_DECLARATION = declare(
    Code("GW206", "invalid-declaration", "an object declaration without the form {name, type, config}")
)
BROKEN_RULE = declare(Code("GW207", "inconsistent-properties", "properties that contradict each other"))
TEXT_FOR_LITERAL = declare(
    Code(
        "GW208",
        "text-for-literal",
        "a number or boolean written as text",
        "Accepted, as documentation before 2026 shows it. 2026 shows a literal, or a transformation for tokens: "
        '`{"$int": "&{listen.port}"}`, `{"$bool": "&{flag}"}`.',
        severity=Severity.INFO,
        stops_load=False,
    )
)
UNRESOLVED_REFERENCE = declare(
    Code("GW301", "unresolved-reference", "a reference to an object that no heap in scope declares")
)
WRONG_KIND = declare(Code("GW302", "wrong-kind", "a reference to an object of another kind than the property takes"))
CYCLE = declare(Code("GW303", "cyclic-reference", "objects that refer to each other in a circle"))
DUPLICATE_NAME = declare(Code("GW304", "duplicate-name", "two objects of one name in one heap"))
UNKNOWN_TYPE = declare(Code("GW305", "unknown-type", "an object type that does not exist"))
UNSUPPORTED_TYPE = declare(
    Code("GW306", "unsupported-type", "a type that PingGateway 2026 documents and this version does not run")
)
UNKNOWN_DECORATOR = declare(
    Code(
        "GW307",
        "unknown-decorator",
        "a field beside type and config that names no decorator",
        "The loader ignores such a field, so a misspelt decorator does nothing.",
        severity=Severity.WARNING,
        stops_load=False,
    )
)
ROUTE_NOT_UNIQUE = declare(
    Code(
        "GW309",
        "route-not-unique",
        "a route whose id or name is reserved or taken by another route of its router",
        "A router orders its routes by name, and tells them apart by id. Of two routes with one name only the first "
        "is loaded. A route without a name has that of its file; the name `default` is reserved.",
        bad='{"routes/a.json": {"name": "home", "condition": "${request.method == \'GET\'}", '
        '"handler": "ClientHandler"}, '
        '"routes/b.json": {"name": "home", "condition": "${request.method == \'PUT\'}", "handler": "ClientHandler"}}',
        good='{"routes/a.json": {"name": "read", "condition": "${request.method == \'GET\'}", '
        '"handler": "ClientHandler"}, "routes/b.json": {"name": "write", "condition": "${request.method == \'PUT\'}", '
        '"handler": "ClientHandler"}}',
    )
)
REMOVED_TYPE = declare(Code("GW701", "removed-type", "a type that PingGateway has removed"))
DEPRECATED_TYPE = declare(
    Code(
        "GW702",
        "deprecated-type",
        "a type name that is deprecated and still works",
        severity=Severity.WARNING,
        stops_load=False,
    )
)
REMOVED_PROPERTY = declare(
    Code(
        "GW703",
        "removed-property",
        "a property that PingGateway has removed, and now ignores",
        "What it was set for no longer happens. The message names what to write instead.",
        stops_load=False,
    )
)
DEPRECATED_PROPERTY = declare(
    Code(
        "GW704",
        "deprecated-property",
        "a property that is deprecated and still works",
        severity=Severity.WARNING,
        stops_load=False,
    )
)
NO_EFFECT = declare(
    Code(
        "GW705",
        "no-effect",
        "a property that concerns PingGateway's Java runtime and has no effect here",
        severity=Severity.INFO,
        stops_load=False,
    )
)
