"""Session cookies: their documented properties, and the Set-Cookie lines made of them."""

from __future__ import annotations

import re
from email.utils import formatdate
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from config.declaration import Properties
from config.types import Static

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f;]")


class SameSite(StrEnum):
    """When a browser sends a cookie with requests of other sites."""

    STRICT = "STRICT"
    LAX = "LAX"
    NONE = "NONE"


class SessionCookie(Properties):
    """The cookie of a session."""

    name: Static[str] = "IG_SESSIONID"
    """Name of the cookie."""
    domain: Static[str] | None = None
    """Domain that gets the cookie; none is the host that the client talks to."""
    httpOnly: Static[bool] = True
    """Whether scripts of a page are kept from the cookie."""
    path: Static[str] = "/"
    """Path under which the cookie is sent."""
    sameSite: Static[SameSite] | None = None
    """When the cookie is sent with requests of other sites."""
    secure: Static[bool] = False
    """Whether the cookie is sent over TLS only."""

    def problems(self) -> Iterator[tuple[str, str, str]]:
        """What is wrong with the cookie, as a manager's rules tell it."""
        if _NAME.fullmatch(self.name) is None:
            yield "cookie", f'"{self.name}" is not the name of a cookie', "use letters, digits, hyphens and underscores"
        for text in (self.domain or "", self.path):
            if _UNSAFE.search(text):
                yield "cookie", "the domain or path of the cookie has a character that ends it", "remove it"

    def line(self, value: str, *, suffix: str = "", expires: float | None = None) -> str:
        """A Set-Cookie line; `expires` is a time in seconds, 0 takes the cookie away."""
        parts = [f"{self.name}{suffix}={value}", f"Path={self.path}"]
        if self.domain:
            parts.append(f"Domain={self.domain}")
        if expires is not None:
            parts.append(f"Expires={formatdate(expires, usegmt=True)}")
            if expires == 0:
                parts.append("Max-Age=0")
        if self.secure:
            parts.append("Secure")
        if self.httpOnly:
            parts.append("HttpOnly")
        if self.sameSite is not None:
            parts.append(f"SameSite={self.sameSite.value.capitalize()}")
        return "; ".join(parts)
