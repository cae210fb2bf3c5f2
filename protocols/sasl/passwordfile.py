"""A checker over a text file of names and passwords."""

from __future__ import annotations

import hmac
from collections import Counter
from os import PathLike
from pathlib import Path
from secrets import token_hex
from typing import Any

from twisted.cred.checkers import ICredentialsChecker
from twisted.cred.credentials import IUsernameHashedPassword, IUsernamePassword
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.defer import Deferred, maybeDeferred, succeed
from twisted.internet.threads import deferToThreadPool
from zope.interface import implementer

from protocols.sasl.entries import Entry, PasswordFileError, readEntries
from protocols.sasl.interfaces import IScramCredentials
from protocols.sasl.records import MIN_ITERATIONS, Decoys, ScramRecord
from protocols.sasl.saslprep import prepared

# Octets of the password that is compared with where a name has none.
_NOBODYS_OCTETS = 32


@implementer(ICredentialsChecker)
class PasswordFile:
    """Knows the names of a file (L{protocols.sasl.entries} has its form).

    Unless all its passwords are plain, CRAM-MD5 can't be offered, and each
    password that is sent is derived, so that names with and without a SCRAM
    secret, and unknown ones, take the same time. Plain passwords are derived when
    the file is read, in about 2 ms each: for many names use SCRAM secrets.

    @param path: of a file in UTF-8.
    @param reactor: in whose thread pool passwords are derived, which takes 2 ms
        and more; without it they are derived in place.
    @param decoyKey: octets from which the salts of unknown names are made, to have
        them stay the same after a restart; drawn if C{None}.
    @raise PasswordFileError: it can't be read; with the number of the line.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        *,
        reactor: Any = None,
        decoyKey: bytes | None = None,
    ) -> None:
        self._path = Path(path)
        self._reactor = reactor
        self._decoys = Decoys(decoyKey)
        self._entries: dict[str, Entry] = {}
        self._records: dict[str, ScramRecord] = {}
        self._plain = True
        self._nobodys = token_hex(_NOBODYS_OCTETS)
        self.reload()

    @property
    def credentialInterfaces(self) -> tuple[Any, ...]:
        """What can be checked; a portal asks once, so a file that has been all
        plain, and is no longer, refuses CRAM-MD5 to those with a SCRAM secret."""
        always = (IScramCredentials, IUsernamePassword)
        return (*always, IUsernameHashedPassword) if self._plain else always

    def reload(self) -> None:
        """Read the file again.

        @raise PasswordFileError: it can't be read; what was known stays.
        """
        entries = readEntries(self._read())
        secrets = [entry.record for entry in entries.values() if entry.record]
        counts = Counter(record.iterations for record in secrets)
        iterations = counts.most_common(1)[0][0] if counts else MIN_ITERATIONS
        self._decoys.iterations = iterations
        self._records = {
            name: entry.record or self._derived(name, entry.password or self._nobodys)
            for name, entry in entries.items()
        }
        self._entries, self._plain = entries, not secrets

    def requestAvatarId(self, credentials: Any) -> Deferred[bytes | tuple[()]]:
        """The name of who has the right password (or knows it).

        @return: a Deferred; fails with C{UnauthorizedLogin}.
        """
        name = prepared(credentials.username) or ""
        right: Deferred[Any]
        if IScramCredentials.providedBy(credentials):
            right = credentials.checkRecord(self._recordOf(name))
        elif IUsernamePassword.providedBy(credentials) and not self._plain:
            right = self._isOf(self._recordOf(name), credentials.password)
        else:
            right = maybeDeferred(self._isPlain, name, credentials)
        return right.addCallback(_avatarId, name, name in self._entries)

    def _read(self) -> str:
        try:
            return self._path.read_text("utf-8-sig")
        except OSError as error:
            fault = f"{self._path}: {error.strerror}"
        except UnicodeDecodeError as error:
            # The error itself holds the whole file.
            line = error.object.count(b"\n", 0, error.start) + 1
            fault = f"line {line}: it is not UTF-8"
        raise PasswordFileError(fault)

    def _derived(self, name: str, password: str) -> ScramRecord:
        salt = self._decoys.saltFor(name)
        return ScramRecord.derive(password, salt, self._decoys.iterations)

    def _recordOf(self, name: str) -> ScramRecord:
        return self._records.get(name) or self._decoys.recordFor(name)

    def _isOf(self, record: ScramRecord, password: bytes) -> Deferred[bool]:
        """Whether it is the record's password, out of the reactor's way."""
        sent = prepared(password) or ""
        if self._reactor is None:
            return succeed(record.isOf(sent))
        pool = self._reactor.getThreadPool()
        return deferToThreadPool(self._reactor, pool, record.isOf, sent)

    def _isPlain(self, name: str, credentials: Any) -> Any:
        """Whether it is the plain password, by name and password or by a digest."""
        entry = self._entries.get(name)
        known = entry is not None and entry.password is not None
        password = ((entry and entry.password) or self._nobodys).encode()
        if IUsernamePassword.providedBy(credentials):
            sent = (prepared(credentials.password) or "").encode()
            return hmac.compare_digest(sent, password) and known
        return maybeDeferred(credentials.checkPassword, password).addCallback(
            lambda right: right and known
        )

    def __repr__(self) -> str:
        return f"<PasswordFile {str(self._path)!r}, {len(self._entries)} names>"


def _avatarId(right: bool, name: str, known: bool) -> bytes:
    if not (right and known):
        raise UnauthorizedLogin("a name or password is wrong")
    return name.encode()
