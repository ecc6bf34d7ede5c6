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
