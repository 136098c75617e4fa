"""Certificates (RFC 5280) as far as judgement asks: names, dates, key, signature."""

from __future__ import annotations

import hashlib
import warnings
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from scanner.facts import WireCertificate

if TYPE_CHECKING:
    from scanner.model import Citation

_SM2_WITH_SM3 = "1.2.156.10197.1.501"
_NAME = 300
"""Characters of a name that are kept."""

_NAMES = 100


def read_certificate(der: bytes, at: Citation) -> WireCertificate | None:
    """Understand a certificate; None: it cannot be read."""
    with warnings.catch_warnings():  # old and odd certificates are what we look for, not a reason to warn
        warnings.simplefilter("ignore")
        try:
            certificate = x509.load_der_x509_certificate(der)
            return _fields(certificate, der, at)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            return None


def _fields(certificate: x509.Certificate, der: bytes, at: Citation) -> WireCertificate:
    key_type, bits = _key(certificate)
    return WireCertificate(
        subject=_plain(certificate.subject.rfc4514_string()),
        issuer=_plain(certificate.issuer.rfc4514_string()),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        key_type=key_type,
        key_bits=bits,
        signature_hash=_hash(certificate),
        self_signed=_self_signed(certificate),
        names=_names(certificate),
        fingerprint=hashlib.sha256(der).hexdigest(),
        at=at,
    )


def _key(certificate: x509.Certificate) -> tuple[str, int]:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        sm2 = certificate.signature_algorithm_oid.dotted_string == _SM2_WITH_SM3
        return ("SM2", 256) if sm2 else ("", 0)
    match key:
        case rsa.RSAPublicKey():
            return "RSA", key.key_size
        case ec.EllipticCurvePublicKey():
            return "EC", key.key_size
        case dsa.DSAPublicKey():
            return "DSA", key.key_size
        case ed25519.Ed25519PublicKey():
            return "Ed25519", 256
        case ed448.Ed448PublicKey():
            return "Ed448", 448
    return "", 0


def _hash(certificate: x509.Certificate) -> str:
    if certificate.signature_algorithm_oid.dotted_string == _SM2_WITH_SM3:
        return "sm3"
    try:
        algorithm = certificate.signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        return ""
    return "" if algorithm is None else algorithm.name


def _self_signed(certificate: x509.Certificate) -> bool | None:
    if certificate.issuer != certificate.subject:
        return False
    try:
        certificate.verify_directly_issued_by(certificate)
    except InvalidSignature:
        return False
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return True


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return ()
    kinds = (x509.DNSName, x509.IPAddress)
    return tuple(_plain(str(name.value)) for name in extension.value if isinstance(name, kinds))[:_NAMES]


def _plain(text: str) -> str:
    """What a host wrote, without what could act in a terminal or a page."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)[:_NAME]
