"""Comments that switch findings off: `// gatewright: ignore[GW201]`, `# ...` in YAML, and the key `_gatewright`.

A comment concerns the findings of its line, or of the next line when nothing else stands in its own; `ignore-file`
concerns the file, and the key the object that has it. One that switches nothing off is a finding itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from config.problem import closest, quoted
from config.read import is_yaml
from config.selection import Settings, is_known, names_code
from config.values import Map, Value
from expr.diagnostic import CODES, Code, Diagnostic, Severity, declare
from expr.source import Source, Span

KEY = "_gatewright"
UNUSED = declare(
    Code(
        "GW801",
        "unused-suppression",
        "a comment that switches off what is not found",
        "What it was written for is gone, or the code is misspelt. Remove it, so that it hides nothing new one day.",
        severity=Severity.WARNING,
        stops_load=False,
        bad='{"_gatewright": "ignore[GW201]", "handler": "ReverseProxyHandler"}',
        good='{"handler": "ReverseProxyHandler"}',
    )
)
_PRAGMA = re.compile(r"gatewright:\s*ignore(-file)?(?:\[([^\]]*)\])?(?![\w\[])")
_NOT_CODE = re.compile(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*[\s\S]*?\*/')
_YAML_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\n]*", re.MULTILINE)
_IN_KEY = re.compile(r"\s*(?:gatewright:\s*)?(?:ignore)?\s*\[?([^\]]*)\]?\s*")


@dataclass(eq=False)
class Suppression:
    """Findings that begin inside `reach` are not shown when one of `names` means them; all of them without names."""

    names: tuple[str, ...]
    source: Source
    span: Span
    reach: Span
    used: set[str] = field(default_factory=set)

    def hides(self, finding: Diagnostic) -> bool:
        if finding.source is not self.source or not self.reach.start <= finding.span.start < self.reach.end:
            return False
        if not self.names:
            self.used.add("")
            return True
        matching = [name for name in self.names if names_code(name, finding.code)]
        self.used.update(matching)
        return bool(matching)

    def unused(self, settings: Settings) -> Iterator[Diagnostic]:
        """What it names and does not hide, among the codes that are wanted at all."""
        if not self.names and not self.used:
            yield Diagnostic(UNUSED, "nothing is found here", self.source, self.span, "remove the comment")
        for name in self.names:
            if name in self.used:
                continue
            own = [rule.code for rule in settings.rules]
            if not is_known(name, own):
                known = [known for code in (*CODES.values(), *own) for known in (code.id, code.rule)]
                hint = closest(name, known) or "`gatewright lint --explain` tells what a code means"
                yield Diagnostic(UNUSED, f"{quoted(name)} is no code and no rule", self.source, self.span, hint)
            elif any(names_code(name, code) and settings.wants(code, None) for code in (*CODES.values(), *own)):
                yield Diagnostic(UNUSED, f"{name} is not found here", self.source, self.span, "remove it")


def suppressions(source: Source, document: Value) -> list[Suppression]:
    """All that stand in a file."""
    text = source.text
    found: list[Suppression] = []
    if "gatewright:" in text:
        found.extend(_in_comments(source))
    if KEY in text:
        found.extend(_in_keys(source, document))
    return found


def _in_comments(source: Source) -> Iterator[Suppression]:
    pattern = _YAML_COMMENT if is_yaml(source.name) else _NOT_CODE
    for comment in pattern.finditer(source.text):
        pragma = None if comment[0].startswith('"') else _PRAGMA.search(comment[0])
        if pragma is not None:
            span = Span(comment.start() + pragma.start(), comment.start() + pragma.end())
            reach = Span(0, len(source.text) + 1) if pragma[1] else _line_of(source, comment.start(), comment.end())
            yield Suppression(_names(pragma[2] or ""), source, span, reach)


def _line_of(source: Source, start: int, end: int) -> Span:
    """The line of a comment, or the next line that holds something when the comment stands alone."""
    text = source.text
    line_start = text.rfind("\n", 0, start) + 1
    if not text[line_start:start].strip():
        rest = re.compile(r"(?:\s+|//[^\n]*|#[^\n]*|/\*[\s\S]*?\*/)*").match(text, end)
        line_start = text.rfind("\n", 0, rest.end() if rest else end) + 1
    line_end = text.find("\n", line_start)
    return Span(line_start, len(text) + 1 if line_end < 0 else line_end + 1)


def _in_keys(source: Source, value: Value) -> Iterator[Suppression]:
    if isinstance(value, Map):
        if KEY in value:
            given = value[KEY]
            texts = given if isinstance(given, list) else [given]
            inner = (_IN_KEY.fullmatch(str(text)) for text in texts)
            names = tuple(name for match in inner if match for name in _names(match[1]))
            yield Suppression(names, source, value.key_span(KEY), Span(value.span.start, value.span.end + 1))
        for member in value.values():
            yield from _in_keys(source, member)
    elif isinstance(value, list):
        for item in value:
            yield from _in_keys(source, item)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
