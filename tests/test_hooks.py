"""L{protocols.hooks}: what hooks may return."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.hooks import after, isUnchanged, waitFor


class WaitForTests(SynchronousTestCase):
    def test_deferred(self) -> None:
        deferred: Deferred[int] = Deferred()
        self.assertIs(waitFor(deferred), deferred)

    def test_coroutine(self) -> None:
        async def answer() -> int:
            return 7

        self.assertEqual(self.successResultOf(waitFor(answer())), 7)

    def test_anythingElse(self) -> None:
        with self.assertRaisesRegex(TypeError, "returned 'text'"):
            waitFor("text")  # type: ignore[arg-type]


class AfterTests(SynchronousTestCase):
    def test_coroutine(self) -> None:
        """What a hook returns that is called later is waited for as well."""
        clock, wanted = Clock(), Deferred[int]()

        async def answer(number: int) -> int:
            return number + await wanted

        later = after(clock, 2, answer, 3)
        clock.advance(2)
        self.assertNoResult(later)
        wanted.callback(4)
        self.assertEqual(self.successResultOf(later), 7)

    def test_nothing(self) -> None:
        clock, said = Clock(), list[str]()
        later = after(clock, 2, said.append, "x")
        clock.advance(2)
        self.assertIsNone(self.successResultOf(later))
        self.assertEqual(said, ["x"])


class Base:
    def one(self) -> None: ...

    def two(self) -> None: ...


class UnchangedTests(SynchronousTestCase):
    def test_overridden(self) -> None:
        class Mixin:
            def two(self) -> None: ...

        class Other(Mixin, Base):
            pass

        class Same(Base):
            def three(self) -> None: ...

        self.assertTrue(isUnchanged(Base, Base, "one", "two"))
        self.assertTrue(isUnchanged(Same, Base, "one", "two"))
        self.assertTrue(isUnchanged(Other, Base, "one"))
        self.assertFalse(isUnchanged(Other, Base, "one", "two"))
