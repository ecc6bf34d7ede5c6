"""A page of the reference: blocks that are shown in a terminal and written as Markdown alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Heading:
    """Begins a section; level 2 is the first below the title."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Running text, in which backticks set off code."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of a term, facts about it, and (last) a sentence."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Sample:
    """Code."""

    text: str
    language: str = "json"


Block: TypeAlias = Heading | Paragraph | Items | Table | Sample


@dataclass(frozen=True)
class Page:
    """Everything about one name."""

    title: str
    kind: str
    """What the name is: "filter", "function", "context"."""
    summary: str
    """One sentence."""
    blocks: tuple[Block, ...]


def prose(text: str) -> list[Block]:
    """The paragraphs of a docstring."""
    return [Paragraph(" ".join(part.split())) for part in text.split("\n\n") if part.strip()]
