"""Compact tokens taken apart: header, content and size limits, nothing trusted yet.

Parsing decides the shape only. Header parameters that point at keys (`jku`, `jwk`, `x5u`, `x5c`) are never followed
and `kid` is a label to look up; `crit` is refused, as no extension is understood. RFC 7515 and 7516, section 7.1.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.base64url import unpadded
from gateway.jose.errors import InvalidToken

MAXIMUM_TOKEN: Final = 256 * 1024
"""Longest accepted compact token, in characters: far above any real one."""
MAXIMUM_HEADER: Final = 16 * 1024
MAXIMUM_KID: Final = 1024

_ALPHABET = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@dataclass(frozen=True)
class CompactToken:
    """A token as it was read: a JWS has three segments, a JWE five. Its content is not verified."""

    value: str = field(repr=False)
    header: dict[str, Any] = field(repr=False)
    segments: tuple[bytes, ...] = field(repr=False)

    @property
    def encrypted(self) -> bool:
        """Is it a JWE?"""
        return len(self.segments) == 5

    @property
    def algorithm(self) -> str:
        """The header's `alg`."""
        return str(self.header["alg"])

    @property
    def key_id(self) -> str | None:
        """The header's `kid`, a label for a lookup in secret stores and nothing else."""
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) and len(kid) <= MAXIMUM_KID else None


def parse(text: str) -> CompactToken:
    """Take a compact JWS or JWE apart; raise InvalidToken for anything else."""
    if len(text) > MAXIMUM_TOKEN:
        raise InvalidToken(f"the token is longer than {MAXIMUM_TOKEN} characters")
    try:
        segments = tuple(text.encode("ascii").split(b"."))
    except UnicodeEncodeError:
        raise InvalidToken("the token has characters outside base64url") from None
    if len(segments) not in (3, 5):
        raise InvalidToken("the token is neither a compact JWS nor a compact JWE")
    if len(segments[0]) > MAXIMUM_HEADER:
        raise InvalidToken(f"the header of the token is longer than {MAXIMUM_HEADER} characters")
    header = read_object(decode(segments[0]), "header")
    _check_header(header, encrypted=len(segments) == 5)
    return CompactToken(text, header, segments)


def decode(segment: bytes) -> bytes:
    """Decode base64url without padding, strictly: one text for one value."""
    if not _ALPHABET.issuperset(segment) or len(segment) % 4 == 1:
        raise InvalidToken("a part of the token is not base64url")
    try:
        content = base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
    except binascii.Error:
        raise InvalidToken("a part of the token is not base64url") from None
    if unpadded(content) != segment:
        raise InvalidToken("a part of the token is not base64url in its canonical form")
    return content


def read_object(content: bytes, what: str) -> dict[str, Any]:
    """Read a JSON object in which each name occurs once."""
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise InvalidToken(f"the {what} of the token is not a JSON object with distinct names") from None
    if not isinstance(value, dict):
        raise InvalidToken(f"the {what} of the token is not a JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a name occurs twice")
    return result


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _check_header(header: dict[str, Any], *, encrypted: bool) -> None:
    if not isinstance(header.get("alg"), str):
        raise InvalidToken("the header of the token has no alg")
    if encrypted and not isinstance(header.get("enc"), str):
        raise InvalidToken("the header of the token has no enc")
    if "crit" in header or header.get("b64", True) is not True:
        raise InvalidToken("the token asks for an extension that is not understood")
