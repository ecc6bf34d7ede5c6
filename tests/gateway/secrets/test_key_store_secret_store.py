"""KeyStoreSecretStore: keystores of keytool, as declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from expr.diagnostic import DiagnosticError
from gateway.secrets.leases import REFRESH_FAILURES
from gateway.secrets.secret import NoSuchSecret, Purpose
from tests.gateway.scripted import build, problems
from tests.gateway.secrets.support import KEYS, encoded, literal, store, text_of


def _keystore(file: Path, *mappings: dict[str, Any], password: str = "changeit", **config: Any) -> dict[str, Any]:
    properties = {
        "file": str(file),
        "storePasswordSecretId": "ks.pass",
        "secretsProvider": literal(ks_pass=password),
        "mappings": list(mappings),
        **config,
    }
    return {"type": "KeyStoreSecretStore", "config": properties}


ROTATING = {"secretId": "token.signing", "aliases": ["rsa-new", "absent", "RSA-OLD"]}


@pytest.mark.parametrize(
    ("file", "kind"), [("keystore.p12", "PKCS12"), ("keystore.jks", "JKS"), ("keystore.jceks", "JCEKS")]
)
async def test_aliases_are_the_secrets_in_their_order(file: str, kind: str) -> None:
    source = build(_keystore(KEYS / file, ROTATING, storeType=kind))
    await source.start()
    assert (await source.key("token.signing", Purpose.SIGN)).stable_id == "rsa-new"
    valid = await source.valid("token.signing", Purpose.VERIFY)
    assert [secret.stable_id for secret in valid] == ["rsa-new", "rsa-old"]
    assert (await source.named("token.signing", Purpose.VERIFY, "rsa-old")).stable_id == "rsa-old"
    with pytest.raises(NoSuchSecret):
        await source.named("token.signing", Purpose.VERIFY, "trusted")


async def test_patterns_choose_aliases() -> None:
    source = build(_keystore(KEYS / "keystore.p12", {"secretId": "all.rsa", "aliasesMatching": ["rsa-.*", "trust"]}))
    assert {s.stable_id for s in await source.valid("all.rsa", Purpose.VERIFY)} == {"rsa-old", "rsa-new"}


async def test_password_of_a_keystore_is_served_as_one() -> None:
    source = build(_keystore(KEYS / "keystore.p12", {"secretId": "pw", "aliases": ["password"]}))
    assert await text_of(source, "pw") == "hunter22"


async def test_entry_password_of_its_own() -> None:
    passwords = literal(ks_pass="changeit", entry="entrypass")
    mapping = {"secretId": "one", "aliases": ["one"]}
    config = {"storeType": "JKS", "entryPasswordSecretId": "entry", "secretsProvider": passwords}
    source = build(_keystore(KEYS / "entry-password.jks", mapping, **config))
    assert (await source.key("one", Purpose.SIGN)).stable_id == "one"


@pytest.mark.parametrize(
    ("file", "config"), [("keystore.p12", {"password": "wrong"}), ("absent.p12", {}), ("keystore.jks", {})]
)
async def test_keystore_that_cannot_be_opened_stops_the_start(
    file: str, config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    source = build(_keystore(KEYS / file, ROTATING, **config))
    with pytest.raises(DiagnosticError) as caught:
        await source.start()
    message = caught.value.diagnostics[0].message
    assert file in message and "cannot be" in message
    assert "wrong" not in (message + caplog.text).replace("password is wrong", "")


@pytest.mark.parametrize(
    "mappings",
    [
        [{"secretId": "a"}],
        [{"secretId": "a", "aliases": ["x"], "aliasesMatching": ["x"]}],
        [ROTATING, ROTATING],
    ],
)
def test_mapping_with_both_neither_or_twice_stops_the_load(mappings: list[dict[str, Any]]) -> None:
    assert problems(_keystore(KEYS / "keystore.p12", *mappings))


@pytest.mark.parametrize("kind", ["BCFKS", "HSM", "nonsense"])
def test_store_type_that_cannot_be_read_stops_the_load(kind: str) -> None:
    assert kind in problems(_keystore(KEYS / "keystore.p12", ROTATING, storeType=kind))[0]


async def test_keystore_replaced_by_garbage_or_removed_stays_in_use(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "keys.p12"
    file.write_bytes((KEYS / "keystore.p12").read_bytes())
    source = build(_keystore(file, ROTATING))
    good = await source.key("token.signing", Purpose.SIGN)
    failures = REFRESH_FAILURES.count
    for change in (lambda: file.write_bytes(b"garbage"), file.unlink):
        change()
        for _ in range(2):
            assert (await source.key("token.signing", Purpose.SIGN)) is good
    assert REFRESH_FAILURES.count == failures + 2
    assert caplog.text.count("the last good one stays in use") == 2
    _copy(tmp_path, KEYS / "keystore.p12").replace(file)
    assert (await source.key("token.signing", Purpose.SIGN)) is not good


def _copy(directory: Path, source: Path) -> Path:
    copy = directory / "copy"
    copy.write_bytes(source.read_bytes())
    return copy


def test_secrets_of_stores_appear_in_no_repr() -> None:
    secret = encoded("canary-secret")
    source = store("Base64EncodedSecretStore", secrets={"a": secret})
    assert "canary" not in repr(source._secrets) and secret not in repr(source) + str(source)
