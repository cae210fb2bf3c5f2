"""CAP, PASS, NICK, USER, PING and QUIT (RFC 2812, 3.1 and 3.7)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.protocol import LOGIN_TIME
from protocols.chat.irc.registration import MAX_REALNAME, MAX_USER
from protocols.chat.names import MAX_NAME
from protocols.testing import converse, everySplit
from tests.chat.irc.clients import (
    HOST,
    Client,
    commands,
    inRoom,
    irc,
    lineMember,
    only,
)


class RegistrationTests(SynchronousTestCase):
    def test_welcome(self) -> None:
        """RFC 2812, 5.1: 001 to 004, then 005, in every cut of the stream."""
        data = b"NICK ann\r\nUSER a 0 * :Ann Lee\r\nQUIT :bye\r\n"
        said = everySplit(irc, data).written.decode().replace(HOST, "host")
        lines = said.splitlines()
        self.assertEqual(
            lines[0],
            ":irc.example 001 ann :Welcome to protocols, ann!~a@host",
        )
        self.assertEqual(commands(lines)[:4], ["001", "002", "003", "004"])
        self.assertEqual(set(commands(lines)[4:8]), {"005", "251"})
        self.assertEqual(lines[-1], "ERROR :Closing link: Quit: bye")

    def test_endOfLine(self) -> None:
        """RFC 1459, 2.3: CR LF; LF alone is taken as well."""
        said = converse(irc(), b"NICK ann\nUSER a 0 * :Ann\n").written
        self.assertIn(b" 001 ann ", said)
        self.assertTrue(all(line.endswith(b"\r") for line in said.split(b"\n")[:-1]))

    def test_userFirst(self) -> None:
        client = Client(irc())
        self.assertEqual(client.says("USER a 0 * :Ann"), [])
        self.assertEqual(commands(client.says("NICK ann"))[0], "001")

    def test_nothingElseBefore(self) -> None:
        """RFC 2812, 5.2: 451."""
        client = Client(irc())
        for line in ("JOIN #tea", "PRIVMSG ann :hi", "FOO", "WHOIS ann", "JOIN"):
            self.assertEqual(commands(client.says(line)), ["451"])
        self.assertEqual(client.protocol.lobby.rooms, {})

    def test_time(self) -> None:
        """CHAT-CASES: one time for all attempts, then the end."""
        factory = irc()
        client = Client(factory)
        client.advance(LOGIN_TIME / 2)
        client.says("NICK ann", "PING x")
        client.advance(LOGIN_TIME / 2)
        self.assertEqual(
            client.hears()[-1], "ERROR :Closing link: Registration timed out"
        )
        self.assertTrue(client.transcript.disconnecting)
        self.assertEqual(factory.lobby.people, {})

    def test_again(self) -> None:
        """RFC 2812, 3.1.1 and 3.1.3: 462."""
        client = Client(irc(), "ann")
        for line in ("USER b 0 * :Bob", "PASS x"):
            self.assertEqual(commands(client.says(line)), ["462"])

    def test_users(self) -> None:
        """RFC 2812, 3.1.3: parameters that are missing or can't be."""
        client = Client(irc(), "")
        for line, number in (
            ("USER a 0 *", "461"),
            ("USER a 0 * :", "461"),
            ("USER : 0 * x", "461"),
            ("USER a@b 0 * :x", "468"),
            ("USER \u00e9 0 * :x", "468"),
            ("USER a\x1b 0 * :x", "468"),
        ):
            self.assertEqual(commands(client.says(line)), [number], line)

    def test_longUser(self) -> None:
        client = Client(irc())
        client.says("NICK ann", f"USER {'u' * 40} 0 * :{'r' * 300}")
        protocol = client.protocol
        self.assertEqual(protocol.user, f"~{'u' * (MAX_USER - 1)}")
        self.assertEqual(len(protocol.realname), MAX_REALNAME)

    def test_realnameIsNotObeyed(self) -> None:
        client = Client(irc())
        client.says("NICK ann", "USER a 0 * :A\x1b[2J\x02n\rn")
        self.assertEqual(client.protocol.realname, "A^[[2J\x02n^Mn")

    def test_realnameThatIsNoUTF8(self) -> None:
        """UTF8ONLY: nobody is kept out for what an old client is set to."""
        client = Client(irc())
        client.say(b"NICK ann\r\nUSER a 0 * :Ren\xe9\r\n")
        self.assertEqual(client.protocol.realname, "Ren\ufffd")


class PasswordTests(SynchronousTestCase):
    """RFC 2812, 3.1.1."""

    def test_right(self) -> None:
        client = Client(irc(password="sesame"))
        lines = client.says("PASS :sesame", "NICK ann", "USER a 0 * :Ann")
        self.assertEqual(commands(lines)[0], "001")

    def test_wrongOrNone(self) -> None:
        for first in ("PASS wrong", "PING x"):
            client = Client(irc(password="sesame"))
            lines = client.says(first, "NICK ann", "USER a 0 * :Ann")
            only(lines, "464")
            self.assertEqual(lines[-1], "ERROR :Closing link: Bad password")
            self.assertTrue(client.transcript.disconnecting)

    def test_missing(self) -> None:
        self.assertEqual(commands(Client(irc()).says("PASS")), ["461"])


class BanTests(SynchronousTestCase):
    """RFC 2812, 5.2: 465 for who is banned from the whole chat."""

    def test_banned(self) -> None:
        factory = irc()
        ann, bob = inRoom(factory, "ann", "bob")
        factory.house.ban(ann.protocol, "bob", "", "spam")
        self.assertEqual(bob.hears(), ["ERROR :Closing link: You are banned"])
        self.assertEqual(commands(ann.hears()), ["QUIT"])
        again = Client(factory)
        lines = again.says("NICK bob", "USER b 0 * :b")
        self.assertEqual(commands(lines)[0], "465")
        self.assertIn("spam", lines[0])
        self.assertEqual(lines[1], "ERROR :Closing link: You are banned")
        self.assertTrue(again.transcript.disconnecting)


class NickTests(SynchronousTestCase):
    """RFC 2812, 3.1.2."""

    def test_taken(self) -> None:
        """CHAT-CASES: whatever looks the same is the same."""
        factory = irc()
        Client(factory, "bob")
        other = Client(factory)
        for name in ("bob", "BOB", "b\u043eb", "b0b"):
            self.assertEqual(commands(other.says(f"NICK {name}")), ["433"])
        other.says("USER o 0 * :o")
        self.assertFalse(other.protocol.isRegistered)
        self.assertEqual(commands(other.says("NICK rob"))[0], "001")

    def test_sameTurn(self) -> None:
        """CHAT-CASES: two want one name at once; exactly one has it."""
        factory = irc()
        one, two = Client(factory), Client(factory)
        for client in (one, two):
            self.assertEqual(client.says("NICK bob"), [])
        self.assertEqual(commands(one.says("USER o 0 * :o"))[0], "001")
        self.assertEqual(commands(two.says("USER t 0 * :t")), ["433"])
        self.assertEqual(len(factory.lobby.people), 1)

    def test_heldByTheLineDoor(self) -> None:
        factory = irc()
        lineMember(factory, "bob")
        self.assertEqual(commands(Client(factory).says("NICK Bob")), ["433"])

    def test_refused(self) -> None:
        """CHAT-CASES: 432, and the session stays."""
        client = Client(irc(), "ann")
        for name in (
            "#x",
            ":",
            "*",
            ":a b",
            "root",
            "NickServ",
            "a!b",
            "\u202ea",
            "$x",
        ):
            (number,) = commands(client.says(f"NICK {name}"))
            self.assertIn(number, ("431", "432"), name)
        self.assertEqual(commands(client.says("NICK")), ["431"])
        self.assertEqual(client.protocol.name, "ann")

    def test_long(self) -> None:
        """RFC 2812, 1.2.1, and NICKLEN: cut off, as other servers do."""
        client = Client(irc(), "ann")
        client.says(f"NICK {'a' * 100}")
        self.assertEqual(client.protocol.name, "a" * MAX_NAME)

    def test_change(self) -> None:
        """Told to the client at once, to others in several rooms once."""
        ann, bob = inRoom(irc(), "ann", "bob")
        for client in (ann, bob):
            client.says("JOIN #two,#three")
        for client in (ann, bob):
            client.hears()
        line = ":ann!~a@host NICK anna"
        self.assertEqual(ann.says("NICK anna"), [line])
        self.assertEqual(bob.hears(), [line])
        self.assertEqual(ann.says("NICK anna"), [])
        self.assertEqual(ann.says("NICK Anna"), [":anna!~a@host NICK Anna"])

    def test_changeSeenAtTheLineDoor(self) -> None:
        factory = irc()
        (ann,) = inRoom(factory, "ann")
        bob = lineMember(factory, "bob")
        ann.says("NICK anna")
        self.assertEqual(bob.hears(), ["#tea * ann is now anna"])


class PingTests(SynchronousTestCase):
    """RFC 2812, 3.7.2."""

    def test_ping(self) -> None:
        for client in (Client(irc()), Client(irc(), "ann")):
            self.assertEqual(
                client.says("PING :a b"), [":irc.example PONG irc.example :a b"]
            )

    def test_noOrigin(self) -> None:
        client = Client(irc(), "ann")
        for line in ("PING", "PING :"):
            self.assertEqual(commands(client.says(line)), ["409"])

    def test_pong(self) -> None:
        self.assertEqual(Client(irc(), "ann").says("PONG", "PONG x"), [])


class QuitTests(SynchronousTestCase):
    """RFC 2812, 3.1.7."""

    def test_words(self) -> None:
        for said, told in (
            ("QUIT :good bye", ":ann!~a@host QUIT :Quit: good bye"),
            ("QUIT", ":ann!~a@host QUIT Quit"),
            ("QUIT :a\x1bb\rc", ":ann!~a@host QUIT :Quit: a^[b^Mc"),
        ):
            ann, bob = inRoom(irc(), "ann", "bob")
            lines = ann.says(said)
            self.assertTrue(lines[-1].startswith("ERROR :Closing link: Quit"))
            self.assertEqual(bob.hears(), [told])

    def test_beforeRegistration(self) -> None:
        client = Client(irc())
        self.assertEqual(client.says("QUIT"), ["ERROR :Closing link: Quit"])
        self.assertTrue(client.transcript.disconnecting)

    def test_nothingBehindIt(self) -> None:
        ann, bob = inRoom(irc(), "ann", "bob")
        ann.says("QUIT", "PRIVMSG #tea :ghost", "NICK bea")
        self.assertEqual(commands(bob.hears()), ["QUIT"])

    def test_withALabel(self) -> None:
        """Nothing is written behind the ERROR."""
        ann = Client(irc(), "ann", "labeled-response batch")
        self.assertEqual(commands(ann.says("@label=1 QUIT"))[-1], ":Closing")
