"""GW804: paths that are right on one machine only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from config.problem import quoted
from config.rules.base import is_literal, members
from expr.diagnostic import Code, Diagnostic, Severity, declare

if TYPE_CHECKING:
    from config.lint_files import Project

CODE = declare(
    Code(
        "GW804",
        "absolute-path",
        "a path that is right on one machine only",
        "Begin it with `&{ig.instance.dir}` or `${openig.baseDirectory}`, or let a token give it, so that the "
        "configuration can move to another machine or directory.",
        severity=Severity.INFO,
        stops_load=False,
        bad='{"handler": {"type": "ResourceHandler", "config": {"directories": ["/home/demo/www"]}}}',
        good='{"handler": {"type": "ResourceHandler", "config": {"directories": ["&{ig.instance.dir}/www"]}}}',
    )
)
_KEY = re.compile(r"file|.*File|directory|.*Directory|directories")
_ABSOLUTE = re.compile(r"(?:file:/*)?(?:/(?!/)|[A-Za-z]:[\\/])")


def check(project: Project) -> Iterator[Diagnostic]:
    """Look at properties that hold paths."""
    for _, node in project.objects():
        for key, value, _ in members(node):
            if not _KEY.fullmatch(key):
                continue
            for text in value if isinstance(value, list) else [value]:
                if is_literal(text) and _ABSOLUTE.match(text):
                    message = f"the path {quoted(text)} is right on one machine only"
                    yield Diagnostic(CODE, message, text.source, text.span, "begin it with &{ig.instance.dir}")
