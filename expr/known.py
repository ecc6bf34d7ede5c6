"""What the checker knows of a part of an expression before it runs."""

from __future__ import annotations

from typing import Any, NamedTuple

from expr.types import ANY, NULL, Type

VARIES: Any = object()
"""In place of a value that is known only when the expression runs."""


class Known(NamedTuple):
    """The type of a node, its value when that never changes, and where it was reached from."""

    type: Type
    value: Any = VARIES
    origin: str | None = None
    """The name it began with ("request", "contexts"; "request.headers" behind that property), for `Reads`."""

    @property
    def constant(self) -> bool:
        return self.value is not VARIES


NOTHING = Known(NULL, None)
UNKNOWN = Known(ANY)
