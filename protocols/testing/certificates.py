"""Certificates for tests of TLS: made when needed, valid for a day."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import lru_cache
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

# An hour back, for a machine whose clock is being set; a day is more than tests
# take.
_BACK, _AHEAD = timedelta(hours=1), timedelta(days=1)


@lru_cache
def selfSigned(*names: str) -> bytes:
    """A key and its self-signed certificate as PEM, one behind the other.

    The key is on the curve P-256, which takes a millisecond to make where RSA
    takes a hundred. The same names give the same octets within a process.

    @param names: host names and literal addresses that the certificate is for;
        C{localhost} if none is given.
    """
    names = names or ("localhost",)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _builder(names).public_key(key.public_key()).sign(key, SHA256())
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ) + certificate.public_bytes(Encoding.PEM)


def _builder(names: tuple[str, ...]) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
    now = datetime.now(timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACK)
        .not_valid_after(now + _AHEAD)
        .add_extension(
            x509.SubjectAlternativeName([_alternative(name) for name in names]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
