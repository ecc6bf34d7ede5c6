"""Derives operators.json from the rules of section 7 of the specification: every operator with every pair of kinds.

    python -m tests.conformance.expr.derive

The rules are written down here once more, kind by kind, and nothing of the implementation is used.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

SCOPE = {
    "request": {"method": "GET", "uri": "http://h:80/p"},
    "response": {"status": 404},
    "attributes": {"list": ["x"], "map": {"k": 1}, "big": 9223372036854775808},
}
ERROR = object()
KINDS: dict[str, tuple[str, Any]] = {
    "null": ("null", None),
    "true": ("true", True),
    "integer": ("7", 7),
    "double": ("2.5", 2.5),
    "empty text": ("''", ""),
    "integer text": ("'5'", "5"),
    "double text": ("'2.5'", "2.5"),
    "word": ("'a'", "a"),
    "boolean text": ("'true'", "true"),
    "list": ("attributes.list", "[x]"),
    "map": ("attributes.map", "{k=1}"),
    "bytes": ("'xy'.getBytes()", None),
    "enum": ("response.status.family", "CLIENT_ERROR"),
    "uri": ("request.uri", "http://h:80/p"),
    "big integer": ("attributes.big", 9223372036854775808),
}
TEXTS = ("empty text", "integer text", "double text", "word", "boolean text")
NUMBERS = ("integer", "double", "big integer")
ARITHMETIC = ("+", "-", "*", "/", "%")
ORDER = ("<", ">", "<=", ">=")


def number(kind: str) -> Any:
    """The value in any numeric type: null and the empty text are zero, texts are read, the rest is an error."""
    if kind in ("null", "empty text"):
        return 0
    if kind in NUMBERS or kind == "integer text":
        return int(KINDS[kind][1]) if kind == "integer text" else KINDS[kind][1]
    return 2.5 if kind == "double text" else ERROR


def integer(kind: str) -> Any:
    """The value as an integer: a double is truncated, a text with a fraction is an error."""
    value = ERROR if kind == "double text" else number(kind)
    return value if value is ERROR else int(value)


def wrap(value: int) -> int:
    return (value + 2**63) % 2**64 - 2**63


def looks_double(kind: str) -> bool:
    return kind == "double" or (kind in TEXTS and any(mark in KINDS[kind][1] for mark in ".eE"))


def calculate(operator: str, left: Any, right: Any) -> Any:
    if operator == "%":
        rest = abs(Fraction(left)) % abs(Fraction(right))
        return -rest if left < 0 else rest
    return {"+": lambda: left + right, "-": lambda: left - right, "*": lambda: left * right}[operator]()


def arithmetic(operator: str, left: str, right: str) -> Any:
    if left == right == "null":
        return 0
    if operator == "/":
        return divide(number(left), number(right))
    if looks_double(left) or looks_double(right):
        values = number(left), number(right)
        if ERROR in values:
            return ERROR
        if operator == "%" and not values[1]:
            return {"double": "NaN"}
        return float(calculate(operator, *values))
    values = integer(left), integer(right)
    if ERROR in values or (operator == "%" and not values[1]):
        return ERROR
    result = int(calculate(operator, *values))
    return result if "big integer" in (left, right) else wrap(result)


def divide(left: Any, right: Any) -> Any:
    if ERROR in (left, right):
        return ERROR
    if right:
        return float(Fraction(left) / Fraction(right))
    return {"double": "Infinity" if left > 0 else "NaN"}


def numeric_pair(left: str, right: str) -> Any:
    """Both as the number type that the pair asks for, or ERROR."""
    convert = number if "double" in (left, right) else integer
    values = convert(left), convert(right)
    return ERROR if ERROR in values else values


def order(operator: str, left: str, right: str) -> Any:
    if left == right and left != "bytes":
        return operator in ("<=", ">=")
    if "null" in (left, right):
        return False
    if left in NUMBERS or right in NUMBERS:
        values = numeric_pair(left, right)
    elif left in TEXTS or right in TEXTS:
        values = text(left), text(right)
    else:
        values = ERROR
    if values is ERROR:
        return ERROR
    one, two = values
    return {"<": one < two, ">": one > two, "<=": one <= two, ">=": one >= two}[operator]


def text(kind: str) -> str:
    return "[B@" if kind == "bytes" else "true" if kind == "true" else str(KINDS[kind][1])


def boolean(kind: str) -> Any:
    if kind == "true" or kind in TEXTS or kind == "null":
        return kind in ("true", "boolean text")
    return ERROR


def equality(operator: str, left: str, right: str) -> Any:
    result = equal(left, right)
    return result if result is ERROR or operator == "==" else not result


def equal(left: str, right: str) -> Any:
    if left == right and left != "bytes":
        return True
    if "null" in (left, right):
        return False
    if left in NUMBERS or right in NUMBERS:
        values = numeric_pair(left, right)
        return ERROR if values is ERROR else values[0] == values[1]
    if "true" in (left, right):
        values = boolean(left), boolean(right)
        return ERROR if ERROR in values else values[0] is values[1]
    if "enum" in (left, right):
        return False if "empty text" in (left, right) else ERROR
    if left in TEXTS or right in TEXTS:
        return text(left) == text(right)
    return False


def logic(operator: str, left: str, right: str) -> Any:
    decides = operator == "or"
    first = boolean(left)
    if first is ERROR or first is decides:
        return first
    return boolean(right)


def cases() -> list[dict[str, Any]]:
    found = []
    for names, rule in ((ARITHMETIC, arithmetic), (ORDER, order), (("==", "!="), equality), (("and", "or"), logic)):
        for operator in names:
            for left in KINDS:
                for right in KINDS:
                    if operator == "/" and "big integer" in (left, right):
                        continue  # decimals, which JSON has no notation for: see values.json
                    value = rule(operator, left, right)
                    expression = f"${{{KINDS[left][0]} {operator} {KINDS[right][0]}}}"
                    case = {"section": f"7 {operator} on {left}", "expression": expression}
                    found.append({**case, "error": True} if value is ERROR else {**case, "value": value})
    for kind, (source, _) in KINDS.items():
        found += unary(kind, source)
    return found


def unary(kind: str, source: str) -> list[dict[str, Any]]:
    negated = number(kind)
    negated = ERROR if negated is ERROR else -negated
    truth = boolean(kind)
    results = {
        "-": negated,
        "not": ERROR if truth is ERROR else not truth,
        "!": ERROR if truth is ERROR else not truth,
        "empty": kind in ("null", "empty text"),
    }
    return [
        {"section": f"7 unary {operator}", "expression": f"${{{operator} {source}}}"}
        | ({"error": True} if value is ERROR else {"value": value})
        for operator, value in results.items()
    ]


def main() -> None:
    lines = ",\n".join(json.dumps(case) for case in cases())
    scope = json.dumps(SCOPE)
    path = Path(__file__).parent / "operators.json"
    path.write_text(f'{{"scope": {scope},\n"cases": [\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
