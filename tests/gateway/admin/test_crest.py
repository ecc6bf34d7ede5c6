"""Conventions of Common REST."""

import pytest

from gateway.admin.crest import Parameters, query_result
from gateway.admin.query_filter import QueryFilter, values_at
from gateway.http.message import Request

THINGS = [
    {"_id": "a", "size": 3, "tags": ["x", "y"], "sub": {"name": "Z"}},
    {"_id": "b", "size": 10, "flag": True},
    {"_id": "ab", "size": 1.5, "tags": []},
]


def found(text):
    return [thing["_id"] for thing in THINGS if QueryFilter(text)(thing)]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("true", ["a", "b", "ab"]),
        ("false", []),
        ('_id eq "a"', ["a"]),
        ("_id eq 'a'", ["a"]),
        ('/_id sw "a"', ["a", "ab"]),
        ('_id co "b"', ["b", "ab"]),
        ("size gt 1.5", ["a", "b"]),
        ("size ge 1.5", ["a", "b", "ab"]),
        ("size lt 3", ["ab"]),
        ("size le 3", ["a", "ab"]),
        ('size lt "x"', []),
        ("flag eq true", ["b"]),
        ("tags pr", ["a"]),
        ('tags eq "y"', ["a"]),
        ('sub/name eq "Z"', ["a"]),
        ("missing pr", []),
        ("!(flag pr)", ["a", "ab"]),
        ("!flag pr", ["a", "ab"]),
        ('_id eq "a" or _id eq "b" and size eq 3', ["a"]),
        ('(_id eq "a" or _id eq "b") and size eq 10', ["b"]),
        (r'_id eq "\"" or _id eq "\u0061"', ["a"]),
        (r"_id eq '\a'", ["a"]),
    ],
)
def test_a_filter_finds(text, ids):
    assert found(text) == ids


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(",
        ")",
        "true true",
        "_id",
        "_id eq",
        "_id is 1",
        "_id eq x",
        '"',
        "a pr and",
        "!",
        "(true",
        "x" * 5000,
        "(" * 60,
    ],
)
def test_a_filter_that_is_none_is_refused(text):
    with pytest.raises(ValueError):
        QueryFilter(text)


def test_pointers_may_hold_slashes_and_tildes():
    assert values_at({"a/b": {"c~d": 1}}, "/a~1b/c~0d") == [1]


def parameters(query):
    return Parameters(Request("GET", f"http://h/?{query}"))


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("_sortKeys=size", ["ab", "a", "b"]),
        ("_sortKeys=-size", ["b", "a", "ab"]),
        ("_sortKeys=%2B_id", ["a", "ab", "b"]),
        ("_sortKeys=flag,-_id", ["b", "ab", "a"]),
        ("_pageSize=2&_pagedResultsOffset=1", ["b", "ab"]),
        ("_pageSize=2&_pagedResultsOffset=9", []),
        ("_countOnly=true", []),
    ],
)
def test_a_result_is_sorted_and_paged(query, ids):
    result = query_result(THINGS, parameters(query))
    assert [one["_id"] for one in result["result"]] == ids


def test_counts_of_a_result():
    result = query_result(THINGS, parameters("_pageSize=2&_totalPagedResultsPolicy=exact"))
    assert result["resultCount"] == 2
    assert result["pagedResultsCookie"] == "2"
    assert (result["totalPagedResults"], result["remainingPagedResults"]) == (3, 1)
    assert query_result(THINGS, parameters("_countOnly=true"))["resultCount"] == 3
