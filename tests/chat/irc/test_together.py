"""PRIVMSGs of one chunk, said as if each had come by itself."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc import IRCProtocol
from protocols.chat.irc.silence import PING_AFTER
from protocols.chat.irc.together import wordsIn
from protocols.chat.irc.wire import parse
from protocols.chat.speech import Speech
from protocols.hooks import Hooked
from tests.chat.irc.clients import Client, inRoom, irc, lineMember

PLAIN = [
    *(b"PRIVMSG #tea :hi", b"PRIVMSG #tea :hi", b"PRIVMSG #tea :you all"),
    *(b"PRIVMSG #tea :  spaces ", b"PRIVMSG #tea : :colons : "),
    "PRIVMSG #tea :é".encode(),
]
ODD = [
    *(b"privmsg #tea :low", b"PRIVMSG #TEA :high", b"PRIVMSG  #tea :wide"),
    *(b"PRIVMSG #tea hi", b"PRIVMSG #tea :", b"PRIVMSG #tea", b"PRIVMSG", b""),
    *(b"PRIVMSG #tea,bob :hi", b"PRIVMSG bob :hi", b"PRIVMSG #no :hi", b"PING 1"),
    *(b"PRIVMSG @#tea :ops", b"NOTICE #tea :hi", b":ann PRIVMSG #tea :hi"),
    *(b"@+x=1 PRIVMSG #tea :hi", b"@label=7 PRIVMSG #tea :hi", b"PRIVMSG #tea x :hi"),
    *(b"PRIVMSG #tea :\1ACTION waves\1", b"PRIVMSG #tea :\1VERSION\1"),
    *(b"PRIVMSG #tea :\x02bold", b"PRIVMSG #tea :\xff", b"PRIVMSG #tea :" + b"x" * 475),
    *(b"PRIVMSG #tea :" + b"x" * 497, b"PRIVMSG #tea :\ttab", b"PRIVMSG #tea :a\rb"),
    *("PRIVMSG #tea :\u202e".encode(), b"PRIVMSG #tea :" + b"x" * 900, b"NICK zed"),
]
LINES = st.tuples(st.sampled_from(PLAIN + ODD), st.sampled_from([b"\r\n", b"\n"]))
SIMPLE = st.tuples(st.sampled_from(PLAIN), st.just(b"\r\n"))
CHUNK = st.lists(SIMPLE, max_size=5) | st.lists(LINES, max_size=5)
CHUNKS = st.lists(CHUNK, max_size=5)
CAPS = ["", "echo-message message-tags server-time", "echo-message labeled-response"]


class OneByOne(IRCProtocol):
    """Looks at each line, so that none are taken together."""

    def lineReceived(self, line: bytes) -> Hooked:
        """See L{IRCProtocol}."""
        return super().lineReceived(line)


class Talk:
    """Ann talks at the IRC door; others hear it there and at the line door."""

    def __init__(self, kind: Any, caps: str, rate: tuple[float, float]) -> None:
        factory = irc(rate=rate)
        factory.protocol = kind
        self.clock = factory.clock
        (self.ann,) = inRoom(factory, "ann", caps=caps)
        heard = "message-tags server-time account-tag"
        others = [*inRoom(factory, "liz", caps=heard), lineMember(factory, "bob")]
        self.members = [self.ann, *others]
        self.room = factory.lobby.rooms["#tea"]
        self.lobby = factory.lobby
        self.clock.advance(60)
        self.say(b"")

    def say(self, chunk: bytes) -> list[bytes]:
        """Ann says a chunk; what everybody hears in that turn."""
        self.ann.say(chunk)
        self.clock.advance(0)
        return [member.heard() for member in self.members]

    def kept(self) -> tuple[Any, ...]:
        person = self.ann.protocol
        history = self.room.history.last(1000)
        return history, self.lobby.lastId, person.spokeAt, person.isPinged


class SameTests(SynchronousTestCase):
    @settings(deadline=None)
    @given(
        CHUNKS,
        st.sampled_from(CAPS),
        st.sampled_from([(5.0, 10.0), (1000.0, 1000.0)]),
        st.sampled_from(["", "slow", "m", "C", "bot"]),
        st.sampled_from([0.0, 2.0, 40.0]),
    )
    def test_asOneByOne(
        self, chunks: Any, caps: str, rate: Any, modes: str, pause: float
    ) -> None:
        talks = [Talk(kind, caps, rate) for kind in (IRCProtocol, OneByOne)]
        for talk in talks:
            talk.room.modes.slow = 3.0 if modes == "slow" else 0.0
            talk.room.modes.flags |= set(modes) & {"m", "C"}
            talk.room.setRank(talk.ann.protocol, "o", False)
            talk.ann.protocol.isBot = modes == "bot"
        for chunk in chunks:
            octets = b"".join(line + end for line, end in chunk)
            one, other = (talk.say(octets) for talk in talks)
            self.assertEqual(one, other)
            for talk in talks:
                talk.clock.advance(pause)
        for _ in range(3):
            for talk in talks:
                talk.clock.advance(10)
        one, other = (talk.say(b"") for talk in talks)
        self.assertEqual(one, other)
        self.assertEqual(talks[0].kept(), talks[1].kept())


class WordsTests(SynchronousTestCase):
    @given(st.lists(st.sampled_from(PLAIN + ODD), min_size=1, max_size=4))
    def test_asParsed(self, lines: list[bytes]) -> None:
        found = wordsIn([line + b"\r" for line in lines])
        if found is not None:
            target, texts = found
            each = [("PRIVMSG", (target, text), {}) for text in texts]
            parsed = [parse(line) for line in lines]
            said = [(one.command, one.params, one.tags) for one in parsed]
            self.assertEqual(each, said)
        self.assertTrue(found or not set(lines) <= set(PLAIN))

    def test_others(self) -> None:
        """All to one room, and written in the same way."""
        for lines in (
            [PLAIN[0], b"PRIVMSG #other :hi"],
            [b"PRIVMSG bob :a", b"PRIVMSG bob :b"],
            [b"PRIVMSG #tea,#two :a"] * 2,
            [b"PRIVMSG #tea :a", b"privmsg #tea :b"],
            [b"PRIVMSG \xff :a"] * 2,
            [b"PRIVMSG #\xff :a"] * 2,
            [b"PRIVMSG #tea :a", b"PRIVMSG #tea ;b"],
        ):
            self.assertIsNone(wordsIn(lines), lines)


class TogetherTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.talk = Talk(IRCProtocol, CAPS[1], (1000.0, 1000.0))
        self.speeches: list[Any] = []
        outbox, post = self.talk.room.outbox, self.talk.room.outbox.post

        def posted(event: Any, without: Any = ()) -> None:
            self.speeches += [event] if isinstance(event, Speech) else []
            post(event, without)

        outbox.post = posted  # type: ignore[method-assign]

    def test_isOneEvent(self) -> None:
        """What costs something is done once; numbers are each message's."""
        self.talk.say(b"PRIVMSG #tea :one\r\nPRIVMSG #tea :two\r\n")
        (speech,) = self.speeches
        self.assertEqual(speech.texts, ("one", "two"))

    def test_numbers(self) -> None:
        """C{msgid} and C{server-time} of each (IRCv3), to oneself as to others."""
        said = self.talk.say(b"PRIVMSG #tea :one\r\nPRIVMSG #tea :two\r\n")
        last = self.talk.lobby.lastId
        for heard in said[:2]:
            first, second = heard.decode().splitlines()
            self.assertIn(f"msgid={last - 1} ", first)
            self.assertIn(f"msgid={last} ", second)
            self.assertIn("@time=2023-11-14T22:14:20.000Z;", second)

    def test_replacedCommands(self) -> None:
        """Who has another PRIVMSG gets each."""
        seen: list[Any] = []
        command = type(self.talk.ann.protocol).commands["PRIVMSG"]
        other = type(command)(lambda irc, message: seen.append(message[1]), 2)
        commands = {**self.talk.ann.protocol.commands, "PRIVMSG": other}
        self.talk.ann.protocol.commands = commands
        self.talk.say(b"PRIVMSG #tea :one\r\nPRIVMSG #tea :two\r\n")
        self.assertEqual(seen, ["one", "two"])

    def test_notRegistered(self) -> None:
        stranger = Client(self.talk.ann.protocol.factory)
        said = stranger.says("PRIVMSG #tea :one", "PRIVMSG #tea :two")
        self.assertEqual([line.split()[1] for line in said], ["451", "451"])

    def test_countsAsALifeSign(self) -> None:
        self.talk.clock.advance(PING_AFTER)
        self.assertTrue(self.talk.ann.protocol.isPinged)
        self.talk.say(b"PRIVMSG #tea :one\r\nPRIVMSG #tea :two\r\n")
        self.assertFalse(self.talk.ann.protocol.isPinged)
