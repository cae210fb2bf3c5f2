"""Clients that have shown a certificate, without sockets."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Any

from OpenSSL.crypto import FILETYPE_ASN1, FILETYPE_PEM, X509, dump_certificate
from OpenSSL.crypto import load_certificate as load
from twisted.internet.interfaces import ISSLTransport
from zope.interface import alsoProvides

from protocols.testing import selfSigned


@lru_cache
def certificateOf(name: str) -> X509:
    """Somebody's; the same each time."""
    return load(FILETYPE_PEM, selfSigned(name))


def fingerprint(name: str) -> str:
    """The SHA-256 of its DER."""
    return sha256(dump_certificate(FILETYPE_ASN1, certificateOf(name))).hexdigest()


def shows(conversation: Any, name: str = "") -> Any:
    """The client has come under TLS, with the certificate of C{name} if any."""
    transport = conversation.transport
    certificate = certificateOf(name) if name else None
    transport.getPeerCertificate = lambda: certificate
    alsoProvides(transport, ISSLTransport)
    return conversation
