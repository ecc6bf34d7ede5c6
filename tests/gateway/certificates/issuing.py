"""Authorities made for a test: what they issue, and what they say of it by OCSP and in revocation lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from gateway.secrets.key_material import KeyPair, TrustAnchors

HOUR = timedelta(hours=1)
OCSP_SIGNING = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def digest(key: Any) -> hashes.HashAlgorithm | None:
    return None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@dataclass
class Issuer:
    """An authority; without a parent its certificate is signed by itself."""

    certificate: x509.Certificate
    key: Any
    parent: Issuer | None = None

    @classmethod
    def root(cls, common: str = "root", key: Any = None) -> Issuer:
        key = key or ec.generate_private_key(ec.SECP256R1())
        return cls(_certificate(name(common), key, name(common), key, [_ca()]), key)

    def authority(self, common: str, **places: Any) -> Issuer:
        key = ec.generate_private_key(ec.SECP256R1())
        extensions = [_ca(), *_places(**places)]
        return Issuer(_certificate(name(common), key, self.certificate.subject, self.key, extensions), key, self)

    def issue(self, common: str, *more: x509.ExtensionType, **places: Any) -> KeyPair:
        """A leaf for a name or an address, and the chain below the root."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName([_alternative(common)])
        extensions = [alternatives, *more, *_places(**places)]
        leaf = _certificate(name(common), key, self.certificate.subject, self.key, extensions)
        return KeyPair(common, (leaf, *self._below_root()), key)

    def _below_root(self) -> Iterable[x509.Certificate]:
        if self.parent is not None:
            yield self.certificate
            yield from self.parent._below_root()

    def anchors(self, check: bool = True) -> TrustAnchors:
        return TrustAnchors((self.certificate,), check_revocation=check)

    def responder(self, *extensions: x509.ExtensionType) -> Issuer:
        """Whom this authority lets answer for it."""
        pair = self.issue("responder", *(extensions or (OCSP_SIGNING,)))
        return Issuer(pair.chain[0], pair.private_key, self)

    def revokes(
        self,
        *serials: int,
        signer: Issuer | None = None,
        lasting: timedelta = HOUR,
        extensions: Iterable[x509.Extension[Any]] = (),
    ) -> bytes:
        """A revocation list."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(now() - 24 * HOUR).next_update(now() + lasting)
        for serial in serials:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now() - HOUR)
            reason = x509.CRLReason(x509.ReasonFlags.key_compromise)
            builder = builder.add_revoked_certificate(entry.add_extension(reason, critical=False).build())
        for extension in extensions:
            builder = builder.add_extension(extension.value, extension.critical)
        key = (signer or self).key
        return builder.sign(key, digest(key)).public_bytes(Encoding.DER)

    def answers(
        self,
        request: ocsp.OCSPRequest,
        certificate: x509.Certificate,
        status: ocsp.OCSPCertStatus = GOOD,
        *,
        signer: Issuer | None = None,
        lasting: timedelta | None = HOUR,
        begun: timedelta = 24 * HOUR,
        nonce: bytes | None = None,
        by_key: bool = False,
        critical: bool = False,
    ) -> bytes:
        """The answer to a question about a certificate."""
        signer = signer or self
        revoked = status is REVOKED
        builder = ocsp.OCSPResponseBuilder().add_response(
            certificate,
            self.certificate,
            hashes.SHA1(),
            status,
            now() - begun,
            now() + lasting if lasting is not None else None,
            now() - HOUR if revoked else None,
            x509.ReasonFlags.key_compromise if revoked else None,
        )
        encoding = ocsp.OCSPResponderEncoding.HASH if by_key else ocsp.OCSPResponderEncoding.NAME
        builder = builder.responder_id(encoding, signer.certificate)
        if signer is not self:
            builder = builder.certificates([signer.certificate])
        if nonce is None:
            nonce = request.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
        if nonce:
            builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
        if critical:
            unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
            builder = builder.add_extension(unknown, critical=True)
        return builder.sign(signer.key, digest(signer.key)).public_bytes(Encoding.DER)


def pem(pair: KeyPair) -> str:
    return private(pair.private_key) + "".join(public(certificate) for certificate in pair.chain)


def public(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def private(key: Any) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def critical(value: x509.ExtensionType) -> x509.Extension[Any]:
    return x509.Extension(value.oid, True, value)


def point(url: str, **others: Any) -> x509.DistributionPoint:
    return x509.DistributionPoint(
        **{
            "full_name": [x509.UniformResourceIdentifier(url)],
            "relative_name": None,
            "reasons": None,
            "crl_issuer": None,
            **others,
        }
    )


def scope(**fields: Any) -> x509.Extension[Any]:
    """What a revocation list says that it is for."""
    defaults = {"full_name": None, "relative_name": None, "only_some_reasons": None}
    flags = ("only_contains_user_certs", "only_contains_ca_certs", "indirect_crl", "only_contains_attribute_certs")
    return critical(x509.IssuingDistributionPoint(**{**defaults, **dict.fromkeys(flags, False), **fields}))


def _ca() -> x509.ExtensionType:
    return x509.BasicConstraints(ca=True, path_length=None)


def _places(
    responder: str | None = None, crl: str | None = None, points: Iterable[x509.DistributionPoint] = ()
) -> Iterable[x509.ExtensionType]:
    if responder is not None:
        place = x509.UniformResourceIdentifier(responder)
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, place)
        yield x509.AuthorityInformationAccess([access])
    lists = [*points, *([point(crl)] if crl is not None else [])]
    if lists:
        yield x509.CRLDistributionPoints(lists)


def _certificate(
    subject: x509.Name, key: Any, issuer: x509.Name, signer: Any, extensions: Iterable[x509.ExtensionType]
) -> x509.Certificate:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now() - HOUR).not_valid_after(now() + HOUR)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return builder.sign(signer, digest(signer))


def _alternative(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        return x509.DNSName(text)
