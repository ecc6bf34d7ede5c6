"""What a body means: its content coding, its charset and its JSON; knows nothing of messages."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from gateway.errors import EntityTooLarge

_STEP: Final = 1 << 20


def decode(raw: bytes, codings: str, limit: int) -> bytes:
    """Undo a Content-Encoding; ValueError for a coding that is not known or content that is not in it."""
    for coding in reversed([part.strip().lower() for part in codings.split(",")]):
        if coding in {"", "identity"} or not raw:
            continue
        if coding in {"gzip", "x-gzip"}:
            raw = _inflate(raw, zlib.MAX_WBITS | 16, limit)
        elif coding == "deflate":
            # RFC 9110 means the zlib format; senders of bare deflate exist, and its first byte tells them apart.
            raw = _inflate(raw, zlib.MAX_WBITS if raw[0] & 0x0F == 8 else -zlib.MAX_WBITS, limit)
        else:
            raise ValueError("the content coding of a body is not supported")
    return raw


def _inflate(raw: bytes, window: int, limit: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while raw:
        decoder = zlib.decompressobj(window)
        pending = raw
        while not decoder.eof:
            try:
                piece = decoder.decompress(pending, _STEP)
            except zlib.error:
                raise ValueError("a body is not in its content coding") from None
            pending = decoder.unconsumed_tail
            if not piece and not pending and not decoder.eof:
                raise ValueError("a body ends inside its content coding")
            size += len(piece)
            if size > limit:
                raise EntityTooLarge("a body is larger than the temporary storage once it is decoded")
            pieces.append(piece)
        # A gzip body may have several members one behind the other.
        raw = decoder.unused_data if window > zlib.MAX_WBITS else b""
    return b"".join(pieces)


def parameter(field: str, name: str) -> str | None:
    """A parameter of a header value such as Content-Type, without its quotes."""
    for part in field.split(";")[1:]:
        key, equals, value = part.partition("=")
        if equals and key.strip().lower() == name:
            return value.strip().strip('"') or None
    return None


@lru_cache
def media_type(content_type: str) -> str:
    """The media type of a Content-Type, in lower case."""
    return content_type.partition(";")[0].strip().lower()


@lru_cache
def charset_of(content_type: str | None) -> str:
    """The charset of a Content-Type, ISO-8859-1 without one; ValueError for one that does not exist."""
    charset = parameter(content_type, "charset") if content_type else None
    if charset is None:
        return "iso-8859-1"
    try:
        "".encode(charset)
    except LookupError:
        raise ValueError("Content-Type names a charset that does not exist") from None
    return charset


def dump_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain).encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    """What JSON has no kind for: collections become lists, maps objects, anything else its text."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)
