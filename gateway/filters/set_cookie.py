"""The header Set-Cookie: read, changed attribute by attribute, and written again (RFC 6265)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SPELLINGS = {
    "domain": "Domain",
    "expires": "Expires",
    "httponly": "HttpOnly",
    "max-age": "Max-Age",
    "path": "Path",
    "samesite": "SameSite",
    "secure": "Secure",
}


class SetCookie:
    """A cookie that a response sets: its value, and its attributes in order, a flag with the value None."""

    __slots__ = ("attributes", "name", "value")

    def __init__(self, name: str, value: str, attributes: list[tuple[str, str | None]] | None = None) -> None:
        self.name = name
        self.value = value
        self.attributes = attributes if attributes is not None else []

    @classmethod
    def parse(cls, line: str) -> SetCookie | None:
        """The cookie of a header line, None when it is none."""
        pair, *rest = line.split(";")
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            return None
        attributes: list[tuple[str, str | None]] = []
        for part in rest:
            key, equals, text = part.partition("=")
            if key.strip():
                attributes.append((key.strip(), text.strip() if equals else None))
        return cls(name.strip(), value.strip(), attributes)

    def get(self, name: str) -> str | None:
        """The value of an attribute, the last one when there are several; empty for a flag, None when it is absent."""
        folded = name.lower()
        return next((value or "" for key, value in reversed(self.attributes) if key.lower() == folded), None)

    def set(self, name: str, value: str | None) -> None:
        """Give an attribute a value in the place where it stands, or add it; a flag has the value None."""
        folded = name.lower()
        entry = (_SPELLINGS.get(folded, name), value)
        places = [index for index, (key, _) in enumerate(self.attributes) if key.lower() == folded]
        if not places:
            self.attributes.append(entry)
            return
        self.attributes[places[0]] = entry
        for index in reversed(places[1:]):
            del self.attributes[index]

    def remove(self, name: str) -> None:
        folded = name.lower()
        self.attributes = [(key, value) for key, value in self.attributes if key.lower() != folded]

    def expiry(self, now: float) -> float | None:
        """Seconds since the epoch at which the cookie ends, None for one of the browser session."""
        age = self.get("Max-Age")
        if age is not None and age.lstrip("-").isdecimal() and age.isascii():
            return now + int(age)
        moment = _date(self.get("Expires"))
        return None if moment is None else moment.timestamp()

    def __str__(self) -> str:
        parts = [f"{self.name}={self.value}"]
        parts.extend(key if value is None else f"{key}={value}" for key, value in self.attributes)
        return "; ".join(parts)

    def __repr__(self) -> str:
        """Without the value, which may be a session."""
        return f"<SetCookie {self.name}>"


def _date(text: str | None) -> datetime | None:
    """A cookie date; browsers and servers write it with hyphens, too."""
    try:
        moment = parsedate_to_datetime((text or "").replace("-", " "))
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
