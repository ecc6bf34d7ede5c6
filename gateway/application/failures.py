"""What may keep a gateway from starting, in words for the person who started it."""

from __future__ import annotations

import sys
from typing import Final

from expr.diagnostic import DiagnosticError
from gateway.application.pid_file import PidFileExistsError
from gateway.tracing import TracingUnavailable

EXPECTED: Final = (DiagnosticError, OSError, TracingUnavailable, PidFileExistsError)


def explained(error: BaseException) -> str:
    """A text of one or more lines: findings as `lint` shows them, or what the system says."""
    if isinstance(error, DiagnosticError):
        from config.render.full import render

        return render(list(error.diagnostics), colour=sys.stderr.isatty())
    return f"the gateway cannot start: {error}\n"


def report(text: str) -> None:
    """Show it to whoever started the gateway."""
    sys.stderr.write(text)
    sys.stderr.flush()
