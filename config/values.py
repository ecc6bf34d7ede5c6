"""Values that remember where they stand in the file they were read from.

A document is a tree of `Map`, `List`, `Text` and the scalars of JSON; the containers know the places of their members,
so a number needs no wrapper. A tree is never changed in place: substitution builds a new one with `rebuilt`, which
keeps the places. Knows nothing of JSON or YAML syntax but where an escape hides a character (`config.literals`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, TypeAlias, overload

from config.literals import Place, places_of_characters
from expr.source import Source, Span

Value: TypeAlias = Any
"""None, bool, int, float, Text, List or Map."""

Step: TypeAlias = str | int
_KEY_STEP = "[key]"
"""What pydantic puts behind the name of a member whose key is wrong."""


class Text(str):
    """A string and its place: `span` covers the literal in the file, quotes included."""

    __slots__ = ("_end", "_exact", "_places", "_start", "source")

    source: Source
    _start: int
    _end: int
    _exact: bool
    _places: list[Place] | None

    def __new__(cls, value: str, source: Source, span: tuple[int, int], *, exact: bool = True) -> Text:
        """`exact` says that the text is what the literal spells, so that parts of it have places of their own."""
        self = str.__new__(cls, value)
        self.source = source
        self._start, self._end = span
        self._exact = exact
        return self

    @property
    def span(self) -> Span:
        return Span(self._start, self._end)

    @property
    def exact(self) -> bool:
        return self._exact

    def locate(self, span: tuple[int, int]) -> Span:
        """The place in the file of a part of the text; of the whole literal when a substitution changed the text."""
        if not self._exact:
            return self.span
        try:
            places = self._places
        except AttributeError:
            places = self._places = places_of_characters(self.source.text, self.span, str(self))
        if places is None:
            return self.span
        start, end = max(0, min(span[0], len(self))), max(0, min(span[1], len(self)))
        if start >= end:
            point = places[start].start if start < len(places) else places[-1].end if places else self._inside()
            return Span(point, point)
        return Span(places[start].start, places[end - 1].end)

    def replaced(self, value: str) -> Text:
        """Another text in the same place; the same object when nothing changed."""
        return self if value == self else Text(value, self.source, self.span, exact=False)

    def _inside(self) -> int:
        return self._start + 1 if self._end - self._start > 1 else self._start

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(Text, exact=self._exact), (str(self), self.source, self.span)

    def __deepcopy__(self, memo: object) -> Text:
        return self


class Unknown(Text):
    """A value that only the machine that runs the gateway knows: the text as written, with the tokens in it.

    `transformation` is the outermost one around it (`$int`, ...), or empty: what the value will be a text of.
    """

    __slots__ = ("transformation",)

    transformation: str

    def __new__(
        cls, value: str, source: Source, span: tuple[int, int], *, exact: bool = True, transformation: str = ""
    ) -> Unknown:
        self = super().__new__(cls, value, source, span, exact=exact)
        assert isinstance(self, Unknown)
        self.transformation = transformation
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        made = partial(Unknown, exact=self._exact, transformation=self.transformation)
        return made, (str(self), self.source, self.span)


class Map(dict[str, Value]):
    """A JSON object and the places of its keys and values."""

    __slots__ = ("_end", "_places", "_start", "duplicates", "source")

    def __init__(self, source: Source, span: tuple[int, int] = (0, 0)) -> None:
        super().__init__()
        self.source = source
        self._start, self._end = span
        self._places: dict[str, tuple[int, int, int, int]] = {}
        self.duplicates: list[tuple[str, Span]] = []
        """Keys that were given again, each with the place where it stood before: the last one is what counts."""

    @property
    def span(self) -> Span:
        return Span(self._start, self._end)

    def place(self, key: str, value: Value, key_span: tuple[int, int], value_span: tuple[int, int]) -> None:
        """Add a member together with its places."""
        if key in self._places:
            self.duplicates.append((key, self.key_span(key)))
        self[key] = value
        self._places[key] = (*key_span, *value_span)

    def end_at(self, end: int) -> None:
        """Set where the object ends, once its reader knows."""
        self._end = end

    def key_span(self, key: str) -> Span:
        """Place of a key; the whole object when it is not one of the file."""
        found = self._places.get(key)
        return Span(found[0], found[1]) if found else self.span

    def value_span(self, key: str) -> Span:
        """Place of a member's value; the whole object when the key is not one of the file."""
        found = self._places.get(key)
        return Span(found[2], found[3]) if found else self.span

    def at(self, path: Sequence[Step]) -> tuple[Source, Span]:
        """Place of the value at a path below (an error location of pydantic), or of the nearest ancestor known."""
        return _walk(self, path, want_key=False)

    def key_at(self, path: Sequence[Step]) -> tuple[Source, Span]:
        """Place of the last key on a path below, or of the nearest ancestor known."""
        return _walk(self, path, want_key=True)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore_map, (self.source, self.span, self._places, self.duplicates, dict(self))

    def __deepcopy__(self, memo: object) -> Map:
        return rebuilt(self, ((key, _copied(value)) for key, value in self.items()))


class List(list[Value]):
    """A JSON array and the places of its items."""

    __slots__ = ("_end", "_places", "_start", "source")

    def __init__(self, source: Source, span: tuple[int, int] = (0, 0)) -> None:
        super().__init__()
        self.source = source
        self._start, self._end = span
        self._places: list[tuple[int, int]] = []

    @property
    def span(self) -> Span:
        return Span(self._start, self._end)

    def place(self, value: Value, span: tuple[int, int]) -> None:
        """Add an item together with its place."""
        self.append(value)
        self._places.append(span)

    def end_at(self, end: int) -> None:
        """Set where the array ends, once its reader knows."""
        self._end = end

    def item_span(self, index: int) -> Span:
        """Place of an item; the whole array when the index is outside."""
        return Span(*self._places[index]) if 0 <= index < len(self._places) else self.span

    def at(self, path: Sequence[Step]) -> tuple[Source, Span]:
        """Place of the value at a path below (an error location of pydantic), or of the nearest ancestor known."""
        return _walk(self, path, want_key=False)

    def key_at(self, path: Sequence[Step]) -> tuple[Source, Span]:
        """Place of the last key on a path below, or of the nearest ancestor known."""
        return _walk(self, path, want_key=True)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore_list, (self.source, self.span, self._places, list(self))

    def __deepcopy__(self, memo: object) -> List:
        return rebuilt(self, [_copied(item) for item in self])


def _restore_map(
    source: Source,
    span: Span,
    places: dict[str, tuple[int, int, int, int]],
    duplicates: list[tuple[str, Span]],
    items: dict[str, Value],
) -> Map:
    made = Map(source, span)
    made._places, made.duplicates = places, duplicates
    made.update(items)
    return made


def _restore_list(source: Source, span: Span, places: list[tuple[int, int]], items: list[Value]) -> List:
    made = List(source, span)
    made._places = places
    made.extend(items)
    return made


def _copied(value: Value) -> Value:
    return value.__deepcopy__(None) if isinstance(value, Map | List) else value


@overload
def rebuilt(old: Map, items: Iterable[tuple[str, Value]]) -> Map: ...
@overload
def rebuilt(old: List, items: Iterable[Value]) -> List: ...
def rebuilt(old: Map | List, items: Iterable[Any]) -> Map | List:
    """A container with other members in the places of an old one; a list keeps its length.

    The places are shared: nobody changes them once a document is read.
    """
    if isinstance(old, Map):
        return _restore_map(old.source, old.span, old._places, old.duplicates, dict(items))
    return _restore_list(old.source, old.span, old._places, list(items))


def placed(value: Value, source: Source, span: tuple[int, int]) -> Value:
    """A plain value of Python with one and the same place for all of it."""
    if isinstance(value, dict):
        made = Map(source, span)
        for key, member in value.items():
            made.place(str(key), placed(member, source, span), span, span)
        return made
    if isinstance(value, list | tuple):
        items = List(source, span)
        for item in value:
            items.place(placed(item, source, span), span)
        return items
    return Text(str(value), source, span, exact=False) if isinstance(value, str) else value


def place_of(value: Value) -> tuple[Source, Span] | None:
    """Source and span of a value that carries them."""
    return (value.source, value.span) if isinstance(value, Text | Map | List) else None


def place_of_scalar(value: Value, wanted: object) -> tuple[Source, Span] | None:
    """Where a number, a boolean or null stands in a tree, which carries no place itself; the first one of many."""
    if isinstance(value, Map):
        members = [(member, value.value_span(key)) for key, member in value.items()]
    elif isinstance(value, List):
        members = [(member, value.item_span(index)) for index, member in enumerate(value)]
    else:
        return None
    for member, span in members:
        if type(member) is type(wanted) and member == wanted:
            return value.source, span
        if (found := place_of_scalar(member, wanted)) is not None:
            return found
    return None


def plain(value: Value) -> Value:
    """The same value in plain Python types: what `json.dumps` and other libraries expect."""
    if isinstance(value, dict):
        return {str(key): plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, str) else value


def _walk(root: Map | List, path: Sequence[Step], *, want_key: bool) -> tuple[Source, Span]:
    """Follow a path as far as it goes.

    A step that names nothing is passed over, because pydantic puts the names of union members between the keys.
    """
    current: Value = root
    source, value_span, key_span = root.source, root.span, root.span
    key_wanted = want_key
    for step in path:
        if isinstance(current, Map) and isinstance(step, str) and step in current._places:
            source, value_span, key_span = current.source, current.value_span(step), current.key_span(step)
            current = current.get(step)
        elif isinstance(current, List) and isinstance(step, int) and 0 <= step < len(current._places):
            source, value_span = current.source, current.item_span(step)
            key_span = value_span
            current = current[step]
        elif step == _KEY_STEP:
            key_wanted = True
    return source, key_span if key_wanted else value_span
