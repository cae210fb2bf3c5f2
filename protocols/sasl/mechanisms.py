"""PLAIN (RFC 4616), LOGIN, and CRAM-MD5 (RFC 2195)."""

from __future__ import annotations

from secrets import randbits

from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import Portal

from protocols.sasl.credentials import CramCredentials, PasswordCredentials
from protocols.sasl.exchange import Exchange, Outcome, preparedOctets
from protocols.sasl.responses import readText, splitCram, splitPlain

# What every client that has LOGIN waits for.
USERNAME = b"Username:"
PASSWORD = b"Password:"


class PlainExchange(Exchange):
    """Name and password in one response. Nobody may act as somebody else."""

    name = "PLAIN"

    def begun(self, response: bytes) -> Outcome:
        """Who to act as, who it is, and the password."""
        authorize, name, password = splitPlain(response)
        username = preparedOctets(name)
        if authorize and preparedOctets(authorize) != username:
            raise UnauthorizedLogin("nobody may act as somebody else")
        return self.login(PasswordCredentials(username, preparedOctets(password)))


class LoginExchange(Exchange):
    """The name, then the password; no RFC has it, and many clients do.

    An initial response is the name.
    """

    name = "LOGIN"
    _username = b""

    def opened(self) -> Outcome:
        """Nothing has come: ask for the name."""
        return self.ask(USERNAME, self.begun)

    def begun(self, response: bytes) -> Outcome:
        """The name; one that can't be is refused with its password only."""
        self._username = readText(response).encode()
        return self.ask(PASSWORD, self._passwordReceived)

    def cancel(self) -> None:
        """Forget the name as well."""
        self._username = b""
        super().cancel()

    def _passwordReceived(self, response: bytes) -> Outcome:
        password = preparedOctets(readText(response))
        username = preparedOctets(self._username.decode())
        return self.login(PasswordCredentials(username, password))


class CramExchange(Exchange):
    """A digest of a challenge and the password.

    @param challenge: what is asked, such as L{challengeFrom} makes; never twice
        the same.
    """

    name = "CRAM-MD5"
    clientFirst = False

    def __init__(self, portal: Portal, challenge: bytes) -> None:
        super().__init__(portal)
        self._challenge = challenge

    def opened(self) -> Outcome:
        """The server begins."""
        return self.ask(self._challenge, self.begun)

    def begun(self, response: bytes) -> Outcome:
        """Name and digest."""
        name, digest = splitCram(response)
        username = preparedOctets(name)
        return self.login(CramCredentials(username, self._challenge, digest))


def challengeFrom(hostname: str) -> bytes:
    """Digits that nobody can foresee, as a message's id (RFC 2195, section 2)."""
    return f"<{randbits(64)}.{randbits(64)}@{hostname}>".encode()
