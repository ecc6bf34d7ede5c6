"""Applies the fixes of findings to texts: edits that do not touch each other, from the end of a text to its beginning.

A fix is a replacement that keeps the meaning. That a file is no worse for it is tried, not believed: see `Fixer`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path

from expr.diagnostic import Diagnostic, Edit, Fix, Severity
from expr.source import Source

MOST_PASSES = 20
Lint = Callable[[dict[Path, Source]], list[Diagnostic]]
"""Lints with these texts in place of the files."""


@dataclass(frozen=True)
class Change:
    """A file, as it is and as it would be."""

    path: Path
    before: str
    after: str

    def diff(self) -> str:
        """The change as a unified diff."""
        before, after = self.before.splitlines(keepends=True), self.after.splitlines(keepends=True)
        lines = [line if line.endswith("\n") else f"{line}\n" for line in unified_diff(before, after, *self._names())]
        return "".join(lines)

    def _names(self) -> tuple[str, str]:
        return str(self.path), str(self.path)

    def write(self) -> None:
        """Change the file; a byte order mark stays where there was one."""
        mark = b"\xef\xbb\xbf" if self.path.read_bytes().startswith(b"\xef\xbb\xbf") else b""
        self.path.write_bytes(mark + self.after.encode())


@dataclass
class Fixer:
    """Fixes files until nothing is left that can be fixed; a fix after which more is wrong than before is dropped."""

    lint: Lint
    overlay: dict[Path, Source] = field(default_factory=dict)
    _rejected: set[tuple[str, str, str]] = field(default_factory=set)
    _before: dict[Path, str] = field(default_factory=dict)

    def run(self) -> list[Change]:
        """What would change."""
        findings = self.lint(self.overlay)
        for _ in range(MOST_PASSES):
            wanted = [f for f in findings if f.fix is not None and self._key(f) not in self._rejected]
            if not wanted:
                break
            findings = self._applied(findings, wanted)
        return [
            Change(path, self._before[path], source.text)
            for path, source in sorted(self.overlay.items())
            if source.text != self._before[path]
        ]

    def _applied(self, findings: list[Diagnostic], wanted: list[Diagnostic]) -> list[Diagnostic]:
        """The findings after all that is wanted, or after one by one where all together do harm."""
        after = self._tried(findings, wanted)
        if after is not None:
            return after
        if len(wanted) == 1:
            self._rejected.add(self._key(wanted[0]))
            return findings
        for finding in wanted:
            found = self._tried(findings, [finding])
            if found is not None:
                return found  # places have changed: the others come with the next pass
            self._rejected.add(self._key(finding))
        return findings

    def _tried(self, before: list[Diagnostic], fixes: list[Diagnostic]) -> list[Diagnostic] | None:
        candidate = dict(self.overlay)
        for source, mine in _by_source(fixes):
            path = Path(source.name)
            self._before.setdefault(path, source.text)
            candidate[path] = Source(source.name, edited(source.text, [finding.fix for finding in mine if finding.fix]))
        after = self.lint(candidate)
        if _errors(after) > _errors(before):
            return None
        self.overlay = candidate
        return after

    def _key(self, finding: Diagnostic) -> tuple[str, str, str]:
        return finding.source.name, finding.message, finding.source.text[finding.span.start : finding.span.end]


def edited(text: str, fixes: Iterable[Fix]) -> str:
    """The text after those fixes that do not touch what an earlier one changes."""
    edits: list[Edit] = []
    for fix in fixes:
        if not any(_touch(new, old) for new in fix.edits for old in edits):
            edits.extend(fix.edits)
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end), reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def _touch(one: Edit, other: Edit) -> bool:
    if one.span == other.span:
        return True
    return one.span.start < other.span.end and other.span.start < one.span.end


def _by_source(findings: list[Diagnostic]) -> Iterable[tuple[Source, list[Diagnostic]]]:
    sources = {id(finding.source): finding.source for finding in findings}
    for key, source in sources.items():
        yield source, [finding for finding in findings if id(finding.source) == key]


def _errors(findings: list[Diagnostic]) -> int:
    return sum(finding.level is Severity.ERROR for finding in findings)
