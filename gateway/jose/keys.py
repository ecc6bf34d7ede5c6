"""From a secret to a key object of joserfc, and to and from its JWK.

Restrictions of a key (usages, algorithms, lengths) are held by `CryptoKey` and checked there; the objects made here
carry none, so that one rule is in one place.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, cast

from cryptography import x509
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from gateway.base64url import unpadded
from gateway.secrets.secret import CryptoKey, Usage

_ASYMMETRIC: dict[str, Any] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}

_OPERATIONS = {
    "sign": Usage.SIGN,
    "verify": Usage.VERIFY,
    "encrypt": Usage.ENCRYPT,
    "decrypt": Usage.DECRYPT,
    "wrapKey": Usage.WRAP_KEY,
    "unwrapKey": Usage.UNWRAP_KEY,
    "deriveKey": Usage.AGREE_KEY,
    "deriveBits": Usage.AGREE_KEY,
}
_ENCRYPTION = frozenset({Usage.ENCRYPT, Usage.DECRYPT, Usage.WRAP_KEY, Usage.UNWRAP_KEY, Usage.AGREE_KEY})
_USES = {
    "sig": frozenset({Usage.SIGN, Usage.VERIFY}),
    "enc": _ENCRYPTION,
    "tls": frozenset({Usage.VERIFY_CERTIFICATE}),
}
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


def jose_key(key: CryptoKey) -> Key:
    """The joserfc object for a key, made once."""
    made = key.cache.get("jose")
    if made is None:
        if key.secret is not None:
            made = OctKey(key.secret, key.secret, None)
        else:
            native = key.private if key.private is not None else key.public
            made = _ASYMMETRIC[key.key_type](native, native, None)
        key.cache["jose"] = made
    return cast(Key, made)


def key_from_jwk(jwk: Mapping[str, Any]) -> CryptoKey:
    """Read one JWK; raise ValueError (without content) when it is not a key that the gateway understands."""
    kind = str(jwk.get("kty"))
    kid = jwk.get("kid")
    members = {name: value for name, value in jwk.items() if name not in ("use", "key_ops", "alg", "kid", "x5c")}
    common: dict[str, Any] = {
        "stable_id": kid if isinstance(kid, str) else "",
        "usages": _usages(jwk),
        "algorithms": frozenset({jwk["alg"]}) if isinstance(jwk.get("alg"), str) else None,
    }
    try:
        if kind == "oct":
            padded = jwk["k"] + "=" * (-len(jwk["k"]) % 4)
            return CryptoKey(secret=base64.b64decode(padded, b"-_", validate=True), **common)
        made = _ASYMMETRIC[kind].import_key(_without_nonsense(members))
    except Exception as error:
        raise ValueError(f"it is not a JWK of a known kind ({type(error).__name__})") from None
    private = made.private_key if made.is_private else None
    return CryptoKey(made.public_key, private, certificates=_certificates(jwk), **common)


def _without_nonsense(members: dict[str, Any]) -> dict[str, Any]:
    known = {"kty", "n", "e", "d", "p", "q", "dp", "dq", "qi", "oth", "crv", "x", "y"}
    return {name: value for name, value in members.items() if name in known}


def _usages(jwk: Mapping[str, Any]) -> frozenset[Usage] | None:
    """Usages from `use` and `key_ops`; a `verify` operation covers certificates when `use` is absent or tls."""
    use, operations = jwk.get("use"), jwk.get("key_ops")
    allowed = None if use is None else _USES.get(use, frozenset()) if isinstance(use, str) else frozenset()
    if not isinstance(operations, list):
        return allowed
    named = {_OPERATIONS[operation] for operation in operations if operation in _OPERATIONS}
    if Usage.VERIFY in named:
        named.add(Usage.VERIFY_CERTIFICATE)
    return frozenset(named) if allowed is None else frozenset(named) & allowed


def _certificates(jwk: Mapping[str, Any]) -> tuple[x509.Certificate, ...]:
    chain = jwk.get("x5c")
    if not isinstance(chain, list):
        return ()
    try:
        return tuple(x509.load_der_x509_certificate(base64.b64decode(text)) for text in chain)
    except (ValueError, TypeError):
        raise ValueError("its x5c is not a certificate chain") from None


def jwk_of(key: CryptoKey, *, private: bool = False) -> dict[str, Any]:
    """The JWK of a key: kty, its material and kid; public members only unless `private`."""
    if key.secret is not None:
        jwk: dict[str, Any] = {"kty": "oct", "k": unpadded(key.secret).decode()}
    else:
        made = jose_key(key)
        jwk = dict(made.as_dict(private=private and key.private is not None))
    if not private:
        jwk = {name: value for name, value in jwk.items() if name not in _PRIVATE_MEMBERS}
    if key.stable_id:
        jwk["kid"] = key.stable_id
    return jwk


def keys_of_set(text: str | bytes) -> tuple[list[CryptoKey], int]:
    """Read a JWK set; keys that are not understood are skipped and counted. Raise ValueError when it is no set."""
    try:
        document = json.loads(text)
        members = document["keys"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ValueError("it is not a JWK set") from None
    if not isinstance(members, list):
        raise ValueError("it is not a JWK set")
    keys: list[CryptoKey] = []
    for member in members:
        try:
            keys.append(key_from_jwk(member) if isinstance(member, dict) else _not_a_key())
        except ValueError:
            continue
    return keys, len(members) - len(keys)


def _not_a_key() -> CryptoKey:
    raise ValueError("a member of the set is not an object")
