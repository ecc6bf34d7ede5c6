from __future__ import annotations

from typing import Any, ClassVar

from config.declaration import Decorator
from config.types import Static
from tests.config.toys.leaf import Leaf


class Wrap(Decorator):
    """Puts a word around the text of a leaf."""

    mark: Static[str] = "+"

    decoration: ClassVar[Any] = Static[str]

    def decorate(self, target: Any, value: Any, name: str) -> Any:
        if not isinstance(target, Leaf):
            return target
        return target.model_copy(update={"text": f"{value}({target.text})"})
