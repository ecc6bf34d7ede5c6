"""The pages of `docs/`: `python -m gateway.docs DIR` writes what `gateway.reference` knows as Markdown."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from config.emit import markdown
from config.emit.other_pages import GROUPS, code_page, function_page, value_page
from config.emit.page import Block, Heading, Page, Paragraph, Table
from gateway.http.published import BASE
from gateway.reference import Reference, lists

_GENERATED = "<!-- Generated from the declarations by `make docs`; a test fails when it drifts. -->\n\n"
_INTRODUCTION = (
    "What configuration can say, generated from the declarations. `gatewright explain NAME` shows the same in a "
    "terminal."
)


def files() -> dict[str, str]:
    """All pages: path -> Markdown."""
    known = Reference()
    _ = known.all_schemas  # described together, at once
    pages = {f"types/{name}.md": known.type_page(name) for names in known.types.values() for name in names}
    pages |= {f"contexts/{name}.md": known.host_page(name) for name in known.host_names}
    texts = {path: markdown.render(page) for path, page in pages.items()}
    for family, functions in known.families.items():
        texts[f"functions/{family}.md"] = _joined(f"Functions: {family}", map(function_page, functions))
    texts["functions/methods.md"] = _joined("Methods of values", (value_page(*item) for item in known.values.items()))
    for digit, title in GROUPS.items():
        if codes := known.codes_of(title):
            texts[f"codes/GW{digit}xx.md"] = _joined(f"Diagnostics: {title}", map(code_page, codes))
    texts["README.md"] = markdown.render(_index(known))
    return {path: _GENERATED + text for path, text in sorted(texts.items())}


def write(directory: Path) -> None:
    """Write all pages, and remove those of names that are gone."""
    pages = files()
    for path, text in pages.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_file() or target.read_text("utf-8") != text:
            target.write_text(text, "utf-8")
    for page in directory.rglob("*.md"):
        is_ours = page.read_text("utf-8").startswith(_GENERATED)
        if is_ours and page.relative_to(directory).as_posix() not in pages:
            page.unlink()


def _joined(title: str, pages: Iterable[Page]) -> str:
    return "\n".join([f"# {title}\n", *(markdown.render(page, level=2) for page in pages)])


def _index(known: Reference) -> Page:
    blocks: list[Block] = [Paragraph(_INTRODUCTION), Heading("Object types")]
    for title, names in known.types.items():
        rows = tuple((f"[{name}](types/{name}.md)", known.type_page(name).summary) for name in names)
        blocks += [Heading(title, 3), Table(("Type", ""), rows)]
    blocks += [Heading("Documented object types that this version does not run"), lists(known.not_run)]
    return Page("Reference", "", "", (*blocks, *_functions(known), *_contexts(known), *_codes(known)))


def _functions(known: Reference) -> Iterable[Block]:
    rows = tuple(
        (f"[{family}](functions/{family}.md)", ", ".join(f"`{function.name}`" for function in functions))
        for family, functions in known.families.items()
    )
    methods = ("[methods](functions/methods.md)", f"of {', '.join(known.values)}")
    return Heading("Functions"), Table(("Family", "Functions"), (*rows, methods))


def _contexts(known: Reference) -> Iterable[Block]:
    rows = tuple((f"[{name}](contexts/{name}.md)", known.host_page(name).summary) for name in known.host_names)
    shared = ", ".join(f"`{name}`" for name in BASE.documented)
    return (
        Heading("Contexts and other names in expressions"),
        Paragraph(f"Every context has also {shared}."),
        Table(("Name", ""), rows),
    )


def _codes(known: Reference) -> Iterable[Block]:
    yield Heading("Diagnostics")
    for digit, title in GROUPS.items():
        if codes := known.codes_of(title):
            link = f"codes/GW{digit}xx.md"
            rows = tuple((f"[{c.id}]({link})", f"`{c.rule}`", c.severity.value, c.summary) for c in codes)
            yield Heading(f"{title[:1].upper()}{title[1:]}", 3)
            yield Table(("Code", "Rule", "Severity", ""), rows)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
