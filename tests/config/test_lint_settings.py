from __future__ import annotations

from pathlib import Path

import pytest

from config.codes import UNKNOWN_PROPERTY, UNRESOLVED_REFERENCE
from config.read_codes import JSON_SYNTAX
from config.selection import Settings, read_settings, settings_file
from expr.codes import EXTENSION
from expr.diagnostic import DiagnosticError, Severity


def read(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "gatewright.yaml"
    path.write_text(text, "utf-8")
    return read_settings(path)


def mistakes(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(DiagnosticError) as caught:
        read(tmp_path, text)
    return [found.message for found in caught.value.diagnostics]


def test_without_settings_all_is_wanted_but_what_is_optional() -> None:
    assert Settings().wants(UNKNOWN_PROPERTY, None)
    assert not Settings().wants(EXTENSION, None)


@pytest.mark.parametrize("name", ["GW201", "GW2", "unknown-property", "ALL"])
def test_select_takes_codes_their_beginnings_and_rules(name: str) -> None:
    assert Settings(select=(name,)).wants(UNKNOWN_PROPERTY, None)
    assert Settings(select=(name,)).wants(UNRESOLVED_REFERENCE, None) is (name == "ALL")
    assert not Settings(ignore=(name,)).wants(UNKNOWN_PROPERTY, None)


def test_a_file_that_cannot_be_read_is_told_whatever_is_selected() -> None:
    assert Settings(select=("GW6",)).wants(JSON_SYNTAX, None)


def test_the_command_line_comes_after_the_file(tmp_path: Path) -> None:
    settings = read(tmp_path, "select: [GW2]\nignore: [GW208]\n").overridden(["GW3"], ["GW301"])

    assert settings.select == ("GW3",)
    assert settings.ignore == ("GW208", "GW301")


def test_files_have_codes_that_are_ignored_in_them(tmp_path: Path) -> None:
    settings = read(tmp_path, 'per-file-ignores:\n  "old/*": [GW201]\n  "x.json": GW3\n')

    assert not settings.wants(UNKNOWN_PROPERTY, tmp_path / "old" / "a.json")
    assert settings.wants(UNKNOWN_PROPERTY, tmp_path / "new" / "a.json")
    assert not settings.wants(UNRESOLVED_REFERENCE, tmp_path / "deep" / "x.json")


def test_severities_can_be_changed(tmp_path: Path) -> None:
    settings = read(tmp_path, "severity: {unresolved-reference: warning, GW2: info}\n")

    assert settings.level(UNRESOLVED_REFERENCE) is Severity.WARNING
    assert settings.level(UNKNOWN_PROPERTY) is Severity.INFO
    assert settings.level(JSON_SYNTAX) is None


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "").select == ()


def test_the_nearest_file_above_counts(tmp_path: Path) -> None:
    (tmp_path / "gatewright.yaml").write_text("")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)

    assert settings_file(deep) == (tmp_path / "gatewright.yaml").resolve()
    (tmp_path / "a" / "gatewright.yaml").write_text("")
    assert settings_file(deep) == (tmp_path / "a" / "gatewright.yaml").resolve()


def test_what_is_wrong_with_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = "selct: []\nselect: [GW999, 3]\nper-file-ignores: [a]\nseverity: {GW201: bad, nothing: info}\n"

    assert sorted(mistakes(tmp_path, text)) == sorted(
        [
            'there is no setting "selct"',
            '"GW999" is no code and no rule',
            "a code or the name of a rule is a text",
            '"per-file-ignores" is a mapping',
            '"bad" is no severity',
            '"nothing" is no code and no rule',
        ]
    )


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "- a\n") == ["the file holds a mapping"]
