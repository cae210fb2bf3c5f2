"""L{protocols.sought}: found when it is asked for, and kept by nobody."""

from __future__ import annotations

from socket import socketpair
from types import SimpleNamespace
from typing import Any

from twisted.internet.protocol import Protocol
from twisted.internet.unix import Server as UNIXServer
from twisted.trial.unittest import SynchronousTestCase

from protocols.immediate import _Polls
from protocols.sought import Seldom, Sought


class Named:
    number = 0

    @Sought
    def name(self) -> str:
        """What it is called."""
        return f"n{self.number}"


class Accepted(Seldom):
    """As much of a transport as is asked."""

    def __init__(self, port: int | None) -> None:
        self.protocol: Any = Protocol()
        self.server = None if port is None else SimpleNamespace(_realPortNumber=port)
        self.client = ("192.0.2.1", 9)
        self.sessionno = 3
        self.socket: Any = object()
        self.hostname = self.logstr = self.repstr = "set by Twisted"

    def _getLogPrefix(self, protocol: Any) -> str:
        return type(protocol).__name__

    def getHost(self) -> Any:
        return SimpleNamespace(port=5)


class SoughtTests(SynchronousTestCase):
    def test_foundEachTime(self) -> None:
        named: Any = Named()
        self.assertEqual(named.name, "n0")
        named.number = 1
        self.assertEqual(named.name, "n1")

    def test_setAndDeletedInVain(self) -> None:
        named: Any = Named()
        named.name = "another"
        del named.name
        self.assertEqual(named.name, "n0")
        self.assertNotIn("name", vars(named))

    def test_documented(self) -> None:
        self.assertEqual(Named.name.__doc__, "What it is called.")


class SeldomTests(SynchronousTestCase):
    def test_asTwistedHasThem(self) -> None:
        made = Accepted(7)
        self.assertEqual(made.hostname, "192.0.2.1")
        self.assertEqual(made.logstr, "Protocol,3,192.0.2.1")
        self.assertEqual(made.repstr, "<Protocol #3 on 7>")

    def test_withoutAPort(self) -> None:
        """A connection that was inherited (C{adoptStreamConnection})."""
        self.assertEqual(Accepted(None).repstr, "<Protocol #3 on 5>")

    def test_closed(self) -> None:
        """The port is closed, and the connection too: there is no socket to ask."""
        made = Accepted(None)
        del made.socket, made.protocol
        self.assertEqual(made.repstr, "<Accepted #3 on None>")

    def test_unix(self) -> None:
        """It has no number; there may be a path."""
        ours, theirs = socketpair()
        for each in (ours, theirs):
            self.addCleanup(each.close)
        port: Any = SimpleNamespace(_realPortNumber=None)
        kind = type("SeldomServer", (Seldom, UNIXServer), {})
        made: Any = kind(ours, Protocol(), "", port, 4, _Polls())
        self.assertEqual(repr(made), "<Protocol #4 on b''>")
        self.assertEqual(made.logPrefix(), "Protocol,4,")

    def test_notKept(self) -> None:
        kept = set(vars(Accepted(7)))
        self.assertFalse(kept & {"hostname", "logstr", "repstr"})
