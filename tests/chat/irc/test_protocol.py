"""The IRC door under abuse, and what the floor and subclasses ask of it."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.floods import MAX_EXCESS
from protocols.chat.irc import IRCProtocol
from protocols.chat.irc.factory import CLIENT_BURST, CLIENT_RATE
from protocols.chat.irc.silence import PING_AFTER, PONG_WITHIN
from protocols.chat.outgoing import MAX_QUEUED
from protocols.chat.room import Room
from protocols.testing import everySplit
from tests.chat.irc.clients import Client, commands, inRoom, irc, lineMember

TALK = b"".join(
    line + b"\r\n"
    for line in (
        *(b"CAP LS 302", b"NICK ann", b"CAP REQ :batch labeled-response echo-message"),
        *(b"USER a 0 * :Ann", b"CAP END", b"JOIN #tea,#milk", b"PRIVMSG #tea :hi"),
        *(b"@label=x WHO #tea", b"FOO", b"", b":a", b"TOPIC #tea :na\xc3\xafve"),
        *(b"NAMES #tea", b"PRIVMSG ann :\1ACTION waves\1", b"caf\xe9", b"LIST"),
        *(b"PRIVMSG #tea :caf\xe9", b"A" * 600, b"PART #milk :bye", b"QUIT"),
    )
)


class CutTests(SynchronousTestCase):
    def test_everyCut(self) -> None:
        """A stream has no borders: each cut is answered in the same way."""
        lines = everySplit(irc, TALK, cuts=10).written.decode().splitlines()
        found = commands(lines)
        for number in ("001", "JOIN", "353", "421", "FAIL", "417", "PART"):
            self.assertIn(number, found)
        self.assertIn("@label=x BATCH", " ".join(lines).replace(":irc.example ", ""))

    def test_halfClose(self) -> None:
        """C{printf | nc -N}: what came is answered, then the end is told."""
        ann, bob = inRoom(irc(), "ann", "bob")
        ann.say(b"PRIVMSG #tea :hi\r\nPING x\r\n")
        ann.end()
        self.assertEqual(commands(ann.hears()), ["PONG"])
        self.assertTrue(ann.transcript.disconnecting)
        self.assertEqual(commands(bob.hears()), ["PRIVMSG", "QUIT"])

    def test_nothingIsWrittenToWhoHasEnded(self) -> None:
        """What is said between the end of the input and of the connection."""
        ann, bob = inRoom(irc(), "ann", "bob")
        bob.say(b"PRIVMSG #tea :hi\r\n")
        ann.end()
        self.assertEqual(commands(bob.hears()), ["QUIT"])

    def test_reset(self) -> None:
        ann, bob = inRoom(irc(), "ann", "bob")
        ann.reset()
        self.assertEqual(bob.hears(), [":ann!~a@host QUIT :Connection closed"])


class LengthTests(SynchronousTestCase):
    """CHAT-CASES: 417 for lines and tags that are too long; the session stays."""

    def setUp(self) -> None:
        self.ann, self.bob = inRoom(irc(), "ann", "bob")

    def test_line(self) -> None:
        for length in (511, 4000, 1 << 20):
            self.assertEqual(commands(self.ann.says("A" * length)), ["417"], length)
        self.assertEqual(commands(self.ann.says("PING x")), ["PONG"])

    def test_longest(self) -> None:
        self.assertEqual(commands(self.ann.says("PING " + "a" * 505)), ["PONG"])

    def test_tags(self) -> None:
        self.assertEqual(commands(self.ann.says(f"@a={'b' * 4095} PING x")), ["417"])
        self.assertEqual(commands(self.ann.says(f"@a={'b' * 4090} PING x")), ["PONG"])

    def test_withTheNameInFront(self) -> None:
        """Nothing is cut off: what others could not read whole is refused."""
        self.assertEqual(commands(self.ann.says("PRIVMSG #tea :" + "a" * 490)), ["417"])
        self.assertEqual(self.bob.hears(), [])

    def test_nothingIsKept(self) -> None:
        for _ in range(64):
            self.ann.say(b"A" * 65536)
        self.assertEqual(commands(self.ann.hears()), ["417"])
        self.assertEqual(commands(self.ann.says("", "PING x")), ["PONG"])


class SilenceTests(SynchronousTestCase):
    """CHAT-CASES: asked after 90 s of silence, gone after 150 s."""

    def setUp(self) -> None:
        self.ann, self.bob = inRoom(irc(), "ann", "bob")

    def test_gone(self) -> None:
        self.ann.advance(PING_AFTER - 1)
        self.bob.says("PING x")
        self.ann.advance(1)
        self.assertEqual(self.ann.hears(), ["PING irc.example"])
        self.ann.advance(PONG_WITHIN - 1)
        self.bob.says("PONG x")
        self.assertFalse(self.ann.transcript.disconnecting)
        self.ann.advance(1)
        self.assertEqual(self.ann.hears(), ["ERROR :Closing link: Ping timeout"])
        self.assertEqual(
            self.bob.hears()[-1],
            ":ann!~a@host QUIT :Ping timeout: 150 seconds",
        )

    def test_answered(self) -> None:
        for _ in range(5):
            self.ann.advance(PING_AFTER)
            self.assertEqual(self.ann.hears(), ["PING irc.example"])
            self.ann.says("PONG :irc.example")
            self.bob.says("PONG :irc.example")
        self.assertFalse(self.ann.transcript.disconnecting)

    def test_whateverComes(self) -> None:
        for _ in range(10):
            self.ann.advance(PING_AFTER - 1)
            self.assertNotIn("PING", " ".join(self.ann.says("AWAY")))

    def test_noTimerIsLeft(self) -> None:
        for client in (self.ann, self.bob):
            client.says("QUIT")
            client.reset()
        self.assertEqual(self.ann.clock.getDelayedCalls(), [])

    def test_whoQuitsAndDoesNotRead(self) -> None:
        """Their time is not told to them once they have been told of the end."""
        ann = self.ann
        ann.transport.read = lambda size=None: b""  # type: ignore[method-assign]
        ann.transport.deliver(b"LIST\r\nQUIT\r\n")
        ann.transport.turn()
        self.assertTrue(ann.transport.disconnecting)
        ann.clock.advance(PING_AFTER)
        ann.clock.advance(PONG_WITHIN)
        self.assertEqual(ann.transport.lateWrites, [])


class FloodTests(SynchronousTestCase):
    def setUp(self) -> None:
        factory = irc(rate=(CLIENT_RATE, CLIENT_BURST))
        self.ann, self.bob = inRoom(factory, "ann", "bob")
        self.ann.advance(30)

    def test_burst(self) -> None:
        """More than so many in a segment come through at the rate; none is lost."""
        lines = [f"PRIVMSG #tea :{number}" for number in range(60)]
        self.ann.says(*lines)
        self.assertEqual(len(self.bob.hears()), CLIENT_BURST)
        for _ in range(60):
            self.ann.advance(0.1)
        self.assertEqual(len(self.bob.hears()), 60 - CLIENT_BURST)

    def test_tooMuchForTooLong(self) -> None:
        lines = "".join(f"PRIVMSG #tea :{number}\r\n" for number in range(1000))
        self.ann.say(lines.encode())
        for _ in range(MAX_EXCESS * 2):
            self.ann.advance(0.1)
        self.assertEqual(self.ann.hears()[-1], "ERROR :Closing link: Excess flood")
        self.assertEqual(commands(self.bob.hears())[-1], "QUIT")

    def test_repeats(self) -> None:
        """CHAT-CASES: the same line again and again."""
        for _ in range(50):
            self.ann.says("PRIVMSG #tea :spam")
            self.ann.advance(1)
        self.assertEqual(commands(self.bob.hears()), ["PRIVMSG"] * 3)

    def test_repeatsAreTold(self) -> None:
        for _ in range(3):
            self.ann.says("PRIVMSG #tea :spam")
        self.assertIn("not sent again", self.ann.says("PRIVMSG #tea :spam")[0])

    def test_joinAndPartInALoop(self) -> None:
        """CHAT-CASES: the last state wins; nobody else is told of the others."""
        self.bob.says(*["PART #tea", "JOIN #tea"] * 10)
        self.assertEqual(self.ann.hears(), [])


class SlowReaderTests(SynchronousTestCase):
    def test_dropped(self) -> None:
        """CHAT-CASES: bounded, cut off at the bound, the room told once."""
        factory = irc()
        ann, bob, eve = inRoom(factory, "ann", "bob", "eve")
        lee = lineMember(factory, "lee")
        transport = bob.transport
        transport.read = lambda size=None: b""  # type: ignore[method-assign]
        heard: list[str] = []
        lines: list[str] = []
        for number in range(900):
            ann.say(f"PRIVMSG #tea :{number} {'x' * 400}\r\n".encode())
            heard += [line for line in eve.hears() if "bob" in line]
            lines += [line for line in lee.hears() if "bob" in line]
            waiting = transport.unread + bob.protocol._queued
            self.assertLess(waiting, MAX_QUEUED + 70_000)
        self.assertTrue(transport.aborted)
        self.assertEqual(heard, [":bob!~b@host QUIT :Did not keep up"])
        self.assertEqual(lines, ["#tea * bob did not keep up (Did not keep up)"])


class FloorTests(SynchronousTestCase):
    def test_lastWord(self) -> None:
        for reason in ("total", "draining"):
            self.assertRegex(irc().lastWord(reason), rb"^ERROR :.*come back later\r\n$")

    def test_drain(self) -> None:
        """What was said before the end still arrives."""
        ann, bob = inRoom(irc(), "ann", "bob")
        ann.say(b"PRIVMSG #tea :last words\r\n")
        bob.protocol.drainRequested()
        lines = bob.hears()
        self.assertIn("last words", lines[0])
        self.assertEqual(lines[-1], "ERROR :Closing link: The server is stopping")

    def test_drainBeforeRegistration(self) -> None:
        client = Client(irc())
        client.protocol.drainRequested()
        self.assertTrue(client.transcript.disconnecting)

    def test_idle(self) -> None:
        """And it is told once, whoever else ends it."""
        ann = Client(irc(), "ann")
        ann.protocol.idledOut()
        ann.protocol.sendAway("Killed")
        self.assertEqual(ann.hears(), ["ERROR :Closing link: Idle for too long"])

    def test_address(self) -> None:
        """Others see the same name for an address each time, and not where it is."""
        ann, bob = inRoom(irc(), "ann", "bob")
        self.assertEqual(ann.protocol.host, bob.protocol.host)
        ann.say(b"PRIVMSG #tea :hi\r\n")
        self.assertNotIn("192.0.2.1", "".join(bob.hears()))


class HookTests(SynchronousTestCase):
    """A subclass in ten lines."""

    def room(self, protocol: Any, *names: str) -> list[Any]:
        factory = irc()
        factory.protocol = protocol
        return inRoom(factory, *names)

    def test_changedText(self) -> None:
        class Loud(IRCProtocol):
            def textSaid(self, text: str, room: Room) -> Any:
                return text.upper() if text != "secret" else None

        ann, bob = self.room(Loud, "ann", "bob")
        ann.says("PRIVMSG #tea :hi", "PRIVMSG #tea :secret")
        self.assertEqual(bob.hears(), [":ann!~a@host PRIVMSG #tea :HI"])

    def test_textThatTakesItsTime(self) -> None:
        """What comes behind it waits, and so does the label's answer."""
        asked: list[Deferred[str]] = []

        class Slow(IRCProtocol):
            def textSaid(self, text: str, room: Room) -> Any:
                asked.append(Deferred())
                return asked[-1]

        ann, bob = self.room(Slow, "ann", "bob")
        ann.says("CAP REQ :labeled-response batch")
        self.assertEqual(ann.says("@label=1 PRIVMSG #tea :a", "PING x"), [])
        asked[0].callback("A")
        self.assertEqual(
            ann.hears(),
            ["@label=1 :irc.example ACK", ":irc.example PONG irc.example x"],
        )
        self.assertEqual(bob.hears(), [":ann!~a@host PRIVMSG #tea :A"])
        ann.says("PRIVMSG #tea :b")
        ann.reset()
        self.assertEqual(commands(bob.hears()), ["QUIT"])

    def test_emptied(self) -> None:
        class Mute(IRCProtocol):
            async def textSaid(self, text: str, room: Room) -> str:  # type: ignore[override]
                return ""

        ann, bob = self.room(Mute, "ann", "bob")
        self.assertEqual(ann.says("PRIVMSG #tea :hi"), [])
        self.assertEqual(bob.hears(), [])

    def test_failure(self) -> None:
        """A mistake of the hook's is logged, and not shown to anybody."""

        class Broken(IRCProtocol):
            def textSaid(self, text: str, room: Room) -> Any:
                raise KeyError("secret")

        ann, bob = self.room(Broken, "ann", "bob")
        (line,) = ann.says("PRIVMSG #tea :hi")
        self.assertIn("Something went wrong", line)
        self.assertNotIn("secret", line)
        self.assertEqual(bob.hears(), [])
        self.assertEqual(len(self.flushLoggedErrors(KeyError)), 1)
