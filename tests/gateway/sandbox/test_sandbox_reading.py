"""Mistakes in the YAML file: each has its place and says what to write."""

from __future__ import annotations

import pytest

from gateway.sandbox import SettingsError, parse_settings, read_settings

ROOT = "realms:\n  /:\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "f.yaml:1:1: should be a mapping with 'realms'"),
        ("a: [", "f.yaml:1:5: is not YAML"),
        ("a: b: c", "f.yaml:1:5: is not YAML"),
        ("a: b\nc: \x00", "f.yaml:2:4: is not YAML: special characters"),
        ("realms: {/: {}, /: {}}", "f.yaml:1:17: '/' is given twice"),
        ("realms: &a {/: *a}", "f.yaml:1:1: has an alias inside of what it stands for"),
        ("realms: !!python/object:os.system {}", "f.yaml:1:9: is not YAML: could not determine a constructor"),
        ("realms: {/alpha: {}}", "f.yaml:1:1: realms needs an entry for the root realm"),
        ("realms: {/: {}, alpha/: {}}", "f.yaml:1:17: realms > alpha/: a realm is written '/' or '/name'"),
        ("base_url: am.example.com\n" + ROOT + "    users: {}", "f.yaml:1:1: base_url: should be an absolute URL"),
        (ROOT + "    user: {}", "f.yaml:3:5: realms > / > user: unknown setting; did you mean 'users'?"),
        (ROOT + "    zzz: {}", "f.yaml:3:5: realms > / > zzz: unknown setting; known are agents, clients,"),
        (
            ROOT + "    users:\n      demo:\n        password: 1234",
            "f.yaml:5:9: realms > / > users > demo > password: should be text; put a number, date or yes/no between",
        ),
        (ROOT + "    users:\n      demo: {}", "f.yaml:4:7: realms > / > users > demo > password: is required"),
        (
            ROOT + "    clients:\n      c: {secret: x, grant_types: [Magic]}",
            "f.yaml:4:36: realms > / > clients > c > grant_types > 0: unknown grant type 'Magic'; known are",
        ),
        (
            ROOT + "    clients:\n      c: {}",
            "f.yaml:4:7: realms > / > clients > c: a confidential client needs a secret",
        ),
        (
            ROOT + "    clients:\n      c: {secret: x, default_scopes: [mail]}",
            "f.yaml:4:7: realms > / > clients > c: default_scopes has mail, which scopes does not list",
        ),
        (
            ROOT + "    oauth2_provider: {access_token_may_act_script: S}",
            "f.yaml:2:3: realms > /: oauth2_provider names the script 'S', which scripts does not have",
        ),
        (
            ROOT + "    agents: {x: {password: p}}\n    clients: {x: {secret: p}}",
            "f.yaml:2:3: realms > /: x: agents and clients of a realm share one set of names",
        ),
        (
            ROOT + "    policy_sets: {P: [{resources: [a], action: {}}]}",
            "f.yaml:3:40: realms > / > policy_sets > P > 0 > action: unknown setting; did you mean 'actions'?",
        ),
    ],
)
def test_a_mistake_has_its_place_and_says_what_to_write(text, expected):
    with pytest.raises(SettingsError) as error:
        parse_settings(text, "f.yaml")
    assert any(str(problem).startswith(expected) for problem in error.value.problems), str(error.value)


def test_all_mistakes_are_told_in_the_order_of_the_file():
    text = ROOT + "    users: {a: {}}\n    agents: {b: {}}\n"
    with pytest.raises(SettingsError) as error:
        parse_settings(text)
    assert [problem.line for problem in error.value.problems] == [3, 4]


def test_a_message_does_not_hold_what_may_be_a_secret():
    text = ROOT + "    users: {a: {password: [hunter2]}}\n    oauth2_provider: {token_signing_secret: hunter2}\n"
    with pytest.raises(SettingsError) as error:
        parse_settings(text)
    assert "hunter2" not in str(error.value)
    settings = parse_settings(ROOT + "    users: {a: {password: hunter2}}\nsample_application: {users: {a: hunter2}}")
    assert "hunter2" not in repr(settings)


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(SettingsError, match=r"nothing\.yaml:1:1: cannot be read: No such file"):
        read_settings(tmp_path / "nothing.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"realms: \xff")
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        read_settings(tmp_path / "latin.yaml")


def test_a_file_is_read(tmp_path):
    path = tmp_path / "sandbox.yaml"
    path.write_text(ROOT + "    users: {demo: {password: x}}\n", encoding="utf-8")
    assert read_settings(str(path)).realms["/"].users["demo"].password == "x"


def test_grant_types_may_be_given_by_label_or_value():
    text = ROOT + "    clients: {c: {secret: x, grant_types: [Token Exchange, password]}}"
    client = parse_settings(text).realms["/"].clients["c"]
    assert [grant.value for grant in client.grant_types] == [
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "password",
    ]
