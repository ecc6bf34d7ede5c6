"""What setup.py tells Cython about a module is what the module's own text says."""

from __future__ import annotations

from pathlib import Path

import pytest

from building.declarations import prepared

CASES = {
    "attributes are those of __slots__, typed by annotation, by parameter, or not at all": (
        """
class Uri:
    __slots__ = ("text",)

class Request:
    __slots__ = ("_length", "first", "second", "third", "uri")
    uri: Uri
    def __init__(self, first: Uri, other: str, *, third: Uri) -> None:
        self.first, self._length = first, 0
        self.second: Uri | None = None
        self.third = third
""",
        """
cdef class Uri:
    cdef public object text

cdef class Request:
    cdef public object _length
    cdef public Uri first
    cdef public Uri second
    cdef public Uri third
    cdef public Uri uri
""",
    ),
    "a class without __slots__, with keywords, or with a base that is none is left alone": (
        """
class Plain:
    pass

class Error(Exception):
    __slots__ = ()

class Late(Error):
    __slots__ = ()

class Named(name="x"):
    __slots__ = ()

class Kept:
    __slots__ = ("plain", "error")
    def __init__(self, plain: Plain, error: Error) -> None:
        self.plain, self.error = plain, error
""",
        """
cdef class Kept:
    cdef public object plain
    cdef public object error
""",
    ),
    "a class is an extension type where its base is one": (
        """
class Message:
    __slots__ = ("version",)

class Request(Message):
    __slots__ = ("method", "__weakref__")

class Exact(Request):
    __slots__ = ()
""",
        """
cdef class Message:
    cdef public object version

cdef class Request(Message):
    cdef public object method
    cdef object __weakref__

cdef class Exact(Request):
    pass
""",
    ),
    "what takes its arguments by position is called directly": (
        """
class Pool:
    __slots__ = ()
    def __init__(self) -> None: ...
    def take(self, count: int = 1, pool: Pool | None = None) -> None: ...
    def keep(self, *pools: Pool) -> None: ...
    def drop(self, *, now: bool) -> None: ...
    async def wait(self) -> None: ...
    def lazily(self) -> object:
        return (one for one in ())
    @property
    def size(self) -> int: ...

def helper(pool: Pool, text: str) -> None: ...
def closure(text: str) -> object:
    return lambda: text
def generator() -> object:
    yield 1
""",
        """
cdef class Pool:
    cpdef take(self, count=*, Pool pool=*)
cpdef helper(Pool pool, text)
""",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_declarations_follow_the_source(case: str, tmp_path: Path) -> None:
    source, expected = CASES[case]
    (tmp_path / "module.py").write_text(source)
    assert prepared(tmp_path, ["module"])["module"].declarations.strip() == expected.strip()


def test_types_of_other_compiled_modules_are_imported_under_the_name_that_they_have_here(tmp_path: Path) -> None:
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "uri.py").write_text("class Uri:\n    __slots__ = ()\nclass Other:\n    __slots__ = ()\n")
    (tmp_path / "house" / "request.py").write_text(
        "from house.uri import Uri as Address\n"
        "from house.elsewhere import Gone\n"
        "def send(address: Address, gone: Gone) -> None: ...\n"
    )
    made = prepared(tmp_path, ["house.uri", "house.request"])
    assert made["house.request"].declarations.splitlines() == [
        "from house.uri cimport Uri as Address",
        "cpdef send(Address address, gone)",
    ]


SOURCES = {
    "annotations of extension types and bytes stay, and take None; others go": (
        """
class Uri:
    __slots__ = ()

async def send(uri: Uri, body: bytes, text: str = "") -> Uri:
    other: Uri | None = None
    count: int = 0
    later: list[int]
    uri.count: int = 1
""",
        """
class Uri:
    __slots__ = ()

async def send(uri: Uri | None, body: bytes | None, text = ""):
    other: Uri | None = None
    count = 0
    pass
    uri.count = 1
""",
    ),
    "what has its types in the declarations does not say them again": (
        "class Uri:\n    __slots__ = ()\n\ndef direct(uri: Uri) -> None: ...\n",
        "class Uri:\n    __slots__ = ()\n\ndef direct(uri): ...\n",
    ),
    "an annotation over several lines leaves as many": (
        "def read(\n    value: dict[\n        str, int\n    ],\n    other: int,\n) -> tuple[\n    int, int\n]: ...\n",
        "def read(\n    value\n\n,\n    other,\n)\n\n: ...\n",
    ),
    "fields of a class that stays Python's keep their annotations": (
        "class Row:\n    name: str\n    count: int = 0\n",
        "class Row:\n    name: str\n    count: int = 0\n",
    ),
}


@pytest.mark.parametrize("case", SOURCES)
def test_annotations_that_mean_nothing_to_cython_are_left_out(case: str, tmp_path: Path) -> None:
    source, expected = SOURCES[case]
    (tmp_path / "module.py").write_text(source)
    assert prepared(tmp_path, ["module"])["module"].source == expected
