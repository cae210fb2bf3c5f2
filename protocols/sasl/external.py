"""EXTERNAL: the client is who the layer below has shown it to be."""

from __future__ import annotations

from typing import Any

from twisted.cred.error import UnauthorizedLogin
from twisted.cred.portal import Portal

from protocols.sasl.credentials import CertificateCredentials
from protocols.sasl.exchange import Exchange, Outcome, preparedOctets
from protocols.sasl.outcomes import Success
from protocols.sasl.responses import readText


class ExternalExchange(Exchange):
    """A TLS certificate stands for the login (RFC 4422, appendix A).

    The response is empty, or the name that the certificate is for: nobody may act
    as somebody else. Large and small letters are alike there, for what chats call
    their clients is seldom written as it was registered.

    @param fingerprint: of the certificate, as L{CertificateCredentials} has it.
    """

    name = "EXTERNAL"

    def __init__(self, portal: Portal, fingerprint: str) -> None:
        super().__init__(portal)
        self._fingerprint = fingerprint

    def begun(self, response: bytes) -> Outcome:
        """Who to act as, or nothing."""
        wanted = preparedOctets(readText(response)) if response else b""
        found = self.login(CertificateCredentials(wanted, self._fingerprint))
        return found.addCallback(_onlyAs, wanted)


def _onlyAs(found: Success, wanted: bytes) -> Any:
    """Whatever the checker has looked at, the name is the one that was asked for."""
    if wanted and wanted.decode().casefold() != found.login.casefold():
        found.logout()
        raise UnauthorizedLogin("nobody may act as somebody else")
    return found
