"""Pages as plain text, for a terminal: nothing but blanks and line breaks unless colour is wanted."""

from __future__ import annotations

from textwrap import fill, indent

from config.emit.page import Block, Heading, Items, Page, Paragraph, Sample, Table

_BOLD, _CYAN, _DIM, _PLAIN = "\x1b[1m", "\x1b[36m", "\x1b[2m", "\x1b[0m"
_GAP = 2
_WIDEST_TERM = 30


def render(page: Page, *, width: int = 100, colour: bool = False) -> str:
    """The page for a terminal of a width."""
    title = f"{_styled(page.title, _BOLD, colour)}  {_styled(page.kind, _DIM, colour)}"
    return "\n\n".join([title, *(_block(block, width, colour) for block in page.blocks)]) + "\n"


def _styled(text: str, style: str, colour: bool) -> str:
    return f"{style}{text}{_PLAIN}" if colour else text


def _block(block: Block, width: int, colour: bool) -> str:
    match block:
        case Heading():
            return _styled(block.text.replace("`", ""), _BOLD, colour)
        case Paragraph():
            return _filled(block.text, width)
        case Items():
            return "\n".join(_filled(text, width, "- ", "  ") for text in block.texts)
        case Table():
            return _table(block, width, colour)
        case Sample():
            return indent(block.text, "    ")


def _filled(text: str, width: int, first: str = "", rest: str = "") -> str:
    return fill(
        text.replace("`", ""),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _table(table: Table, width: int, colour: bool) -> str:
    """Two columns side by side; of more, the sentence stands below the term and its facts."""
    rows = [tuple(cell.replace("`", "") for cell in row) for row in table.rows]
    term = min(_WIDEST_TERM, max((len(row[0]) for row in rows), default=0)) + _GAP
    return "\n".join(_row(row, term, width, colour) for row in rows)


def _row(row: tuple[str, ...], term: int, width: int, colour: bool) -> str:
    name, *facts, sentence = row
    head = f"  {_styled(name, _CYAN, colour)}{' ' * max(term - len(name), _GAP)}"
    margin = " " * (term + 2)
    if not facts:
        lines = _filled(sentence, width, margin, margin).removeprefix(margin)
        return (head + lines).rstrip()
    known = ", ".join(fact for fact in facts if fact)
    text = _filled(sentence, width, margin, margin)
    return f"{head}{known}\n{text}" if text.strip() else f"{head}{known}"
