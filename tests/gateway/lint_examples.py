"""Puts examples of lint into a directory, and lints them as the command does."""

from __future__ import annotations

import json
from pathlib import Path

from expr.diagnostic import Diagnostic
from gateway.linting import Gathering


def lint(document: object, directory: Path, *select: str, name: str = "route.json") -> list[Diagnostic]:
    """Findings of one document, or of several given as an object of file names."""
    text = document if isinstance(document, str) else json.dumps(document, indent=2)
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if isinstance(value, dict) and value and all("/" in key or key.endswith(".json") for key in value):
        write(value, directory)
        return Gathering(select).lint([directory])
    path = directory / name
    path.write_text(text, "utf-8")
    return Gathering(select).lint([path])


def write(files: dict[str, object], directory: Path) -> None:
    """Make the files of an instance directory; those without a directory are in config."""
    for name, content in files.items():
        inside = name if name.startswith(("config/", "scripts/", "gatewright")) else f"config/{name}"
        path = directory / inside
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2), "utf-8")


def ids(findings: list[Diagnostic]) -> list[str]:
    """The codes of findings, in their order."""
    return [finding.code.id for finding in findings]


def shown(finding: Diagnostic) -> str:
    """The text that a finding points at."""
    return finding.source.text[finding.span.start : finding.span.end]
