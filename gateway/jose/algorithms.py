"""The JOSE algorithms that the gateway speaks, as data: which key each needs and how long it must be.

Knows no JOSE library, so that declarations can check an algorithm's name without importing one. `none` and RSA1_5 are
not in the tables: nothing can choose them. RFC 7518, 8037, 9864.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gateway.secrets.secret import CryptoKey, KeyType

MINIMUM_RSA_BITS: Final = 2048


@dataclass(frozen=True)
class Need:
    """What an algorithm needs of a key: its type, one of some curves, and a length of symmetric material in bytes."""

    key_types: tuple[KeyType, ...]
    curves: tuple[str, ...] = ()
    minimum: int = 0
    exactly: int = 0


def _family(prefix: str, key_type: KeyType) -> dict[str, Need]:
    return {f"{prefix}{bits}": Need((key_type,)) for bits in (256, 384, 512)}


SIGNATURES: Final[dict[str, Need]] = {
    **{f"HS{bits}": Need(("oct",), minimum=bits // 8) for bits in (256, 384, 512)},
    **_family("RS", "RSA"),
    **_family("PS", "RSA"),
    "ES256": Need(("EC",), ("P-256",)),
    "ES384": Need(("EC",), ("P-384",)),
    "ES512": Need(("EC",), ("P-521",)),
    "EdDSA": Need(("OKP",), ("Ed25519", "Ed448")),
    "Ed25519": Need(("OKP",), ("Ed25519",)),
    "Ed448": Need(("OKP",), ("Ed448",)),
}
"""JWS algorithms (`alg`)."""

_AGREEMENT_CURVES = ("P-256", "P-384", "P-521", "X25519", "X448")

KEY_MANAGEMENT: Final[dict[str, Need]] = {
    "dir": Need(("oct",)),
    "RSA-OAEP": Need(("RSA",)),
    "RSA-OAEP-256": Need(("RSA",)),
    **{f"A{bits}KW": Need(("oct",), exactly=bits // 8) for bits in (128, 192, 256)},
    **{f"A{bits}GCMKW": Need(("oct",), exactly=bits // 8) for bits in (128, 192, 256)},
    **{f"ECDH-ES{wrap}": Need(("EC", "OKP"), _AGREEMENT_CURVES) for wrap in ("", "+A128KW", "+A192KW", "+A256KW")},
}
"""JWE algorithms that protect the content key (`alg`)."""

CONTENT_ENCRYPTION: Final[dict[str, Need]] = {
    **{f"A{bits}GCM": Need(("oct",), exactly=bits // 8) for bits in (128, 192, 256)},
    **{f"A{bits}CBC-HS{2 * bits}": Need(("oct",), exactly=bits // 4) for bits in (128, 192, 256)},
}
"""JWE algorithms that protect the content (`enc`)."""


def unfit_key(algorithm: str, key: CryptoKey) -> str | None:
    """Say why a key cannot serve an algorithm; None when it can."""
    need = SIGNATURES.get(algorithm) or KEY_MANAGEMENT.get(algorithm) or CONTENT_ENCRYPTION.get(algorithm)
    if need is None:
        return f"{algorithm[:40]!r} is not an algorithm of the gateway"
    if key.key_type not in need.key_types:
        return f"{algorithm} needs a key of type {' or '.join(need.key_types)}, this one is {key.key_type}"
    if need.curves and curve_name(key) not in need.curves:
        return f"{algorithm} needs a key on {' or '.join(need.curves)}, this one is on {curve_name(key)}"
    return _unfit_length(algorithm, need, key)


def _unfit_length(algorithm: str, need: Need, key: CryptoKey) -> str | None:
    if key.key_type == "RSA":
        bits: int = key.public.key_size  # type: ignore[union-attr]
        return f"{bits} bits are too short for RSA" if bits < MINIMUM_RSA_BITS else None
    length = len(key.secret or b"")
    if key.secret is not None and length == 0:
        return "it is empty"
    if need.exactly and length != need.exactly:
        return f"{algorithm} needs a key of {need.exactly} bytes, this one has {length}"
    if length < need.minimum and not key.any_length:
        return f"{algorithm} needs a key of at least {need.minimum} bytes, this one has {length}"
    return None


def curve_name(key: CryptoKey) -> str | None:
    """JWK name of the key's curve; None for keys without one."""
    if key.key_type == "EC":
        name: str = key.public.curve.name  # type: ignore[union-attr]
        return {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}.get(name, name)
    if key.key_type == "OKP":
        return type(key.public).__name__.removesuffix("PublicKey").removeprefix("_")
    return None
