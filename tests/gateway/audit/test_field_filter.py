"""Which fields of an event are recorded."""

import pytest

from gateway.audit.field_filter import FieldFilter

EVENT = {"a": 1, "b": {"c": 2, "d": {"e": 3, "f": []}}, "g": {"Name": ["x"]}, "empty": "", "none": None, "zero": 0}


@pytest.mark.parametrize(
    ("included", "excluded", "kept"),
    [
        (["/a"], [], {"a": 1}),
        (["/b"], [], {"b": {"c": 2, "d": {"e": 3}}}),
        (["/b/d/e"], [], {"b": {"d": {"e": 3}}}),
        (["/b"], ["/b/d"], {"b": {"c": 2}}),
        (["/b"], ["/b"], {}),
        (["/b/c"], ["/b"], {}),
        ([""], ["/b/d/e", "/g"], {"a": 1, "b": {"c": 2}, "zero": 0}),
        (["/none", "/empty", "/zero", "/not/there"], [], {"zero": 0}),
        ([], [], {}),
        (["/a/b/c"], [], {}),
    ],
)
def test_what_is_kept(included, excluded, kept):
    assert FieldFilter(included, excluded)(EVENT) == kept


def test_names_are_compared_without_case_where_it_is_said():
    assert FieldFilter(["/g/NAME"], [], ["/g"])(EVENT) == {"g": {"Name": ["x"]}}
    assert FieldFilter(["/g/NAME"], [])(EVENT) == {}
    assert FieldFilter(["/g"], ["/g/name"], ["/g"])(EVENT) == {}


def test_a_costly_value_is_made_only_when_it_is_recorded():
    def costly():
        made.append(1)
        return {"x": 1, "y": 2}

    made = []
    assert FieldFilter(["/a"], [])({"a": 1, "c": costly}) == {"a": 1}
    assert FieldFilter(["/c"], ["/c"])({"a": 1, "c": costly}) == {}
    assert made == []
    assert FieldFilter(["/c/y"], [])({"a": 1, "c": costly}) == {"c": {"y": 2}}
    assert made == [1]


def test_pointers_may_hold_slashes_and_tildes():
    assert FieldFilter(["/a~1b/c~0d"], [])({"a/b": {"c~d": 1}}) == {"a/b": {"c~d": 1}}


def test_the_order_of_the_event_stays():
    assert list(FieldFilter(["/zero", "/b", "/a"], [])(EVENT)) == ["a", "b", "zero"]
