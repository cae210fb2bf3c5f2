"""TLS client certificates in place of a password. Wire.

A certificate is known by its fingerprint, the SHA-256 of its DER; that it is the
client's own has been proven in the handshake (L{protocols.tls}). An account keeps
some fingerprints, and each is one account's at most.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ISSLTransport
from zope.interface import implementer

from protocols.chat.people import Person, RefusedError
from protocols.chat.storeinterface import CertificatesFullError, Store
from protocols.sasl import ICertificateCredentials

# Certificates of an account: a person's machines; Ergo has 5.
MAX_CERTIFICATES = 10

# What openssl, browsers and clients print, with colons or without.
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def fingerprintOf(person: Person) -> str:
    """The fingerprint of the certificate that somebody's connection came with.

    @return: 64 small hexadecimal digits; empty if there is none. What a gateway
        (WEBIRC) has shown is the gateway's, and nobody's who comes by it.
    """
    transport = getattr(person, "transport", None)
    if person.isRelayed or not ISSLTransport.providedBy(transport):
        return ""
    try:
        certificate: Any = transport.getPeerCertificate()
    except AttributeError:
        # The connection is lost, and Twisted has let go of its TLS.
        return ""
    if certificate is None:
        return ""
    return readFingerprint(certificate.digest("sha256").decode("ascii"))


def readFingerprint(text: str) -> str:
    """A fingerprint as it is kept, from what somebody has typed.

    @raise RefusedError: it is none.
    """
    found = text.replace(":", "").lower()
    if not _FINGERPRINT.fullmatch(found):
        text = "a fingerprint is a SHA-256, 64 hexadecimal digits"
        raise RefusedError(text, "fingerprint")
    return found


@implementer(ICredentialsChecker)
class Certificates:
    """Which certificates the accounts of a store have; a checker of them.

    What is refused is a L{RefusedError}; its C{why} is C{fingerprint}, C{owned},
    C{many}, C{none} or C{elsewhere}.

    @param store: where they are kept.
    @param now: tells the seconds since 1970.
    @param isElsewhere: the accounts are, so none is kept here.
    @param most: that one account has.
    """

    credentialInterfaces = (ICertificateCredentials,)

    def __init__(
        self,
        store: Store,
        now: Callable[[], float],
        *,
        isElsewhere: bool = False,
        most: int = MAX_CERTIFICATES,
    ) -> None:
        self._store = store
        self._now = now
        self._isElsewhere = isElsewhere
        self._most = most

    def requestAvatarId(self, credentials: Any) -> Deferred[bytes | tuple[()]]:
        """See C{ICredentialsChecker}; the name as it was registered, in UTF-8."""
        return Deferred.fromCoroutine(self._check(credentials))

    async def add(self, account: str, fingerprint: str) -> None:
        """Have a certificate be an account's, to which its owner has logged in."""
        self._mustBeHere()
        try:
            isTheirs = await self._store.addCertificate(
                account, fingerprint, self._now(), self._most
            )
        except CertificatesFullError:
            text = f"an account has {self._most} certificates at most; drop one first"
            raise RefusedError(text, "many") from None
        if not isTheirs:
            raise RefusedError("that certificate is another account's", "owned")

    async def of(self, account: str) -> list[str]:
        """The fingerprints of an account's certificates, the oldest first."""
        self._mustBeHere()
        return await self._store.certificates(account)

    async def drop(self, account: str, fingerprint: str) -> None:
        """Have a certificate be an account's no longer."""
        self._mustBeHere()
        if not await self._store.dropCertificate(account, fingerprint):
            raise RefusedError(f"{account} has no such certificate", "none")

    async def _check(self, credentials: Any) -> bytes:
        account = await self._store.certificateOwner(credentials.fingerprint)
        if account is None:
            raise UnauthorizedLogin("the certificate is nobody's")
        return account.name.encode()

    def _mustBeHere(self) -> None:
        if self._isElsewhere:
            raise RefusedError("accounts are made elsewhere", "elsewhere")


async def tend(person: Person, certificates: Certificates, said: str) -> list[str]:
    """What somebody does with their account's certificates, at whatever door.

    @param said: C{add [FINGERPRINT]}, C{list} (or nothing), C{drop FINGERPRINT}.
    @return: what to tell them, in lines.
    @raise RefusedError: it can't be.
    @raise StoreError: not just now.
    """
    word, _, named = said.partition(" ")
    word, account, own = word.lower(), person.account, fingerprintOf(person)
    if word not in ("", "add", "list", "drop", "del"):
        raise RefusedError("add, list or drop a certificate?")
    if not account:
        raise RefusedError("log in first, to the account that it is for")
    if word in ("", "list"):
        return _listed(account, await certificates.of(account), own)
    if word != "add":
        fingerprint = readFingerprint(named.strip())
        await certificates.drop(account, fingerprint)
        return [f"{fingerprint} is no longer {account}'s."]
    if not (named or own):
        raise RefusedError("you came without a certificate", "fingerprint")
    fingerprint = readFingerprint(named.strip()) if named else own
    await certificates.add(account, fingerprint)
    return [f"{fingerprint} logs in to {account} from now on."]


def _listed(account: str, found: list[str], own: str) -> list[str]:
    lines = [f"{each}{' (this connection)' * (each == own)}" for each in found]
    if own and own not in found:
        lines.append(f"You came with {own}, which is not {account}'s.")
    return [f"{account} has {len(found)} of {MAX_CERTIFICATES} certificates.", *lines]
