import logging
import os
from pathlib import Path
from typing import Any

import pytest

from tests.canaries import canary
from tests.gateway.scripted import Outcome, problems, run

BOSCO = canary("row")
USERS = f'email,name,password\ngeorge@example.com,"Costanza, ""Can\'t Stand Ya""",{BOSCO}\nkramer@example.com,Cosmo\n'


def lookup(file: Path, **config: Any) -> dict[str, Any]:
    properties = {"file": str(file), "key": "email", "value": "${request.queryParams['mail'][0]}"}
    return {"type": "FileAttributesFilter", "config": {**properties, **config}}


async def found(declaration: dict[str, Any], mail: str = "george@example.com") -> dict[str, str]:
    outcome = await run(declaration, {"uri": f"http://app.example.com/?mail={mail}"})
    return record(outcome)


def record(outcome: Outcome) -> dict[str, str]:
    return outcome.forwarded.context.find("fileAttributes").record


@pytest.fixture
def users(tmp_path: Path) -> Path:
    file = tmp_path / "users.csv"
    file.write_text(USERS)
    return file


async def test_the_record_with_the_value_is_in_the_context(users: Path) -> None:
    assert await found(lookup(users)) == {
        "email": "george@example.com",
        "name": 'Costanza, "Can\'t Stand Ya"',
        "password": BOSCO,
    }


async def test_expressions_read_the_record(users: Path) -> None:
    header = {"X-Pass": ["${contexts.fileAttributes.record.password}"]}
    chain = {
        "type": "ChainOfFilters",
        "config": {
            "filters": [lookup(users), {"type": "HeaderFilter", "config": {"messageType": "REQUEST", "add": header}}]
        },
    }
    outcome = await run(chain, {"uri": "http://app.example.com/?mail=george@example.com"})
    assert outcome.forwarded.headers["X-Pass"] == [BOSCO]


async def test_a_short_record_has_only_the_columns_that_it_has(users: Path) -> None:
    assert await found(lookup(users), "kramer@example.com") == {"email": "kramer@example.com", "name": "Cosmo"}


@pytest.mark.parametrize("mail", ["nobody@example.com", "George@example.com", "email", ""])
async def test_nothing_found_is_an_empty_record(users: Path, mail: str) -> None:
    assert await found(lookup(users), mail) == {}


async def test_a_null_value_finds_nothing(users: Path) -> None:
    assert record(await run(lookup(users))) == {}


async def test_the_first_of_several_records_counts(tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text("email,n\na@b,1\na@b,2\n")
    assert await found(lookup(file), "a@b") == {"email": "a@b", "n": "1"}


async def test_colons_are_escaped_by_a_backslash(tmp_path: Path) -> None:
    file = tmp_path / "users.txt"
    file.write_text(f'email:password\ngeorge@example.com:{BOSCO}\\:b"c\n')
    assert await found(lookup(file, separator="COLON")) == {"email": "george@example.com", "password": f'{BOSCO}:b"c'}


async def test_tabs_separate_quoted_values(tmp_path: Path) -> None:
    file = tmp_path / "users.tsv"
    file.write_text(f'email\tpassword\ngeorge@example.com\t"{BOSCO}\tb"\n')
    assert await found(lookup(file, separator="tab")) == {"email": "george@example.com", "password": f"{BOSCO}\tb"}


async def test_fields_override_the_header_row(users: Path) -> None:
    declaration = lookup(users, key="mail", fields=["mail", "who", "pass"])
    assert (await found(declaration))["pass"] == BOSCO
    assert await found(declaration, "email") == {}


async def test_without_a_header_row_the_first_row_is_a_record(tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text(f"george@example.com,{BOSCO}\n")
    assert await found(lookup(file, header=False, fields=["email", "pass"])) == {
        "email": "george@example.com",
        "pass": BOSCO,
    }
    assert await found(lookup(file, header=False, key="0")) == {"0": "george@example.com", "1": BOSCO}


async def test_the_charset_is_that_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_bytes("email,name\ngeorge@example.com,J\u00e4ger\n".encode("latin-1"))
    assert (await found(lookup(file, charset="ISO-8859-1")))["name"] == "J\u00e4ger"


async def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text("\ufeff" + USERS)
    assert (await found(lookup(file)))["password"] == BOSCO


@pytest.mark.parametrize(
    ("content", "config", "reason"),
    [
        (None, {}, "No such file"),
        (b"email,name\n\xff\xfe,x\n", {}, "not in the given character encoding"),
        (USERS.encode(), {"key": "phone"}, "there is no column 'phone'"),
    ],
)
async def test_a_file_that_cannot_be_searched_is_logged_and_gives_an_empty_record(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes | None, config: dict[str, str], reason: str
) -> None:
    file = tmp_path / "users.csv"
    if content is not None:
        file.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert await found(lookup(file, **config)) == {}
    assert reason in caplog.text
    assert "george" not in caplog.text


async def test_the_record_goes_to_the_target_too(users: Path) -> None:
    outcome = await run(
        lookup(users, target="${attributes.credentials}"), {"uri": "http://a.example.com/?mail=george@example.com"}
    )
    assert outcome.context.attributes["credentials"]["password"] == BOSCO


async def test_a_changed_file_is_read_again(users: Path) -> None:
    from tests.gateway.scripted import exchange, started

    request = {"uri": "http://a.example.com/?mail=george@example.com"}
    async with started(lookup(users)) as tested:
        assert record(await exchange(tested, request))["password"] == BOSCO
        users.write_text("email,password\ngeorge@example.com,changed\n")
        os.utime(users, ns=(1, 1))
        assert record(await exchange(tested, request))["password"] == "changed"


async def test_an_executor_of_its_own_reads_the_file(users: Path) -> None:
    pool = {"name": "pool", "type": "ScheduledExecutorService", "config": {"corePoolSize": 1}}
    outcome = await run(
        lookup(users, executorService="pool"), {"uri": "http://a.example.com/?mail=george@example.com"}, heap=[pool]
    )
    assert record(outcome)["password"] == BOSCO


def test_mistakes_are_found_when_it_is_built(users: Path) -> None:
    assert problems({"type": "FileAttributesFilter", "config": {}}) == [
        f'FileAttributesFilter needs the property "{name}"' for name in ("file", "key", "value")
    ]
    assert problems(lookup(users, charset="none")) == ['there is no character encoding "none"']
    assert problems(lookup(users, separator="SEMICOLON")) == ['"SEMICOLON" is not a value of this property']
