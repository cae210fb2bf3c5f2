"""Client certificates as people make them, and others, for tests."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

_UNKNOWN = x509.UnrecognizedExtension(
    x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\5\0"
)
_FOR_CODE = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.CODE_SIGNING])

# Days from now between which they are good, and extensions, which are critical.
KINDS: dict[str, tuple[float, float, list[Any]]] = {
    "good": (-1, 30, []),
    "expired": (-30, -1, []),
    "not yet good": (5, 30, []),
    "for something else": (-1, 30, [_FOR_CODE]),
    "with an extension that nobody knows": (-1, 30, [_UNKNOWN]),
    "no certificate of anybody": (
        *(-1, 30),
        [x509.BasicConstraints(ca=True, path_length=0)],
    ),
    "of another curve": (-1, 30, []),
    "of a short key": (-1, 30, []),
}


@lru_cache
def clientCertificate(kind: str = "good", name: str = "ann") -> bytes:
    """A key and a self-signed certificate, as PEM; the same each time."""
    begin, end, extensions = KINDS[kind]
    key = _keyFor(kind)
    subject = _nameOf(name)
    now = datetime.now(timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(begin))
        .not_valid_after(now + timedelta(end))
        .public_key(key.public_key())
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    isEdwards = isinstance(key, ed25519.Ed25519PrivateKey)
    made = builder.sign(key, None if isEdwards else SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return bytes(private + made.public_bytes(Encoding.PEM))


@lru_cache
def chainOf(length: int) -> bytes:
    """A client's key and certificate, and so many above it, as PEM."""
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(length + 1)]
    now = datetime.now(timezone.utc)
    pem = keys[0].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for number, key in enumerate(keys):
        above = min(number + 1, length)
        made = (
            x509.CertificateBuilder()
            .subject_name(_nameOf(f"number {number}"))
            .issuer_name(_nameOf(f"number {above}"))
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(1))
            .not_valid_after(now + timedelta(1))
            .public_key(key.public_key())
            .add_extension(x509.BasicConstraints(number > 0, None), critical=True)
            .sign(keys[above], SHA256())
        )
        pem += made.public_bytes(Encoding.PEM)
    return pem


def _nameOf(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def fingerprintIn(pem: bytes) -> str:
    """The SHA-256 of its DER, in small letters."""
    return x509.load_pem_x509_certificate(pem).fingerprint(SHA256()).hex()


def writtenTo(folder: str | Path, pem: bytes, name: str = "client.pem") -> str:
    """The path of a file that holds it."""
    path = Path(folder, name)
    path.write_bytes(pem)
    return str(path)


def _keyFor(kind: str) -> Any:
    if kind == "of another curve":
        return ed25519.Ed25519PrivateKey.generate()
    if kind == "of a short key":
        return rsa.generate_private_key(65537, 1024)
    return ec.generate_private_key(ec.SECP256R1())
