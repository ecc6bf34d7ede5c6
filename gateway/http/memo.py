"""A memory of what was worked out once, for questions that come with nearly every message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")
CAPACITY: Final = 4096


class Memo(dict[Key, Value]):
    """`memo[question]` asks `answer` the first time only.

    Past the capacity nothing more is remembered, so nobody outside can fill the memory. Use it for names, never for
    what may be a secret.
    """

    __slots__ = ("_answer",)

    def __init__(self, answer: Callable[[Key], Value]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, question: Key) -> Value:
        answer = self._answer(question)
        if len(self) < CAPACITY:
            self[question] = answer
        return answer
