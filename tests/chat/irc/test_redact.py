"""REDACT (IRCv3's message-redaction)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.chat.irc.clients import Client, commands, inRoom, irc, lineMember


class RedactTests(SynchronousTestCase):
    def setUp(self) -> None:
        caps = "message-tags draft/message-redaction echo-message draft/chathistory"
        self.factory = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob", caps=caps)
        (self.eve,) = inRoom(self.factory, "eve")
        self.lee = lineMember(self.factory, "lee")
        for client in (self.ann, self.bob, self.eve):
            client.hears()
        self.bob.says("PRIVMSG #tea :oops", "PRIVMSG ann :secret")
        for client in (self.ann, self.bob, self.eve, self.lee):
            client.hears()

    def test_own(self) -> None:
        line = ":bob!~b@host REDACT #tea 1 :a mistake"
        self.assertEqual(self.bob.says("REDACT #tea 1 :a mistake"), [line])
        self.assertEqual(self.ann.hears(), [line])
        self.assertEqual(self.eve.hears(), [])
        self.assertEqual(
            self.lee.hears(), ["#tea * bob took message 1 back: a mistake"]
        )

    def test_isGone(self) -> None:
        """From what who comes later is shown, too."""
        self.bob.says("REDACT #tea 1")
        self.assertEqual(self.ann.hears()[-1], ":bob!~b@host REDACT #tea 1")
        self.assertEqual(self.ann.says("CHATHISTORY LATEST #tea * 10"), [])
        (line,) = self.bob.says("REDACT #tea 1")
        self.assertIn(" FAIL REDACT UNKNOWN_MSGID #tea 1 :", line)

    def test_private(self) -> None:
        """The other one is told, under the name that they know it by."""
        self.assertEqual(self.bob.says("REDACT ann 2"), [":bob!~b@host REDACT ann 2"])
        self.assertEqual(self.ann.hears(), [":bob!~b@host REDACT ann 2"])

    def test_nameTaken(self) -> None:
        """Who has taken somebody's name since did not say it."""
        self.bob.says("QUIT")
        self.bob.advance(1)
        bob = Client(self.factory, "bob")
        bob.says("JOIN #tea")
        self.assertIn("REDACT_FORBIDDEN", bob.says("REDACT #tea 1")[0])

    def test_operator(self) -> None:
        """Who keeps order takes back what others have said."""
        self.assertEqual(self.ann.says("REDACT #tea 1"), [":ann!~a@host REDACT #tea 1"])

    def test_refused(self) -> None:
        for client, words, code in (
            (self.eve, "#tea 1", "REDACT_FORBIDDEN"),
            (self.ann, "bob 2", "REDACT_FORBIDDEN"),
            (self.bob, "#tea 2", "UNKNOWN_MSGID"),
            (self.bob, "#tea 99", "UNKNOWN_MSGID"),
            (self.bob, "#tea x", "UNKNOWN_MSGID"),
            (self.bob, "#tea \u00b2", "UNKNOWN_MSGID"),
            (self.bob, "#tea :", "UNKNOWN_MSGID"),
            (self.bob, "#none 1", "INVALID_TARGET"),
            (self.bob, "nobody 1", "INVALID_TARGET"),
            (Client(self.factory, "pat"), "#tea 1", "INVALID_TARGET"),
        ):
            (line,) = client.says(f"REDACT {words}")
            self.assertIn(f" FAIL REDACT {code} ", line)
        self.assertEqual(commands(self.bob.says("REDACT #tea")), ["461"])
