"""Every object type is well declared: what people and editors read of it is there, and its example is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.descriptions import descriptions
from config.emit.properties import model_schemas
from expr.diagnostic import Severity
from gateway.catalog import PACKAGES, registry
from gateway.documented_types import DOCUMENTED_TYPES, REMOVED_TYPES
from gateway.linting import lint_paths
from gateway.reference import DOCUMENTS, PACKAGE_TITLES, Reference
from tests.gateway.scripted import load

NAMES = registry().names()
DECLARED = {**{name: registry().get(name) for name in NAMES}, **{cls.__name__: cls for cls in DOCUMENTS.values()}}


@pytest.mark.parametrize("name", DECLARED)
def test_a_type_says_what_it_is_for(name: str) -> None:
    cls = DECLARED[name]
    doc = cls.__dict__.get("__doc__") or ""
    assert doc.strip().partition("\n\n")[0].rstrip().endswith("."), "a sentence in the docstring"
    missing = [name for name, text in descriptions(cls).items() if not text]
    assert not missing, f"no description of {missing}"


def test_every_group_of_properties_is_described() -> None:
    definitions = model_schemas(DECLARED.values()).definitions
    for name, schema in definitions.items():
        undescribed = [p for p, item in schema.get("properties", {}).items() if not item.get("description")]
        assert not undescribed, f"{name}: no description of {undescribed}"


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_a_type_builds_and_lints(name: str, tmp_path: Path) -> None:
    cls = registry().get(name)
    assert cls.example.get("type") in (name, *registry().aliases(name))
    document = {"heap": [{**cls.example, "name": "example"}], "handler": "ReverseProxyHandler"}
    if cls in DOCUMENTS.values():
        document = {key: value for key, value in cls.example.items() if key != "type"}
    else:
        load(cls.example)
    path = tmp_path / "example.json"
    path.write_text(json.dumps(document), "utf-8")
    errors = [str(found) for found in lint_paths([path]) if found.level is Severity.ERROR]
    assert not errors


def test_every_documented_type_runs_or_is_reported_as_unsupported(tmp_path: Path) -> None:
    assert not DOCUMENTED_TYPES & set(REMOVED_TYPES)
    for name in registry().documented_only():
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({"handler": {"type": name, "config": {}}}), "utf-8")
        assert "GW306" in {found.code.id for found in lint_paths([path])}, name


def test_every_type_has_a_place_in_the_lists() -> None:
    assert set(PACKAGE_TITLES) <= set(PACKAGES)
    placed = [name for names in Reference().types.values() for name in names]
    assert sorted(placed) == sorted(DECLARED)
