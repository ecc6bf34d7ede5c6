"""Failures of an exchange: what a filter or handler raises when it cannot answer.

The server turns them into the documented status, with an empty body and one log line. A denied request is not an
error: a filter that refuses answers with a response of its own.

    ExchangeError                    500 unless said otherwise
      MalformedRequest               400
      EntityTooLarge                 413
      UpstreamError                  502
        UpstreamTimeout              504
        UpstreamUnavailable          503
      ClientDisconnected             nobody is left to answer
    EntityConsumed                   a programming error: a streamed body was read twice
"""

from __future__ import annotations

from typing import ClassVar

from expr.host import HostType
from expr.types import STRING


class ExchangeError(Exception):
    """A failure with the status that the client gets; its message goes to the log and never to the client."""

    status: ClassVar[int] = 500
    published: ClassVar[HostType]

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.code = self.status if status is None else status


class _Class:
    """What `exception.class` is: the Java class that a configuration expects, where an error names one."""

    __slots__ = ("name",)

    def __init__(self, error: BaseException) -> None:
        self.name: str = getattr(error, "class_name", None) or type(error).__name__

    published = HostType("class", properties={"name": (STRING, "name")})


ExchangeError.published = HostType(
    "exception",
    properties={
        "message": (STRING, str),
        "cause": (lambda: ExchangeError.published, "__cause__"),
        "class": (_Class.published, _Class),
    },
    text=lambda error: f"{_Class(error).name}: {error}",
)


class MalformedRequest(ExchangeError):
    """The request cannot be understood."""

    status = 400


class EntityTooLarge(ExchangeError):
    """A body does not fit the temporary storage or the limit of the connector."""

    status = 413


class UpstreamError(ExchangeError):
    """The other side could not be reached or answered nonsense."""

    status = 502


class UpstreamTimeout(UpstreamError):
    """The other side did not answer in time."""

    status = 504


class UpstreamUnavailable(UpstreamError):
    """The other side is not asked now: its circuit is open or its connections are used up."""

    status = 503


class ClientDisconnected(ExchangeError):
    """The client went away before its request was complete."""

    status = 400


class EntityConsumed(RuntimeError):
    """A body that was passed on as a stream is read again."""
