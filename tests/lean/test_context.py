"""L{protocols.lean.context}: what is logged bears the right name."""

from __future__ import annotations

from typing import Any

from twisted.python import context, log
from twisted.python.log import ILogContext
from twisted.trial.unittest import SynchronousTestCase

from protocols.lean.context import LogContext
from tests.lean.conversations import LeanCase


class Owner:
    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def logPrefix(self) -> str:
        return self.prefix


def system() -> Any:
    return context.get(ILogContext)["system"]


class ContextTests(SynchronousTestCase):
    def test_owner(self) -> None:
        """The one of the moment, and what else is known below on the stack."""
        logContext = LogContext()
        below = {ILogContext: {"system": "-", "isError": 0, "more": 1}}

        def inside() -> list[Any]:
            said = [system()]
            for prefix in ("one", "two"):
                logContext.owner = Owner(prefix)
                said.append(context.get(ILogContext))
            return said

        said = context.call(below, context.call, logContext, inside)
        self.assertEqual(said[0], "-")
        self.assertEqual(said[1], {"system": "one", "isError": 0, "more": 1})
        self.assertEqual(said[2]["system"], "two")

    def test_otherKeys(self) -> None:
        logContext = LogContext()
        logContext.owner = Owner("x")
        self.assertRaises(KeyError, logContext.__getitem__, "other")
        self.assertEqual(context.call(logContext, context.get, "other", 3), 3)

    def test_nested(self) -> None:
        """Who calls with a name of his own is logged under that."""
        logContext = LogContext()
        logContext.owner = Owner("outer")

        def inside() -> Any:
            return log.callWithContext({"system": "inner"}, system), system()

        self.assertEqual(context.call(logContext, inside), ("inner", "outer"))

    def test_noPrefix(self) -> None:
        """Twisted's words for it, and why."""
        logContext = LogContext()
        logContext.owner = Owner("x")
        logContext.owner.logPrefix = lambda: 1 / 0
        said = context.call(logContext, system)
        self.assertEqual(said, "(buggy logPrefix method)")
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_interrupted(self) -> None:
        logContext = LogContext()

        class Interrupting:
            def logPrefix(self) -> str:
                raise KeyboardInterrupt

        logContext.owner = Interrupting()
        self.assertRaises(KeyboardInterrupt, context.call, logContext, system)


class InTheReactorTests(LeanCase):
    def test_whileReceiving(self) -> None:
        seen: list[str] = []
        self.protocol.act = lambda data: seen.append(system())
        self.receive()
        self.assertEqual(seen, [self.transport.logPrefix()])

    def test_inTimedCalls(self) -> None:
        seen: list[str] = []
        self.reactor.callLater(0, lambda: seen.append(system()))
        self.turn()
        self.assertEqual(seen, ["-"])

    def test_whileSending(self) -> None:
        """A producer is asked for more under the name of its consumer."""
        seen: list[str] = []

        class Noting:
            def resumeProducing(self) -> None:
                seen.append(system())

            pauseProducing = stopProducing = lambda self: None

        self.transport.registerProducer(Noting(), True)
        self.transport.write(bytes(1 << 17))
        self.turn()
        self.assertEqual(seen, [self.transport.logPrefix()])

    def test_lost(self) -> None:
        seen: list[str] = []
        prefix = self.transport.logPrefix()
        self.protocol.connectionLost = lambda reason: seen.append(system())  # type: ignore
        self.theirs.close()
        self.turn()
        self.assertEqual(seen, [prefix])

    def test_roundWithinARound(self) -> None:
        """Who lets the reactor turn in a hook has his name again afterwards."""
        seen: list[str] = []

        def act(data: bytes) -> None:
            self.reactor.iterate(0)
            seen.append(system())

        self.protocol.act = act
        self.receive()
        self.assertEqual(seen, [self.transport.logPrefix()])
