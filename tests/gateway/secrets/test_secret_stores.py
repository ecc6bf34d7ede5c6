"""Queries over variables, literals and several stores."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from expr.scope import implicit
from gateway.secrets.secret import NoSuchSecret, Purpose
from tests.gateway.scripted import build, problems
from tests.gateway.secrets.support import encoded, literal, store, text_of


async def test_variable_is_named_after_the_id_and_base64_by_default(variables: dict[str, str]) -> None:
    variables["AGENT_SECRET_ID"] = encoded("password")
    assert await text_of(store("SystemAndEnvSecretStore"), "agent.secret.id") == "password"


async def test_system_property_wins_over_the_variable(variables: dict[str, str]) -> None:
    variables["MY_SECRET"] = "variable"
    implicit.system = {"my.secret": "property"}
    try:
        assert await text_of(store("SystemAndEnvSecretStore", format="PLAIN"), "my.secret") == "property"
    finally:
        implicit.system = None


async def test_mapping_has_the_format_of_its_secret(variables: dict[str, str]) -> None:
    variables["SESSION_KEY"] = base64.b64encode(bytes(32)).decode()
    key_format = {"type": "SecretKeyPropertyFormat", "config": {"format": "BASE64", "algorithm": "AES"}}
    source = store("SystemAndEnvSecretStore", mappings=[{"secretId": "session.key", "format": key_format}])
    key = await source.key("session.key", Purpose.DATA_ENCRYPTION, algorithm="A256GCM")
    assert key.secret == bytes(32) and key.stable_id == "session.key"
    with pytest.raises(NoSuchSecret):
        await source.password("session.key")


async def test_plain_keeps_every_byte_and_an_empty_variable_is_an_empty_password(variables: dict[str, str]) -> None:
    variables.update(A=" secret\n", B="")
    source = store("SystemAndEnvSecretStore", format="PLAIN")
    assert await text_of(source, "a") == " secret\n"
    assert await text_of(source, "b") == ""


@pytest.mark.parametrize("value", ["not base64!", "YQ", "Y Q=", "", "é"])
async def test_variable_that_is_not_base64_is_no_secret_and_not_logged(
    value: str, variables: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    variables["A_B"] = value
    with pytest.raises(NoSuchSecret, match=r"'a\.b'") as caught:
        await text_of(store("SystemAndEnvSecretStore"), "a.b")
    if value:
        assert value not in str(caught.value) and value not in caplog.text


async def test_white_space_around_base64_is_tolerated(variables: dict[str, str]) -> None:
    variables["A"] = f" {encoded('x')}\r\n"
    assert await text_of(store("SystemAndEnvSecretStore"), "a") == "x"


async def test_error_says_what_was_tried(variables: dict[str, str]) -> None:
    with pytest.raises(NoSuchSecret, match=r"no system property 'no\.such' and no variable NO_SUCH"):
        await text_of(store("SystemAndEnvSecretStore"), "no.such")


async def test_literal_secrets_are_served() -> None:
    source = store("Base64EncodedSecretStore", secrets={"agent.secret.id": encoded("password")})
    assert await text_of(source, "agent.secret.id") == "password"
    assert await source.valid("other", Purpose.PASSWORD) == []
    assert await source.valid("agent.secret.id", Purpose.SIGN) == []


def test_literal_that_is_not_base64_stops_the_load() -> None:
    found = problems({"type": "Base64EncodedSecretStore", "config": {"secrets": {"a.b": "canary!"}}})
    assert len(found) == 1 and '"a.b"' in found[0] and "canary" not in found[0]


def _provider(*stores: dict[str, Any]) -> Any:
    return build({"type": "SecretsProvider", "config": {"stores": list(stores)}})


async def test_first_store_that_has_a_secret_gives_the_active_one() -> None:
    provider = _provider(literal(a_b="one"), literal(a_b="two", c="three"))
    assert await text_of(provider, "a.b") == "one"
    assert await text_of(provider, "c") == "three"
    valid = await provider.valid("a.b", Purpose.PASSWORD)
    assert [secret.reveal() for secret in valid] == [b"one", b"two"]


async def test_named_secret_alone_when_there_is_one_else_all_valid(tmp_path: Path) -> None:
    for name in ("k.v1", "k.v2"):
        (tmp_path / name).write_text(name)
    files = {"directory": str(tmp_path), "versionSuffix": ".v", "format": "PLAIN"}
    provider = _provider(literal(k="literal"), {"type": "FileSystemSecretStore", "config": files})

    async def found(stable_id: str | None) -> list[bytes]:
        return [s.reveal() for s in await provider.named_or_valid("k", Purpose.PASSWORD, stable_id)]

    assert await found("k.v1") == [b"k.v1"]
    assert await found("unknown") == await found(None) == [b"literal", b"k.v2", b"k.v1"]


async def test_error_of_several_stores_tells_each_reason(variables: dict[str, str]) -> None:
    provider = _provider({"type": "SystemAndEnvSecretStore"}, literal(other="x"))
    with pytest.raises(NoSuchSecret, match=r"no variable A_B.*; .*has no 'a\.b'"):
        await text_of(provider, "a.b")
    with pytest.raises(NoSuchSecret, match="for SIGN"):
        await provider.key("other", Purpose.SIGN)


async def test_array_in_secrets_provider_means_its_stores_in_order(variables: dict[str, str]) -> None:
    heap = [{"name": "first", **literal(pem_pass="one")}]
    several = ["first", literal(pem_pass="two"), {"type": "SecretsProvider", "config": {"stores": [literal(z="3")]}}]
    config = {"decryptionSecretId": "pem.pass", "secretsProvider": several}
    provider = build({"type": "PemPropertyFormat", "config": config}, heap=heap).secretsProvider
    assert [s.reveal() for s in await provider.valid("pem.pass", Purpose.PASSWORD)] == [b"one", b"two"]
    assert await text_of(provider, "z") == "3"


@pytest.mark.parametrize("value", ["missing", 5, True, [5], {"type": "Base64PropertyFormat"}])
def test_what_is_no_secrets_provider_stops_the_load(value: Any) -> None:
    declaration = {"type": "PemPropertyFormat", "config": {"decryptionSecretId": "a", "secretsProvider": value}}
    assert len(problems(declaration)) == 1


def test_secrets_provider_that_is_missing_stops_the_load() -> None:
    assert "secretsProvider" in problems({"type": "PemPropertyFormat", "config": {"decryptionSecretId": "a"}})[0]
