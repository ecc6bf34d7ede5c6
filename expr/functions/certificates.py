"""Functions that make X.509 certificates of text, and what expressions see of a certificate."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

from expr.errors import warn
from expr.functions import Function, Parameter
from expr.host import HostType, publish_named
from expr.instants import Instant
from expr.types import BYTES, INSTANT, INTEGER, STRING

_SEQUENCE = re.compile(r":([A-Za-z0-9+/]+={0,2}):")


def _encoded(certificate: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding

    return bytes(certificate.public_bytes(Encoding.DER))


def _text(name: Any) -> str:
    return str(name.rfc4514_string())


NAME = HostType("distinguished name", properties={"name": (STRING, _text)}, text=_text)
publish_named("cryptography.x509.name.Name", NAME)

CERTIFICATE = HostType(
    "Certificate",
    properties={
        "encoded": (BYTES, _encoded),
        "issuerDN": (NAME, lambda certificate: certificate.issuer),
        "issuerX500Principal": (NAME, lambda certificate: certificate.issuer),
        "notAfter": (INSTANT, lambda certificate: Instant.of_datetime(certificate.not_valid_after_utc)),
        "notBefore": (INSTANT, lambda certificate: Instant.of_datetime(certificate.not_valid_before_utc)),
        "serialNumber": (INTEGER, "serial_number"),
        "subjectDN": (NAME, lambda certificate: certificate.subject),
        "subjectX500Principal": (NAME, lambda certificate: certificate.subject),
        "type": (STRING, lambda _: "X.509"),
        "version": (INTEGER, lambda certificate: certificate.version.value + 1),
    },
    open=True,
)
publish_named("cryptography.hazmat.bindings._rust.x509.Certificate", CERTIFICATE)
publish_named("cryptography.x509.Certificate", CERTIFICATE)


def _der(value: str | None) -> Any:
    if value is None:
        return None
    found = _SEQUENCE.fullmatch(value.strip())
    if found is None:
        warn("the text is no certificate between colons: the value is null")
        return None
    return _load(found.group(1), der=True)


def _pem(value: str | None) -> Any:
    return None if value is None else _load(value, der=False)


def _load(value: str, *, der: bool) -> Any:
    from cryptography import x509

    try:
        if der:
            return x509.load_der_x509_certificate(b64decode(value))
        return x509.load_pem_x509_certificate(value.encode("utf-8", "replace"))
    except (ValueError, TypeError):
        warn("no certificate can be made of the text: the value is null")
        return None


FUNCTIONS = (
    Function(
        "derCertificate",
        "Builds an X.509 certificate object from base64 DER text between colons, as in the header Client-Cert.",
        (Parameter("string", STRING, "text :<base64 DER>:"),),
        CERTIFICATE,
        _der,
        (
            ("derCertificate(null)", None),
            ("derCertificate('no certificate')", None),
            ("derCertificate(':AAAA:')", None),
        ),
    ),
    Function(
        "pemCertificate",
        "Builds an X.509 certificate object from PEM text.",
        (Parameter("string", STRING, "text with -----BEGIN CERTIFICATE-----"),),
        CERTIFICATE,
        _pem,
        (("pemCertificate(null)", None), ("pemCertificate('no certificate')", None)),
    ),
)
