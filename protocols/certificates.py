"""Self-signed certificates, for development and for tests."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from twisted.logger import Logger

from protocols.places import userDataDir

# The word that stands for a certificate of ours in place of a file's name.
DEVELOPMENT = "development"

# Long enough that nobody meets a new one each week, and shorter than the year
# after which browsers refuse any.
DAYS = 90
# One that ends within these is made anew, so that it outlives a working day.
DAYS_LEFT = 7

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")

_log = Logger()

# An hour back, for a machine whose clock is being set.
_BACK = timedelta(hours=1)


def makeCertificate(names: tuple[str, ...], days: float) -> bytes:
    """A key and its self-signed certificate as PEM, one behind the other.

    The key is on the curve P-256, which takes a millisecond to make where RSA
    takes a hundred.

    @param names: host names and literal addresses that it is for, 1 or more.
    @param days: how long it is good.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(names, timedelta(days=days)).public_key(key.public_key())
    certificate = builder.sign(key, SHA256())
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ) + certificate.public_bytes(Encoding.PEM)


def developmentCertificate(folder: Path | None = None) -> Path:
    """The path of a key and certificate for this machine; made if need be.

    A log event tells where it is.

    It is kept, so that who has said once that they trust it need not say so each
    time; and it is its owner's alone.

    @param folder: where it is kept; the user's data folder if C{None}.
    @raise OSError: it can't be written.
    """
    folder = userDataDir(os.environ) if folder is None else folder
    path = folder / f"{DEVELOPMENT}.pem"
    if not _isGood(path):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _writePrivately(path, makeCertificate(LOCAL_NAMES, DAYS))
    _log.warn("TLS with a certificate that nobody else trusts: {path}", path=str(path))
    return path


def _isGood(path: Path) -> bool:
    try:
        text = path.read_bytes()
        certificate = x509.load_pem_x509_certificate(text)
        key = load_pem_private_key(text, None)
    except (OSError, ValueError):
        return False
    if key.public_key() != certificate.public_key():
        return False
    left = certificate.not_valid_after_utc - datetime.now(timezone.utc)
    return left > timedelta(days=DAYS_LEFT)


def _writePrivately(path: Path, octets: bytes) -> None:
    """Whole or not at all, and never readable by others in between."""
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(octets)
    draft.replace(path)


def _builder(names: tuple[str, ...], lasts: timedelta) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
    now = datetime.now(timezone.utc)
    alternatives = [_alternative(name) for name in names]
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACK)
        .not_valid_after(now + lasts)
        .add_extension(x509.SubjectAlternativeName(alternatives), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
