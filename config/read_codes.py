"""The codes of reading a configuration file, and the limits that a reader holds."""

from __future__ import annotations

from expr.diagnostic import Code, declare

DEEPEST = 200
"""Levels of objects and arrays: enough for any route, and few enough for code that walks a document recursively."""

JSON_SYNTAX = declare(
    Code(
        "GW101",
        "json-syntax",
        "a text that is not JSON",
        "Configuration files are JSON. Beyond the standard, comments (`// ...` to the end of the line and `/* ... */`) "
        "are accepted, and nothing else: no trailing comma, no single quotes, no key without quotes.",
        bad='{"handler": "ReverseProxyHandler",}',
        good='{"handler": "ReverseProxyHandler"}',
    )
)
YAML_SYNTAX = declare(
    Code(
        "GW102",
        "yaml-syntax",
        "a text that is not YAML",
        "A YAML file holds the same configuration as a JSON file does. Indent with blanks, and quote a text that "
        "begins with one of the characters that mean something to YAML: `&`, `*`, `!`, `%`, `@`, `{`, `[`.",
    )
)
ENCODING = declare(
    Code(
        "GW103",
        "encoding",
        "a file that is not UTF-8",
        "Configuration files are UTF-8. Save the file again in this encoding.",
    )
)
UNREADABLE_FILE = declare(
    Code(
        "GW104",
        "unreadable-file",
        "a file that cannot be read",
        "The file is not there, is a directory, or may not be read by the user of the gateway. Check its "
        "path and its permissions.",
    )
)
NESTING = declare(
    Code(
        "GW105",
        "nested-too-deeply",
        f"more than {DEEPEST} levels of objects and arrays",
        "Give an inner object a name in the heap and refer to it.",
    )
)
NUMBER_RANGE = declare(
    Code(
        "GW106",
        "invalid-number",
        "a number that is too large, not a number at all, or infinite",
        "JSON knows no infinity, no NaN and no leading zeros, and a number has to fit into 64 bits. "
        "Write it as text where it is an identifier.",
    )
)
YAML_FEATURE = declare(
    Code(
        "GW107",
        "yaml-feature",
        "something of YAML that has no meaning in a configuration",
        "A YAML file means what a JSON file can say: no tags, no second document, no key but text, no value that "
        "contains itself. Anchors, aliases and merge keys (`<<`) work.",
    )
)
