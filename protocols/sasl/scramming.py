"""SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import Portal
from twisted.internet.defer import Deferred

from protocols.sasl.credentials import ScramCredentials
from protocols.sasl.exchange import Exchange, Outcome, preparedOctets
from protocols.sasl.outcomes import Challenge, SASLError, Success
from protocols.sasl.records import Decoys, ScramRecord
from protocols.sasl.scram import (
    ClientFirst,
    readFinal,
    readFirst,
    writeFinal,
    writeFirst,
)

# Octets of the server's part of the nonce, as many as RFC 7677's example has.
NONCE_OCTETS = 18


class ScramExchange(Exchange):
    """Both sides prove that they know the password, and neither sends it.

    A name that nobody has is asked as any other, and fails at the end.

    @param decoys: what is asked of names that the checker does not know.
    @param nonce: the server's part of it; drawn if empty.
    """

    name = "SCRAM-SHA-256"
    _first: ClientFirst | None = None
    _credentials: ScramCredentials | None = None
    _record: ScramRecord | None = None
    _success: Success | None = None
    _login: Deferred[Any] | None = None
    _asked = _signature = b""

    def __init__(self, portal: Portal, decoys: Decoys, nonce: str = "") -> None:
        super().__init__(portal)
        self._decoys = decoys
        self._nonce = nonce or token_urlsafe(NONCE_OCTETS)

    def begun(self, response: bytes) -> Outcome:
        """C{client-first-message}: find out what to ask."""
        first = self._first = readFirst(response)
        username = preparedOctets(first.name)
        if first.authorize and preparedOctets(first.authorize) != username:
            raise UnauthorizedLogin("nobody may act as somebody else")
        self._nonce = first.nonce + self._nonce
        credentials = self._credentials = ScramCredentials(username)
        self._login = self.login(credentials).addBoth(credentials.checkerAnswered)
        return credentials.recorded.addCallback(self._recordFound, username)

    def cancel(self) -> None:
        """Forget the record as well, and let the checker go."""
        credentials, login = self._credentials, self._login
        success, self._success = self._success, None
        self._first = self._credentials = self._record = self._login = None
        self._asked = self._signature = b""
        super().cancel()
        if credentials is not None:
            credentials.decide(False)
        if login is not None:
            login.addCallbacks(lambda found: found.logout(), lambda _: None)
        if success is not None:
            success.logout()

    def _recordFound(self, record: ScramRecord | None, username: bytes) -> Challenge:
        if self._first is None:
            raise UnauthorizedLogin("given up")
        if record is None:
            record = self._decoys.recordFor(username.decode())
        self._record = record
        asked = writeFirst(self._nonce, record.salt, record.iterations)
        self._asked = asked.encode()
        return self.ask(self._asked, self._proofReceived)

    def _proofReceived(self, response: bytes) -> Outcome:
        """C{client-final-message}: the checker is told, and has the last word."""
        first, credentials, login = self._first, self._credentials, self._login
        if not (first and credentials and login and self._record):
            raise SASLError("nothing is asked")
        final = readFinal(response)
        authMessage = b",".join(
            (first.bare.encode(), self._asked, final.unproven.encode())
        )
        self._signature = self._record.sign(authMessage)
        proven = self._record.isProvenBy(final.proof, authMessage)
        ours = final.header == first.header.encode() and final.nonce == self._nonce
        right = proven and ours
        self._login = None
        credentials.decide(right)
        return login.addCallback(self._loggedIn, right)

    def _loggedIn(self, success: Success, right: bool) -> Challenge:
        """Whatever the checker says, without a proof nobody comes in."""
        if not right or self._first is None:
            success.logout()
            raise UnauthorizedLogin("there is no proof")
        self._success = success
        return self.ask(writeFinal(self._signature), self._confirmed)

    def _confirmed(self, response: bytes) -> Outcome:
        """The client has believed the server, and says nothing more."""
        success, self._success = self._success, None
        if response or success is None:
            raise SASLError("SCRAM's last response is empty")
        return success
