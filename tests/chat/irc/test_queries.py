"""NAMES and LIST (RFC 2812, 3.2.5 and 3.2.6; ELIST of modern.ircdocs.horse)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.queries import MAX_NAMES
from tests.chat.irc.clients import Client, commands, inRoom, irc


class NamesTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob")
        self.eve = Client(self.factory, "eve")

    def test_names(self) -> None:
        self.assertEqual(
            self.eve.says("NAMES #tea"),
            [
                ":irc.example 353 eve = #tea :@ann bob",
                ":irc.example 366 eve #tea :End of NAMES list",
            ],
        )

    def test_capabilities(self) -> None:
        """multi-prefix and userhost-in-names."""
        self.ann.says("MODE #tea +v ann")
        self.eve.says("CAP REQ :multi-prefix userhost-in-names")
        self.assertEqual(
            self.eve.says("NAMES #tea")[0],
            ":irc.example 353 eve = #tea :@+ann!~a@host bob!~b@host",
        )

    def test_several(self) -> None:
        rooms = ",".join(["#tea"] * (MAX_NAMES + 2))
        found = commands(self.eve.says(f"NAMES {rooms}"))
        self.assertEqual(found, ["353"] * MAX_NAMES + ["366"])

    def test_nothing(self) -> None:
        """Not who is everywhere, and not who is in secret rooms."""
        self.assertEqual(
            self.eve.says("NAMES"), [":irc.example 366 eve * :End of NAMES list"]
        )
        self.assertEqual(commands(self.eve.says("NAMES #none")), ["366"])
        self.ann.says("MODE #tea +s")
        self.assertEqual(commands(self.eve.says("NAMES #tea")), ["366"])
        self.bob.hears()
        self.assertIn(" 353 bob @ #tea :", self.bob.says("NAMES #tea")[0])

    def test_many(self) -> None:
        """RFC 2812, 2.3: no line is longer than 512 octets, whatever the names."""
        names = [f"{'名' * 15}{number:02}" for number in range(40)]
        for name in names:
            Client(self.factory, name).says("JOIN #tea")
        self.eve.says("CAP REQ userhost-in-names")
        lines = self.eve.says("NAMES #tea")
        self.assertGreater(len(lines), 8)
        for line in lines:
            self.assertLessEqual(len(line.encode()), 500)
        self.assertEqual("".join(lines).count("!~"), 42)


class ListTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob")
        self.ann.advance(600)
        for client in (self.ann, self.bob):
            client.says("PONG")
        self.ann.says("JOIN #milk", "TOPIC #milk :white")

    def rooms(self, line: str) -> list[str]:
        first, *found, last = self.bob.says(line)
        self.assertEqual(commands([first, last]), ["321", "323"])
        return [each.split(" ")[3] for each in found]

    def test_all(self) -> None:
        self.assertEqual(
            self.bob.says("LIST"),
            [
                ":irc.example 321 bob Channel :Users  Name",
                ":irc.example 322 bob #tea 2 :",
                ":irc.example 322 bob #milk 1 white",
                ":irc.example 323 bob :End of LIST",
            ],
        )

    def test_secret(self) -> None:
        self.ann.says("MODE #milk +s")
        self.assertEqual(self.rooms("LIST"), ["#tea"])
        self.assertEqual(self.rooms("LIST #milk"), [])

    def test_conditions(self) -> None:
        """ELIST's C, M, N, T and U."""
        for asked, rooms in (
            ("#MILK", ["#milk"]),
            ("#milk,#none", ["#milk"]),
            ("#none", []),
            ("#m*", ["#milk"]),
            ("#te?", ["#tea"]),
            ("!#t*", ["#milk"]),
            (">1", ["#tea"]),
            ("<2", ["#milk"]),
            ("C>5", ["#tea"]),
            ("c<5", ["#milk"]),
            ("T<5", ["#milk"]),
            ("T>0", []),
            (">1,#milk", []),
            (",", ["#tea", "#milk"]),
        ):
            self.assertEqual(self.rooms(f"LIST {asked}"), rooms, asked)
