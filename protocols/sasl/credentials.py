"""What is shown to a checker. None of it shows its secrets in its C{repr}."""

from __future__ import annotations

import hmac
from typing import Any

from twisted.cred.credentials import IUsernameHashedPassword, UsernamePassword
from twisted.cred.error import LoginFailed
from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure
from zope.interface import implementer

from protocols.sasl.interfaces import ICertificateCredentials, IScramCredentials
from protocols.sasl.records import ScramRecord


class PasswordCredentials(UsernamePassword):
    """A name and a password as it was sent (PLAIN, LOGIN)."""

    def checkPassword(self, password: bytes) -> bool:
        """Whether it is this one; takes as long for any."""
        return hmac.compare_digest(self.password, password)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.username!r}>"


@implementer(IUsernameHashedPassword)
class CramCredentials:
    """A name and a digest of challenge and password (RFC 2195)."""

    def __init__(self, username: bytes, challenge: bytes, digest: bytes) -> None:
        self.username = username
        self._challenge = challenge
        self._digest = digest

    def checkPassword(self, password: bytes) -> bool:
        """Whether the digest was made with it; takes as long for any."""
        expected = hmac.new(password, self._challenge, "md5").hexdigest().encode()
        return hmac.compare_digest(expected, self._digest)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.username!r}>"


@implementer(ICertificateCredentials)
class CertificateCredentials:
    """A certificate that the client has the key of (EXTERNAL)."""

    def __init__(self, username: bytes, fingerprint: str) -> None:
        self.username = username
        self.fingerprint = fingerprint

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.username!r}>"


@implementer(IScramCredentials)
class ScramCredentials:
    """A name whose password will be proven to be known (RFC 5802).

    @ivar recorded: fires with the record that the checker has found, or
        C{None}; with an error, if it could not look.
    """

    def __init__(self, username: bytes) -> None:
        self.username = username
        self.recorded: Deferred[ScramRecord | None] = Deferred()
        self._verdict: Deferred[bool] | None = Deferred()

    def checkRecord(self, record: ScramRecord | None) -> Deferred[bool]:
        """Go on with this record; whether the client knew the password."""
        verdict = self._verdict
        if verdict is None or self.recorded.called:
            return succeed(False)
        self.recorded.callback(record)
        return verdict

    def checkerAnswered(self, answer: Any) -> Any:
        """A checker that answers at once is not told from one that asks.

        Whatever it says then, nothing has been proven.
        """
        if not self.recorded.called:
            if isinstance(answer, Failure) and not answer.check(LoginFailed):
                self.recorded.errback(answer)
            else:
                self.recorded.callback(None)
        return answer

    def decide(self, right: bool) -> None:
        """The client has proven it, or not; only the first word counts."""
        verdict, self._verdict = self._verdict, None
        if verdict is not None:
            verdict.callback(right)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.username!r}>"
