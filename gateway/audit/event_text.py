"""Events as text: one line of JSON, with the changes that Elasticsearch wants where it is the reader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str)


def json_text(value: Any) -> str:
    """JSON without blanks; what JSON does not know is written as text."""
    return _ENCODER.encode(value)


def json_line(event: Mapping[str, Any], *, elasticsearch: bool = False) -> bytes:
    """One line; surrogates that no file takes are escaped."""
    text = json_text(for_elasticsearch(event) if elasticsearch else event)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def for_elasticsearch(event: Mapping[str, Any]) -> dict[str, Any]:
    """`_id` as `_eventId`, and keys without periods; `_normalized.fieldNames` maps new keys to old ones."""
    renamed: dict[str, str] = {}
    made: dict[str, Any] = {}
    for name, value in event.items():
        made["_eventId" if name == "_id" else name] = _without_periods(value, renamed)
    if renamed:
        made["_normalized"] = {"fieldNames": renamed}
    return made


def _without_periods(value: Any, renamed: dict[str, str]) -> Any:
    if isinstance(value, Mapping):
        made = {}
        for name, member in value.items():
            normal = name.replace(".", "_")
            if normal != name:
                renamed[normal] = name
            made[normal] = _without_periods(member, renamed)
        return made
    if isinstance(value, list | tuple):
        return [_without_periods(item, renamed) for item in value]
    return value


def cell_text(value: Any) -> str:
    """A value as the text of a cell or parameter: nothing for null, JSON for maps and arrays."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json_text(value)
