"""MONITOR (IRCv3's monitor and extended-monitor)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.watchers import MAX_WATCHED
from tests.chat.irc.clients import Client, commands, irc, lineMember


class MonitorTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = irc()
        self.ann = Client(self.factory, "ann")

    def test_comeAndGo(self) -> None:
        self.assertEqual(
            self.ann.says("MONITOR + bob,Eve"), [":irc.example 731 ann bob,Eve"]
        )
        bob = Client(self.factory, "bob")
        self.assertEqual(self.ann.hears(), [":irc.example 730 * bob!~b@host"])
        bob.says("QUIT")
        self.assertEqual(self.ann.hears(), [":irc.example 731 * bob"])

    def test_lineDoor(self) -> None:
        self.ann.says("MONITOR + lee")
        lee = lineMember(self.factory, "lee")
        self.assertEqual(self.ann.hears(), [":irc.example 730 * lee!line@host"])
        lee.types("/nick leo")
        self.assertEqual(self.ann.hears(), [":irc.example 731 * lee"])
        lee.types("/nick Lee")
        self.assertEqual(self.ann.hears(), [":irc.example 730 * Lee!line@host"])

    def test_sameName(self) -> None:
        """Another way to write it is no coming and no going."""
        bob = Client(self.factory, "bob")
        self.ann.says("MONITOR + bob")
        bob.says("NICK BOB")
        self.assertEqual(self.ann.hears(), [])

    def test_lists(self) -> None:
        Client(self.factory, "bob")
        self.assertEqual(commands(self.ann.says("MONITOR + bob,eve")), ["730", "731"])
        self.assertEqual(
            self.ann.says("MONITOR L"),
            [
                ":irc.example 732 ann bob,eve",
                ":irc.example 733 ann :End of MONITOR list",
            ],
        )
        self.assertEqual(
            self.ann.says("MONITOR s"),
            [":irc.example 730 ann bob!~b@host", ":irc.example 731 ann eve"],
        )

    def test_remove(self) -> None:
        self.ann.says("MONITOR + bob,eve,pat")
        self.assertEqual(self.ann.says("MONITOR - BOB,nobody"), [])
        Client(self.factory, "bob")
        self.assertEqual(self.ann.hears(), [])
        self.assertEqual(self.ann.says("MONITOR C"), [])
        self.assertEqual(commands(self.ann.says("MONITOR L")), ["733"])
        Client(self.factory, "eve")
        self.assertEqual(self.ann.hears(), [])

    def test_full(self) -> None:
        """Section "Numeric replies": 734, and nothing of the rest is added."""
        names = [f"n{number}" for number in range(MAX_WATCHED)]
        for start in range(0, MAX_WATCHED, 50):
            self.ann.says(f"MONITOR + {','.join(names[start : start + 50])}")
        lines = self.ann.says("MONITOR + n0,more,most")
        self.assertEqual(
            lines,
            [
                f":irc.example 734 ann {MAX_WATCHED} more,most :Monitor list is full",
                ":irc.example 731 ann n0",
            ],
        )
        self.assertEqual(len(self.ann.protocol.watched), MAX_WATCHED)

    def test_longAnswers(self) -> None:
        """As many lines as the names need, each within 512 octets."""
        names = [f"{'名' * 15}{number}" for number in range(30)]
        for name in names:
            self.ann.says(f"MONITOR + {name}")
        lines = self.ann.says("MONITOR L")
        self.assertGreater(len(lines), 3)
        for line in lines:
            self.assertLessEqual(len(line.encode()), 510)
        self.assertEqual(",".join(lines).count("\u540d"), 450)

    def test_whatCantBe(self) -> None:
        """Masks, and subcommands that there are none of, are left alone."""
        self.assertEqual(self.ann.says("MONITOR + *!*@*,a*,#x,,"), [])
        self.assertEqual(self.ann.says("MONITOR X bob"), [])
        self.assertEqual(commands(self.ann.says("MONITOR")), ["461"])

    def test_nothingIsLeft(self) -> None:
        """Who goes watches for nobody any more."""
        self.ann.says("MONITOR + bob,eve", "QUIT")
        self.assertEqual(self.factory.lobby.watchers._watchers, {})


class ExtendedTests(SynchronousTestCase):
    """extended-monitor: changes of those whom one does not meet in a room."""

    def test_changes(self) -> None:
        factory = irc()
        caps = "extended-monitor away-notify setname account-notify"
        ann, eve = Client(factory, "ann", caps), Client(factory, "eve", "away-notify")
        bob = Client(factory, "bob", "setname")
        for client in (ann, eve):
            client.says("MONITOR + bob")
        bob.says("AWAY :lunch", "SETNAME :Bob Lee")
        self.assertEqual(
            ann.hears(), [":bob!~b@host AWAY lunch", ":bob!~b@host SETNAME :Bob Lee"]
        )
        self.assertEqual(eve.hears(), [])

    def test_once(self) -> None:
        """Who meets them in a room is told there, once."""
        factory = irc()
        ann = Client(factory, "ann", "extended-monitor away-notify")
        bob = Client(factory, "bob")
        for client in (ann, bob):
            client.says("JOIN #tea")
        ann.says("MONITOR + bob")
        bob.says("AWAY :lunch")
        self.assertEqual(ann.hears(), [":bob!~b@host AWAY lunch"])
