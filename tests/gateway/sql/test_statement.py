import pytest

from gateway.sql.statement import Statement


def test_a_statement_without_parameters_stays_as_it_is() -> None:
    assert Statement.parse("SELECT 1").rendered("qmark") == "SELECT 1"


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        ("qmark", "SELECT a FROM t WHERE b = ? AND c LIKE ?"),
        ("format", "SELECT a FROM t WHERE b = %s AND c LIKE %s"),
        ("numeric_dollar", "SELECT a FROM t WHERE b = $1::varchar AND c LIKE $2::varchar"),
        ("named", "SELECT a FROM t WHERE b = :1 AND c LIKE :2"),
    ],
)
def test_placeholders_are_written_in_the_style_of_the_driver(style: str, expected: str) -> None:
    statement = Statement.parse("SELECT a FROM t WHERE b = ? AND c LIKE ?")
    assert statement.parameters == 2
    assert statement.rendered(style) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 'what?' FROM t",
        "SELECT 'it''s ?' FROM t",
        'SELECT "odd?name" FROM t',
        "SELECT `odd?name` FROM t",
        "SELECT 1 -- really?\nFROM t",
        "SELECT 1 /* why? \n who? */ FROM t",
        "SELECT $$what?$$",
        "SELECT $body$what?$body$",
    ],
)
def test_question_marks_in_literals_names_and_comments_are_no_placeholders(text: str) -> None:
    statement = Statement.parse(text)
    assert statement.parameters == 0
    assert statement.rendered("qmark") == text


def test_a_doubled_question_mark_is_an_operator() -> None:
    statement = Statement.parse("SELECT data ?? 'key' FROM t WHERE id = ?")
    assert statement.rendered("numeric_dollar") == "SELECT data ? 'key' FROM t WHERE id = $1::varchar"


def test_percent_signs_are_kept_where_the_style_uses_them() -> None:
    assert Statement.parse("SELECT a FROM t WHERE b LIKE '%x' AND c = ?").rendered("format") == (
        "SELECT a FROM t WHERE b LIKE '%%x' AND c = %s"
    )


def test_an_unclosed_string_does_not_hide_the_rest() -> None:
    assert Statement.parse("SELECT 'open FROM t WHERE a = ?").parameters == 1
