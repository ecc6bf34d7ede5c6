"""Certificates made for one test run: an authority, and leaves that it signs."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.secrets.key_material import KeyPair, TrustAnchors

HOUR = timedelta(hours=1)


class Authority:
    """Signs certificates; a server that uses one of them is trusted by `anchors`."""

    def __init__(self, name: str = "test authority") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = _builder(self.name, self.name, self.key)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.certificate = builder.sign(self.key, hashes.SHA256())

    @property
    def anchors(self) -> TrustAnchors:
        return TrustAnchors((self.certificate,))

    def issue(self, *names: str, lasting: timedelta = HOUR) -> KeyPair:
        """A leaf for some host names or addresses, valid from an hour ago until some time from now."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        builder = _builder(subject, self.name, key, lasting)
        alternatives = x509.SubjectAlternativeName([_alternative(name) for name in names])
        certificate = builder.add_extension(alternatives, critical=False).sign(self.key, hashes.SHA256())
        return KeyPair(names[0], (certificate,), key)

    def server_context(
        self, *names: str, clients: TrustAnchors | None = None, lasting: timedelta = HOUR
    ) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.issue(*names, lasting=lasting).load_into(context)
        if clients is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            clients.load_into(context)
        return context


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, lasting: timedelta = HOUR
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - HOUR)
        .not_valid_after(now + lasting)
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
