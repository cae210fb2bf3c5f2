"""A client that logs in, step by step, whatever the mechanism."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Union

from twisted.cred.credentials import ICredentials
from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import Portal
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from protocols.sasl.interfaces import ILogin
from protocols.sasl.outcomes import MAX_RESPONSE, Challenge, SASLError, Success
from protocols.sasl.saslprep import prepared

Outcome = Union[Challenge, Success, "Deferred[Challenge | Success]"]
Taking = Callable[[bytes], Outcome]


class Exchange:
    """One try of one client to log in (RFC 4422, section 3).

    A mechanism is a subclass: L{opened} when the client has said nothing yet,
    L{begun} with its first words; each ends with L{ask} or L{login}.

    @cvar name: of the mechanism.
    @cvar clientFirst: whether an initial response may come.
    """

    name = ""
    clientFirst = True

    def __init__(self, portal: Portal) -> None:
        self._portal: Portal | None = portal
        self._taking: Taking | None = self.begun
        self._fresh = True

    def step(self, response: bytes | None) -> Outcome:
        """The client's next response.

        @param response: octets, after base64; C{None} in the first step if the
            client has sent no initial response.
        @return: what to ask it, or that it is in; or a Deferred of that. No
            further step may be taken before it has fired.
        @raise SASLError: the response is malformed. As all errors, it may come
            from the Deferred, and it ends the exchange.
        @raise LoginFailed: the client is refused (C{UnauthorizedLogin}, mostly).
            Anything else that is raised is a fault of the checker's.
        """
        try:
            outcome = self._take(response)
        except BaseException:
            self.cancel()
            raise
        if isinstance(outcome, Deferred):
            outcome.addCallback(self._went).addErrback(self._failed)
            return outcome
        return self._went(outcome)

    def cancel(self) -> None:
        """Give up, and forget what the client has said.

        A step under way fails with C{UnauthorizedLogin}.
        """
        self._portal = self._taking = None

    def opened(self) -> Outcome:
        """The client waits for a question; where it speaks first, an empty one."""
        return self.ask(b"", self.begun)

    def begun(self, response: bytes) -> Outcome:
        """The client's first response."""
        raise NotImplementedError

    def ask(self, data: bytes, taking: Taking) -> Challenge:
        """A challenge, whose answer goes to C{taking}."""
        self._taking = taking
        return Challenge(data)

    def login(self, credentials: ICredentials) -> Deferred[Any]:
        """Have the credentials checked: a Deferred of L{Success}."""
        if self._portal is None:
            raise UnauthorizedLogin("given up")
        found = self._portal.login(credentials, None, ILogin)
        return found.addCallback(_succeeded)

    def _take(self, response: bytes | None) -> Outcome:
        taking, self._taking = self._taking, None
        fresh, self._fresh = self._fresh, False
        if taking is None:
            raise SASLError("nothing is asked")
        if response is None:
            if fresh:
                return self.opened()
            raise SASLError("a response is missing")
        if fresh and not self.clientFirst:
            raise SASLError(f"{self.name} begins with the server")
        if len(response) > MAX_RESPONSE:
            raise SASLError("a response is too long")
        return taking(response)

    def _went(self, outcome: Challenge | Success) -> Challenge | Success:
        givenUp = self._portal is None
        if isinstance(outcome, Success):
            self.cancel()
            if givenUp:
                outcome.logout()
        if givenUp:
            raise UnauthorizedLogin("given up")
        return outcome

    def _failed(self, failure: Failure) -> Failure:
        self.cancel()
        return failure

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def preparedOctets(text: str) -> bytes:
    """A name or password as it is compared (RFC 4616, section 2).

    @raise UnauthorizedLogin: SASLprep refuses it, so it is nobody's.
    """
    ready = prepared(text.encode())
    if ready is None:
        raise UnauthorizedLogin("nobody has such a name or password")
    return ready.encode()


def _succeeded(found: Any) -> Success:
    _interface, avatar, logout = found
    return Success(avatar.name, avatar, logout)
