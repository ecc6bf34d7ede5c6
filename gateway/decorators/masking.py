"""What a capture hides: header values, attributes of contexts, and by default fields that bear tokens or passwords."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from gateway.http.memo import Memo

Hides = Callable[[str], bool]
"""Is the value of a name hidden?"""
Mask = Callable[[str], str]
"""What is shown of a value."""

SENSITIVE_HEADERS = re.compile(
    r"authorization|proxy-authorization|cookie|set-cookie|dpop|x-api-key|iplanetdirectorypro|.*(token|secret|password).*",
    re.IGNORECASE,
)
SENSITIVE_FIELDS = (
    "access_token|refresh_token|id_token|subject_token|actor_token|device_code|id_token_hint|token|tokenid|ssotoken|"
    "client_secret|client_assertion|assertion|password|passwd|pwd|secret|code_verifier|jwt|logout_token|samlresponse|"
    "api_key|apikey|accesstoken|refreshtoken|idtoken|clientsecret|user_code|registration_access_token"
)
"""Names of form, query and JSON fields whose values open doors."""
_SESSION = "session"
SENSITIVE_ATTRIBUTES = re.compile(
    rf"value|raw|{_SESSION}|jwt|.*(token|secret|password|assertion|cookie|credential|handle)s?", re.IGNORECASE
)
_IN_FORM = re.compile(rf"((?:^|[&?#;\s])(?:{SENSITIVE_FIELDS}|code)=)[^&#;\s]+", re.IGNORECASE)
# A text that was cut may end inside a value: what is left of it is hidden as well.
_JSON_STRING = r'"(?>(?:[^"\\]|\\.)*)"?'
# Applications that show what they got repeat header fields, as members of an object or as pairs.
_REPEATED = "authorization|proxy-authorization|cookie|set-cookie|x-api-key"
_IN_JSON = re.compile(
    rf'((?:"(?:{SENSITIVE_FIELDS}|{_REPEATED})"\s*:|\[\s*"(?:{_REPEATED})"\s*,(?=\s*{_JSON_STRING}\s*(?:\]|\Z)))\s*)'
    rf"(?:{_JSON_STRING}|\[[^\]]*\]?|\{{[^}}]*\}}?|[^,}}\]\s]+)",
    re.IGNORECASE,
)
# Credentials as they stand in an Authorization field, which applications repeat in bodies and other fields; words of a
# sentence and the parameters of a challenge are none.
_CREDENTIALS = re.compile(r"\b((?:Bearer|Basic|DPoP)\s+)(?=[\w.~+/-]*[A-Z0-9])[\w.~+/-]{4,}={0,2}")
_URI_HEADERS = frozenset({"location", "content-location", "referer", "link"})


class Masks:
    """What is hidden, and what stands in its place.

    A configuration that says nothing hides credentials everywhere (`fields`); one with masks of its own hides what it
    names and nothing else.
    """

    __slots__ = ("_attributes", "_fields", "_headers", "_trailers", "mask")

    def __init__(
        self,
        headers: Hides = lambda name: SENSITIVE_HEADERS.fullmatch(name) is not None,
        trailers: Hides = lambda name: SENSITIVE_HEADERS.fullmatch(name) is not None,
        attributes: Hides = lambda name: SENSITIVE_ATTRIBUTES.fullmatch(name) is not None,
        *,
        fields: bool = True,
        mask: str = "*****",
    ) -> None:
        self._attributes = attributes
        self._fields = fields
        self.mask = mask
        # What is done with a value is decided by the name of its field, and most messages have the same fields.
        by_name = dict.fromkeys(_URI_HEADERS, self.form)
        plain = self._without_credentials
        self._headers: Memo[str, Mask] = Memo(
            lambda name: self._all if headers(name) else by_name.get(name.lower(), plain)
        )
        self._trailers: Memo[str, Mask] = Memo(lambda name: self._all if trailers(name) else plain)

    def header(self, name: str, value: str) -> str:
        return self._headers[name](value)

    def trailer(self, name: str, value: str) -> str:
        return self._trailers[name](value)

    def form(self, text: str) -> str:
        """A URI or a form with its sensitive parameters hidden."""
        return _IN_FORM.sub(self._hidden, text) if self._fields and "=" in text else text

    def body(self, text: str) -> str:
        """A text body with sensitive form and JSON fields hidden, and credentials wherever they stand."""
        return self._without_credentials(_IN_JSON.sub(self._hidden_json, self.form(text)) if self._fields else text)

    def attribute(self, value: Any) -> Any:
        """A JSON value with the members of hidden names replaced, however deep they are."""
        if isinstance(value, dict):
            return {
                name: self._covered(name, member) if self._attributes(name) else self.attribute(member)
                for name, member in value.items()
            }
        if isinstance(value, list):
            return [self.attribute(item) for item in value]
        return self._without_credentials(self.form(value)) if isinstance(value, str) else value

    def _all(self, _: str) -> str:
        return self.mask

    def _without_credentials(self, text: str) -> str:
        # To look for the words first takes a tenth of the time (measured), and most texts have none of them.
        if self._fields and ("Bearer" in text or "Basic" in text or "DPoP" in text):
            return _CREDENTIALS.sub(self._hidden, text)
        return text

    def _covered(self, name: str, value: Any) -> Any:
        """What stands in the place of a hidden member; by default a structure stays, and its own members are judged."""
        if value is None:
            return None
        if self._fields and name != _SESSION:
            if isinstance(value, dict):
                return self.attribute(value)
            if isinstance(value, list):
                return [self._covered(name, item) for item in value]
        return self.mask

    def _hidden(self, found: re.Match[str]) -> str:
        return found[1] + self.mask

    def _hidden_json(self, found: re.Match[str]) -> str:
        return f'{found[1]}"{self.mask}"'


def named_by(patterns: Sequence[Any]) -> Hides:
    """Does one of the patterns match a whole name?"""
    from gateway.filters.patterns import matches_any

    return lambda name: matches_any(patterns, name)
