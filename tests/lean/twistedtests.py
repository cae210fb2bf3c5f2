"""Runs Twisted's own reactor tests against one reactor, and tells how each ended.

C{python tests/lean/twistedtests.py lean|stock [MODULE ...]} prints a line for each
test that is made for a reactor: C{ok}, C{skipped} or C{failed}, and its name. Why one
has failed goes to the standard error. C{.ci/reactor} compares the two.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from twisted.internet.test.reactormixins import ReactorBuilder
from twisted.python.reflect import namedModule
from twisted.trial.runner import TestLoader

# The short names are alike, so that tests which leave out epoll by its name (it
# can't poll what was closed) leave out both, and the names of tests are alike too.
REACTORS = {
    "lean": "tests.lean.twistedreactor.EPollReactor",
    "stock": "twisted.internet.epollreactor.EPollReactor",
}
MADE = "_EPollReactorTests"

# Those of twisted.internet.test with tests that are made for each reactor.
MODULES = (
    *("test_core", "test_endpoints", "test_fdset", "test_newtls", "test_posixbase"),
    *("test_process", "test_sigchld", "test_socket", "test_stdio", "test_tcp"),
    *("test_threads", "test_time", "test_tls", "test_udp", "test_unix"),
)

# Seconds for a test: ten times what the slowest takes on a machine at rest.
TIMEOUT = 20


class Outcomes(unittest.TestResult):
    """How each test ended; one that fails more than once has failed."""

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: dict[str, str] = {}

    def addSuccess(self, test: Any) -> None:
        self.outcomes.setdefault(test.id(), "ok")

    def addSkip(self, test: Any, reason: Any) -> None:
        self.outcomes.setdefault(test.id(), "skipped")

    def addError(self, test: Any, err: Any) -> None:
        self.outcomes[test.id()] = "failed"
        print(f"== {test.id()}", file=sys.stderr)
        if isinstance(err, tuple):
            traceback.print_exception(*err, file=sys.stderr)
        else:
            err.printTraceback(file=sys.stderr)

    addFailure = addError

    def addExpectedFailure(self, test: Any, err: Any, todo: Any = None) -> None:
        self.addSkip(test, todo)

    def addUnexpectedSuccess(self, test: Any, todo: Any = None) -> None:
        self.addSuccess(test)


def testsMade(suite: Any) -> Iterator[Any]:
    """The tests among a suite's that were made for the reactor."""
    if hasattr(suite, "__iter__"):
        for each in suite:
            yield from testsMade(each)
    elif type(suite).__name__.endswith(MADE):
        yield suite


def main(reactor: str, *names: str) -> None:
    """Run them, in a folder of their own."""
    ReactorBuilder._reactors = [REACTORS[reactor]]
    ReactorBuilder.timeout = TIMEOUT
    results, here = Outcomes(), os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name in names or MODULES:
            module = namedModule(f"twisted.internet.test.{name}")
            for test in testsMade(TestLoader().loadModule(module)):
                test.run(results)
        os.chdir(here)
    for test, outcome in sorted(results.outcomes.items()):
        print(outcome, test)


if __name__ == "__main__":
    main(*sys.argv[1:])
