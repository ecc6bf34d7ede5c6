"""Findings as text: the files of tests/data/render, and what holds for all of them.

`GATEWRIGHT_UPDATE_GOLDEN=1 pytest tests/config/test_render.py` writes the expected files; read their diff.
"""

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.read import load_source, read_document
from config.render import concise, full, github, sarif
from config.render import json as json_form
from config.render.excerpt import Line, width
from config.resolver import Resolver, TokenFiles
from config.tokens import substitute
from expr.diagnostic import Code, Diagnostic, DiagnosticError, Edit, Fix, Label, Severity
from expr.source import Source, Span

DATA = Path(__file__).parent.parent / "data" / "render"
FILES = sorted((DATA / "in").iterdir())
FORMS = {"full": full, "concise": concise, "json": json_form, "sarif": sarif, "github": github}
ERROR = Code("GW101", "json-syntax", "a text that is not JSON")
ADVICE = Code("GW801", "naming", "a name in another style", severity=Severity.WARNING)


def findings_of(path):
    surroundings = Resolver(environ={}, system={}, files=TokenFiles())
    with pytest.raises(DiagnosticError) as caught:
        substitute(read_document(load_source(path, path.name)), surroundings, [])
    return caught.value.diagnostics


def check(path, text):
    if os.environ.get("GATEWRIGHT_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_finding_is_shown_with_its_line(path):
    check(DATA / "out" / f"{path.name}.full", full.render(findings_of(path)))


@pytest.mark.parametrize("form", FORMS)
def test_all_findings_in_each_form(form):
    found = [diagnostic for path in FILES for diagnostic in findings_of(path)]
    check(DATA / "out" / f"all.{form}", FORMS[form].render(reversed(found)))


def diagnostic(text="abc def", span=(4, 7), code=ERROR, name="route.json", **more):
    return Diagnostic(code, more.pop("message", "message"), Source(name, text), Span(*span), **more)


def test_nothing_found_is_nothing_shown():
    assert full.render([]) == ""
    assert concise.render([]) == ""
    assert github.render([]) == ""
    assert json.loads(json_form.render([])) == []
    assert json.loads(sarif.render([]))["runs"][0]["results"] == []


def test_more_than_a_hundred_findings_are_counted():
    source = Source("route.json", "x" * 150)
    found = [Diagnostic(ERROR, "message", source, Span(n, n + 1)) for n in range(150)]
    assert concise.render(found).splitlines()[-1] == "Found 150 errors, 50 not shown."
    assert len(concise.render(found).splitlines()) == 101
    assert full.render(found).count("-->") == 100
    assert len(json.loads(json_form.render(found))) == 150


def test_findings_are_sorted_by_place_and_said_once():
    found = [diagnostic(name="b"), diagnostic(name="a"), diagnostic(name="b", span=(0, 1)), diagnostic(name="a")]
    places = [line.partition(": ")[0] for line in concise.render(found).splitlines()[:-1]]
    assert places == ["a:1:5", "b:1:1", "b:1:5"]


def test_severities_are_counted_apart():
    found = [diagnostic(), diagnostic(code=ADVICE), diagnostic(span=(0, 1), severity=Severity.INFO)]
    assert full.render(found).endswith("Found 1 error, 1 warning and 1 note.\n")


def test_a_label_in_another_file_is_shown_under_it():
    other = Source("config.json", "one\ntwo\n")
    text = full.render([diagnostic(labels=(Label(other, Span(4, 7), "declared here"),), help="do it")])
    assert text == (
        "error: message [GW101 json-syntax]\n"
        " --> route.json:1:5\n"
        "  |\n"
        "1 | abc def\n"
        "  |     ^^^\n"
        " ::: config.json:2:1\n"
        "  |\n"
        "2 | two\n"
        "  | --- declared here\n"
        "  = help: do it\n"
        "\n"
        "Found 1 error.\n"
    )


def test_a_place_of_several_lines_is_marked_to_the_end_of_the_first():
    assert "  | ^^^\n" in full.render([diagnostic(text="abc\ndef", span=(0, 7))])


def test_a_file_without_text_has_no_excerpt():
    assert "|" not in full.render([diagnostic(text="", span=(0, 0))])


def test_colour_changes_nothing_but_the_colour():
    found = [d for path in FILES for d in findings_of(path)]
    coloured = full.render(found, colour=True)
    assert "\x1b[" in coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in plain.splitlines()] == full.render(found).splitlines()


def test_nothing_in_a_file_reaches_the_terminal_as_a_command():
    found = [diagnostic(text="\x1b[31m \x9b red", message="\x1b]0;x\x07", name="\x1b[2J", help="\u202e")]
    for form in (full, concise):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", form.render(found))


def test_workflow_commands_are_escaped():
    found = [diagnostic(name="a,b:c.json", message="50% of\nit", help="x: y, z")]
    assert github.render(found) == (
        "::error file=a%2Cb%3Ac.json,line=1,endLine=1,col=5,endColumn=8,title=GW101 json-syntax"
        "::50%25 of%0Ait%0Ax: y, z\n"
    )


def test_sarif_refers_to_its_rules_and_carries_fixes():
    fix = Fix("say it", (Edit(Span(0, 3), "ABC"),))
    found = [
        diagnostic(fix=fix),
        diagnostic(code=ADVICE, labels=(Label(Source("/etc/a b.json", "x"), Span(0, 1), "here"),)),
    ]
    (run,) = json.loads(sarif.render(found, version="1.2.3"))["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    first, second = run["results"]
    (change,) = first["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 4},
            "insertedContent": {"text": "ABC"},
        }
    ]
    place = second["relatedLocations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "file:///etc/a%20b.json"
    assert second["level"] == "warning"


TEXTS = st.text(st.characters(exclude_characters="\r\n") | st.sampled_from("\t漢e\u0301ab "), max_size=300)


@given(TEXTS, st.data())
def test_the_mark_stands_under_what_it_marks(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    limit = data.draw(st.integers(20, 120))
    line = Line(text, start, end, limit)
    left, right = line.columns(start, end)
    assert 0 <= left < right
    assert width(line.text()) <= limit
    if line.first <= start and end <= line.last:
        full_text = "".join(line.cells[line.first : line.last])
        before = "".join(line.cells[line.first : start])
        assert full_text.startswith(before)
        assert left == width(before) + (1 if line.first else 0)


SECRET = "CnryZq8x\u00e4\\n1"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f'"password": "{SECRET}", "b": oops', '"password": "***", "b": oops'),
        (f'"a": 1, "redis.client_secret" :"{SECRET}" oops', '"a": 1, "redis.client_secret" :"***" oops'),
        (f'"bearerToken": "{SECRET} oops', '"bearerToken": "***'),
        ('"password": 12345, oops', '"password": ***, oops'),
        (f'"secrets": {{"a.id": "{SECRET}", "b": "{SECRET}"}}, oops', '"secrets": {"a.id": "***", "b": "***"}, oops'),
        (
            '"headers": {"Authorization": ["Basic ZGVtbzpvb3Bz"]} oops',
            '"headers": {"Authorization": ["Basic ***"]} oops',
        ),
        (f'"jdbcUrl": "jdbc:x://gw:{SECRET}@h/d?a=1", oops', '"jdbcUrl": "jdbc:x://gw:***@h/d?a=1", oops'),
        (f'"url": "jdbc:h2:x;password={SECRET}", oops', '"url": "jdbc:h2:x;password=***", oops'),
        ('"key": "-----BEGIN PRIVATE KEY-----\\nMIIE\\n" oops', '"key": "-----BEGIN PRIVATE KEY-----***" oops'),
        (f"  - apiKey: {SECRET} # oops", "  - apiKey: ***"),
        (f'  password: "{SECRET}" oops', "  password: ***"),
        ("  password: '${system.x} oops'", "  password: '${system.x} oops'"),
        ('"password": "${system[\'x\']}", "b": oops', '"password": "${system[\'x\']}", "b": oops'),
        ('"password": "&{db.password}" oops', '"password": "&{db.password}" oops'),
        ('"passwordSecretId": "a.secret.id" oops', '"passwordSecretId": "a.secret.id" oops'),
    ],
)
def test_a_literal_secret_is_not_shown_and_the_mark_stays_under_its_place(text, shown):
    place = text.index("oops")
    rendered = full.render([diagnostic(text=text, span=(place, place + 4))])
    lines = rendered.splitlines()
    assert lines[3] == f"1 | {shown}"
    if "oops" in shown:
        assert lines[4] == f"  | {' ' * shown.index('oops')}^^^^"
    else:
        assert lines[4].rindex("^") == len(lines[3]) - 1


def test_a_mark_of_a_secret_is_under_all_of_its_mask():
    text = f'{{"password": "{SECRET}"}}'
    start = text.index(SECRET)
    for span in ((start, start + len(SECRET)), (start + 2, start + 5), (start - 1, start + len(SECRET) + 1)):
        line, mark = full.render([diagnostic(text=text, span=span)]).splitlines()[3:5]
        masked = line.index('"***"') + 1
        assert mark.index("^") == masked - (span[0] < start)
        assert mark.count("^") == 3 + 2 * (span[0] < start)


def test_no_line_of_a_private_key_is_shown():
    text = "key: |\n  -----BEGIN PRIVATE KEY-----\n  MIIEvQIB\n  -----END PRIVATE KEY-----\n"
    place = text.index("MIIE")
    assert "MIIE" not in full.render([diagnostic(text=text, span=(place, place + 2))])


@given(TEXTS, st.integers(20, 120), st.data())
def test_nothing_hidden_is_shown_however_a_line_is_cropped(text, limit, data):
    hidden = Span(*sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text))))))
    start, end = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    line = Line(text, start, end, limit, [hidden] if hidden.start < hidden.end else [])
    assert all(cell in ("***", "") for cell in line.cells[hidden.start : hidden.end])
    assert width(line.text()) <= limit
    left, right = line.columns(start, end)
    assert 0 <= left < right


@given(TEXTS, TEXTS, st.data())
def test_every_form_takes_every_finding(text, message, data):
    span = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    found = [diagnostic(text=text, span=span, message=message)]
    for form in FORMS.values():
        assert form.render(found)
