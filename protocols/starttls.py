"""The server's side of STARTTLS: a certificate that can be renewed.

What C{ssl:} endpoints are for TLS from the first octet (L{protocols.tls}), this is
for TLS that begins later, on a connection that is there.
"""

from __future__ import annotations

from pathlib import Path

from OpenSSL.crypto import Error as CryptoError
from OpenSSL.SSL import Error as OpenSSLError
from twisted.internet.ssl import (
    Certificate,
    CertificateOptions,
    KeyPair,
    TLSVersion,
)


class CertificateError(ValueError):
    """There is no key and certificate to be used; the text is one line."""


class RenewableContext:
    """A key and its certificates, from a PEM file that holds both.

    @param path: the file: a private key, its certificate, and the certificates
        between that one and the authority, in this order.
    @ivar options: what Twisted's C{startTLS} takes; TLS 1.2 or later.
    @raise CertificateError: it can't be read, or does not hold what it should.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self.options = self._read()

    def renew(self) -> None:
        """Read the file again, for connections from now on.

        @raise CertificateError: as above; the old certificate stays.
        """
        self.options = self._read()

    def _read(self) -> CertificateOptions:
        try:
            text = Path(self._path).read_bytes()
        except OSError as error:
            raise CertificateError(
                f"can't read {self._path!r}: {error.strerror}"
            ) from None
        try:
            return _optionsOf(text)
        except (CryptoError, OpenSSLError, ValueError, IndexError):
            raise CertificateError(
                f"{self._path!r} holds no private key with its certificate"
            ) from None


def _optionsOf(text: bytes) -> CertificateOptions:
    key = KeyPair.load(text, format=1)
    blocks = text.split(b"-----BEGIN CERTIFICATE-----")[1:]
    certificates = [
        Certificate.loadPEM(b"-----BEGIN CERTIFICATE-----" + block).original
        for block in blocks
    ]
    options = CertificateOptions(
        privateKey=key.original,
        certificate=certificates[0],
        extraCertChain=certificates[1:],
        raiseMinimumTo=TLSVersion.TLSv1_2,
    )
    # A key of another certificate is found now, and not at the first handshake.
    options.getContext().check_privatekey()
    return options
