"""Which mechanisms there are, and where an exchange begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.cred.credentials import IUsernameHashedPassword, IUsernamePassword
from twisted.cred.portal import Portal
from zope.interface import Interface

from protocols.sasl.exchange import Exchange
from protocols.sasl.external import ExternalExchange
from protocols.sasl.interfaces import ICertificateCredentials, IScramCredentials
from protocols.sasl.mechanisms import (
    CramExchange,
    LoginExchange,
    PlainExchange,
    challengeFrom,
)
from protocols.sasl.outcomes import UnknownMechanismError
from protocols.sasl.records import Decoys
from protocols.sasl.scramming import ScramExchange

# The strongest first, with what a checker has to support.
MECHANISMS: dict[str, type[Interface]] = {
    ExternalExchange.name: ICertificateCredentials,
    ScramExchange.name: IScramCredentials,
    CramExchange.name: IUsernameHashedPassword,
    PlainExchange.name: IUsernamePassword,
    LoginExchange.name: IUsernamePassword,
}


class Authenticator:
    """Begins exchanges; one for all connections of a service.

    @param portal: whose realm gives an L{protocols.sasl.interfaces.ILogin}, such
        as L{protocols.sasl.portalFor} makes.
    @param hostname: stands in the challenges of CRAM-MD5.
    @param mechanisms: names of those that may be offered; all, if C{None}.
    @raise UnknownMechanismError: one of them does not exist.
    """

    def __init__(
        self,
        portal: Portal,
        *,
        hostname: str = "localhost",
        mechanisms: Sequence[str] | None = None,
    ) -> None:
        self._portal = portal
        self._hostname = hostname
        wanted = MECHANISMS if mechanisms is None else map(str.upper, mechanisms)
        self._wanted = frozenset(wanted)
        if not self._wanted <= MECHANISMS.keys():
            unknown = ", ".join(sorted(self._wanted - MECHANISMS.keys()))
            raise UnknownMechanismError(f"no such mechanism: {unknown}")
        self._decoys = Decoys()
        self._begin: dict[str, Callable[[], Exchange]] = {
            ScramExchange.name: lambda: ScramExchange(portal, self._decoys),
            CramExchange.name: lambda: CramExchange(portal, challengeFrom(hostname)),
            PlainExchange.name: lambda: PlainExchange(portal),
            LoginExchange.name: lambda: LoginExchange(portal),
        }

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """What can be offered to everybody, the strongest first.

        Those whose credentials one of the portal's checkers supports.
        """
        return self.mechanismsFor("")

    def mechanismsFor(self, fingerprint: str) -> tuple[str, ...]:
        """The same for one client.

        @param fingerprint: of the certificate that it has shown; empty for none.
            With one there is EXTERNAL, if a checker supports it.
        """
        supported = self._portal.listCredentialsInterfaces()
        return tuple(
            name
            for name, interface in MECHANISMS.items()
            if name in self._wanted and interface in supported
            if fingerprint or name != ExternalExchange.name
        )

    def begin(self, name: str, fingerprint: str = "") -> Exchange:
        """A client wants this mechanism; small and capital letters are alike.

        @param fingerprint: as for L{mechanismsFor}.
        @raise UnknownMechanismError: it is not among the client's mechanisms.
        """
        wanted = name.upper()
        if wanted not in self.mechanismsFor(fingerprint):
            raise UnknownMechanismError("no such mechanism")
        if wanted == ExternalExchange.name:
            return ExternalExchange(self._portal, fingerprint)
        return self._begin[wanted]()
