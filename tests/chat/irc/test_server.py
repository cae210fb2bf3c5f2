"""What the server says of itself (RFC 2812, 3.4; modern.ircdocs.horse)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.commands import COMMANDS
from protocols.chat.irc.server import HELP
from protocols.chat.names import MAX_NAME
from tests.chat.irc.clients import Client, commands, inRoom, irc, only


class WelcomeTests(SynchronousTestCase):
    def test_isupport(self) -> None:
        """modern.ircdocs.horse/#rplisupport-005: at most 13 tokens a line."""
        client = Client(irc(network="Tea"), "ann")
        lines = [line for line in client.says("VERSION") if " 005 " in line]
        tokens = {}
        for line in lines:
            words = line.split(" :")[0].split(" ")[3:]
            self.assertLessEqual(len(words), 13)
            self.assertLessEqual(len(line.encode()), 510)
            tokens.update(dict(word.partition("=")[::2] for word in words))
        self.assertEqual(tokens["NETWORK"], "Tea")
        self.assertEqual(tokens["NICKLEN"], str(MAX_NAME))
        self.assertEqual(tokens["PREFIX"], "(ov)@+")
        self.assertIn("UTF8ONLY", tokens)
        self.assertIn("WHOX", tokens)

    def test_userModes(self) -> None:
        """A client that asks what it is before it is in is told at the end."""
        factory = irc()
        client = Client(factory)
        client.protocol.isHidden = True
        lines = client.says("NICK ann", "USER a 0 * :a")
        self.assertEqual(lines[-1], ":irc.example 221 ann +i")


class ServerTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = irc(motd=("Be kind.", ""))
        self.ann, self.bob = inRoom(self.factory, "ann", "bob")

    def test_motd(self) -> None:
        """RFC 2812, 3.4.1."""
        lines = self.ann.says("MOTD")
        self.assertEqual(commands(lines), ["375", "372", "372", "376"])
        self.assertEqual(lines[1], ":irc.example 372 ann :- Be kind.")
        self.assertEqual(commands(Client(irc(), "ann").says("MOTD")), ["422"])

    def test_lusers(self) -> None:
        """RFC 2812, 3.4.2: all that is connected, in and not in yet."""
        Client(self.factory)
        gone = Client(self.factory)
        gone.says("QUIT")
        self.assertEqual(self.factory.unregistered, 1)
        gone.reset()
        self.bob.says("MODE bob +i")
        self.bob.protocol.isOperator = True
        lines = self.ann.says("LUSERS")
        for number, text in (
            ("251", ":There are 1 users and 1 invisible on 1 servers"),
            ("252", "1 :operator(s) online"),
            ("253", "1 :unregistered connection(s)"),
            ("254", "1 :channels formed"),
            ("255", ":I have 2 clients and 0 servers"),
            ("265", "2 2 :Current local users: 2, max: 2"),
            ("266", "2 2 :Current global users: 2, max: 2"),
        ):
            self.assertTrue(only(lines, number).endswith(f" ann {text}"), number)
        self.ann.says("PART #tea")
        self.bob.says("PART #tea", "QUIT")
        self.assertEqual(
            commands(self.ann.says("LUSERS")), ["251", "253", "255", "265", "266"]
        )

    def test_version(self) -> None:
        """RFC 2812, 3.4.3."""
        self.assertEqual(
            self.ann.says("VERSION irc.example")[0],
            ":irc.example 351 ann protocols irc.example twisted",
        )

    def test_time(self) -> None:
        """RFC 2812, 3.4.6."""
        self.assertEqual(
            self.ann.says("TIME"),
            [":irc.example 391 ann irc.example 2023-11-14T22:13:20.000Z"],
        )

    def test_info(self) -> None:
        """RFC 2812, 3.4.10."""
        self.assertEqual(commands(self.ann.says("INFO")), ["371", "371", "374"])

    def test_admin(self) -> None:
        """RFC 2812, 3.4.9."""
        self.assertEqual(commands(self.ann.says("ADMIN")), ["256", "257", "258", "259"])

    def test_links(self) -> None:
        """RFC 2812, 3.4.5: there is one server."""
        self.assertEqual(commands(self.ann.says("LINKS")), ["364", "365"])

    def test_elsewhere(self) -> None:
        """RFC 2812, 3.4: 402; a member's name means their server, which is this."""
        for command in ("MOTD", "VERSION", "TIME", "INFO", "ADMIN"):
            self.assertEqual(
                commands(self.ann.says(f"{command} else.example")), ["402"], command
            )
            self.assertNotIn("402", commands(self.ann.says(f"{command} bob")))

    def test_help(self) -> None:
        """modern.ircdocs.horse/#help-message."""
        for subject in HELP:
            found = commands(self.ann.says(f"HELP {subject.lower()}"))
            self.assertEqual((found[0], found[-1]), ("704", "706"))
            self.assertTrue(subject == "" or subject in COMMANDS)
        self.assertEqual(commands(self.ann.says("HELPOP foo")), ["524"])

    def test_unknown(self) -> None:
        """RFC 2812, 5.2: 421."""
        self.assertEqual(
            self.ann.says("foo bar"), [":irc.example 421 ann FOO :Unknown command"]
        )


class IsupportTests(SynchronousTestCase):
    """IRCv3's extended-isupport."""

    def test_before(self) -> None:
        """005 before registration, in a batch, to a star; all of it again later."""
        client = Client(irc())
        self.assertEqual(commands(client.says("ISUPPORT")), ["451"])
        client.says("CAP REQ :batch draft/extended-isupport")
        first, *lines, last = client.says("ISUPPORT")
        self.assertEqual(first, ":irc.example BATCH +1 draft/isupport")
        self.assertEqual(last, ":irc.example BATCH -1")
        for line in lines:
            self.assertTrue(line.startswith("@batch=1 :irc.example 005 * "), line)
        welcomed = client.says("NICK ann", "USER a 0 * :a", "CAP END")
        inBatch = [line for line in welcomed if line.startswith("@batch=2 ")]
        self.assertEqual(commands(inBatch), ["005"] * len(lines))

    def test_withoutBatches(self) -> None:
        """The command is there for all who have registered."""
        ann = Client(irc(), "ann")
        self.assertEqual(set(commands(ann.says("ISUPPORT"))), {"005"})
