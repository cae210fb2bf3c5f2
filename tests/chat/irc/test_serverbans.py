"""KLINE, DLINE and STATS: who is not let in (as ircd-hybrid and others have them)."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.testing.transports import PEER
from tests.chat.irc.clients import Client, commands, irc


class BanTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory: Any = irc()
        self.ann, self.bob = (Client(self.factory, name) for name in ("ann", "bob"))
        self.ann.protocol.isOperator = True

    def comes(self, name: str) -> bool:
        client = Client(self.factory)
        client.says(f"NICK {name}", "USER u 0 * :u")
        return bool(client.protocol.isRegistered)

    def test_mask(self) -> None:
        """Who is here is sent away, and does not come back."""
        (line,) = self.ann.says("KLINE bob!*@* :spam all day")
        self.assertTrue(line.endswith(" NOTICE ann :bob!*@* is banned."))
        self.assertTrue(self.bob.transcript.disconnecting)
        self.assertFalse(self.comes("bob"))
        self.assertTrue(self.comes("rob"))
        (ban,) = self.factory.house.bans.active(0.0)
        self.assertEqual((ban.reason, ban.until), ("spam all day", None))

    def test_network(self) -> None:
        """DLINE: an address or network, whatever the host that is shown."""
        self.ann.says(f"DLINE {PEER.host}/24 :spam")
        self.assertTrue(self.bob.transcript.disconnecting)
        self.assertFalse(self.comes("eve"))

    def test_time(self) -> None:
        """Minutes, or a time with units; after it is over they may come."""
        for time, seconds in (("5", 300), ("1h30m", 5400)):
            self.ann.says(f"KLINE {time} eve!*@* :x")
            self.assertFalse(self.comes("eve"))
            self.ann.clock.advance(seconds - 1)
            self.assertFalse(self.comes("eve"))
            self.ann.says("PING x")
            self.ann.clock.advance(2)
            self.assertTrue(self.comes("eve"), time)
            self.factory.lobby.find("eve").sendAway("test")

    def test_lifted(self) -> None:
        self.ann.says("KLINE eve!*@*")
        self.assertIn(" is banned no more.", self.ann.says("UNKLINE eve!*@*")[0])
        self.assertTrue(self.comes("eve"))
        self.assertIn("there is no ban", self.ann.says("UNDLINE 192.0.2.1")[0])

    def test_nameOfDigits(self) -> None:
        """One word is whom, whatever it looks like."""
        self.ann.says("KLINE 5")
        (ban,) = self.factory.house.bans.active(0.0)
        self.assertEqual((ban.kind, ban.mask), ("name", "5"))

    def test_stats(self) -> None:
        """RFC 2812, 3.4.4: 216, 225, 242 and 219."""
        self.ann.says("KLINE eve!*@* :x", "DLINE 198.51.100.0/24")
        for letter, numbers, text in (
            ("k", ["216", "219"], " 216 ann K eve!*@* * * :x (ann)"),
            ("d", ["225", "219"], " 225 ann D 198.51.100.0/24 :no reason (ann)"),
            ("u", ["242", "219"], " :Server Up 0 days 0:00:00"),
            ("x", ["219"], " 219 ann x :"),
            ("", ["219"], " 219 ann * :"),
        ):
            lines = self.ann.says(f"STATS {letter}")
            self.assertEqual(commands(lines), numbers)
            self.assertIn(text, lines[0])

    def test_refused(self) -> None:
        """481 for others; a ban that can't be says so."""
        eve = Client(self.factory, "eve")
        for line in ("KLINE ann", "DLINE 192.0.2.1", "UNKLINE ann", "STATS k"):
            self.assertEqual(commands(eve.says(line)), ["481"], line)
        self.assertEqual(commands(self.ann.says("KLINE 5m :")), ["461"])
        (line,) = self.ann.says(f"KLINE {'x' * 400}")
        self.assertIn("NOTICE ann :KLINE: a mask has", line)
        (line,) = self.ann.says(f"UNKLINE {'x' * 400}")
        self.assertIn("NOTICE ann :UNKLINE: a mask has", line)
