"""Names that runtime expressions see: `request`, `contexts` and the others, on the request and on the response side.

Follows section 3 of the documented expression language.
"""

from __future__ import annotations

from typing import Final

from expr.scope import Environment, Name
from expr.types import MAP
from gateway.http.context import Contexts
from gateway.http.message import Request, Response
from gateway.http.published import ALIASES, BASE, EXCEPTION

_SHARED: Final = {
    "request": Name("request", Request.published, "request", "The request as it is now."),
    "context": Name("context", BASE, "contexts", "The innermost context."),
    "contexts": Name(
        "context.contexts",
        Contexts.published,
        "contexts",
        "Map of context names to contexts.",
        item="context.find({})",
        aliases=ALIASES,
    ),
    "attributes": Name("context.root.attributes", MAP, "attributes", "Free attributes of the request."),
    "session": Name("context.session", MAP, "session", "The session of the client."),
}
_ONLY_RETRIES: Final = "there is an exception only in retries.runtimeExceptionCondition"

REQUEST_SIDE: Final = Environment(
    ("context", "request"),
    _SHARED,
    missing={
        "response": "there is no response before the next handler has answered",
        "exception": _ONLY_RETRIES,
    },
    title="an expression of the request side",
)
"""Conditions, and everything that is evaluated before the next handler answers."""

RESPONSE_SIDE: Final = Environment(
    ("context", "request", "response"),
    {**_SHARED, "response": Name("response", Response.published, "response", "The response.")},
    missing={"exception": _ONLY_RETRIES},
    title="an expression of the response side",
)
"""What is evaluated after the next handler has answered."""

EXCEPTION_SIDE: Final = REQUEST_SIDE.extended(
    {"exception": Name("exception", EXCEPTION, None, "The exception that made the call fail.")},
    "exception",
    title="an expression about a failed call",
)
"""`retries.runtimeExceptionCondition`: evaluated when the call to the next handler failed."""
