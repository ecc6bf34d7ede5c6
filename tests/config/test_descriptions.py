from __future__ import annotations

from typing import ClassVar

from config.declaration import Properties
from config.descriptions import descriptions


class Base(Properties):
    first: str = ""
    """What comes first."""
    plain: str = ""

    example: ClassVar = {}
    """No property."""


class Derived(Base):
    second: str = ""
    """What comes
    second."""


def test_the_string_behind_a_property_tells_what_it_is_for() -> None:
    assert descriptions(Derived) == {
        "first": "What comes first.",
        "plain": "",
        "second": "What comes\nsecond.",
    }


def test_the_schema_of_a_class_has_them() -> None:
    properties = Derived.model_json_schema()["properties"]

    assert properties["first"]["description"] == "What comes first."
    assert "description" not in properties["plain"]
