"""Frozen objects that are made and asked in less time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.events import Posting
from protocols.chat.history import Ring
from protocols.chat.once import made, once
from protocols.chat.storememory import MemoryStore


@dataclass(frozen=True)
class Word:
    text: str
    number: int = 7

    @once
    def parts(self) -> list[str]:
        """Its letters."""
        return list(self.text)


class OnceTests(SynchronousTestCase):
    def test_isFoundOutOnce(self) -> None:
        word = Word("ab")
        self.assertEqual(word.parts, ["a", "b"])
        self.assertIs(word.parts, word.parts)

    def test_eachHasItsOwn(self) -> None:
        self.assertNotEqual(Word("ab").parts, Word("cd").parts)


class MadeTests(SynchronousTestCase):
    def test_isTheSame(self) -> None:
        word = made(Word, {"text": "ab"})
        self.assertEqual(word, Word("ab"))
        self.assertEqual(hash(word), hash(Word("ab")))
        self.assertEqual(replace(word, number=8), Word("ab", 8))

    def test_isFrozen(self) -> None:
        word = made(Word, {"text": "ab"})
        with self.assertRaises(AttributeError):
            word.text = "cd"  # type: ignore[misc]


class SharedRingTests(SynchronousTestCase):
    """What is only in memory is there once, for the room and the store."""

    def test_share(self) -> None:
        store, ring = MemoryStore(), Ring(10, 1000)
        first, second = (Posting("#a", "x", "ann", id=n, time=n) for n in (1, 2))
        ring.append(first)
        store.share("#a", ring)
        ring.append(second)
        self.assertEqual(
            self.successResultOf(store.search(["#a"], "x")), [first, second]
        )
        self.assertIs(store.ringOf("#A"), ring)
        self.assertIsNone(store.ringOf("#b"))

    def test_endsWith(self) -> None:
        ring = Ring(10, 1000)
        posting = Posting("#a", "x", "ann", id=1, time=1.0)
        self.assertFalse(ring.endsWith(posting))
        ring.append(posting)
        self.assertTrue(ring.endsWith(posting))
        self.assertEqual(len(ring), 1)
        self.assertTrue(ring.endsWith(posting))
        self.assertFalse(ring.endsWith(replace(posting)))
        self.assertEqual(Ring(10, 1000, since=1).endsWith(posting), False)
