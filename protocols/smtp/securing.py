"""TLS on a connection: how it begins, and how long that may take."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from twisted.internet.interfaces import ISSLTransport

from protocols.smtp.message import Session
from protocols.smtp.policy import HANDSHAKE_TIMEOUT
from protocols.smtp.transaction import Transaction


def tlsVersion(transport: Any) -> str:
    """The version of TLS on C{transport}, such as C{TLSv1.3}; empty without."""
    if not ISSLTransport.providedBy(transport):
        return ""
    secured: Any = transport
    return getattr(secured.getHandle(), "get_protocol_version_name", str)()


class Securing:
    """The part of the protocol that knows of TLS.

    @ivar shakingHands: whether TLS has begun and is not agreed on yet.
    """

    shakingHands = False
    _transport: Any

    def watchHandshake(self: Any) -> None:
        """A client of a TLS listener has a time to finish its handshake."""
        if ISSLTransport.providedBy(self._transport):
            self.shakingHands = True
            if self.factory.clock is not None:
                self.setTimeout(HANDSHAKE_TIMEOUT)

    def secure(self: Any) -> None:
        """STARTTLS was accepted: forget everything and shake hands.

        RFC 3207, section 4.2: nothing that was said in the clear counts.
        """
        self.clearInput()
        self.giveUp()
        self.session = Session(self.session.peer, listener=self.session.listener)
        self.transaction = Transaction()
        self.shakingHands = True
        self.setTimeout(HANDSHAKE_TIMEOUT)
        self._transport.startTLS(self.factory.tls.options)

    def handshakeCompleted(self: Any) -> None:
        """Both sides agree: now they can talk."""
        self.shakingHands = False
        self.session = replace(self.session, tls=tlsVersion(self._transport))
        if self.factory.clock is not None:
            self.setTimeout(self.lineTimeout)
