"""Capability negotiation (IRCv3's capability-negotiation)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.capabilities import CAPABILITIES, IN_ROOMS, inLines, listed
from tests.chat.irc.clients import Client, commands, irc


class ListTests(SynchronousTestCase):
    def test_known(self) -> None:
        self.assertEqual(list(CAPABILITIES), sorted(set(CAPABILITIES)))
        self.assertLess(IN_ROOMS, set(CAPABILITIES))

    def test_values(self) -> None:
        """Section "Version": values only for who knows version 302."""
        names = {"sasl": "PLAIN", "batch": ""}
        self.assertEqual(listed(names, 301), ["sasl", "batch"])
        self.assertEqual(listed(names, 302), ["sasl=PLAIN", "batch"])

    def test_lines(self) -> None:
        self.assertEqual(inLines([]), [""])
        self.assertEqual(inLines(["a", "b"]), ["a b"])
        self.assertEqual(inLines(["aaa", "bbb", "c"], 6), ["aaa", "bbb c"])
        self.assertEqual(inLines(["a" * 9, "b"], 6), ["a" * 9, "b"])
        self.assertEqual(inLines(["a" * 9], 6), ["a" * 9])

    def test_linesOfOctets(self) -> None:
        """RFC 2812, 2.3: a message has 512 octets, not characters."""
        for line in inLines(["\u540d" * 30] * 40):
            self.assertLessEqual(len(line.encode()), 400)
        self.assertEqual("".join(inLines(["\u540d" * 30] * 40)).count("\u540d"), 1200)


class NegotiationTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.client = Client(irc())

    def test_registrationWaits(self) -> None:
        """Until CAP END, whatever else is said."""
        self.assertEqual(set(commands(self.client.says("CAP LS 302"))), {"CAP"})
        self.assertEqual(self.client.says("NICK ann", "USER a 0 * :Ann"), [])
        self.assertEqual(commands(self.client.says("CAP END"))[0], "001")

    def test_requestBegins(self) -> None:
        self.client.says("CAP REQ :batch", "NICK ann", "USER a 0 * :Ann")
        self.assertFalse(self.client.protocol.isRegistered)

    def test_oldVersion(self) -> None:
        """One line, no values, no C{cap-notify} of its own accord."""
        (line,) = self.client.says("CAP LS")
        self.assertNotIn("=", line)
        self.assertEqual(self.client.says("CAP LIST"), [":irc.example CAP * LIST :"])

    def test_version302(self) -> None:
        """Section "CAP LS": a star says that more follows; C{cap-notify} is implied."""
        lines = self.client.says("CAP LS 302")
        for line in lines[:-1]:
            self.assertTrue(line.startswith(":irc.example CAP * LS * :"))
        self.assertRegex(lines[-1], r"^:irc\.example CAP \* LS [^*]")
        self.assertEqual(
            self.client.says("CAP LIST"), [":irc.example CAP * LIST cap-notify"]
        )

    def test_severalLines(self) -> None:
        """Old clients get all of it in one line, as far as it goes."""
        names = {f"example.com/{number:020}": "" for number in range(20)}
        factory = self.client.protocol.factory
        factory.capabilitiesFor = lambda irc: names
        self.assertEqual(len(self.client.says("CAP LS")), 1)
        lines = self.client.says("CAP LS 302")
        self.assertEqual([" LS * :" in line for line in lines], [True, False])
        self.assertEqual(" ".join(lines).count("example.com"), 20)

    def test_versionsThatAreNone(self) -> None:
        for said in ("x", "\u00b2", "99999999999999999999", "-1"):
            self.assertIn("CAP", commands(self.client.says(f"CAP LS {said}")))

    def test_request(self) -> None:
        """Section "CAP REQ": all of it or nothing."""
        self.assertEqual(
            self.client.says("CAP REQ :batch setname"),
            [":irc.example CAP * ACK :batch setname"],
        )
        self.assertEqual(
            self.client.says("CAP REQ :echo-message no-such"),
            [":irc.example CAP * NAK :echo-message no-such"],
        )
        self.assertEqual(
            self.client.says("CAP LIST"), [":irc.example CAP * LIST :batch setname"]
        )

    def test_requestWithMinus(self) -> None:
        self.client.says("CAP REQ :batch setname")
        self.assertEqual(
            self.client.says("CAP REQ :-batch"), [":irc.example CAP * ACK -batch"]
        )
        self.assertEqual(
            self.client.says("CAP LIST"), [":irc.example CAP * LIST setname"]
        )

    def test_unknownSubcommand(self) -> None:
        self.assertEqual(
            self.client.says("CAP FOO"),
            [":irc.example 410 * FOO :Invalid CAP subcommand"],
        )
        self.assertEqual(commands(self.client.says("CAP :")), ["410"])

    def test_afterRegistration(self) -> None:
        client = Client(irc(), "ann")
        self.assertIn(" CAP ann LS :", client.says("CAP LS")[0])
        self.assertEqual(client.says("CAP END"), [])
        self.assertIn(" 303 ", client.says("ISON ann")[0])

    def test_saslOnlyWithAccounts(self) -> None:
        for word in ("sasl", "draft/account-registration"):
            self.assertEqual(
                self.client.says(f"CAP REQ {word}"), [f":irc.example CAP * NAK {word}"]
            )
