from __future__ import annotations

import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.lint import _Progress, command

CLEAN = '{"handler": "ReverseProxyHandler"}'
WRONG = '{"handler": "Nobody"}'
WARNED = '{"handler": "ReverseProxyHandler", "captur": 1}'


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in (("clean", CLEAN), ("wrong", WRONG), ("warned", WARNED)):
        (tmp_path / f"{name}.json").write_text(text)
    return tmp_path


def run(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments], input=text)


def test_exit_status_tells_errors_from_other_findings(files: Path) -> None:
    assert run(files / "clean.json").exit_code == 0
    assert run(files / "warned.json").exit_code == 0
    assert run(files / "wrong.json").exit_code == 1
    assert run(files / "missing.json").exit_code == 2
    assert run().exit_code == 2


def test_nothing_is_said_of_a_clean_file(files: Path) -> None:
    assert run(files / "clean.json").output == ""


def test_stdin_is_linted(files: Path) -> None:
    result = run("-", text=WRONG)

    assert result.exit_code == 1
    assert "<stdin>:1:13" in result.output


@pytest.mark.parametrize("output", ["full", "concise", "github"])
def test_findings_are_shown_in_a_form(output: str, files: Path) -> None:
    assert 'no object is named "Nobody"' in run(files / "wrong.json", "--output", output).output


def test_findings_for_programs(files: Path) -> None:
    (found,) = json.loads(run(files / "wrong.json", "--output", "json").output)
    sarif = json.loads(run(files / "wrong.json", "--output", "sarif").output)

    assert found["code"] == "GW301"
    assert (found["line"], found["column"], found["end_line"], found["end_column"]) == (1, 13, 1, 21)
    assert sarif["runs"][0]["results"][0]["ruleId"] == "GW301"
    assert json.loads(run(files / "clean.json", "--output", "json").output) == []


def test_codes_are_selected_and_ignored(files: Path) -> None:
    assert "GW301" not in run(files, "--select", "GW307", "--output", "concise").output
    assert "GW307" in run(files, "--select", "unknown-decorator,GW6", "--output", "concise").output
    assert run(files, "--ignore", "GW301", "--ignore", "GW307,GW314").output == ""
    assert run(files, "--select", "GW999").exit_code == 2
    assert run(files, "--ignore", "unknown-decoratr").exit_code == 2


def test_findings_below_a_severity_are_not_shown(files: Path) -> None:
    assert "GW307" not in run(files, "--severity", "error", "--output", "concise").output
    assert run(files / "warned.json", "--severity", "error").output == ""
    assert run(files / "wrong.json", "--severity", "error").exit_code == 1


def test_a_code_is_explained() -> None:
    result = run("--explain", "GW301")

    assert result.exit_code == 0
    assert result.output.startswith("GW301 unresolved-reference")
    assert run("--explain", "unresolved-reference").output == result.output
    assert run("--explain", "GW999").exit_code == 2


def test_settings_are_found_above_the_files_or_given(files: Path) -> None:
    (files / "gatewright.yaml").write_text("ignore: [GW301]\n")
    (files / "other.yml").write_text("ignore: [GW307]\n")

    assert run(files / "wrong.json").exit_code == 0
    assert run(files / "wrong.json", "--config", files / "other.yml").exit_code == 1
    (files / "gatewright.yaml").write_text("ignore: [GW3x]\n")
    result = run(files / "wrong.json", "--output", "concise")
    assert (result.exit_code, "GW802" in result.output) == (2, True)


def test_rules_of_users_are_run(files: Path) -> None:
    rule = "{code: ACME1, severity: error, message: no direct proxies, select: handler}"
    (files / "gatewright.yaml").write_text(f"rules:\n  - {rule}\n")

    result = run(files / "clean.json", "--output", "concise")

    assert result.exit_code == 1
    assert f"{files / 'clean.json'}:1:13: error: no direct proxies [ACME1 ACME1]" in result.output


def test_fix_shows_what_it_would_change_and_asks(files: Path) -> None:
    path = files / "old.json"
    path.write_text('{"handler": {"type": "RouterHandler", "config": {"directory": "x"}}}')

    refused = run(path, "--fix", text="n\n")
    assert '+{"handler": {"type": "Router"' in refused.output
    assert "RouterHandler" in path.read_text()
    assert "GW702" in refused.output
    agreed = run(path, "--fix", text="y\n")
    assert "RouterHandler" not in path.read_text()
    assert "GW702" not in agreed.output


def test_fix_without_an_answer_changes_nothing(files: Path) -> None:
    path = files / "old.json"
    path.write_text('{"handler": {"type": "RouterHandler", "config": {"directory": "x"}}}')

    run(path, "--fix", text="")
    assert "RouterHandler" in path.read_text()
    run(path, "--fix", "--yes", text="")
    assert "RouterHandler" not in path.read_text()
    assert run("-", "--fix", text="{}").exit_code == 2


def test_progress_is_told_when_it_takes_long(capsys: pytest.CaptureFixture[str]) -> None:
    progress = _Progress()
    progress(1, 3)
    assert capsys.readouterr().err == ""
    progress.next = 0
    progress(2, 3)
    assert capsys.readouterr().err == "checked 2 of 3 files\n"
    progress.next = 0
    progress(3, 3)
    assert capsys.readouterr().err == ""


def test_linting_a_route_imports_nothing_that_only_serving_needs() -> None:
    heavy = [
        "aiohttp",
        "cryptography",
        "sqlalchemy",
        "rich",
        "redis",
        "opentelemetry",
        "joserfc",
        "uvloop",
        "lark",
        "yaml",
        "prometheus_client",
        "httptools",
        "jmespath",
        "regex",
        "gateway.server.protocol",
    ]
    program = (
        "import sys; from pathlib import Path; from gateway.linting import lint_paths;"
        f"found = lint_paths([Path('routes/token-exchange.json')]);"
        f"print([m for m in {heavy!r} if m in sys.modules], found)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[] []"


def test_a_run_leaves_the_collector_as_it_was(files: Path) -> None:
    run(files / "clean.json")

    assert gc.isenabled()
