"""Query filters of Common REST: `_id sw "gateway" and !(count eq 0)`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

Test = Callable[[Mapping[str, Any]], bool]

LONGEST: Final = 4096
_TOKEN: Final = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[()]|!|[^\s()!"']+)""")
_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda value, wanted: value == wanted,
    "co": lambda value, wanted: isinstance(value, str) and wanted in value,
    "sw": lambda value, wanted: isinstance(value, str) and value.startswith(wanted),
    "lt": lambda value, wanted: value < wanted,
    "le": lambda value, wanted: value <= wanted,
    "gt": lambda value, wanted: value > wanted,
    "ge": lambda value, wanted: value >= wanted,
}


class QueryFilter:
    """A filter that was parsed; ValueError, with a message for people, for what is none."""

    def __init__(self, text: str) -> None:
        if len(text) > LONGEST:
            raise ValueError("it is too long")
        self.text = text.strip()
        self._tokens = list(_tokens(self.text))
        self._next = 0
        self._depth = 0
        self._test = self._either()
        if self._next < len(self._tokens):
            raise ValueError(f"nothing is expected at {self._tokens[self._next]}")

    def __call__(self, resource: Mapping[str, Any]) -> bool:
        return self._test(resource)

    def _take(self) -> str:
        if self._next >= len(self._tokens):
            raise ValueError("it ends too early")
        self._next += 1
        return self._tokens[self._next - 1]

    def _accept(self, token: str) -> bool:
        found = self._next < len(self._tokens) and self._tokens[self._next] == token
        self._next += found
        return found

    def _either(self) -> Test:
        tests = [self._both()]
        while self._accept("or"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda resource: any(test(resource) for test in tests)

    def _both(self) -> Test:
        tests = [self._not()]
        while self._accept("and"):
            tests.append(self._not())
        return tests[0] if len(tests) == 1 else lambda resource: all(test(resource) for test in tests)

    def _not(self) -> Test:
        self._depth += 1
        if self._depth > 50:
            raise ValueError("it is nested too deeply")
        try:
            if self._accept("!"):
                test = self._not()
                return lambda resource: not test(resource)
            if self._accept("("):
                test = self._either()
                if not self._accept(")"):
                    raise ValueError("a parenthesis is not closed")
                return test
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Test:
        pointer = self._take()
        if pointer in ("true", "false"):
            return lambda _: pointer == "true"
        operator = self._take()
        if operator == "pr":
            return lambda resource: bool(values_at(resource, pointer))
        compare = _COMPARISONS.get(operator)
        if compare is None:
            raise ValueError(f"there is no operator {operator}")
        wanted = _literal(self._take())
        return lambda resource: any(_holds(compare, value, wanted) for value in values_at(resource, pointer))


def _tokens(text: str) -> Iterator[str]:
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise ValueError(f"nothing is expected at {text[place : place + 20]}")
        yield match[1]
        place = match.end()


def _literal(token: str) -> Any:
    if token[:1] == "'":
        return re.sub(r"\\(.)", r"\1", token[1:-1])
    try:
        return json.loads(token)
    except ValueError:
        raise ValueError(f"{token} is no JSON value") from None


def _holds(compare: Callable[[Any, Any], bool], value: Any, wanted: Any) -> bool:
    try:
        return compare(value, wanted)
    except TypeError:  # values that cannot be compared are different
        return False


def values_at(resource: Any, pointer: str) -> list[Any]:
    """What a JSON pointer, its leading slash optional, leads to; the items where it is an array."""
    found = resource
    for step in pointer.strip("/").split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or name not in found:
            return []
        found = found[name]
    if isinstance(found, list):
        return list(found)
    return [] if found is None else [found]
