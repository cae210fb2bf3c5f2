"""Certificates for tests of TLS: made when needed, valid for a day."""

from __future__ import annotations

from functools import lru_cache

from protocols.certificates import makeCertificate

# More than tests take.
_DAYS = 1


@lru_cache
def selfSigned(*names: str) -> bytes:
    """A key and its self-signed certificate as PEM, one behind the other.

    The same names give the same octets within a process.

    @param names: host names and literal addresses that the certificate is for;
        C{localhost} if none is given.
    """
    return makeCertificate(names or ("localhost",), _DAYS)
