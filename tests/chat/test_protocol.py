"""The line door, as people meet it."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.protocol import LOGIN_TIME
from protocols.testing import Conversation, converse, everySplit
from tests.chat.people import Somebody, chat


class LoginTests(SynchronousTestCase):
    def test_greetingAndName(self) -> None:
        transcript = everySplit(chat, b"bob\r\n/quit\r\n")
        self.assertEqual(
            transcript.written.decode().splitlines(),
            [
                "* Welcome.",
                "* What is your name?",
                "* Hello, bob. Type /help for what you can do.",
                "* You are in #lobby, alone so far.",
                "* Bye.",
            ],
        )
        self.assertTrue(transcript.disconnecting)

    def test_lineEnds(self) -> None:
        """LF, CR LF and telnet's CR NUL are each one line's end."""
        for end in (b"\n", b"\r\n", b"\r\x00"):
            data = b"bob" + end + b"/who" + end + b"/quit" + end
            self.assertIn(b"In #lobby: bob\r\n", everySplit(chat, data).written)

    def test_refusedName(self) -> None:
        factory = chat()
        Somebody(factory, "bob")
        other = Conversation(factory)
        for name in ("BOB", "b\u043eb", "a b", "", "root"):
            other.heard()
            other.say(f"{name}\n".encode())
            self.assertIn("name?\r\n", other.heard().decode())
        other.say(b"rob\n")
        self.assertIn("Hello, rob", other.heard().decode())

    def test_loginTime(self) -> None:
        """Silence, and a name that never ends, are given up."""
        for said in (b"", b"bo"):
            factory = chat()
            silent = Conversation(factory)
            silent.say(said)
            silent.advance(LOGIN_TIME)
            self.assertIn("took too long", silent.heard().decode())
            self.assertTrue(silent.transcript.disconnecting)
            self.assertEqual(factory.lobby.people, {})

    def test_loginTimeIsForAllAttempts(self) -> None:
        """Names that are refused win no time."""
        factory = chat()
        eve = Conversation(factory)
        for _ in range(3):
            eve.advance(LOGIN_TIME / 4)
            eve.say(b"root\n")
        self.assertFalse(eve.transcript.disconnecting)
        eve.advance(LOGIN_TIME / 4)
        self.assertTrue(eve.transcript.disconnecting)

    def test_noTimeLimitOnceInside(self) -> None:
        ann = Somebody(chat(), "ann")
        ann.advance(LOGIN_TIME * 100)
        self.assertFalse(ann.transcript.disconnecting)

    def test_halfClose(self) -> None:
        """C{printf 'bob\\nhello\\n/who' | nc -N}: every whole line is answered."""
        transcript = converse(chat(), b"bob\nhello\n/who\n", end=True)
        self.assertIn(b"In #lobby: bob", transcript.written)
        self.assertTrue(transcript.disconnecting)


class TalkTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = chat()
        self.ann = Somebody(self.factory, "ann")
        self.bob = Somebody(self.factory, "bob")
        self.ann.hears()

    def test_say(self) -> None:
        """One's own line is not said back: it stands on one's screen already."""
        self.assertEqual(self.ann.types("hello"), [])
        self.assertEqual(self.bob.hears(), ["#lobby <ann> hello"])

    def test_sayWithASlash(self) -> None:
        self.ann.types("//etc/passwd")
        self.assertEqual(self.bob.hears(), ["#lobby <ann> /etc/passwd"])

    def test_controlsAreShown(self) -> None:
        self.ann.say(b"\x1b]0;pwn\x07\x1b[2Jx\n")
        self.assertEqual(self.bob.hears(), ["#lobby <ann> ^[]0;pwn^G^[[2Jx"])

    def test_invalidUTF8(self) -> None:
        self.ann.say(b"caf\xe9\n")
        self.assertEqual(self.bob.hears(), ["#lobby <ann> caf\ufffd"])

    def test_private(self) -> None:
        self.assertEqual(self.ann.types("/msg BOB psst"), ["[you to bob] psst"])
        self.assertEqual(self.bob.hears(), ["[ann to you] psst"])

    def test_action(self) -> None:
        self.ann.types("/me waves")
        self.assertEqual(self.bob.hears(), ["#lobby * ann waves"])

    def test_rooms(self) -> None:
        self.assertEqual(
            self.ann.types("/join tea"), ["* You are in #tea, alone so far."]
        )
        self.ann.types("only here")
        self.assertEqual(self.bob.hears(), [])
        self.assertEqual(
            self.bob.types("/join #tea"),
            ["* You are in #tea, with ann.", "#tea <ann> only here"],
        )
        self.assertEqual(self.ann.hears(), ["#tea * bob joined"])
        self.assertEqual(
            self.ann.types("/rooms"),
            ["* #lobby: 2 people, you too", "* #tea: 2 people, you too"],
        )
        self.assertEqual(self.ann.types("/join lobby"), ["* You talk to #lobby now."])
        self.assertEqual(
            self.ann.types("/leave"),
            ["* You have left #lobby; you talk to #tea now."],
        )
        self.assertEqual(self.bob.hears(), ["#lobby * ann left"])

    def test_who(self) -> None:
        self.assertEqual(self.ann.types("/who"), ["* In #lobby: ann, bob"])
        self.assertEqual(self.ann.types("/who lobby"), ["* In #lobby: ann, bob"])

    def test_nick(self) -> None:
        self.assertEqual(self.ann.types("/nick anna"), ["* You are anna now."])
        self.assertEqual(self.bob.hears(), ["#lobby * ann is now anna"])
        self.assertEqual(self.bob.types("/nick ANNA"), ["* The name ANNA is taken."])

    def test_quit(self) -> None:
        self.assertEqual(self.ann.types("/quit"), ["* Bye."])
        self.assertEqual(self.bob.hears(), ["#lobby * ann quit"])

    def test_lostConnection(self) -> None:
        self.ann.reset()
        self.assertEqual(self.bob.hears(), ["#lobby * ann left"])

    def test_help(self) -> None:
        said = "\n".join([*self.ann.types("/help"), *self.ann.types("/help order")])
        for word in self.ann.protocol.commands:
            self.assertIn(f"/{word}", said)

    def test_mistakes(self) -> None:
        """Each says what to do instead."""
        for line, said in {
            "/foo": "There is no /foo; type /help.",
            "/join": "Which room? Type /join #room.",
            "/join a b": "A name does not contain a space.",
            "/who tea": "You are not in #tea.",
            "/msg bob": "Say what to whom? Type /msg NAME TEXT.",
            "/msg eve hi": "Nobody here is called eve.",
            "/me": "Do what? Type /me TEXT.",
            "/nick": "Which name? Type /nick NAME.",
        }.items():
            self.assertEqual(self.ann.types(line), [f"* {said}"])
            self.ann.advance(1)

    def test_talkingToNobody(self) -> None:
        self.ann.types("/leave")
        self.assertEqual(
            self.ann.types("hi"), ["* You are in no room; type /join #room."]
        )
        self.assertEqual(self.ann.types("/rooms"), ["* #lobby: 1 person"])
        self.bob.types("/quit")
        self.assertIn("no room yet", self.ann.types("/rooms")[0])
        self.assertEqual(self.ann.types(""), [])
