"""Host objects show what their tables name, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from expr import EvaluationError, HostType, compile_lvalue, compile_template, publish, types
from tests.expr.hosts import HOUSE, Door


def evaluate(text: str, door: Any = None, data: Any = None) -> Any:
    return compile_template(text, environment=HOUSE)(door, data or {})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${door.name}", "front"),
        ("${door['name']}", "front"),
        ("${door[data.key]}", "front"),
        ("${door.width + 1}", 91),
        ("${door.open}", False),
        ("${door.isOpen()}", False),
        ("${door.getName()}", "front"),
        ("${door.knock(2)}", "knock knock "),
        ("${door.knock('1')}", "knock "),
        ("${door.pick('k')}", "text k"),
        ("${door.pick(1)}", "number 1"),
        ("${door.level == 'HIGH'}", True),
        ("${door.level == data.level}", True),
        ("${door.level != 'HIGH'}", False),
        ("${door.inner.level == 'HIGH'}", False),
        ("${door.level.ordinal()}", 1),
        ("${door.a}", 1),
        ("${door['a']}", 1),
        ("${door.none}", None),
        ("${door.inner.inner.name}", None),
        ("${door}!", "door front!"),
        ("${data.door.name}", "front"),
        ("${data.door.knock(1)}", "knock "),
        ("${data.door == door}", True),
        ("${toString(data.door)}", "door front"),
        ("${empty door}", False),
    ],
)
def test_a_published_name_is_read(text: str, value: object) -> None:
    door = Door()
    assert evaluate(text, door, {"key": "name", "level": "HIGH", "door": door}) == value


@pytest.mark.parametrize("name", ["secret", "_rename", "__class__", "__dict__", "published", "__init__", "notes"])
def test_a_python_attribute_is_not_there(name: str) -> None:
    door = Door()
    for base in ("door", "data.door"):
        assert evaluate(f"${{{base}['{name}']}}", door, {"door": door}) is None
        with pytest.raises(EvaluationError):
            evaluate(f"${{{base}['{name}']()}}", door, {"door": door})


@pytest.mark.parametrize("text", ["${door.broken}", "${door.broken()}", "${data.door.broken}", "${data.door.broken()}"])
def test_an_exception_of_the_host_is_an_evaluation_error_that_tells_no_values(text: str) -> None:
    door = Door()
    with pytest.raises(EvaluationError) as caught:
        evaluate(text, door, {"door": door})
    assert "secret" not in str(caught.value)


def test_null_has_no_properties_and_its_methods_are_null() -> None:
    assert evaluate("${door.name}") is None
    assert evaluate("${door.knock(1).length()}") is None
    assert evaluate("${door[data.key]}") is None


def test_a_type_inherits_the_names_of_its_base() -> None:
    class Gate(Door):
        published = HostType("Gate", base=Door.published, properties={"height": (types.INTEGER, lambda _: 200)})

    assert evaluate("${data.gate.height + data.gate.width}", None, {"gate": Gate()}) == 290
    assert evaluate("${data.gate.getHeight()} ${data.gate}", None, {"gate": Gate()}) == "200 door front"


def test_a_class_that_is_not_ours_is_published_from_outside() -> None:
    publish(complex, HostType("complex", properties={"real": (types.DOUBLE, "real")}))
    assert evaluate("${data.number.real}", None, {"number": 2j + 1}) == 1.0


@pytest.mark.parametrize(
    ("target", "value", "read"),
    [
        ("${door.name}", "back", "${door.name}"),
        ("${door['b']}", 2, "${door.b}"),
        ("${data.x}", [1], "${data.x}"),
        ("${data['x'].y}", 5, "${data.x.y}"),
        ("${data.list[0]}", "new", "${data.list[0]}"),
        ("${data.list[1]}", "added", "${data.list[1]}"),
    ],
)
def test_an_lvalue_is_written_and_read_back(target: str, value: object, read: str) -> None:
    door, data = Door(), {"x": {}, "list": ["old"]}
    assert compile_lvalue(target, HOUSE).set(value, door, data)
    assert evaluate(read, door, data) == value


@pytest.mark.parametrize(
    "target",
    ["${door.width}", "${door.inner.name}", "${data.none.x}", "${data.list[5]}", "${data.list['0']}", "${data}",
     "${length('x')}", "${door.knock(1)}", "${1 + 1}", "${unknown.x}", "${data.text.x}", "${data.array[1]}",
     "${data[data.list]}", "${data[null]}", "${data[data.none]}", "${data.list[0].x}", "${door.knock('x').y}",
     "${door.none[1 + 1].z}"],
)  # fmt: skip
def test_what_cannot_be_written_is_ignored_with_a_warning(target: str, caplog: pytest.LogCaptureFixture) -> None:
    from expr import Array

    data = {"list": ["a"], "text": "t", "array": Array(["a"])}
    assert not compile_lvalue(target, HOUSE).set("v", Door(), data)
    assert "nothing is written" in caplog.text


def test_a_setter_that_refuses_a_value_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    assert not compile_lvalue("${door.name}", HOUSE).set(5, Door(), {})
    assert "does not take a number" in caplog.text


def test_the_name_of_an_enumeration_value_may_come_as_text() -> None:
    door = Door()
    door.level = "LOW"  # type: ignore[assignment]
    assert evaluate("${door.level == 'LOW'}", door) is True
    assert evaluate("${door.level == 'HIGH'}", door) is False
