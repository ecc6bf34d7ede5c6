"""How a property type says what is wrong: an error pydantic carries to the declaration that places it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError, PydanticUseDefault

from expr.diagnostic import Code, Diagnostic
from expr.source import Span

if TYPE_CHECKING:
    from config.loading import Loading


class Problem:
    """What a property type found wrong with its value; `span` is inside the text of the value, if it has one."""

    __slots__ = ("code", "diagnostics", "help", "instead", "message", "span")

    def __init__(
        self,
        code: Code | None,
        message: str,
        help: str = "",  # noqa: A002 - the word of diagnostics
        span: Span | None = None,
        diagnostics: tuple[Diagnostic, ...] = (),
        instead: str = "",
    ) -> None:
        self.code = code
        self.message = message
        self.help = help
        self.span = span
        self.diagnostics = diagnostics
        self.instead = instead
        """What means the same, as JSON spells it."""


def problem(
    code: Code,
    message: str,
    help: str = "",  # noqa: A002
    span: Span | None = None,
    instead: str = "",
) -> PydanticCustomError:
    """An error to raise in a validator; `instead` is a value that means the same, as JSON spells it."""
    found = Problem(code, message, help, span, instead=instead)
    return PydanticCustomError("problem", "{message}", {"message": message, "problem": found})


def reported(diagnostics: Iterable[Diagnostic]) -> PydanticCustomError:
    """An error whose diagnostics have their places already (a nested declaration, an expression)."""
    found = tuple(diagnostics)
    message = "; ".join(d.message for d in found)
    return PydanticCustomError(
        "problem", "{message}", {"message": message, "problem": Problem(None, "", "", None, found)}
    )


def unknown() -> PydanticCustomError:
    """The value depends on something that lint cannot know; never shown."""
    return PydanticCustomError("unknown", "the value is not known here", {})


def null(loading: Loading) -> Exception:
    """A value is null, and so counts as absent: to raise in a validator."""
    if loading.null_is_error:
        return PydanticCustomError("missing", "the value is null")
    return PydanticUseDefault()


def closest(name: str, known: Iterable[str]) -> str:
    """`did you mean "x"?` for a name close to known ones, else an empty string."""
    names = sorted(set(known))
    same = [n for n in names if n.lower() == name.lower() and n != name]
    matches = same or get_close_matches(name, names, n=3, cutoff=0.7)
    return f"did you mean {' or '.join(map(quoted, matches))}?" if matches else ""


def one_of(names: Iterable[str]) -> str:
    """`one of "a", "b"`: a closed list for a help line."""
    return f"one of {listed(names)}"


def listed(names: Iterable[str]) -> str:
    return ", ".join(map(quoted, names))


def quoted(text: object) -> str:
    return f'"{text}"'
