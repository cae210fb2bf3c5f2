"""L{protocols.lean.selfcheck}: it notices when Twisted is another one."""

from __future__ import annotations

import os
from typing import Any
from unittest.mock import patch

from twisted.internet.abstract import FileDescriptor
from twisted.trial.unittest import SynchronousTestCase

from protocols.lean import selfcheck
from protocols.lean.context import LogContext
from protocols.lean.polling import LeanPolling
from protocols.lean.selfcheck import fault, works
from protocols.lean.stream import LeanStream


def nothing(*arguments: Any) -> None:
    return None


class CheckTests(SynchronousTestCase):
    def setUp(self) -> None:
        fault.cache_clear()
        self.addCleanup(fault.cache_clear)

    def test_works(self) -> None:
        self.assertEqual(fault(), "")
        self.assertTrue(works())

    def test_leavesNothing(self) -> None:
        """No descriptor is open that was not before."""
        before = os.listdir("/proc/self/fd")
        fault()
        self.assertEqual(os.listdir("/proc/self/fd"), before)

    def test_once(self) -> None:
        fault()
        with patch.object(selfcheck, "_Trial", None):
            self.assertTrue(works())

    def faultWith(self, what: Any, name: str, other: Any) -> str:
        with patch.object(what, name, other):
            said = fault()
            self.assertFalse(works())
        return said

    def test_notSent(self) -> None:
        said = self.faultWith(LeanPolling, "_send", nothing)
        self.assertEqual(said, "a reply is not sent at the end of the turn")

    def test_polled(self) -> None:
        """As Twisted's own do."""

        def write(self: Any, data: bytes) -> None:
            FileDescriptor.write(self, data)
            self.reactor.addWriter(self)

        said = self.faultWith(LeanStream, "write", write)
        self.assertEqual(said, "a reply is not sent at the end of the turn")

    def test_log(self) -> None:
        said = self.faultWith(LogContext, "__missing__", lambda *_: {"system": "-"})
        self.assertEqual(said, "the log does not tell connections apart")

    def test_rest(self) -> None:
        """What did not fit is forgotten."""
        said = self.faultWith(LeanPolling, "addWriter", nothing)
        self.assertEqual(said, "what the kernel does not take is not polled for")

    def test_end(self) -> None:
        """A connection is never closed."""
        said = self.faultWith(LeanPolling, "_doReadOrWrite", nothing)
        self.assertEqual(said, "octets or a connection are lost")

    def test_exception(self) -> None:
        """Whatever it is."""
        said = self.faultWith(LeanPolling, "_serve", None)
        self.assertIn("NoneType", said)

    def test_noEpoll(self) -> None:
        with patch.dict("sys.modules", {"protocols.lean.reactor": None}):
            self.assertIn("protocols.lean.reactor", fault())
