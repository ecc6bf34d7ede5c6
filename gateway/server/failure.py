"""What becomes of a failed exchange: the documented status with an empty body, and one line in the log."""

from __future__ import annotations

import logging

from gateway.errors import ClientDisconnected, ExchangeError
from gateway.http.message import Response

logger = logging.getLogger("gatewright.server")


def answer_failure(error: Exception) -> Response:
    """The answer to a failure, which is logged here and nowhere else."""
    code = error.code if isinstance(error, ExchangeError) else 500
    _log(error, f"exchange failed with {code}", logging.ERROR if code >= 500 else logging.INFO)
    _let_go(error)
    response = Response(code)
    response.cause = error
    return response


def report_failure(error: Exception, what: str) -> None:
    """Log what failed when there is nobody to answer: the response has begun, or its connection is a tunnel."""
    _log(error, what, logging.ERROR)
    _let_go(error)


def _log(error: Exception, what: str, level: int) -> None:
    """One line about a failure.

    The message of an unforeseen exception may quote what it worked on, a token say, so the line names its class and
    place only; the whole of it is there at level debug.
    """
    if isinstance(error, ExchangeError):
        logger.log(logging.DEBUG if isinstance(error, ClientDisconnected) else level, "%s: %s", what, error)
    else:
        logger.error("%s: %s at %s", what, type(error).__name__, _place(error))
        logger.debug("the failure in full", exc_info=error)


def _let_go(error: BaseException) -> None:
    """Free what the failed calls still hold: a response that nobody will read keeps an upstream's connection.

    The response knows its cause, so with a traceback the two would be a cycle that waits for the garbage collector.
    """
    pending: list[BaseException | None] = [error]
    while pending:
        one = pending.pop()
        if one is not None and one.__traceback__ is not None:
            one.__traceback__ = None
            pending += (one.__cause__, one.__context__)


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}"
