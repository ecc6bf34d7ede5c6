"""What a code means, as text for a terminal: what is found, why it matters, what to write instead."""

from __future__ import annotations

import json
import textwrap

from expr.diagnostic import Code

WIDTH = 100


def explained(code: Code) -> str:
    """The page of a code."""
    level = f"{code.severity}, keeps the file from loading" if code.stops_load else str(code.severity)
    parts = [f"{code.id} {code.rule} ({level})", f"Finds {code.summary}."]
    if code.explanation:
        parts.append("\n".join(textwrap.wrap(code.explanation, WIDTH, break_on_hyphens=False)))
    if code.optional:
        parts.append(f"Told only to those who select it: --select {code.id}.")
    for title, example in (("Found here:", code.bad), ("Not found here:", code.good)):
        if example:
            parts.append(f"{title}\n\n{textwrap.indent(_laid_out(example), '    ')}")
    parts.append(f"Switch it off for one line with the comment // gatewright: ignore[{code.id}]")
    return "\n\n".join(parts) + "\n"


def _laid_out(example: str) -> str:
    try:
        return json.dumps(json.loads(example), indent=2, ensure_ascii=False)
    except ValueError:  # an example of what is no JSON
        return example
