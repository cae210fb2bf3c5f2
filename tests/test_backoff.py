"""L{protocols.backoff}."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.backoff import FAILURES_AT_ONCE, SECONDS_EACH, LoginBackoff


class BackoffTests(SynchronousTestCase):
    def test_tooManyFailures(self) -> None:
        backoff = LoginBackoff()
        for _ in range(FAILURES_AT_ONCE):
            self.assertTrue(backoff.mayTry("192.0.2.1", 0.0))
            backoff.failed("192.0.2.1", 0.0)
        self.assertFalse(backoff.mayTry("192.0.2.1", SECONDS_EACH - 1))
        self.assertTrue(backoff.mayTry("192.0.2.1", SECONDS_EACH))
        backoff.failed("192.0.2.1", SECONDS_EACH)
        self.assertFalse(backoff.mayTry("192.0.2.1", SECONDS_EACH))

    def test_networks(self) -> None:
        """An IPv6 /64 is one peer; another address is not its fault."""
        backoff = LoginBackoff()
        for number in range(FAILURES_AT_ONCE):
            backoff.failed(f"2001:db8::{number:x}", 0.0)
        self.assertFalse(backoff.mayTry("2001:db8::ffff", 0.0))
        self.assertTrue(backoff.mayTry("2001:db8:0:1::1", 0.0))
        self.assertTrue(backoff.mayTry("192.0.2.1", 0.0))

    def test_toAskCostsNothing(self) -> None:
        backoff = LoginBackoff()
        for _ in range(100):
            self.assertTrue(backoff.mayTry("192.0.2.1", 0.0))
