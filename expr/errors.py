"""What goes wrong while an expression runs.

Exception
    EvaluationError     this evaluation failed: its value is null, and the host logs the message
    DiagnosticError     (expr.diagnostic) the text is wrong: it never compiles
"""

from __future__ import annotations


class EvaluationError(Exception):
    """An evaluation failed: a failed coercion, an exception in a function or method, an unknown method.

    The message names kinds of values and names, never the values of a request.
    """


def warn(message: str) -> None:
    """Log what an expression got over: a bad pattern that counts as no match, a file that cannot be read."""
    import logging

    logging.getLogger("gatewright.expr").warning("%s", message)
