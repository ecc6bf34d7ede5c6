"""Keys with certificates as TLS identities."""

from __future__ import annotations

import logging

from gateway.secrets.base import SecretsSource
from gateway.secrets.key_material import KeyPair
from gateway.secrets.secret import CryptoKey, NoSuchSecret, Purpose

log = logging.getLogger("gatewright.secrets")

_told: set[bytes] = set()
"""Certificates whose expiry was logged: once each, however often they are looked at."""


async def identities(provider: SecretsSource, secret_id: str) -> list[KeyPair]:
    """Every key of an ID that has a private part and a chain; those that are valid now come first.

    An expired certificate is still served when there is no other, with a log line: the peer decides.
    """
    secrets = await provider.valid(secret_id, Purpose.SIGN)
    pairs = [
        KeyPair(key.stable_id, key.certificates, key.private)
        for key in secrets
        if isinstance(key, CryptoKey) and key.private is not None and key.certificates
    ]
    if not pairs:
        reason = "a private key with its certificate is needed"
        if not secrets:
            await provider.active(secret_id, Purpose.SIGN)
        raise NoSuchSecret(secret_id, Purpose.SIGN, details=reason)
    expired = [pair for pair in pairs if pair.expired()]
    for pair in expired:
        if pair.fingerprint not in _told:
            _told.add(pair.fingerprint)
            log.warning("the certificate '%s' of secret '%s' is outside its validity", pair.label, secret_id)
    return [pair for pair in pairs if pair not in expired] + expired
