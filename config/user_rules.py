"""Rules of users: JMESPath queries over the configuration, whose answers are findings at their places.

For example: `{code: ACME001, message: a handler without a time-out, select: "heap[?type=='ClientHandler' &&
!config.soTimeout]"}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.problem import closest, listed, quoted
from config.values import List, Map, Text, Value
from expr.diagnostic import CODES, Code, Diagnostic, DiagnosticError, Severity, declare
from expr.source import Source, Span

KEYS = ("code", "name", "severity", "message", "help", "select", "at")
RULE = declare(
    Code(
        "GW803",
        "lint-rule",
        "a rule of your own that cannot be used",
        "A rule has a `code` of its own (letters and digits), a `message`, and `select`: a JMESPath query over the "
        "configuration. Each object, array or text that the query gives is a finding at its place; a query that gives "
        "true is one for the whole file. `at` names a member of the answer to point at. `severity` is error, warning "
        "(the default) or info; `help` and `name` are optional.",
    )
)


@dataclass(frozen=True)
class UserRule:
    """One rule: what it looks for, and what it says of it."""

    code: Code
    message: str
    help: str
    query: Any
    """Compiled JMESPath."""
    at: str = ""

    def check(self, document: Value, source: Source) -> Iterator[Diagnostic]:
        """Findings in one configuration file, as it stands before substitution."""
        from jmespath.exceptions import JMESPathError

        try:
            answer = self.query.search(document, options=_options())
        except JMESPathError:  # a function met a value that it does not take: nothing of the kind stands here
            return
        answers = answer if isinstance(answer, list) and not isinstance(answer, List) else [answer]
        for item in answers:
            if item is not None and item is not False and item != []:
                yield Diagnostic(self.code, self.message, source, self._place(item, document), self.help)

    def _place(self, item: Value, document: Value) -> Span:
        if isinstance(item, Map) and self.at in item:
            return item.key_span(self.at)
        if isinstance(item, Text | Map | List):
            return Span(item.span.start, item.span.start + 1) if isinstance(item, Map | List) else item.span
        start = document.span.start if isinstance(document, Map | List) else 0
        return Span(start, start + 1)


def read_rules(values: Value) -> list[UserRule]:
    """The rules of a YAML document: one, or a list of them; raises DiagnosticError."""
    items = values if isinstance(values, List) else [values]
    found: list[UserRule] = []
    errors: list[Diagnostic] = []
    for item in items:
        if not isinstance(item, Map):
            raise ValueError("a rule is a mapping, or the path of a file of rules")
        problems = list(_problems(item))
        if problems:
            errors.extend(problems)
        else:
            found.append(_rule(item))
    if errors:
        raise DiagnosticError(errors)
    return found


def _problems(item: Map) -> Iterator[Diagnostic]:
    for key in ("code", "message", "select"):
        if not isinstance(item.get(key), str):
            yield Diagnostic(RULE, f"a rule needs {quoted(key)}, a text", *item.at([key]))
    for key in item:
        if key not in KEYS:
            hint = closest(key, KEYS) or f"a rule has {listed(KEYS)}"
            yield Diagnostic(RULE, f"a rule has no {quoted(key)}", *item.key_at([key]), hint)
    code = item.get("code")
    if isinstance(code, str) and (code.startswith("GW") or not code.isalnum()):
        yield Diagnostic(RULE, f"{quoted(code)} is no code for a rule of yours", *item.at(["code"]), "write ACME001")
    if item.get("severity", "warning") not in list(Severity):
        hint = f"one of {listed(Severity)}"
        yield Diagnostic(RULE, f"{quoted(item['severity'])} is no severity", *item.at(["severity"]), hint)
    name = item.get("name")
    if any(name == other.rule for other in CODES.values()):
        yield Diagnostic(RULE, f"the name {quoted(name)} is taken", *item.at(["name"]))
    if isinstance(item.get("select"), str):
        yield from _faulty_query(item)


def _faulty_query(item: Map) -> Iterator[Diagnostic]:
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        jmespath.compile(str(item["select"]))
    except JMESPathError as error:
        reason = str(error).splitlines()[0]
        yield Diagnostic(RULE, f"this is no JMESPath query: {reason}", *item.at(["select"]))


def _rule(item: Map) -> UserRule:
    import jmespath

    code = Code(
        str(item["code"]),
        str(item.get("name") or item["code"]),
        str(item["message"]),
        severity=Severity(item.get("severity", "warning")),
        stops_load=False,
    )
    query = jmespath.compile(str(item["select"]))
    return UserRule(code, code.summary, str(item.get("help") or ""), query, str(item.get("at") or ""))


def _options() -> Any:
    """JMESPath tells types by their names, and knows those of plain Python only."""
    from jmespath import Options
    from jmespath.functions import REVERSE_TYPES_MAP, Functions

    class Placed(Functions):  # type: ignore[misc]
        def _get_allowed_pytypes(self, types: Any) -> Any:
            allowed, subtypes = super()._get_allowed_pytypes(types)
            return _with_placed(allowed), [_with_placed(subtype) for subtype in subtypes]

    def _with_placed(names: Any) -> list[str]:
        more = {"string": ("Text", "Unknown"), "object": ("Map",), "array": ("List",)}
        extra = [n for kind, own in more.items() if set(REVERSE_TYPES_MAP[kind]) & set(names) for n in own]
        return [*names, *extra]

    return Options(custom_functions=Placed())
