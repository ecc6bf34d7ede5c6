"""Functions for Base64, digests and JSON."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from expr.errors import warn
from expr.functions import Function, Parameter
from expr.types import ANY, BYTES, STRING
from expr.utf16 import encode
from expr.values import parse_json, text

_STANDARD = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_URL = re.compile(r"((?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3})?)={0,2}")
_STRING = Parameter("string", STRING)
_OBJECT = Parameter("object", ANY, "a string, taken as UTF-8, or a byte array")


def _decode(value: str | None) -> str | None:
    if value is None:
        return None
    if not _STANDARD.fullmatch(value):
        warn("the text is not valid base64: the value is null")
        return None
    return b64decode(value).decode("utf-8", "replace")


def _decode_url(value: str | None) -> str | None:
    found = _URL.fullmatch(value) if value is not None else None
    if found is None:
        if value is not None:
            warn("the text is not valid base64url: the value is null")
        return None
    body = found.group(1)
    return urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode("utf-8", "replace")


def _bytes(value: Any) -> bytes:
    return bytes(value) if isinstance(value, bytes | bytearray) else encode(text(value))


def _digest(value: Any) -> bytes | None:
    from hashlib import sha256

    return sha256(_bytes(value)).digest() if isinstance(value, str | bytes | bytearray) else None


def _encode(value: Any) -> str | None:
    return None if value is None else b64encode(_bytes(value)).decode("ascii")


def _encode_url(value: Any) -> str | None:
    return None if value is None else urlsafe_b64encode(_bytes(value)).rstrip(b"=").decode("ascii")


def _to_json(value: str | None) -> Any:
    if value is None:
        return None
    try:
        return parse_json(value)
    except (ValueError, RecursionError):
        warn("the text is no JSON: the value is null")
        return None


FUNCTIONS = (
    Function(
        "decodeBase64",
        "Decodes base64 text to a string; null when it is not valid.",
        (_STRING,),
        STRING,
        _decode,
        (
            ("decodeBase64('aGVsbG8=')", "hello"),
            ("decodeBase64('')", ""),
            ("decodeBase64('VGhpcyBpcyB')", None),
            ("decodeBase64(null)", None),
        ),
    ),
    Function(
        "decodeBase64url",
        "Decodes base64url text to a string; null when it is not valid.",
        (_STRING,),
        STRING,
        _decode_url,
        (("decodeBase64url('aGVsbG8')", "hello"), ("decodeBase64url('a+b/')", None), ("decodeBase64url(null)", None)),
    ),
    Function(
        "digestSha256",
        "SHA-256 hash, as a byte array.",
        (_OBJECT,),
        BYTES,
        _digest,
        (
            ("encodeBase64url(digestSha256('abc'))", "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"),
            ("digestSha256(null)", None),
            ("digestSha256(1)", None),
        ),
    ),
    Function(
        "encodeBase64",
        "Base64 text of a string or a byte array.",
        (_OBJECT,),
        STRING,
        _encode,
        (("encodeBase64('hello')", "aGVsbG8="), ("encodeBase64('')", ""), ("encodeBase64(null)", None)),
    ),
    Function(
        "encodeBase64url",
        "Base64url text of a string or a byte array, without padding.",
        (_OBJECT,),
        STRING,
        _encode_url,
        (
            ("encodeBase64url('hello')", "aGVsbG8"),
            ("encodeBase64url('a?>b')", "YT8-Yg"),
            ("encodeBase64url(null)", None),
        ),
    ),
    Function(
        "toJson",
        "Parses JSON text to a structure that can be walked with . and []; null for text that is no JSON.",
        (_STRING,),
        ANY,
        _to_json,
        (
            ("toJson('{\"a\":[1,2]}').a[1]", 2),
            ("toJson('[1')", None),
            ("toJson(null)", None),
            ("toString(toJson('{\"a\": [1, 2.5]}'))", '{"a":[1,2.5]}'),
        ),
    ),
)
