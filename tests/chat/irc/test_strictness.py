"""Having clients come by TLS only (IRCv3's sts)."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.strictness import DAYS, MAX_DAYS, StrictTransport
from tests.chat.irc.clients import Client, irc


class PolicyTests(SynchronousTestCase):
    def test_written(self) -> None:
        """What C{--sts} may be."""
        day = 86_400
        for text, policy in (
            ("6697", StrictTransport(6697, DAYS * day)),
            ("6697,1", StrictTransport(6697, day)),
            ("6697,0", StrictTransport(6697, 0)),
        ):
            self.assertEqual(StrictTransport.of(text), policy)
        for text in ("", "x", "0", "65536", "6697,", "6697,x", "\u00b2", "-1"):
            self.assertRaises(ValueError, StrictTransport.of, text)
        self.assertRaises(ValueError, StrictTransport.of, f"6697,{MAX_DAYS + 1}")


class OfferTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory: Any = irc(sts=StrictTransport(6697, 100))

    def offered(self, words: str, isSecure: bool = False) -> list[str]:
        client = Client(self.factory)
        client.protocol.isSecure = isSecure
        said = " ".join(client.says(words)).replace(":", " ")
        return [word for word in said.split() if word.startswith("sts")]

    def test_withoutTLS(self) -> None:
        """ "The port key": where to come instead."""
        self.assertEqual(self.offered("CAP LS 302"), ["sts=port=6697"])

    def test_withTLS(self) -> None:
        """ "The duration key": how long to stay with it."""
        self.assertEqual(self.offered("CAP LS 302", True), ["sts=duration=100"])

    def test_oldClients(self) -> None:
        """It has a value, so it is for who knows of values."""
        self.assertEqual(self.offered("CAP LS"), [])

    def test_noPolicy(self) -> None:
        self.factory.sts = None
        self.assertEqual(self.offered("CAP LS 302"), [])

    def test_notToBeRequested(self) -> None:
        """ "Clients MUST NOT request this capability"."""
        client = Client(self.factory)
        client.says("CAP LS 302")
        self.assertEqual(client.says("CAP REQ sts"), [":irc.example CAP * NAK sts"])
