"""The beginning of a body for the log, taken so that whoever reads the body next misses nothing."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from gateway.http.ahead import peek
from gateway.http.content import charset_of, parameter

if TYPE_CHECKING:
    from gateway.http.message import Message

_TEXTUAL = re.compile(
    r"text/.*|application/(?:atom\+xml|javascript|json|rss\+xml|xhtml\+xml|xml|xml-dtd|x-www-form-urlencoded|soap\+xml"
    r"|[\w.-]+\+json)",
    re.IGNORECASE,
)
_ENDLESS = "text/event-stream"


async def shown(message: Message, limit: int) -> str:
    """The text of a body, cut at `limit` bytes, or a remark in its place; empty when there is no body."""
    entity = message.entity
    if entity.empty:
        return ""
    content_type = message.headers.first("Content-Type")
    if content_type is None:
        return "[content-type not set: entity cannot be displayed]"
    media_type = content_type.partition(";")[0].strip()
    if media_type.lower() == _ENDLESS:
        return "[event stream: entity cannot be displayed]"
    if parameter(content_type, "charset") is None and not _TEXTUAL.fullmatch(media_type):
        return "[binary entity]"
    raw, whole = await peek(entity, limit)
    if not raw:
        return ""
    try:
        content, complete = _decoded(raw, message.headers.first("Content-Encoding"), limit)
        text = content[:limit].decode(charset_of(content_type), "replace")
    except ValueError:
        return "[entity cannot be decoded]"
    return text if whole and complete and len(content) <= limit else f"{text}[entity truncated]"


def _decoded(raw: bytes, coding: str | None, limit: int) -> tuple[bytes, bool]:
    """The content without its coding, not much further than `limit`, and whether the coded content ended there."""
    if coding is None or coding.lower() == "identity":
        return raw, True
    windows = {"gzip": 31, "x-gzip": 31, "deflate": zlib.MAX_WBITS if raw[0] & 15 == 8 else -zlib.MAX_WBITS}
    if coding.lower() not in windows:
        raise ValueError("a coding that is not known")
    decoder = zlib.decompressobj(windows[coding.lower()])
    try:
        content = decoder.decompress(raw, limit + 1)
    except zlib.error:
        raise ValueError("not in its coding") from None
    return content, decoder.eof
