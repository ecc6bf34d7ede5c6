"""GW805 and GW806: scripts that do not exist, and scripts that nothing refers to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from config.problem import closest, quoted
from config.rules.base import is_literal, members
from config.values import Text
from expr.diagnostic import Code, Diagnostic, Severity, declare
from expr.source import Source, Span

if TYPE_CHECKING:
    from config.lint_files import Project

MISSING = declare(
    Code(
        "GW805",
        "missing-script",
        "a script file that does not exist",
        "`file` is the name of a file in scripts/groovy of the instance directory, or an absolute path.",
        stops_load=False,
        bad='{"config/config.json": {"handler": {"type": "ScriptableHandler", "config": {"type": '
        '"application/x-groovy", "file": "Hello.groovy"}}}, "scripts/groovy/Helo.groovy": ""}',
        good='{"config/config.json": {"handler": {"type": "ScriptableHandler", "config": {"type": '
        '"application/x-groovy", "file": "Hello.groovy"}}}, "scripts/groovy/Hello.groovy": ""}',
    )
)
UNUSED = declare(
    Code(
        "GW806",
        "unused-script",
        "a script that nothing refers to",
        "Remove it, or refer to it. Scripts in packages (directories below scripts/groovy) belong to other scripts, "
        "and are no finding.",
        severity=Severity.INFO,
        stops_load=False,
        bad='{"config/config.json": {"handler": "ClientHandler"}, "scripts/groovy/Old.groovy": ""}',
        good='{"config/config.json": {"handler": {"type": "ScriptableHandler", "config": {"type": '
        '"application/x-groovy", "file": "New.groovy"}}}, "scripts/groovy/New.groovy": ""}',
    )
)
CODE = MISSING
GROOVY = "application/x-groovy"


def check(project: Project) -> Iterator[Diagnostic]:
    """Compare the files that objects name with those that there are, in an instance directory."""
    if project.base is None:
        return
    directory = project.base / "scripts" / "groovy"
    present = {path.name: path for path in sorted(directory.glob("*.groovy"))} if directory.is_dir() else {}
    wanted: set[str] = set()
    known = True
    for text in _script_files(project):
        if not is_literal(text):
            known = False
            continue
        wanted.add(Path(text).name)
        if not (directory / text).is_file():
            hint = closest(text, present) or f"scripts are looked for in {directory}"
            yield Diagnostic(MISSING, f"there is no script {quoted(text)}", text.source, text.span, hint)
    if known:
        yield from _unused({name: path for name, path in present.items() if name not in wanted}, present)


def _script_files(project: Project) -> Iterator[Text]:
    for _, node in project.objects():
        for key, value, owner in members(node):
            if key == "file" and isinstance(value, Text) and (owner.get("type") == GROOVY or value.endswith(".groovy")):
                yield value


def _unused(unused: dict[str, Path], present: dict[str, Path]) -> Iterator[Diagnostic]:
    if not unused:
        return
    contents = {name: path.read_text("utf-8", errors="replace") for name, path in present.items()}
    for name, path in unused.items():
        # A script may use the class that another one is.
        if not any(path.stem in text for other, text in contents.items() if other != name):
            yield Diagnostic(UNUSED, f"nothing refers to the script {quoted(name)}", Source(str(path), ""), Span(0, 0))
