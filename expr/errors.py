"""What goes wrong while an expression runs.

Exception
    EvaluationError     this evaluation failed: its value is null, and the host logs the message
    DiagnosticError     (expr.diagnostic) the text is wrong: it never compiles
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class EvaluationError(Exception):
    """An evaluation failed: a failed coercion, an exception in a function or method, an unknown method.

    The message names kinds of values and names, never the values of a request.
    """


_COLLECTED: ContextVar[list[str] | None] = ContextVar("_COLLECTED", default=None)


@contextmanager
def collected_warnings() -> Iterator[list[str]]:
    """Collect the warnings of an evaluation at load time, which belong to the configuration and not into the log."""
    messages: list[str] = []
    token = _COLLECTED.set(messages)
    try:
        yield messages
    finally:
        _COLLECTED.reset(token)


def warn(message: str) -> None:
    """Log what an expression got over: a bad pattern that counts as no match, a file that cannot be read."""
    import logging

    messages = _COLLECTED.get()
    if messages is not None:
        messages.append(message)
        return
    logging.getLogger("gatewright.expr").warning("%s", message)
