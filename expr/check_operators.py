"""The part of the checker that knows what operators and parameters can convert."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expr import codes, tree
from expr.coerce import coerce, to_boolean, to_double, to_long
from expr.errors import EvaluationError
from expr.host import HostType
from expr.known import VARIES, Known
from expr.operators import BINARY, UNARY
from expr.source import Span
from expr.types import (
    ANY,
    BOOLEAN,
    BYTES,
    DOUBLE,
    INSTANT,
    INTEGER,
    LIST,
    MAP,
    NULL,
    NUMBER,
    PATTERN,
    STRING,
    EnumType,
    ListType,
    Type,
    possible,
)
from expr.words import article

if TYPE_CHECKING:
    from expr.check import Checker


def _never_number(kind: Type) -> bool:
    return kind not in (ANY, NULL) and kind.family not in (NUMBER, STRING)


def _never_boolean(kind: Type) -> bool:
    return kind not in (ANY, NULL) and kind.family not in (BOOLEAN, STRING)


def truth(known: Known) -> bool | None:
    """What a constant is as a boolean; None when it is not constant, or fails."""
    if not known.constant:
        return None
    try:
        return to_boolean(known.value)
    except EvaluationError:
        return None


def boolean_operand(checker: Checker, node: tree.Node, known: Known) -> None:
    """Report an operand that is no boolean, and cannot become one."""
    if _never_boolean(known.type):
        message = f"{article(known.type)} where a boolean is needed"
        hint = (
            "`not empty x` tests whether there is a value" if known.type.family is not NUMBER else "compare it: x != 0"
        )
        checker.report(codes.OPERAND, message, node.span, hint)


def argument_problem(kind: Type, value: Any, wanted: Type) -> str:
    """Why an argument of a type, or this constant, cannot be what a parameter needs; empty when it can."""
    if wanted is ANY or kind in (ANY, NULL) or wanted in (STRING, PATTERN):
        return ""
    if value is not VARIES:
        try:
            coerce(value, wanted)
        except EvaluationError:
            return f"this {kind.name}" if value != "" else "this text"
        return ""
    if wanted is BOOLEAN:
        return article(kind) if _never_boolean(kind) else ""
    if wanted.family is NUMBER:
        return article(kind) if _never_number(kind) else ""
    return "" if possible(kind, wanted) else article(kind)


def unary(checker: Checker, node: tree.Unary) -> Known:
    """`not`, `-`, `empty`."""
    operand = checker.check(node.operand)
    before = len(checker.findings)
    if node.operator == "not":
        boolean_operand(checker, node.operand, operand)
        result = BOOLEAN
    elif node.operator == "-":
        _number_operand(checker, node.operand, operand, "-")
        result = INTEGER if operand.type is INTEGER else DOUBLE if operand.type is DOUBLE else NUMBER
    else:
        result = BOOLEAN
    if operand.constant and len(checker.findings) == before:
        return checker.fold(node.span, result, UNARY[node.operator], operand.value)
    return Known(result)


def _number_operand(checker: Checker, node: tree.Node, known: Known, operator: str) -> None:
    message = ""
    if _never_number(known.type):
        message = f"{article(known.type)} where '{operator}' needs a number"
    elif isinstance(known.value, str) and not _numeric(known.value):
        message = f"this text is no number, and '{operator}' needs numbers"
    if message:
        hint = "'+' does not join strings: write \"${a}${b}\", a.concat(b) or join(array(a, b), '')"
        checker.report(codes.OPERAND, message, node.span, hint if operator == "+" else "")


def _numeric(value: str) -> bool:
    for convert in (to_long, to_double):
        try:
            convert(value)
        except EvaluationError:
            continue
        return True
    return False


def arithmetic(checker: Checker, node: tree.Chain) -> Known:
    """Sums and products, from the left; a constant beginning is folded."""
    operands = [checker.check(operand) for operand in node.operands]
    before = len(checker.findings)
    operators = node.operators
    for index, (operand, known) in enumerate(zip(node.operands, operands, strict=True)):
        _number_operand(checker, operand, known, operators[max(index - 1, 0)])
    return _folded(checker, node, operands, _number_result(node, operands), len(checker.findings) > before)


def _number_result(node: tree.Chain, operands: list[Known]) -> Type:
    kinds = {known.type for known in operands}
    if "/" not in node.operators and kinds <= {INTEGER, NULL}:
        return INTEGER
    return DOUBLE if DOUBLE in kinds and kinds <= {INTEGER, DOUBLE, NULL} else NUMBER


def _folded(checker: Checker, node: tree.Chain, operands: list[Known], result: Type, broken: bool) -> Known:
    if broken or not all(known.constant for known in operands):
        return Known(result)
    folded = operands[0]
    for index, (known, operator) in enumerate(zip(operands[1:], node.operators, strict=True)):
        span = Span(node.span.start, node.operands[index + 1].span.end)
        folded = checker.fold(span, result, BINARY[operator], folded.value, known.value)
        if not folded.constant:
            return folded
    return folded


def comparison(checker: Checker, node: tree.Chain) -> Known:
    """`<`, `>`, `<=`, `>=`."""
    return _compared(checker, node, _order_problem)


def equality(checker: Checker, node: tree.Chain) -> Known:
    """`==`, `!=`."""
    return _compared(checker, node, _equality_problem)


def _compared(checker: Checker, node: tree.Chain, problem: Any) -> Known:
    operands = [checker.check(operand) for operand in node.operands]
    left = operands[0]
    broken = False
    for index, right in enumerate(operands[1:]):
        reason, hint = problem(left, right)
        if reason:
            span = node.span if len(operands) == 2 else node.operands[index + 1].span
            checker.report(codes.COMPARISON, f"this comparison always fails: {reason}", span, hint)
            broken = True
        elif problem is _equality_problem:
            _suspicious(checker, node, left, right)
        left = Known(BOOLEAN)
    return _folded(checker, node, operands, BOOLEAN, broken)


def _order_problem(left: Known, right: Known) -> tuple[str, str]:
    kinds = (left.type, right.type)
    if ANY in kinds or NULL in kinds:
        return "", ""
    families = [kind.family for kind in kinds]
    if NUMBER in families:
        return _number_problem(left, right)
    if STRING in families:
        return "", ""
    comparable = families[0] is families[1] and families[0] not in (LIST, MAP, BYTES)
    if comparable and (families[0] in (BOOLEAN, INSTANT) or isinstance(families[0], EnumType | HostType)):
        return "", ""
    return f"{article(kinds[0])} has no order with {article(kinds[1])}", ""


def _number_problem(left: Known, right: Known) -> tuple[str, str]:
    other = right if left.type.family is NUMBER else left
    if _never_number(other.type):
        return f"{article(other.type)} is compared with a number", ""
    if isinstance(other.value, str):
        number = left if other is right else right
        try:
            (to_double if number.type is DOUBLE else to_long)(other.value)
        except EvaluationError:
            return (
                "this text is no number",
                "" if number.type is DOUBLE else "text compared with an integer must be one",
            )
    return "", ""


def _equality_problem(left: Known, right: Known) -> tuple[str, str]:
    kinds = (left.type, right.type)
    if ANY in kinds or NULL in kinds:
        return "", ""
    families = [kind.family for kind in kinds]
    if NUMBER in families:
        return _number_problem(left, right)
    if BOOLEAN in families:
        other = kinds[1] if families[0] is BOOLEAN else kinds[0]
        return (f"{article(other)} is compared with a boolean", "") if _never_boolean(other) else ("", "")
    for one, other_known in ((left, right), (right, left)):
        if isinstance(one.type, EnumType):
            return _enum_problem(one.type, other_known)
    return "", ""


def _enum_problem(kind: EnumType, other: Known) -> tuple[str, str]:
    if isinstance(other.value, str) and other.value and other.value not in kind.names:
        return f"{other.value!r} is not one of its names", f"the names are {', '.join(kind.names)}"
    if other.type.family is not STRING and not isinstance(other.type, EnumType):
        return f"{article(other.type)} is compared with the name of {kind.name}", ""
    return "", ""


def _suspicious(checker: Checker, node: tree.Chain, left: Known, right: Known) -> None:
    for one, other in ((left, right), (right, left)):
        text = other.value
        if isinstance(one.type, ListType) and isinstance(text, str) and not text.startswith("["):
            message = f"{article(one.type)} never equals this text"
            hint = "read an element: [0]" if not one.type.array else "read an element: [0], or use contains()"
            checker.report(codes.CONSTANT_COMPARISON, message, node.span, hint)
