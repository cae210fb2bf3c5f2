"""L{protocols.hooks}: what hooks may return."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from protocols.hooks import waitFor


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
