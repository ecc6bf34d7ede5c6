"""Signing and verifying compact JWS with one key.

The algorithm of a token decides the family of keys, and only a key of that family is ever tried: a public key is never
an HMAC key. Which keys are tried, in which order, is `gateway.jose.reader`'s part.
"""

from __future__ import annotations

import json
from typing import Any, Final

from joserfc.errors import JoseError
from joserfc.jwa import JWS_ALGORITHMS, JWSAlgModel

from gateway.base64url import unpadded
from gateway.jose.algorithms import SIGNATURES, unfit_key
from gateway.jose.errors import InvalidToken, JoseKeyError
from gateway.jose.keys import jose_key
from gateway.jose.token import CompactToken, decode
from gateway.secrets.secret import CryptoKey

_MODELS: Final[dict[str, JWSAlgModel]] = {model.name: model for model in JWS_ALGORITHMS if model.name in SIGNATURES}


def sign(payload: bytes, key: CryptoKey, header: dict[str, Any]) -> str:
    """Make a compact JWS; `header` has at least `alg`."""
    algorithm = header["alg"]
    reason = unfit_key(algorithm, key) or (_no_private(key))
    if reason is not None:
        raise JoseKeyError(f"key {key.stable_id!r} cannot sign: {reason}")
    signing_input = unpadded(json.dumps(header, separators=(",", ":")).encode()) + b"." + unpadded(payload)
    signature = _MODELS[algorithm].sign(signing_input, jose_key(key))
    return (signing_input + b"." + unpadded(signature)).decode()


def _no_private(key: CryptoKey) -> str | None:
    return "it has no private part" if key.secret is None and key.private is None else None


def verify(token: CompactToken, key: CryptoKey) -> bool:
    """Tell whether a key made the signature of a JWS; a key that does not fit the algorithm did not."""
    if token.encrypted or token.algorithm not in _MODELS or unfit_key(token.algorithm, key) is not None:
        return False
    header, payload, signature = token.segments
    try:
        return _MODELS[token.algorithm].verify(header + b"." + payload, decode(signature), jose_key(key))
    except (JoseError, ValueError, InvalidToken):
        return False


def payload_of(token: CompactToken) -> bytes:
    """The payload of a JWS, verified or not."""
    return decode(token.segments[1])
