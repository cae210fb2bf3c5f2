"""L{protocols.hooks}: what hooks may return."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from protocols.hooks import isUnchanged, waitFor


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
