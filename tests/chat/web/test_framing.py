"""L{protocols.chat.web.framing}: one line in each message (IRCv3 "WebSocket")."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.web.frames import BINARY, TEXT
from protocols.chat.web.framing import MAX_REMEMBERED, LineFraming, framings
from tests.chat.web.browsers import framesIn


class FramingTests(SynchronousTestCase):
    def test_aLineAMessage(self) -> None:
        frames = LineFraming(TEXT).framesOf(b"PING a\r\nPING b\r\n")
        self.assertEqual(framesIn(frames), [(TEXT, b"PING a"), (TEXT, b"PING b")])

    def test_emptyLinesAreLeftOut(self) -> None:
        self.assertEqual(LineFraming(TEXT).framesOf(b"\r\n\r\n"), b"")

    def test_textIsUTF8(self) -> None:
        """What is none arrives all the same; binary messages keep it."""
        line = b"caf\xe9\r\n"
        text = framesIn(LineFraming(TEXT).framesOf(line))
        self.assertEqual(text, [(TEXT, "caf\ufffd".encode())])
        self.assertEqual(
            framesIn(LineFraming(BINARY).framesOf(line)), [(BINARY, b"caf\xe9")]
        )

    def test_madeOnceForEverybody(self) -> None:
        framing = LineFraming(TEXT)
        line = b"hello" + b"\r\n"
        first = framing.framesOf(line)
        self.assertIs(framing.framesOf(line), first)

    def test_severalInTurn(self) -> None:
        """A room writes to clients that want different things, one by one."""
        framing = LineFraming(TEXT)
        lines = [b"%d\r\n" % number for number in range(MAX_REMEMBERED)]
        first = [framing.framesOf(line) for line in lines]
        for line, frames in zip(lines, first, strict=True):
            self.assertIs(framing.framesOf(line), frames)

    def test_littleIsRemembered(self) -> None:
        framing = LineFraming(TEXT)
        for number in range(1000):
            framing.framesOf(b"%d\r\n" % number)
            self.assertLessEqual(len(framing._made), MAX_REMEMBERED)

    def test_anotherObjectOfTheSamePlace(self) -> None:
        """What was written last is held: nothing else can have its identity."""
        framing = LineFraming(TEXT)
        for number in range(1000):
            line = b"%d\r\n" % number
            self.assertEqual(framesIn(framing.framesOf(line))[0][1], line[:-2])
            del line

    def test_framings(self) -> None:
        kinds = framings()
        self.assertIs(kinds[""], kinds["text.ircv3.net"])
        self.assertIn("binary.ircv3.net", kinds)

    @given(
        st.lists(st.binary(min_size=1, max_size=200).filter(lambda x: b"\r" not in x))
    )
    def test_allLinesInTheirOrder(self, lines: list[bytes]) -> None:
        frames = LineFraming(BINARY).framesOf(b"".join(x + b"\r\n" for x in lines))
        self.assertEqual([payload for _, payload in framesIn(frames)], lines)
