"""protocols.__main__: the exit status, and one line of complaint."""

from __future__ import annotations

import sys
from io import StringIO
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

import protocols.__main__ as command
from protocols.frontdoor import CannotStartError


class MainTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.error = StringIO()
        self.ran: list[Any] = []
        self.patch(sys, "stderr", self.error)
        self.patch(sys, "stdout", StringIO())
        self.patch(command, "run", self.run_)
        self.refusal: Exception | None = None

    def run_(self, options: Any, reactor: Any) -> None:
        self.ran.append(options)
        if self.refusal is not None:
            raise self.refusal

    def test_aGoodEndIsZero(self) -> None:
        self.assertEqual(command.main(["--echo-listen", "0"]), 0)
        self.assertEqual(self.ran[0].listens["echo"], ["tcp:0:interface=127.0.0.1"])
        self.assertEqual(self.error.getvalue(), "")

    def test_theProcessHasArgumentsToo(self) -> None:
        self.patch(sys, "argv", ["protocols", "--chat-listen=1"])
        self.assertEqual(command.main(), 0)
        self.assertEqual(list(self.ran[0].listens), ["chat"])

    def test_aServiceThatCanNotStartIsOne(self) -> None:
        self.refusal = CannotStartError("port 1 is taken")
        self.assertEqual(command.main([]), 1)
        self.assertEqual(self.error.getvalue(), "protocols: port 1 is taken\n")

    def test_aWrongArgumentIsTwo(self) -> None:
        self.assertEqual(command.main(["--speed", "9"]), 2)
        self.assertEqual(self.ran, [])
        (line,) = self.error.getvalue().splitlines()
        self.assertTrue(line.startswith("protocols: option --speed not recognized"))
