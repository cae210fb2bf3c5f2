"""L{protocols.chat.backplane.notation}: what nodes write for each other."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane.notation import (
    NotationError,
    Profile,
    eventRead,
    eventWritten,
    ownerText,
    read,
    written,
)
from protocols.chat.backplane.words import Draft
from protocols.chat.events import (
    Changed,
    Event,
    Invited,
    Kicked,
    ModesChanged,
    Posting,
    Redacted,
    Source,
    TopicChanged,
)
from protocols.chat.people import Person

texts = st.text(max_size=20)
times = st.floats(0, 2**40)
sources = st.builds(Source, texts, texts, texts, texts, texts)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        Posting,
        *(texts, texts, texts, st.booleans(), st.integers(0, 2**60), times),
        *(texts, texts, texts, texts),
    ),
    st.builds(TopicChanged, texts, sources, texts, times),
    st.builds(ModesChanged, texts, sources, texts, times),
    st.builds(Kicked, texts, sources, texts, texts, times),
    st.builds(Invited, texts, sources, texts, st.booleans(), times),
    st.builds(Changed, texts, sources, texts, texts, times),
    st.builds(Redacted, texts, sources, st.integers(0, 2**60), texts, times),
)
profiles = st.builds(
    Profile,
    *(texts, texts, texts),
    st.dictionaries(st.sampled_from(["user", "host", "away", "account"]), texts),
    texts,
    times,
    times,
    st.dictionaries(texts, texts),
)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), texts),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(texts, inner),
    max_leaves=12,
)


class EventTests(SynchronousTestCase):
    @given(events)
    def test_thereAndBack(self, event: Event) -> None:
        self.assertEqual(eventRead(read(written(eventWritten(event)))[0]), event)

    def test_aDraftIsAPosting(self) -> None:
        draft = Draft("#a", "hello", "ann", account="a", mask="u@h", tags="+b")
        found = eventRead(eventWritten(draft))
        self.assertEqual(found, draft.finished(0))
        self.assertEqual(draft.line, b"")

    @given(st.one_of(anything, st.lists(anything).map(lambda each: ["Posting", *each])))
    def test_onlyOneErrorEscapes(self, found: Any) -> None:
        try:
            self.assertIsInstance(eventRead(found), Event)
        except NotationError:
            self.assertRaises(NotationError, eventRead, found)

    def test_whatCantBe(self) -> None:
        good = eventWritten(Kicked("#a", Source("ann"), "bob"))
        for bad in ([], ["Came"], good[:-1], [*good, 1], [good[0], 7, *good[2:]]):
            self.assertRaises(NotationError, eventRead, bad)


class MessageTests(SynchronousTestCase):
    @given(st.binary(max_size=40))
    def test_onlyOneErrorEscapes(self, message: bytes) -> None:
        try:
            self.assertIsInstance(read(message), list)
        except NotationError:
            self.assertRaises(NotationError, read, message)

    def test_whatCantBe(self) -> None:
        for message in (b"", b"{}", b"1", b"[", b"\xff", b"[" * 100_000):
            self.assertRaises(NotationError, read, message)


class ProfileTests(SynchronousTestCase):
    @given(profiles)
    def test_thereAndBack(self, profile: Profile) -> None:
        self.assertEqual(Profile.read(read(written(profile.written()))[0]), profile)

    @given(anything)
    def test_onlyOneErrorEscapes(self, found: Any) -> None:
        for bad in (found, {**Profile("a", "b").written(), "words": found}):
            try:
                self.assertIsInstance(Profile.read(bad), Profile)
            except NotationError:
                self.assertRaises(NotationError, Profile.read, bad)

    def test_aPerson(self) -> None:
        person, other = Person(), Person()
        person.name, person.user, person.isBot, person.rooms = "ann", "u", True, {}
        profile = Profile.of(person, "one.1", "x")
        self.assertEqual((profile.words, profile.flags), ({"user": "u"}, "b"))
        profile.fill(other)
        self.assertEqual((other.user, other.isBot, other.isSecure), ("u", True, False))

    @given(*[st.floats(0, 2**36)] * 2)
    def test_earlierIsLower(self, one: float, other: float) -> None:
        first, second = ownerText(min(one, other), "a"), ownerText(max(one, other), "b")
        self.assertLess(first, second)
