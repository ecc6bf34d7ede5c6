"""What is wrong, where, and what to do about it: one class for lint, start-up and reload.

Every kind of finding is a `Code`, declared once beside the code that reports it and collected in `CODES`.
Ranges: 1xx reading, 2xx fields and types, 3xx names and references, 4xx expression syntax, 5xx expression types and
scope, 6xx security, 7xx compatibility, 8xx style, 9xx internal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from expr.source import Source, Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Code:
    """A kind of finding.

    `stops_load` says whether the gateway refuses the configuration: some errors of lint (an unknown property) are
    ignored by the documented loader, and a load only logs them.
    """

    id: str
    """Stable, never reused: GW301."""
    rule: str
    """Name for people and for --select: unresolved-reference."""
    summary: str
    """One sentence, lower case: what it finds."""
    explanation: str = ""
    """Why it matters and what to write instead, Markdown."""
    severity: Severity = Severity.ERROR
    stops_load: bool = True
    optional: bool = False
    """Is it told only to those who select it?"""
    bad: str = ""
    """A configuration that has the finding (JSON), executed by the test run."""
    good: str = ""
    """The same without it."""


CODES: dict[str, Code] = {}


def declare(code: Code) -> Code:
    """Register a code; a second use of an id or a rule name is a programming error."""
    if code.id in CODES or any(code.rule == other.rule for other in CODES.values()):
        raise ValueError(f"diagnostic code {code.id} {code.rule} is declared twice")
    CODES[code.id] = code
    return code


@dataclass(frozen=True)
class Label:
    """A second place that explains the first: `defined here`."""

    source: Source
    span: Span
    text: str


@dataclass(frozen=True)
class Edit:
    """Text to put in place of a span of the diagnostic's own source."""

    span: Span
    text: str


@dataclass(frozen=True)
class Fix:
    """A replacement that keeps the meaning, applied by `lint --fix`."""

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Diagnostic:
    """One finding: a code, a headline (lower case, no full stop, quotes what the user wrote), a place and a remedy."""

    code: Code
    message: str
    source: Source
    span: Span
    help: str = ""
    labels: tuple[Label, ...] = ()
    fix: Fix | None = None
    severity: Severity | None = None

    @property
    def level(self) -> Severity:
        return self.severity or self.code.severity

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        return (self.source.name, self.span.start, self.span.end, self.code.id)

    def moved(self, source: Source, span: Span) -> Diagnostic:
        """The same finding at the place of its text inside a larger one."""
        return replace(self, source=source, span=span)

    def __str__(self) -> str:
        place = self.source.position(self.span.start)
        text = f"{self.source.name}:{place.line}:{place.column}: {self.code.id} {self.message}"
        return f"{text} ({self.help})" if self.help else text


class DiagnosticError(Exception):
    """A user's mistake: carries every diagnostic found before work stopped."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__("\n".join(map(str, self.diagnostics)))
