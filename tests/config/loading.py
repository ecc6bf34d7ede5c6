"""Loads configuration with the toy types: what the tests of heap, declarations and checker share."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from config.check import Checker
from config.document import Document
from config.heap import Heap
from config.load import Loader
from config.loading import RuntimeSupport, Side
from config.read import read_document
from config.registry import Registry
from config.types import Ref
from expr import Environment, Name, types
from expr.diagnostic import Diagnostic, DiagnosticError
from expr.source import Source
from tests.config.toys.leaf import Leaf

PARAMETERS = ("context", "request")
SIDE = Environment(PARAMETERS, {"request": Name("request", types.MAP, "request")})


async def prepare(*_: object) -> None:
    """Nothing has to be waited for."""


REGISTRY = Registry(
    ("tests.config.toys",),
    RuntimeSupport({Side.REQUEST: SIDE, Side.RESPONSE: SIDE, Side.EXCEPTION: SIDE}, prepare),
    frozenset({"Documented", "Leaf"}),
    {"Removed": "use Leaf"},
)


class Page(Document):
    """A document of the tests."""

    handler: Ref[Leaf] | None = None
    globalDecorators: dict[str, Any] = {}

    default_objects: ClassVar = {"wrap": {"type": "Wrap"}, "Default": {"type": "Leaf", "config": {"text": "default"}}}


LOADER = Loader(REGISTRY)


def source(document: object) -> Source:
    text = document if isinstance(document, str) else json.dumps(document, indent=1)
    return Source("page.json", text)


def build(document: object, parent: Heap | None = None) -> tuple[Heap, Page]:
    return LOADER.build(Page, read_document(source(document)), parent=parent, name="page")


def failures(document: object) -> list[Diagnostic]:
    """What keeps a document from being loaded."""
    try:
        build(document)
    except DiagnosticError as error:
        return list(error.diagnostics)
    return []


def check(document: object) -> list[Diagnostic]:
    return LOADER.check(Page, read_document(source(document)))[1]


def checker(document: object) -> Checker:
    found = LOADER.check(Page, read_document(source(document)))[0]
    assert found is not None
    return found


def shown(found: Diagnostic) -> str:
    """The text that a diagnostic points at."""
    return found.source.text[found.span.start : found.span.end]
