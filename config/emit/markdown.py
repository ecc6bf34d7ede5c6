"""Pages as Markdown, for `docs/`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from textwrap import fill

from config.emit.page import Block, Heading, Items, Page, Paragraph, Sample, Table

WIDTH = 120


def render(page: Page, *, level: int = 1) -> str:
    """The page as a Markdown text; `level` is that of its title."""
    parts = [f"{'#' * level} {page.title}", *(_block(block, level - 1) for block in page.blocks)]
    return "\n\n".join(parts) + "\n"


def _block(block: Block, deeper: int) -> str:
    match block:
        case Heading():
            return f"{'#' * (block.level + deeper)} {block.text}"
        case Paragraph():
            return fill(block.text, WIDTH, break_long_words=False, break_on_hyphens=False)
        case Items():
            return "\n".join(_item(text) for text in block.texts)
        case Table():
            return _table(block.header, block.rows)
        case Sample():
            return f"```{block.language}\n{block.text}\n```"


def _item(text: str) -> str:
    return fill(
        text, WIDTH, initial_indent="- ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *(tuple(map(_cell, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    # Angle brackets outside of code would be taken for HTML.
    outside = re.split(r"(`[^`]*`)", " ".join(text.split()))
    escaped = [part if part.startswith("`") else part.replace("<", "&lt;").replace(">", "&gt;") for part in outside]
    return "".join(escaped).replace("|", r"\|")
