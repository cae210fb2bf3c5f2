"""Several things said at once: the same as one by one, however they are read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.events import LINES, Dialect, Posting
from protocols.chat.history import Ring
from protocols.chat.irc.capabilities import IN_ROOMS
from protocols.chat.irc.dialect import ircDialect
from protocols.chat.spans import Moment, Span
from protocols.chat.speech import Said, Speech, postingsOf
from protocols.chat.views import SHOWN, viewOf, without

TEXTS = st.text(min_size=1, max_size=9).filter(str.isprintable)
LONG = st.sampled_from(["x" * 470, "é" * 250, "語 " * 160])
SPEECHES = st.builds(
    Speech,
    room=st.just("#tea"),
    texts=st.lists(TEXTS | LONG, min_size=1, max_size=5).map(tuple),
    sender=st.sampled_from(["ann", "zoë"]),
    id=st.integers(1, 10**12),
    time=st.sampled_from([0.0, 1.5, 1_700_000_000.25]),
    account=st.sampled_from(["", "ann", "msgid=5"]),
    mask=st.sampled_from(["", "a@host"]),
    tags=st.sampled_from(["", "bot"]),
)
CAPABILITIES = st.sets(st.sampled_from(sorted(IN_ROOMS))).map(frozenset)


class SpeechTests(SynchronousTestCase):
    @given(SPEECHES)
    def test_postings(self, speech: Speech) -> None:
        first, *others = speech.postings
        self.assertEqual(
            first,
            Posting(
                "#tea",
                speech.texts[0],
                speech.sender,
                id=speech.id,
                time=speech.time,
                account=speech.account,
                mask=speech.mask,
                tags=speech.tags,
            ),
        )
        ids = [each.id for each in others]
        self.assertEqual(ids, list(range(speech.id + 1, speech.lastId + 1)))
        self.assertEqual(tuple(each.text for each in speech.postings), speech.texts)
        self.assertEqual(len(speech), len(speech.postings))
        self.assertIs(speech.postings, postingsOf(speech))
        self.assertEqual(postingsOf(first), [first])

    @given(SPEECHES)
    def test_measures(self, speech: Speech) -> None:
        octets = [len(text.encode()) for text in speech.texts]
        self.assertEqual((speech.longest, speech.octets), (max(octets), sum(octets)))

    def assertSame(self, dialect: Dialect, speech: Speech) -> None:
        each = b"".join(map(dialect.write, speech.postings))
        self.assertEqual(dialect.write(speech), each)

    @given(SPEECHES, st.sets(st.sampled_from(SHOWN)))
    def test_lines(self, speech: Speech, shown: set[str]) -> None:
        """With and without times and numbers."""
        self.assertSame(LINES, speech)
        self.assertSame(viewOf(frozenset(shown)), speech)
        self.assertEqual(without(LINES, {"ann", "zoë"}).write(speech), b"")
        self.assertSame(without(LINES, {"eve"}), speech)

    @given(SPEECHES, CAPABILITIES)
    def test_irc(self, speech: Speech, capabilities: frozenset[str]) -> None:
        """Whatever a client can do; too long ones are cut in the same places."""
        self.assertSame(ircDialect("irc.example", capabilities), speech)


@st.composite
def said(draw: st.DrawFn) -> list[Said]:
    """Postings and speeches with numbers that go up, and times that need not."""
    found: list[Said] = []
    number = 1
    for texts in draw(st.lists(st.lists(st.text("aé", min_size=1), max_size=4))):
        time = draw(st.integers(0, 5)) * 1.0
        number += draw(st.integers(0, 2))
        if len(texts) > 1:
            found.append(Speech("#tea", tuple(texts), "ann", number, time))
        else:
            text = texts[0] if texts else "x"
            found.append(Posting("#tea", text, "ann", id=number, time=time))
        number += max(len(texts), 1)
    return found


class RingTests(SynchronousTestCase):
    @given(said(), st.integers(0, 9), st.integers(0, 60), st.booleans(), st.data())
    def test_keptAsOneByOne(
        self, said: list[Said], most: int, octets: int, since: bool, data: st.DataObject
    ) -> None:
        """Whenever somebody asks, or never before the end."""
        together, single = (Ring(most, octets, 1 if since else 0) for _ in range(2))
        spans = [Span.after(Moment(at * 1.0), 9) for at in range(6)]
        for each in said:
            if each.id <= together.highest:
                continue
            together.append(each)
            for posting in postingsOf(each):
                single.append(posting)
                single.last(1)
            if data.draw(st.booleans()):
                self.assertEqual(together.last(99), single.last(99))
        self.assertEqual(together.highest, single.highest)
        self.assertEqual(len(together), len(single))
        for span in [*spans, Span.latest(9), Span.after(3, 2)]:
            self.assertEqual(together.page(span), single.page(span))
            self.assertEqual(together.covers(span), single.covers(span), span)
        for number in range(20):
            self.assertEqual(together.holds(number), single.holds(number))

    def test_unaskedIsBounded(self) -> None:
        """What nobody asks for is not made into postings, and still dropped."""
        ring = Ring(100, 1_000_000)
        speeches = [
            Speech("#tea", ("x",) * 50, "ann", number * 50 + 1) for number in range(20)
        ]
        for speech in speeches:
            ring.append(speech)
        self.assertEqual(len(ring), 100)
        made = [speech for speech in speeches if "postings" in vars(speech)]
        self.assertEqual(made, speeches[-2:])

    def test_endsWith(self) -> None:
        """Until somebody asks it is known as it came."""
        ring = Ring(9, 100)
        speech, posting = Speech("#tea", ("a", "b"), "x", 1), Posting("#tea", "c", id=3)
        ring.append(speech)
        self.assertTrue(ring.endsWith(speech))
        ring.append(posting)
        self.assertFalse(ring.endsWith(speech))
        self.assertEqual(ring.last(1), [posting])
        self.assertTrue(ring.endsWith(posting))

    def test_numbersGoUp(self) -> None:
        ring = Ring(9, 100, since=5)
        self.assertRaises(ValueError, ring.append, Speech("#tea", ("a", "b"), "x", 5))
        ring.append(Speech("#tea", ("a", "b"), "x", 6))
        self.assertRaises(ValueError, ring.append, Posting("#tea", "c", id=7))
