"""Secrets as values: what serves which purpose, and that no form of them shows their content."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.secrets.secret import CryptoKey, GenericSecret, NoSuchSecret, Purpose, Usage

CANARY = "canary-3f9a"
SYMMETRIC = CryptoKey(secret=CANARY.encode(), stable_id="s")
EC_PRIVATE = ec.generate_private_key(ec.SECP256R1())
PRIVATE = CryptoKey(EC_PRIVATE.public_key(), EC_PRIVATE, stable_id="p")
PUBLIC = CryptoKey(EC_PRIVATE.public_key(), stable_id="q")


@pytest.mark.parametrize("secret", [GenericSecret(CANARY.encode(), "g"), SYMMETRIC])
@pytest.mark.parametrize(
    "show", [repr, str, format, "{}".format, "%s".__mod__, lambda s: repr([s]), lambda s: f"{s!r:>80}", ascii]
)
def test_no_text_form_shows_the_content(secret: object, show: Callable[[object], str]) -> None:
    assert CANARY not in show(secret)


@pytest.mark.parametrize("secret", [GenericSecret(CANARY.encode()), SYMMETRIC, PRIVATE])
def test_secrets_are_not_pickled_copied_or_dumped(secret: object) -> None:
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            attempt(secret)


def test_a_traceback_or_log_record_with_a_secret_shows_nothing(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError(GenericSecret(CANARY.encode()), SYMMETRIC)
    except ValueError:
        logging.getLogger("gatewright.test").exception("failed with %s", SYMMETRIC)
    assert CANARY not in caplog.text


def test_passwords_are_compared_whole() -> None:
    secret = GenericSecret(b"p\xc3\xa4ss")
    assert secret.matches("päss") and secret.matches(b"p\xc3\xa4ss")
    assert not secret.matches("pass") and not secret.matches("")
    assert secret.reveal_text() == "päss"


def test_a_password_is_no_key_and_a_key_no_password() -> None:
    assert GenericSecret(b"x").unfit(Purpose.PASSWORD) is None
    assert SYMMETRIC.unfit(Purpose.PASSWORD) is not None
    for purpose in Purpose:
        if purpose is not Purpose.PASSWORD:
            assert GenericSecret(b"x").unfit(purpose) is not None


@pytest.mark.parametrize(
    ("key", "fits"),
    [
        (SYMMETRIC, "SIGN VERIFY DATA_ENCRYPTION DATA_DECRYPTION KEY_ENCRYPTION KEY_DECRYPTION KEY_AGREEMENT"),
        (PRIVATE, "SIGN VERIFY KEY_ENCRYPTION KEY_DECRYPTION KEY_AGREEMENT"),
        (PUBLIC, "VERIFY KEY_ENCRYPTION"),
    ],
)
def test_the_part_of_a_key_decides_its_purposes(key: CryptoKey, fits: str) -> None:
    assert [purpose.value for purpose in Purpose if key.unfit(purpose) is None] == fits.split()


def test_usages_restrict_a_key() -> None:
    key = CryptoKey(EC_PRIVATE.public_key(), EC_PRIVATE, usages=frozenset({Usage.VERIFY}))
    assert key.unfit(Purpose.VERIFY) is None
    assert key.unfit(Purpose.SIGN) == "its usages do not include SIGN"


def test_an_rsa_key_below_2048_bits_serves_no_algorithm() -> None:
    weak = rsa.generate_private_key(65537, 1024)
    assert "too short" in str(CryptoKey(weak.public_key(), weak).unfit(Purpose.SIGN, "RS256"))


def test_an_empty_symmetric_key_serves_no_algorithm() -> None:
    assert CryptoKey(secret=b"", any_length=True).unfit(Purpose.VERIFY, "HS256") == "it is empty"


def test_the_error_names_the_id_and_the_need() -> None:
    error = NoSuchSecret("agent.secret", Purpose.PASSWORD, stable_id="x" * 500, details="nothing there")
    assert "agent.secret" in str(error) and "PASSWORD" in str(error)
    assert len(str(error)) < 200
