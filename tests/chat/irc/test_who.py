"""WHO and WHOX (RFC 2812, 3.6.1; ircv3.net/specs/extensions/whox)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc import who as whoModule
from tests.chat.irc.clients import Client, commands, inRoom, irc, lineMember


class WhoTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob")
        self.eve = Client(self.factory, "eve")

    def names(self, client: Client, line: str) -> list[str]:
        """Who was named in 352s; nothing else but the end was said."""
        *found, last = client.says(line)
        self.assertIn(" 315 ", last)
        self.assertEqual(set(commands(found)) - {"352"}, set())
        return [reply.split(" ")[7] for reply in found]

    def test_room(self) -> None:
        self.assertEqual(
            self.bob.says("WHO #TEA"),
            [
                ":irc.example 352 bob #tea ~a host irc.example ann H@ :0 ann",
                ":irc.example 352 bob #tea ~b host irc.example bob H :0 bob",
                ":irc.example 315 bob #TEA :End of WHO list",
            ],
        )

    def test_masks(self) -> None:
        """The name, the user, the host and the real name are looked at."""
        for mask, names in (
            ("ann", ["ann"]),
            ("ANN", ["ann"]),
            ("a*", ["ann"]),
            ("~b", ["bob"]),
            ("?n?", ["ann"]),
            ("e*!*@*", ["eve"]),
            ("*", ["ann", "bob", "eve"]),
            ("0", ["ann", "bob", "eve"]),
            ("nobody", []),
            ("#none", []),
        ):
            self.assertEqual(self.names(self.ann, f"WHO {mask}"), names, mask)
        self.assertEqual(self.names(self.ann, "WHO"), ["ann", "bob", "eve"])

    def test_operators(self) -> None:
        self.bob.protocol.isOperator = True
        self.assertEqual(self.names(self.ann, "WHO #tea o"), ["bob"])

    def test_hidden(self) -> None:
        """C{+i}: who shares no room sees them only by their whole name."""
        self.ann.says("MODE ann +i")
        self.assertEqual(self.names(self.eve, "WHO #tea"), ["bob"])
        self.assertEqual(self.names(self.eve, "WHO *"), ["bob", "eve"])
        self.assertEqual(self.names(self.eve, "WHO ann"), ["ann"])
        self.assertEqual(self.names(self.bob, "WHO *"), ["ann", "bob", "eve"])

    def test_secret(self) -> None:
        self.ann.says("MODE #tea +s")
        self.assertEqual(self.names(self.eve, "WHO #tea"), [])
        self.assertIn(" * ~a host ", self.eve.says("WHO ann")[0])
        self.bob.hears()
        self.assertIn(" #tea ~a host ", self.bob.says("WHO ann")[0])

    def test_flags(self) -> None:
        self.ann.says("AWAY :lunch", "MODE ann +B", "MODE #tea +v ann")
        self.ann.protocol.isOperator = True
        self.assertIn(" ann G*@B :0 ", self.eve.says("WHO ann")[0])
        self.eve.says("CAP REQ multi-prefix")
        self.assertIn(" ann G*@+B :0 ", self.eve.says("WHO ann")[0])

    def test_bounded(self) -> None:
        """Who asks for everybody gets so many."""
        self.patch(whoModule, "MAX_FOUND", 2)
        self.assertEqual(len(self.names(self.ann, "WHO *")), 2)
        self.assertEqual(len(self.names(self.ann, "WHO #tea")), 2)

    def test_lineDoor(self) -> None:
        lineMember(self.factory, "lee")
        self.ann.hears()
        self.assertIn("lee", self.names(self.ann, "WHO #tea"))


class ExtendedTests(SynchronousTestCase):
    """WHOX."""

    def setUp(self) -> None:
        self.ann, self.bob = inRoom(irc(), "ann", "bob")

    def test_fields(self) -> None:
        """In their own order, whatever the order they are asked in."""
        self.bob.advance(5)
        self.bob.says("PING x")
        self.assertEqual(
            self.bob.says("WHO ann %raoldfnshicut,42")[0],
            ":irc.example 354 bob 42 #tea ~a 255.255.255.255 host irc.example "
            "ann H@ 0 5 0 n/a ann",
        )

    def test_own(self) -> None:
        """One's own address is told to oneself only."""
        self.assertEqual(
            self.bob.says("WHO bob %tin,7")[0], ":irc.example 354 bob 7 192.0.2.1 bob"
        )

    def test_noToken(self) -> None:
        self.assertEqual(
            self.bob.says("WHO #tea %tn"),
            [
                ":irc.example 354 bob 0 ann",
                ":irc.example 354 bob 0 bob",
                ":irc.example 315 bob #tea :End of WHO list",
            ],
        )

    def test_nobodysRoom(self) -> None:
        self.ann.says("PART #tea")
        self.bob.hears()
        self.assertEqual(self.bob.says("WHO ann %cn")[0], ":irc.example 354 bob * ann")
