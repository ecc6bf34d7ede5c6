"""Every kind of finding in an expression: 4xx for its syntax, 5xx for its names and types.

What stops the load is what the documented loader refuses: syntax, unknown functions, wrong numbers of arguments. The
other errors are expressions that load and can never do what they were written for.
"""

from __future__ import annotations

import json
from dataclasses import replace

from expr.diagnostic import Code, Severity, declare

_EXAMPLES = {
    "401": ("${request.method == }", "${request.method == 'GET'}"),
    "402": ("${request.method == 'GET'", "${request.method == 'GET'}"),
    "403": ("${}", "${true}"),
    "404": ("${request.method}#{request.version}", "${request.method == 'GET'}"),
    "405": ("${find(request.uri.path, '\\d')}", "${find(request.uri.path, '\\\\d')}"),
    "406": ("${request.method == 'GET}", "${request.method == 'GET'}"),
    "407": ("${request.uri.port == 99999999999999999999}", "${request.uri.port == 8080}"),
    "408": ("${" + "not " * 65 + "true}", "${not true}"),
    "409": ("${request.method = 'GET'}", "${request.method == 'GET'}"),
    "501": ("${finds(request.uri.path, '^/app')}", "${find(request.uri.path, '^/app')}"),
    "502": ("${find(request.uri.path)}", "${find(request.uri.path, '^/app')}"),
    "503": ("${matches(request.uri.path, '^/app')}", "${find(request.uri.path, '^/app')}"),
    "504": ("${reqest.method == 'GET'}", "${request.method == 'GET'}"),
    "505": ("${response.status.code == 200}", "${request.method == 'GET'}"),
    "506": ("${request.metod == 'GET'}", "${request.method == 'GET'}"),
    "507": ("${request.uri.path.beginsWith('/app')}", "${request.uri.path.startsWith('/app')}"),
    "508": ("${request.uri.path.startsWith()}", "${request.uri.path.startsWith('/app')}"),
    "509": ("${request.uri.path.startsWith('/app', 'x')}", "${request.uri.path.startsWith('/app', 1)}"),
    "510": ("${request.uri.port == 'http'}", "${request.uri.port == 80}"),
    "511": ("${request.headers['X-Admin'] and true}", "${not empty request.headers['X-Admin']}"),
    "512": ("${request.method}", "${request.method == 'GET'}"),
    "513": ("true", "${true}"),
    "514": ("${find(request.uri.path, '^/(app')}", "${find(request.uri.path, '^/(app)')}"),
    "515": ("${'abc'.substring(5) == request.method}", "${'abc'.substring(2) == request.method}"),
    "516": (
        "${request.method.replaceAll('G', '$1') == 'ET'}",
        "${request.method.replaceAll('(G)', '$1') == 'GET'}",
    ),
    "517": ("${request.headers['X-Admin'] == 'yes'}", "${request.headers['X-Admin'][0] == 'yes'}"),
    "518": ("${integer('8o') == 80}", "${integer('80') == 80}"),
    "520": ("${request.form.id[0] == '1'}", "${request.queryParams.id[0] == '1'}"),
    "521": ("${jmespath(request.entity.json, 'a') == 1}", "${request.entity.json.a == 1}"),
}
"""For each code, a condition of a route that has the finding, and the same without it."""


def _examples(code: str) -> tuple[str, ...]:
    route = '{{"condition": {}, "handler": "ReverseProxyHandler"}}'
    return tuple(route.format(json.dumps(condition)) for condition in _EXAMPLES.get(code, ()))


def _declared(code: Code) -> Code:
    bad, good = _examples(code.id.removeprefix("GW")) or ("", "")
    return declare(replace(code, bad=bad, good=good))


def _syntax(code: str, rule: str, summary: str, explanation: str = "") -> Code:
    return _declared(Code(f"GW{code}", rule, summary, explanation))


def _check(
    code: str,
    rule: str,
    summary: str,
    explanation: str = "",
    *,
    severity: Severity = Severity.ERROR,
    stops_load: bool = False,
    optional: bool = False,
) -> Code:
    return _declared(Code(f"GW{code}", rule, summary, explanation, severity, stops_load, optional))


SYNTAX = _syntax(
    "401",
    "expression-syntax",
    "a token that cannot stand at this place of an expression",
    "The language has property access, method and function calls, operators and `? :`. It has no assignment, no"
    " lambda, no list or map literals, and `+` does not join strings.",
)
UNTERMINATED = _syntax(
    "402",
    "unterminated-expression",
    "a `${` or `#{` without its `}`",
    "Write `\\${` for the characters themselves.",
)
EMPTY = _syntax(
    "403",
    "empty-expression",
    "an expression with nothing in it",
    "`${}` gives nothing. Write the expression, or remove it; `\\${}` stands for the characters themselves.",
)
MIXED = _syntax(
    "404",
    "mixed-delimiters",
    "`${...}` and `#{...}` in one string",
    "One string holds expressions of one kind. Write `\\#{` for the characters themselves.",
)
ESCAPE = _syntax(
    "405",
    "invalid-escape",
    "a backslash in a string literal before another character than a backslash or the quote",
    "A backslash is doubled in a string literal, and JSON doubles each of them again: the pattern `\\d` is"
    " `'\\\\\\\\d'` in JSON.",
)
STRING = _syntax(
    "406",
    "unterminated-string",
    "a string literal without its closing quote",
    "A string literal ends with the quote that it began with. Inside it, write that quote with a "
    "backslash, or use the other kind of quotes.",
)
NUMBER = _syntax(
    "407",
    "integer-too-large",
    "an integer literal that does not fit in 64 bits",
    "Integers have 64 bits. Write a larger number as a string, which is what identifiers of many "
    "digits should be anyway.",
)
DEPTH = _syntax(
    "408",
    "expression-too-deep",
    "an expression that is nested too deeply",
    "Reading it would take too much of the stack. Split it: put parts into `properties` or attributes.",
)
CHARACTER = _syntax(
    "409",
    "unexpected-character",
    "a character that starts no token of the language",
    "The language has `==` and no `=`, `and` or `&&` and no `&`, `.` and `[...]` and no `->`. A text needs quotes.",
)

UNKNOWN_FUNCTION = _check(
    "501",
    "unknown-function",
    "a call of a function that does not exist",
    "`gatewright explain` lists the functions.",
    stops_load=True,
)
ARGUMENT_COUNT = _check(
    "502",
    "wrong-argument-count",
    "a function called with a wrong number of arguments",
    "Such a call cannot be compiled. `gatewright explain FUNCTION` shows the parameters.",
    stops_load=True,
)
REMOVED_FUNCTION = _check(
    "503",
    "removed-function",
    "a function that PingGateway 2025.3 removed",
    "The message names its successor.",
    stops_load=True,
)
UNKNOWN_NAME = _check(
    "504",
    "unknown-name",
    "a name that is not in scope: its value is null",
    "In scope are the objects of the exchange, `env`, `system`, `openig`, `now`, and the heap properties of the"
    " configuration and its parents.",
)
NOT_IN_SCOPE = _check(
    "505",
    "name-not-in-scope",
    "a name that exists only at other places: its value is null here",
    "A filter sees the request before there is a response, and a configuration expression is "
    "evaluated when there is neither. Move the expression to a property that is evaluated later.",
)
UNKNOWN_PROPERTY = _check(
    "506",
    "unknown-member",
    "a property that the object does not have: its value is null",
    "Reading a name that is not there is no error for the gateway, so a misspelt one silently gives "
    "null. `gatewright explain request` (or the name of a context) lists the properties.",
)
UNKNOWN_METHOD = _check(
    "507",
    "unknown-method",
    "a method that the object does not have: evaluation fails",
    "Unlike a property, a method that is not there fails the whole expression, which then counts as "
    "null. The help line names the methods that are close.",
)
METHOD_ARGUMENTS = _check(
    "508",
    "wrong-method-arguments",
    "a method called with arguments that it does not take",
    "The method exists with other parameters. The evaluation fails, and the expression counts as null.",
)
ARGUMENT_TYPE = _check(
    "509",
    "wrong-argument-type",
    "an argument that cannot be what the parameter needs",
    "Arguments are converted where the language allows it, and this one cannot be: the evaluation "
    "fails, and the expression counts as null. Convert it first: `toString(x)`, `integer(x)`.",
)
COMPARISON = _check(
    "510",
    "comparison-fails",
    "a comparison that can only fail",
    "The two sides cannot be brought to one type, so the evaluation fails whatever they are. Compare "
    "values of one type: a number with a number, a text with a text.",
)
OPERAND = _check(
    "511",
    "wrong-operand",
    "an operand that the operator cannot work on: evaluation fails",
    "The evaluation fails, and the expression counts as null. Test a list or a map with `empty`, "
    "take one element of it with `[0]`, and compare texts with `==`.",
)
RESULT = _check(
    "512",
    "result-type",
    "an expression whose value can never be what the property needs: it counts as null",
    "There is no conversion of the result. Convert it in the expression: `toString(x)`, `integer(x)`, `bool(x)`.",
)
TEXT_RESULT = _check(
    "513",
    "text-for-value",
    "text where the property needs another kind of value: it counts as null",
    'The string `"true"` is not the boolean: write `true` or `"${true}"`. Text around an expression, even one blank,'
    " makes a string of it.",
)
PATTERN = _check(
    "514",
    "invalid-pattern",
    "a literal that is not a Java regular expression",
    "Patterns are those of Java. One that cannot be read matches nothing: `find` gives false, and a "
    "property that takes a pattern does not load.",
)
ALWAYS_FAILS = _check(
    "515",
    "evaluation-fails",
    "a constant part whose evaluation fails each time",
    "This part has no variables, and fails each time: the expression is null for every request. "
    "Correct it, or remove it.",
)
REPLACEMENT = _check(
    "516",
    "invalid-replacement",
    "a replacement that names a group the pattern does not have",
    "`$1` in a replacement is the first group in parentheses of the pattern. Add the group, or write "
    "`\\$` for the character itself.",
)
CONSTANT_COMPARISON = _check(
    "517",
    "comparison-constant",
    "a comparison whose result never changes",
    "It is true for all requests or for none, which is seldom what was meant: a list is compared "
    "with a text, or a name is misspelt. Take one element of a list with `[0]`.",
    severity=Severity.WARNING,
)
CONSTANT_WARNING = _check(
    "518",
    "constant-null",
    "a constant part that is null, with a warning in the log",
    "The function could not do what was asked, gave null and wrote a line to the log; it does so for each request.",
    severity=Severity.WARNING,
)
DEPRECATED = _check(
    "520",
    "deprecated-name",
    "a name that has a successor",
    "It works today and may be removed by a later version. The message names its successor.",
    severity=Severity.WARNING,
)
EXTENSION = _check(
    "521",
    "extension-function",
    "a function that PingGateway does not have",
    "The configuration works in Gatewright only. Select this code where it has to run on PingGateway as well.",
    severity=Severity.INFO,
    optional=True,
)
TARGET = _check(
    "522",
    "target-syntax",
    "a target that is not one expression",
    "A target names one place to write to, such as `${attributes.name}` or `${session.user}`: one "
    "expression, and no text around it.",
    stops_load=True,
)
NOT_WRITABLE = _check(
    "523",
    "target-not-writable",
    "a target that cannot be written to: writing does nothing",
    "Nothing can be assigned there, so the assignment is passed over. Write to `attributes`, "
    "`session`, or a property of the request or the response that `gatewright explain request` shows "
    "as writable.",
    severity=Severity.WARNING,
)
