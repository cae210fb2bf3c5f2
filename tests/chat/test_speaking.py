"""What comes in one chunk is said as if each line had come by itself."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat import ChatFactory, ChatProtocol
from protocols.chat.lobby import Lobby
from protocols.chat.speech import Speech
from protocols.chat.storememory import MemoryStore
from protocols.hooks import Hooked
from tests.chat.irc.clients import Client, houseOf, irc
from tests.chat.people import Somebody, chat

LINES = [
    *(b"hi", b"hi", b"hello there", b"  padded ", b"x" * 600, "日本 é".encode()),
    *(b"", b" ", b"/me waves", b"//slash", b" /me also", b"/nope", b"/topic tea"),
    *(b"tab\there", b"\ttab", b"\x1b[2J", b"caf\xe9", b"\x1cedge", b"nul\0", b"cr\r"),
    *("bidi \u202e".encode(), b"/nick zed", b"\x02bold\x02", "\ue000".encode()),
]
CHUNKS = st.lists(st.lists(st.sampled_from(LINES), max_size=5), max_size=5)
PLAIN = st.lists(st.lists(st.sampled_from(LINES[:6]), max_size=5), max_size=5)
RATES = st.sampled_from([(5.0, 10.0), (2.0, 3.0), (1000.0, 1000.0)])
MODES = st.sampled_from(["", "slow", "m", "muted", "outside", "voiced"])


class OneByOne(ChatProtocol):
    """Looks at each line, so that none are taken together."""

    def lineReceived(self, line: bytes) -> Hooked:
        """See L{ChatProtocol}."""
        return super().lineReceived(line)


class Store(MemoryStore):
    """Knows what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[Any] = []

    def append(self, posting: Any) -> None:
        self.given.append(posting)
        super().append(posting)

    def secretKey(self) -> bytes:
        return b"secret"


class Talk:
    """Ann says things at the line door, and others hear them at both doors."""

    def __init__(self, kind: Any, rate: tuple[float, float], modes: str = "") -> None:
        self.clock = Clock()
        self.store = Store()
        house = houseOf(self.clock, self.store)
        factory = ChatFactory(house, clock=self.clock, rate=rate)
        factory.protocol = kind
        self.lobby = factory.lobby
        self.ann, bob, eve = (Somebody(factory, name) for name in ("ann", "bob", "eve"))
        bob.types("/show time id")
        caps = "message-tags server-time account-tag"
        liz = Client(irc(clock=self.clock, house=house), "liz", caps)
        liz.says("JOIN #lobby")
        self.members = [self.ann, bob, eve, liz]
        self.room = self.lobby.rooms["#lobby"]
        self._set(modes)
        self.clock.advance(60)
        self.say()

    def _set(self, modes: str) -> None:
        if modes == "slow":
            self.room.modes.slow = 3.0
        elif modes in ("m", "voiced"):
            self.room.modes.flags.add("m")
        elif modes == "muted":
            self.room.modes.lists["b"] = {"ann!*@*": ("liz", 0.0)}
        if modes == "voiced":
            self.room.setRank(self.ann.protocol, "v", True)
        if modes == "outside":
            self.ann.types("/join #other")

    def say(self, *lines: bytes) -> list[bytes]:
        """Ann says lines in one chunk; what everybody hears in that turn."""
        self.ann.say(b"".join(line + b"\n" for line in lines))
        self.clock.advance(0)
        return [member.heard() for member in self.members]

    def kept(self) -> tuple[Any, ...]:
        """What is left of it."""
        person = self.ann.protocol
        bucket = person._flood._bucket
        flood = person._flood._excess, person._flood._repeats, person._flood._last
        tokens = round(bucket.wait(self.clock.seconds(), bucket.burst), 6)
        history = self.room.history.last(1000)
        return history, self.lobby.lastId, person.spokeAt, tokens, flood


class SameTests(SynchronousTestCase):
    @settings(deadline=None)
    @given(PLAIN | CHUNKS, RATES, MODES, st.sampled_from([0.0, 0.3, 20.0, 70.0]))
    def test_asOneByOne(
        self,
        chunks: list[list[bytes]],
        rate: tuple[float, float],
        modes: str,
        pause: float,
    ) -> None:
        """Transcripts, history, numbers and verdicts, however fast it comes."""
        one, other = (Talk(kind, rate, modes) for kind in (ChatProtocol, OneByOne))
        for chunk in chunks:
            self.assertEqual(one.say(*chunk), other.say(*chunk))
            for talk in (one, other):
                talk.clock.advance(pause)
        self.assertEqual(one.kept(), other.kept())
        for _ in range(30):
            one.clock.advance(1)
            other.clock.advance(1)
        self.assertEqual(one.say(b"end"), other.say(b"end"))
        self.assertEqual(one.kept(), other.kept())


class TogetherTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.talk = Talk(ChatProtocol, (5.0, 10.0))
        self.speeches: list[Any] = []
        outbox, post = self.talk.room.outbox, self.talk.room.outbox.post

        def posted(event: Any, without: Any = ()) -> None:
            self.speeches += [event] if isinstance(event, Speech) else []
            post(event, without)

        outbox.post = posted  # type: ignore[method-assign]

    def test_isOneEvent(self) -> None:
        """What costs something is done once."""
        self.talk.say(b"one", b"two", b"three")
        (speech,) = self.speeches
        self.assertEqual(speech.texts, ("one", "two", "three"))

    def test_whatIsOdd(self) -> None:
        """One odd line, and all of a chunk are looked at by themselves."""
        for line in (b"/me x", b"", b"\x1b", b"\xe9", b"two", b"two\t"):
            self.talk.clock.advance(60)
            self.talk.say(b"one", b"two", line)
        self.assertEqual(self.speeches, [])

    def test_whoIsTooFast(self) -> None:
        """Nobody says more at once than a bucket holds."""
        self.talk.say(*(b"%d" % number for number in range(11)))
        self.assertEqual(self.speeches, [])
        self.assertEqual(self.talk.lobby.lastId, 10)

    def test_aHookLooksAtEach(self) -> None:
        class Loud(ChatProtocol):
            def textSaid(self, text: str, room: Any) -> str:
                return text.upper()

        talk = Talk(Loud, (5.0, 10.0))
        self.assertEqual(
            talk.say(b"one", b"two")[2], b"#lobby <ann> ONE\r\n#lobby <ann> TWO\r\n"
        )

    def test_aLobbyLooksAtEach(self) -> None:
        """Where several processes have one room, each line has to be numbered."""

        class Counting(Lobby):
            count = 0

            def posting(self, *arguments: Any, **more: Any) -> Any:
                self.count += 1
                return super().posting(*arguments, **more)

        self.talk.lobby.__class__ = Counting
        self.talk.say(b"one", b"two")
        self.assertEqual((self.talk.lobby.count, self.speeches), (2, []))  # type: ignore[attr-defined]

    def test_whoIsInNoRoom(self) -> None:
        self.talk.ann.types("/leave")
        heard = self.talk.say(b"one", b"two")[0].decode()
        self.assertEqual(heard.count("You are in no room"), 2)

    def test_whoHasNoName(self) -> None:
        """The first line is the name, whatever comes behind it."""
        factory = self.talk.ann.protocol.factory
        zoe = Somebody(factory, "zoe\nhello\nyou")
        self.assertEqual(zoe.protocol.name, "zoe")
        self.assertIn("<zoe> hello", self.talk.say()[0].decode())

    def test_storedEach(self) -> None:
        """A store that is no memory is given postings."""
        self.talk.ann.protocol.records._share = None
        self.talk.say(b"one", b"two")
        self.assertEqual([each.text for each in self.talk.store.given], ["one", "two"])

    def test_sharedWithTheStore(self) -> None:
        """What is only in memory is there once."""
        ann = Somebody(chat(), "ann")
        ann.types("one")
        store: Any = ann.protocol.records.store
        self.assertIs(store.ringOf("#lobby"), ann.protocol.room.history)
