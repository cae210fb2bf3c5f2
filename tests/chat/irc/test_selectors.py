"""What CHATHISTORY, multiline and MODE make of anything: one error, or none."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.bans import BanError, durationOf
from protocols.chat.history import Span
from protocols.chat.irc.manylines import MIN_ROOM, linesOf
from protocols.chat.irc.modelines import modeLines
from protocols.chat.irc.playback import AskedError, spanOf
from protocols.chat.irc.readmarks import timeOf
from protocols.chat.irc.strictness import StrictTransport
from protocols.chat.text import JOINED

WORDS = st.text(max_size=30)
STAMPS = st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,12}Z", fullmatch=True)
POINTS = st.one_of(
    WORDS,
    st.just("*"),
    st.integers().map("msgid={}".format),
    WORDS.map("msgid={}".format),
    st.one_of(STAMPS, WORDS).map("timestamp={}".format),
)
KINDS = st.sampled_from(["LATEST", "BEFORE", "AFTER", "AROUND", "BETWEEN"])


class SelectorTests(SynchronousTestCase):
    @given(KINDS, st.tuples(POINTS, POINTS, WORDS | st.integers().map(str)))
    def test_spans(self, kind: str, words: tuple[str, ...]) -> None:
        """IRCv3, chathistory: a span, or the error that is told."""
        words = words if kind == "BETWEEN" else words[1:]
        with contextlib.suppress(AskedError):
            self.assertIsInstance(spanOf(kind, words), Span)

    @given(WORDS | STAMPS)
    def test_times(self, text: str) -> None:
        found = timeOf(text)
        self.assertTrue(found is None or abs(found) < 1e12)


class LineTests(SynchronousTestCase):
    @given(st.lists(WORDS), st.integers(-500, 500))
    def test_linesOf(self, lines: list[str], room: int) -> None:
        """No line is too long, and none is lost."""
        text = "\n".join(lines)
        found = linesOf(text, room)
        most = max(room, MIN_ROOM)
        self.assertTrue(all(len(line.encode()) <= most for line, _ in found))
        whole = "".join(line for line, _ in found)
        plain = [line.removeprefix(JOINED) for line in text.split("\n")]
        self.assertEqual(whole, "".join(plain))

    @given(st.text("+-ovbklimn aé", max_size=60), st.integers(8, 40))
    def test_modeLines(self, changes: str, most: int) -> None:
        """All letters are there, in their order."""
        told = "".join(each.split(" ")[0] for each in modeLines(changes, most))
        letters = changes.split(" ")[0]
        for sign in "+-":
            told, letters = told.replace(sign, ""), letters.replace(sign, "")
        self.assertEqual(told, letters)


class OptionTests(SynchronousTestCase):
    @given(WORDS | st.from_regex(r"[0-9]{0,12}[smhdw]?", fullmatch=True))
    def test_durations(self, text: str) -> None:
        with contextlib.suppress(BanError):
            found = durationOf(text)
            self.assertTrue(found is None or found >= 0)

    @given(WORDS | st.from_regex(r"[0-9]{0,7},?[0-9]{0,9}", fullmatch=True))
    def test_strictTransport(self, text: str) -> None:
        with contextlib.suppress(ValueError):
            StrictTransport.of(text)
