"""The part of the compiler that writes operators: a shortcut for plain kinds of values, else the general operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expr import tree
from expr.known import Known
from expr.types import ANY, BOOLEAN, INTEGER, STRING, EnumType, ListType

if TYPE_CHECKING:
    from expr.compile import Emitter

ARITHMETIC = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "modulo"}
ORDER = {"<": "less", ">": "greater", "<=": "less_equal", ">=": "greater_equal"}
_RANGE = "-9223372036854775808 <= {} <= 9223372036854775807"


def truth(emitter: Emitter, node: tree.Node) -> str:
    """Write an operand as a Python boolean expression."""
    code = emitter.emit(node)
    if emitter.is_literal(node):
        return emitter.assign(f"to_boolean({code})")
    if emitter.type_of(node) is BOOLEAN:
        return f"{code} is True"
    return f"({code} if {code}.__class__ is bool else to_boolean({code}))"


def unary(emitter: Emitter, node: tree.Unary) -> str:
    if node.operator == "not":
        return emitter.assign(f"not ({truth(emitter, node.operand)})")
    code, kind = emitter.emit(node.operand), emitter.type_of(node.operand)
    if node.operator == "-":
        return emitter.assign(f"negate({code})")
    plain = kind is STRING or isinstance(kind, ListType)
    if plain:
        return emitter.assign(f"not {code}")
    return emitter.assign(f"not {code} if {code}.__class__ is str else is_empty({code})")


def logic(emitter: Emitter, node: tree.Logic) -> str:
    test = "if" if isinstance(node, tree.Conjunction) else "if not"
    result = emitter.fresh()
    emitter.line(f"{result} = {truth(emitter, node.operands[0])}")
    for operand in node.operands[1:]:
        emitter.line(f"{test} {result}:")
        emitter.indent += 1
        emitter.line(f"{result} = {truth(emitter, operand)}")
        emitter.indent -= 1
    return result


def choice(emitter: Emitter, node: tree.Choice) -> str:
    result = emitter.fresh()
    emitter.line(f"if {truth(emitter, node.condition)}:")
    _branch(emitter, result, node.then)
    emitter.line("else:")
    _branch(emitter, result, node.otherwise)
    return result


def _branch(emitter: Emitter, result: str, node: tree.Node) -> None:
    emitter.indent += 1
    emitter.line(f"{result} = {emitter.emit(node)}")
    emitter.indent -= 1


def arithmetic(emitter: Emitter, node: tree.Chain) -> str:
    left = emitter.emit(node.operands[0])
    for operator, operand in zip(node.operators, node.operands[1:], strict=True):
        right = emitter.emit(operand)
        general = f"{ARITHMETIC[operator]}({left}, {right})"
        if operator in "+-*":
            number = emitter.fresh()
            plain = _plain_integers(left, right)
            bounds = _RANGE.format(f"({number} := {left} {operator} {right})")
            left = emitter.assign(f"{number} if {plain} and {bounds} else {general}")
        else:
            left = emitter.assign(general)
    return left


def _plain_integers(*operands: str) -> str:
    tests = [f"{code}.__class__ is int" for code in operands if not code.startswith("(")]
    return " and ".join(tests) or "True"


def comparison(emitter: Emitter, node: tree.Chain) -> str:
    left = emitter.emit(node.operands[0])
    for operator, operand in zip(node.operators, node.operands[1:], strict=True):
        right = emitter.emit(operand)
        plain = _plain_integers(left, right)
        left = emitter.assign(f"{left} {operator} {right} if {plain} else {ORDER[operator]}({left}, {right})")
    return left


def equality(emitter: Emitter, node: tree.Chain) -> str:
    left, known = emitter.emit(node.operands[0]), emitter.known[id(node.operands[0])]
    for operator, operand in zip(node.operators, node.operands[1:], strict=True):
        right, other = emitter.emit(operand), emitter.known[id(operand)]
        left = emitter.assign(_equal(emitter, operator, (left, known), (right, other)))
        known = Known(BOOLEAN)
    return left


def _equal(emitter: Emitter, operator: str, left: tuple[str, Known], right: tuple[str, Known]) -> str:
    if left[1].constant:
        left, right = right, left
    (code, known), (other, wanted) = left, right
    if wanted.value is None:
        return f"{emitter.name(code)} is {'None' if operator == '==' else 'not None'}"
    kinds = (known.type, wanted.type)
    if kinds in ((STRING, STRING), (BOOLEAN, BOOLEAN), (INTEGER, INTEGER)):
        return f"{code} {operator} {other}"
    general = f"{'equal' if operator == '==' else 'not_equal'}({code}, {other})"
    if isinstance(known.type, EnumType) and wanted.value in known.type.names:
        negation = "" if operator == "==" else "not "
        member = f"{code} is not None and {code}.name == {other}"
        return f"{negation}({code} == {other} if {code}.__class__ is str else {member})"
    for kind, name in ((STRING, "str"), (INTEGER, "int")):
        if wanted.constant and wanted.type is kind and known.type in (ANY, STRING):
            return f"{code} {operator} {other} if {code}.__class__ is {name} else {general}"
    return general
