"""A banned account, whenever somebody logs in to it."""

from __future__ import annotations

from base64 import b64encode

from tests.chat.backplane.nodes import Client, Talker
from tests.chat.backplane.test_sharing import Case


class BannedAccountTests(Case):
    def test_bannedAccount(self) -> None:
        """Who logs in to it when they are in already has to go, at any door."""
        Talker(self.one.lines, "ann").types("/register pencil", "/quit")
        self.operator(self.one, "op").types("KLINE $a:ann :spam")
        bob, cid = Talker(self.one.lines, "bob"), Client(self.two.irc, "cid")
        told = bob.types("/login ann pencil")
        self.assertEqual(told[1:], ["* You are banned. Bye."])
        cid.types("CAP REQ :sasl", "AUTHENTICATE PLAIN")
        said = b64encode(b"\0ann\0pencil").decode()
        told = cid.types(f"AUTHENTICATE {said}")
        self.assertEqual(told[-1], "ERROR :Closing link: You are banned")
        self.assertNotIn("cid", self.two.lobby.people)
        dora = Client(self.two.irc, "")
        dora.types("CAP REQ :sasl", "AUTHENTICATE PLAIN")
        dora.types(f"AUTHENTICATE {said}", "NICK dora", "USER d 0 * :d")
        self.assertIn(" 465 ", dora.types("CAP END")[0])
