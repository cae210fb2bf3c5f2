"""AWAY, SETNAME, USERHOST and ISON (RFC 2812, 4.1, 4.8 and 4.9; IRCv3's setname)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.registration import MAX_REALNAME
from protocols.chat.irc.welcome import MAX_AWAY
from tests.chat.irc.clients import Client, commands, inRoom, irc, lineMember


class AwayTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob", caps="away-notify")

    def test_awayAndBack(self) -> None:
        self.assertEqual(commands(self.ann.says("AWAY :lunch")), ["306"])
        self.assertEqual(self.bob.hears(), [":ann!~a@host AWAY lunch"])
        for line in ("AWAY", "AWAY :"):
            self.assertEqual(commands(self.ann.says(line)), ["305"])
        self.assertEqual(self.bob.hears(), [":ann!~a@host AWAY"])

    def test_onceForSeveralRooms(self) -> None:
        for client in (self.ann, self.bob):
            client.says("JOIN #two")
        for client in (self.ann, self.bob):
            client.hears()
        self.ann.says("AWAY :lunch", "AWAY :lunch")
        self.assertEqual(commands(self.bob.hears()), ["AWAY"])

    def test_bounded(self) -> None:
        """AWAYLEN, and nothing to obey."""
        self.ann.says(f"AWAY :\x1b{'x' * 400}")
        self.assertEqual(self.ann.protocol.away, f"^[{'x' * (MAX_AWAY - 2)}")

    def test_lineDoorIsNotTold(self) -> None:
        lee = lineMember(self.factory, "lee")
        self.ann.says("AWAY :lunch")
        self.assertEqual(lee.hears(), [])


class SetNameTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.ann, self.bob = inRoom(irc(), "ann", "bob", caps="setname")

    def test_set(self) -> None:
        line = ":ann!~a@host SETNAME :Ann Lee"
        self.assertEqual(self.ann.says("SETNAME :Ann Lee"), [line])
        self.assertEqual(self.bob.hears(), [line])
        self.assertIn(":Ann Lee", self.bob.says("WHOIS ann")[0])

    def test_refused(self) -> None:
        for line in ("SETNAME :", f"SETNAME :{'x' * (MAX_REALNAME + 1)}"):
            self.assertIn(" FAIL SETNAME INVALID_REALNAME ", self.ann.says(line)[0])
        self.assertEqual(commands(self.ann.says("SETNAME")), ["461"])
        self.assertEqual(self.ann.protocol.realname, "ann")


class UserTests(SynchronousTestCase):
    def setUp(self) -> None:
        factory = irc()
        self.ann, self.bob = Client(factory, "ann"), Client(factory, "bob")
        self.bob.says("AWAY :lunch")
        self.bob.protocol.isOperator = True

    def test_userHost(self) -> None:
        """RFC 2812, 4.8: an operator's star, and a minus for who is away."""
        self.assertEqual(
            self.ann.says("USERHOST ann bob nobody"),
            [":irc.example 302 ann :ann=+~a@host bob*=-~b@host"],
        )
        self.assertEqual(self.ann.says("USERHOST x"), [":irc.example 302 ann :"])
        self.assertEqual(commands(self.ann.says("USERHOST")), ["461"])

    def test_five(self) -> None:
        """RFC 2812, 4.8: up to five."""
        line = self.ann.says("USERHOST ann ann ann ann ann ann")[0]
        self.assertEqual(line.count("ann=+"), 5)

    def test_isOn(self) -> None:
        """RFC 2812, 4.9: also in one parameter."""
        for asked in ("BOB nobody ann", ":BOB nobody ann"):
            self.assertEqual(
                self.ann.says(f"ISON {asked}"), [":irc.example 303 ann :bob ann"]
            )
        self.assertEqual(commands(self.ann.says("ISON")), ["461"])


class PreAwayTests(SynchronousTestCase):
    """IRCv3's pre-away: AWAY of a client that is not there yet."""

    def setUp(self) -> None:
        self.factory = irc()
        self.client = Client(self.factory)
        self.client.says("CAP REQ draft/pre-away")

    def come(self) -> str:
        """Register; why others hear that nobody answers."""
        self.client.says("NICK ann", "USER a 0 * :a", "CAP END")
        (line,) = Client(self.factory, "bob").says("PRIVMSG ann :hi") or [""]
        return line.partition(" :")[2]

    def test_reason(self) -> None:
        """ "MUST accept the AWAY command before registration has completed"."""
        self.assertEqual(commands(self.client.says("AWAY :at lunch")), ["306"])
        self.assertEqual(self.come(), "at lunch")

    def test_nobody(self) -> None:
        """A star: nobody is there, for no reason that is told."""
        self.client.says("AWAY *")
        self.assertEqual(self.come(), "Not here")
        self.client.says("AWAY :lunch", "AWAY *")
        self.assertEqual(self.client.protocol.away, "Not here")

    def test_back(self) -> None:
        self.client.says("AWAY *")
        self.assertEqual(commands(self.client.says("AWAY")), ["305"])
        self.assertEqual(self.come(), "")

    def test_withoutTheCapability(self) -> None:
        """451 before, and then a star is a word."""
        self.assertEqual(commands(Client(self.factory).says("AWAY *")), ["451"])
        eve = Client(self.factory, "eve")
        eve.says("AWAY *")
        self.assertEqual(eve.protocol.away, "*")
