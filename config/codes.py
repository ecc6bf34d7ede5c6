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
        bad='{"handler": {"type": "Chain", "config": {"filters": [{"type": "HeaderFilter", "config": '
        '{"messageType": "REQUEST", "removed": ["X-Debug"]}}], "handler": "ReverseProxyHandler"}}}',
        good='{"handler": {"type": "Chain", "config": {"filters": [{"type": "HeaderFilter", "config": '
        '{"messageType": "REQUEST", "remove": ["X-Debug"]}}], "handler": "ReverseProxyHandler"}}}',
    )
)
MISSING_PROPERTY = declare(
    Code(
        "GW202",
        "missing-property",
        "a required property is missing, null, or evaluates to null",
        "Without it the object cannot be built. `gatewright explain TYPE` tells which properties are "
        "required; null counts as missing, and so does an expression that gives null.",
        bad='{"handler": {"type": "Chain", "config": {"filters": []}}}',
        good='{"handler": {"type": "Chain", "config": {"filters": [], "handler": "ReverseProxyHandler"}}}',
    )
)
WRONG_TYPE = declare(
    Code(
        "GW203",
        "wrong-type",
        "a value of another kind than the property takes",
        "Nothing is converted: a number is no text, and a text is no array. Write the value in the type "
        "that `gatewright explain TYPE` shows; for a number or boolean that comes from a token, use a "
        'transformation: `{"$int": "&{port}"}`.',
        bad='{"handler": {"type": "StaticResponseHandler", "config": {"status": "OK"}}}',
        good='{"handler": {"type": "StaticResponseHandler", "config": {"status": 200}}}',
    )
)
INVALID_VALUE = declare(
    Code(
        "GW204",
        "invalid-value",
        "a value of the right kind that the property does not accept",
        "The value has the right type and means nothing to the property: a name that is not in its list, "
        "a number out of range, a malformed URL or pattern. The help line shows what is accepted.",
        bad='{"handler": {"type": "Chain", "config": {"filters": [{"type": "HeaderFilter", "config": '
        '{"messageType": "BOTH", "remove": ["X-Debug"]}}], "handler": "ReverseProxyHandler"}}}',
        good='{"handler": {"type": "Chain", "config": {"filters": [{"type": "HeaderFilter", "config": '
        '{"messageType": "REQUEST", "remove": ["X-Debug"]}}], "handler": "ReverseProxyHandler"}}}',
    )
)
DROPPED_LITERAL = declare(
    Code(
        "GW205",
        "dropped-literal",
        "a literal of another type than the expression needs, which counts as null",
        "The result of an expression is never converted: a number where a string is wanted is null, and a header "
        "value that is null is not set. Write the literal in the type that the property needs.",
        stops_load=False,
        bad='{"handler": {"type": "StaticResponseHandler", "config": {"status": 200, "headers": {"X-Count": [5]}}}}',
        good='{"handler": {"type": "StaticResponseHandler", "config": {"status": 200, "headers": {"X-Count": ["5"]}}}}',
    )
)
INVALID_DECLARATION = declare(
    Code(
        "GW206",
        "invalid-declaration",
        "an object declaration without the form {name, type, config}",
        'An object is declared as `{"name": ..., "type": "Chain", "config": {...}}`: the type says what '
        "it is, config holds its properties. In a heap it needs a name, by which others refer to it.",
        bad='{"handler": {"config": {"status": 200}}}',
        good='{"handler": {"type": "StaticResponseHandler", "config": {"status": 200}}}',
    )
)
BROKEN_RULE = declare(
    Code(
        "GW207",
        "inconsistent-properties",
        "properties that contradict each other",
        "Each of the properties is right by itself, and together they make no sense. The message says "
        "which rule they break; remove or change one of them.",
        bad='{"handler": {"type": "Chain", "config": {"filters": [{"type": "ThrottlingFilter", "config": '
        '{}}], "handler": "ReverseProxyHandler"}}}',
        good='{"handler": {"type": "Chain", "config": {"filters": [{"type": "ThrottlingFilter", "config": '
        '{"rate": {"numberOfRequests": 6, "duration": "10 seconds"}}}], "handler": '
        '"ReverseProxyHandler"}}}',
    )
)
TEXT_FOR_LITERAL = declare(
    Code(
        "GW208",
        "text-for-literal",
        "a number or boolean written as text",
        "Accepted, as documentation before 2026 shows it. 2026 shows a literal, or a transformation for tokens: "
        '`{"$int": "&{listen.port}"}`, `{"$bool": "&{flag}"}`.',
        severity=Severity.INFO,
        stops_load=False,
        bad='{"handler": {"type": "StaticResponseHandler", "config": {"status": "200"}}}',
        good='{"handler": {"type": "StaticResponseHandler", "config": {"status": 200}}}',
    )
)
UNRESOLVED_REFERENCE = declare(
    Code(
        "GW301",
        "unresolved-reference",
        "a reference to an object that no heap in scope declares",
        "A reference is the name of an object in the heap of the same file, of config.json, or one of "
        "the default objects. Correct the name, declare the object, or write it inline in place of its "
        "name.",
        bad='{"handler": "ReverseProxyHandlr"}',
        good='{"handler": "ReverseProxyHandler"}',
    )
)
WRONG_KIND = declare(
    Code(
        "GW302",
        "wrong-kind",
        "a reference to an object of another kind than the property takes",
        "The object exists and cannot stand here: a filter answers no requests, and a handler filters "
        "none. Refer to an object of the kind that the property takes.",
        bad='{"handler": "TransactionIdOutboundFilter"}',
        good='{"handler": {"type": "Chain", "config": {"filters": ["TransactionIdOutboundFilter"], "handler": '
        '"ReverseProxyHandler"}}}',
    )
)
CYCLE = declare(
    Code(
        "GW303",
        "cyclic-reference",
        "objects that refer to each other in a circle",
        "An object is built from the objects that it refers to, so none of a circle could be built "
        "first. The message shows the path; one of its references has to go.",
        bad='{"heap": [{"name": "A", "type": "Chain", "config": {"filters": [], "handler": "B"}}, {"name": '
        '"B", "type": "Chain", "config": {"filters": [], "handler": "A"}}], "handler": "A"}',
        good='{"heap": [{"name": "A", "type": "Chain", "config": {"filters": [], "handler": "B"}}, {"name": '
        '"B", "type": "Chain", "config": {"filters": [], "handler": "ReverseProxyHandler"}}], "handler": '
        '"A"}',
    )
)
DUPLICATE_NAME = declare(
    Code(
        "GW304",
        "duplicate-name",
        "two objects of one name in one heap",
        "A reference could mean either of them. Give one of them another name; an object of another file "
        "may have the same name, and hides the outer one.",
        bad='{"heap": [{"name": "Api", "type": "ClientHandler"}, {"name": "Api", "type": '
        '"ReverseProxyHandler"}], "handler": "Api"}',
        good='{"heap": [{"name": "Api", "type": "ReverseProxyHandler"}], "handler": "Api"}',
    )
)
UNKNOWN_TYPE = declare(
    Code(
        "GW305",
        "unknown-type",
        "an object type that does not exist",
        "Types are named as documented, in the same case. `gatewright explain` lists those that run. A "
        "type of your own comes from a package with an entry point in `gatewright.objects`.",
        bad='{"handler": {"type": "ReverseProxyHandlr"}}',
        good='{"handler": {"type": "ReverseProxyHandler"}}',
    )
)
UNSUPPORTED_TYPE = declare(
    Code(
        "GW306",
        "unsupported-type",
        "a type that PingGateway 2026 documents and this version does not run",
        "The name is right, and a configuration that uses it works in PingGateway; it does not load "
        "here. `gatewright explain` lists the types that run.",
        bad='{"heap": [{"name": "Keys", "type": "HsmSecretStore", "config": {}}], "handler": "ReverseProxyHandler"}',
        good='{"heap": [{"name": "Keys", "type": "SystemAndEnvSecretStore"}], "handler": "ReverseProxyHandler"}',
    )
)
UNKNOWN_DECORATOR = declare(
    Code(
        "GW307",
        "unknown-decorator",
        "a field beside type and config that names no decorator",
        "The loader ignores such a field, so a misspelt decorator does nothing.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"handler": {"type": "ReverseProxyHandler", "captur": "all"}}',
        good='{"handler": {"type": "ReverseProxyHandler", "capture": "all"}}',
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
REMOVED_TYPE = declare(
    Code(
        "GW701",
        "removed-type",
        "a type that PingGateway has removed",
        "A configuration that names it does not load. The help line names what to use instead; "
        "`gatewright lint --fix` writes it where the meaning is the same.",
        bad='{"handler": {"type": "DesKeyGenHandler"}}',
        good='{"handler": "ReverseProxyHandler"}',
    )
)
DEPRECATED_TYPE = declare(
    Code(
        "GW702",
        "deprecated-type",
        "a type name that is deprecated and still works",
        "It works today and may be removed by a later version. The help line names its successor.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"session": {"type": "JwtSession"}, "handler": "ReverseProxyHandler"}',
        good='{"session": {"type": "JwtSessionManager"}, "handler": "ReverseProxyHandler"}',
    )
)
REMOVED_PROPERTY = declare(
    Code(
        "GW703",
        "removed-property",
        "a property that PingGateway has removed, and now ignores",
        "What it was set for no longer happens. The message names what to write instead.",
        stops_load=False,
        bad='{"handler": {"type": "ClientHandler", "config": {"disableRetries": true}}}',
        good='{"handler": {"type": "ClientHandler", "config": {"retries": {"enabled": false}}}}',
    )
)
DEPRECATED_PROPERTY = declare(
    Code(
        "GW704",
        "deprecated-property",
        "a property that is deprecated and still works",
        "It works today and may be removed by a later version. The help line names its successor.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"handler": {"type": "ClientHandler", "config": {"maxConnections": 32}}}',
        good='{"handler": {"type": "ClientHandler", "config": {"connections": 32}}}',
    )
)
NO_EFFECT = declare(
    Code(
        "GW705",
        "no-effect",
        "a property that concerns PingGateway's Java runtime and has no effect here",
        "Accepted, so that a configuration runs unmodified, and nothing depends on it. Remove it, or "
        "keep it for PingGateway.",
        severity=Severity.INFO,
        stops_load=False,
        bad='{"handler": {"type": "Chain", "config": {"filters": [{"type": "ThrottlingFilter", "config": '
        '{"rate": {"numberOfRequests": 6, "duration": "10 seconds"}, "executor": '
        '"ScheduledExecutorService"}}], "handler": "ReverseProxyHandler"}}}',
        good='{"handler": {"type": "Chain", "config": {"filters": [{"type": "ThrottlingFilter", "config": '
        '{"rate": {"numberOfRequests": 6, "duration": "10 seconds"}}}], "handler": '
        '"ReverseProxyHandler"}}}',
    )
)
