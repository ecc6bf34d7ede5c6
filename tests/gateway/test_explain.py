"""`gatewright explain` knows every name, and the pages in docs/ are what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.explain import command
from gateway.docs import files, write
from gateway.reference import Reference

ROOT = Path(__file__).parents[2]


def explain(*names: str) -> Result:
    return CliRunner().invoke(command, names)


def test_a_type_is_explained_with_its_properties_and_contexts() -> None:
    shown = explain("OAuth2TokenExchangeFilter").output
    assert shown.startswith("OAuth2TokenExchangeFilter  filter\n")
    for part in (
        "subjectToken", "runtime expression<string>, required", "Handler reference", "AmService reference",
        "contexts.oauth2TokenExchange for what follows it", "contexts.oauth2Failure for its failureHandler",
        '"type": "OAuth2TokenExchangeFilter"',
    ):  # fmt: skip
        assert part in shown


def test_old_names_and_nested_properties_are_explained() -> None:
    shown = explain("ClientHandler").output
    assert "maxConnections, now called connections" in shown
    assert "sslEnabledProtocols: use tls with a ClientTlsOptions." in shown
    assert "circuitBreaker.slidingCounter" in shown
    assert "Older names: `JwtSession`." not in shown


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("GW201", ["GW201 unknown-property", "Severity: error. A configuration with it loads.", "underscore"]),
        ("unknown-property", ["GW201 unknown-property"]),
        ("gw2XX", ["GW201", "unknown-property, error"]),
        ("find", ["find(string: string, pattern: pattern): boolean", "${find('/app/x', '^/app')}  ->  true"]),
        ("jmespath", ["An extension of Gatewright"]),
        ("oauth2Failure", ["description", "string", "Provided by OAuth2TokenExchangeFilter for its failureHandler."]),
        ("contexts.oauth2failure", ["OAuth2FailureContext"]),
        ("string", ["startsWith(string)", "boolean", "toLowerCase()"]),
        ("startsWith", ["method", "Of a string", "startsWith(string)"]),
        ("contains", ["function", "contains(", "Of a list"]),
        ("request", ["queryParams", "The URI", "rawPath"]),
        ("headerfilter", ["HeaderFilter  filter"]),
        ("JwtSession", ["JwtSessionManager", "Also accepted as JwtSession."]),
        ("capturedecorator", ["Its name in the heap is a field beside type and config"]),
        ("SingleSignOnFilter", ["this version of Gatewright does not run it"]),
        ("KeyManager", ["removed type", "use SecretsKeyManager"]),
        ("matches", ["removed function", "call find"]),
        ("ForgeRockClientHandler", ["default object", "TransactionIdOutboundFilter"]),
        ("AdminHttpApplication", ["document", "connectors"]),
    ],
)
def test_every_kind_of_name_is_explained(name: str, parts: list[str]) -> None:
    result = explain(name)
    assert result.exit_code == 0
    assert all(part in result.output for part in parts), result.output


def test_everything_is_listed_without_a_name() -> None:
    shown = " ".join(explain().output.split())
    assert "Handlers: Chain, ClientHandler" in shown
    assert "filters, AM: AmSessionIdleTimeoutFilter" in shown
    assert "patterns: find, findGroups" in shown
    assert "GW3xx: names and references" in shown


def test_a_close_name_is_suggested() -> None:
    result = explain("HeaderFiltr")
    assert result.exit_code == 1
    assert 'nothing is called "HeaderFiltr"; did you mean "HeaderFilter"' in result.stderr


def test_every_name_has_a_page() -> None:
    reference = Reference()
    _ = reference.all_schemas
    missing = [name for name in reference.names() if reference.find(name) is None]
    # A documented type that only is the kind of others has no page of its own.
    assert missing == []


def test_every_code_says_why_it_matters_and_what_to_do() -> None:
    assert [code.id for code in Reference().codes.values() if not code.explanation] == []


def test_docs_say_what_the_declarations_say() -> None:
    """`make docs` writes them again."""
    expected = files()
    found = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert found == set(expected)
    drifted = [path for path, text in expected.items() if (ROOT / "docs" / path).read_text("utf-8") != text]
    assert drifted == [], "run `make docs`"


def test_pages_of_names_that_are_gone_are_removed(tmp_path: Path) -> None:
    gone, own = tmp_path / "types" / "Gone.md", tmp_path / "own.md"
    gone.parent.mkdir()
    own.write_text("# By hand\n", "utf-8")
    gone.write_text(files()["README.md"], "utf-8")
    write(tmp_path)
    assert not gone.exists()
    assert own.exists()
    assert (tmp_path / "types" / "HeaderFilter.md").exists()
