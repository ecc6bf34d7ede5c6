"""AuthRedirectContext: how a filter learns that one behind it sends the browser to a login page.

FragmentFilter and DataPreservationFilter put it into the chain; filters that redirect to a login page announce it with
`redirect_uri`, and come back to the URI that they get. Follows the documented context of that name.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from gateway.http.context import Context, InnerContext
from gateway.http.uri import Uri, as_uri


class AuthRedirectContext(InnerContext, name="AuthRedirectAwareContext"):
    """Says that a login redirect is announced, and what the URI to come back to has to carry."""

    def __init__(self, parent: Context) -> None:
        super().__init__(parent, impending_ig_redirect_notified=False)
        self._parameters: dict[str, str] = {}

    def add_query_parameter(self, name: str, value: str) -> None:
        """Have the URI to come back to carry a parameter."""
        self._parameters[name] = value

    def notify(self, uri: Any) -> Uri:
        """Announce a redirect to a login page; gives the URI to come back to. ValueError for what is no URI."""
        self.impending_ig_redirect_notified = True
        result = as_uri(uri).copy()
        for name, value in self._parameters.items():
            result.raw_query = with_parameter(result.raw_query, name, value)
        return result

    @property
    def announced(self) -> bool:
        """Is a redirect to a login page on its way back?"""
        return bool(self.impending_ig_redirect_notified)


def auth_redirect(context: Context) -> tuple[AuthRedirectContext, Context]:
    """The one of the chain, or a new one in front of it; and the context to pass on to what follows."""
    found = context.find(AuthRedirectContext.name)
    if isinstance(found, AuthRedirectContext):
        return found, context
    made = AuthRedirectContext(context)
    return made, made


def redirect_uri(context: Context, uri: Uri) -> Uri:
    """Announce a redirect to a login page, if anybody wants to know; gives the URI to come back to."""
    found = context.find(AuthRedirectContext.name)
    return found.notify(uri) if isinstance(found, AuthRedirectContext) else uri


def without_parameter(query: str | None, name: str) -> str | None:
    """A raw query without a parameter; the others stay as they are written."""
    kept = [part for part in (query or "").split("&") if part and part.partition("=")[0] != name]
    return "&".join(kept) or None


def with_parameter(query: str | None, name: str, value: str) -> str:
    """A raw query with a parameter in the place of those of the same name."""
    kept = without_parameter(query, name)
    parameter = f"{quote(name, safe='')}={quote(value, safe='')}"
    return parameter if kept is None else f"{kept}&{parameter}"
