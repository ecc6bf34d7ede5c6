"""JSON for people: what fits on a line stands on one, the rest is indented."""

from __future__ import annotations

import json
from typing import Any

WIDTH = 120


def dumps(value: Any, indent: int = 0, used: int = 0) -> str:
    """A JSON text; `used` is the room that the line has lost to a key."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent + used <= WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    margin = " " * (indent + 2)
    if isinstance(value, dict):
        keys = {key: json.dumps(key, ensure_ascii=False) + ": " for key in value}
        lines = [margin + keys[key] + dumps(item, indent + 2, len(keys[key]) + 1) for key, item in value.items()]
    elif all(isinstance(item, str) for item in value):
        lines = _filled([json.dumps(item, ensure_ascii=False) for item in value], margin)
    else:
        lines = [margin + dumps(item, indent + 2, 1) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return opening + "\n" + ",\n".join(lines) + "\n" + " " * indent + closing


def _filled(items: list[str], margin: str) -> list[str]:
    """Texts side by side, as many as fit on each line."""
    lines = [margin + items[0]]
    for item in items[1:]:
        if len(lines[-1]) + len(item) + 3 <= WIDTH:
            lines[-1] += ", " + item
        else:
            lines.append(margin + item)
    return lines
