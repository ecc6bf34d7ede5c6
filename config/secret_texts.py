"""How secrets in a configuration file are told from other texts: by the name of a property, or by their form.

For the lint rule that reports them, and for excerpts of files, which do not show them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from expr.source import Span

_NAME: Final = r"(?:[\w.-]*[a-z_.-])?(?:password|passwd|passphrase|secret|apikey|api[_-]key|privatekey|accesskey)"
SECRET_NAME: Final = re.compile(_NAME, re.IGNORECASE)
PRIVATE_KEY: Final = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")
CREDENTIALS: Final = re.compile(r"(?i)(?:basic|bearer)\s+[A-Za-z0-9+/._=-]{8,}")
PASSWORD_IN_URL: Final = re.compile(r"(?i)[?;&](?:password|pwd)=[^&;]+|://[^/@:\s]+:[^/@\s]+@")

# What is wrong may be the syntax itself, so the text is looked at and not what it means. A string that was not closed
# ends with its line.
_STRING: Final = r'"(?P<{}>(?:[^"\\\n]|\\.)*)'
_KEY: Final = rf"(?:{_NAME}|[\w.-]*token)"
_HIDDEN: Final = (
    re.compile(rf'"{_KEY}"\s*:\s*{_STRING.format("value")}', re.IGNORECASE),
    re.compile(rf'"{_KEY}"\s*:\s*(?P<value>-?\d[\w.+-]*)', re.IGNORECASE),
    re.compile(rf"^[\s-]*(?P<quote>'?){_KEY}(?P=quote):[ \t]+(?P<value>[^\s{{\[|>].*)", re.IGNORECASE | re.MULTILINE),
    re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?P<value>[^\"]*?)(?=-----END|\"|\Z)"),
    re.compile(r"(?:basic|bearer)\s+(?P<value>[A-Za-z0-9+/._=-]{8,})", re.IGNORECASE),
    re.compile(r"[?;&](?:password|pwd)=(?P<value>[^&;\s\"']+)", re.IGNORECASE),
    re.compile(r"://[^/@:\s\"]+:(?P<value>[^/@\s\"]+)@"),
)
_SECRETS: Final = re.compile(r'"secrets"\s*:\s*\{(?P<members>[^{}]*)\}?')
_MEMBER: Final = re.compile(rf":\s*{_STRING.format('value')}")


@lru_cache(maxsize=8)
def secret_spans(text: str) -> tuple[Span, ...]:
    """Where literal secrets stand in the text of a file, in their order; expressions and tokens are none."""
    spans: list[Span] = []
    for span in sorted(_candidates(text)):
        if text[span.start : span.end].lstrip("'\"").startswith(("${", "&{", "#{")):
            continue
        if spans and span.start <= spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(span.end, spans[-1].end))
        else:
            spans.append(span)
    return tuple(spans)


def _candidates(text: str) -> Iterator[Span]:
    for pattern in _HIDDEN:
        yield from (Span(*found.span("value")) for found in pattern.finditer(text) if found["value"])
    for block in _SECRETS.finditer(text):
        members = _MEMBER.finditer(text, *block.span("members"))
        yield from (Span(*found.span("value")) for found in members if found["value"])
