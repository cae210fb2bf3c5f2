"""L{protocols.lean.datagrams}: runs of answers go to the kernel in one call."""

from __future__ import annotations

import socket
from errno import EAGAIN, EINVAL, EPERM
from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet import udp
from twisted.trial.unittest import SkipTest

from protocols.lean import datagrams
from protocols.lean.datagrams import (
    MOST_IN_RUN,
    MOST_SEGMENT,
    LeanDatagramPort,
    segmentsWork,
)
from tests.lean.datagramports import Answering, PortCase, numbered


class RunTests(PortCase):
    def setUp(self) -> None:
        super().setUp()
        if not segmentsWork():
            raise SkipTest("this kernel has no UDP_SEGMENT")

    def test_one(self) -> None:
        """At once, not when reading is over."""
        heard = []

        def act(data: bytes, addr: Any) -> None:
            self.port.write(data, addr)
            heard.append(self.heard())

        self.protocol.act = act  # type: ignore[method-assign]
        self.send(b"one")
        self.port.doRead()
        self.assertEqual((heard, self.spy.calls), ([[b"one"]], [("sendto", 1)]))

    def test_many(self) -> None:
        """The first alone, the others in one call; each arrives as its own."""
        self.send(*numbered(9))
        self.port.doRead()
        self.assertEqual(self.heard(), numbered(9))
        self.assertEqual(self.spy.calls, [("sendto", 1), ("sendmsg", 8)])

    def test_two(self) -> None:
        self.send(*numbered(2))
        self.port.doRead()
        self.assertEqual(self.heard(), numbered(2))
        self.assertEqual(self.spy.calls, [("sendto", 1)] * 2)

    def test_largest(self) -> None:
        """As many as go into one call, and one more."""
        all_ = numbered(1 + MOST_IN_RUN + 1, MOST_SEGMENT)
        self.send(*all_)
        self.port.doRead()
        self.assertEqual(self.heard(), all_)
        expected = [("sendto", 1), ("sendmsg", MOST_IN_RUN), ("sendto", 1)]
        self.assertEqual(self.spy.calls, expected)

    def test_tooLargeForAFrame(self) -> None:
        self.send(*numbered(3, MOST_SEGMENT + 1))
        self.port.doRead()
        self.assertEqual(self.heard(), numbered(3, MOST_SEGMENT + 1))
        self.assertEqual(self.spy.calls, [("sendto", 1)] * 3)

    def test_empty(self) -> None:
        """There is nothing that could be cut."""
        self.send(b"", b"", b"")
        self.port.doRead()
        self.assertEqual(self.heard(), [b""] * 3)
        self.assertEqual(self.spy.calls, [("sendto", 1)] * 3)

    def test_anotherLength(self) -> None:
        """In order, whatever is collected."""
        all_ = [b"a1", b"a2", b"a3", b"long", b"long", b"long", b"a4"]
        self.send(*all_)
        self.port.doRead()
        self.assertEqual(self.heard(), all_)
        pair = [("sendto", 1), ("sendmsg", 2)]
        self.assertEqual(self.spy.calls, [*pair, *pair, ("sendto", 1)])

    def test_anotherAddress(self) -> None:
        other = self.newPeer()
        self.send(b"1", b"2", b"3")
        self.send(b"4", peer=other)
        self.send(b"5")
        self.port.doRead()
        self.assertEqual(self.heard(), [b"1", b"2", b"3", b"5"])
        self.assertEqual(self.heard(other), [b"4"])
        self.assertEqual([count for _, count in self.spy.calls], [1, 2, 1, 1])

    def test_whatMayChange(self) -> None:
        """Is sent at once."""
        changing = bytearray(b"one")

        def act(data: bytes, addr: Any) -> None:
            self.port.write(changing, addr)
            changing[:] = b"two"

        self.protocol.act = act  # type: ignore[method-assign]
        self.send(b"x", b"x")
        self.port.doRead()
        self.assertEqual(self.heard(), [b"one", b"two"])

    def test_outsideOfReading(self) -> None:
        """Nothing is kept back when nobody would send it."""
        for _ in range(3):
            self.assertEqual(self.port.write(b"x", self.peer.getsockname()), 1)
            self.assertEqual(self.heard(), [b"x"])

    def test_withinItself(self) -> None:
        """A protocol that has the reactor go round while it reads."""

        def act(data: bytes, addr: Any) -> None:
            self.port.write(data, addr)
            if data == b"2":
                self.port.doRead()

        self.protocol.act = act  # type: ignore[method-assign]
        self.send(*(b"%d" % number for number in range(6)))
        self.port.doRead()
        self.assertEqual(self.heard(), [b"%d" % number for number in range(6)])

    def test_connect(self) -> None:
        """Sends what was collected before."""

        def act(data: bytes, addr: Any) -> None:
            self.port.write(data, addr)
            if data == b"3":
                self.port.connect(*addr)
                self.port.write(b"c")

        self.protocol.act = act  # type: ignore[method-assign]
        self.send(b"1", b"2", b"3")
        self.port.doRead()
        self.assertEqual(self.heard(), [b"1", b"2", b"3", b"c"])

    def test_closed(self) -> None:
        """While it reads: it reads no more, and what was answered is sent."""

        def act(data: bytes, addr: Any) -> None:
            self.port.write(data, addr)
            if data == b"3":
                self.port.connectionLost()

        self.protocol.act = act  # type: ignore[method-assign]
        self.send(b"1", b"2", b"3", b"4")
        self.port.doRead()
        self.assertEqual(self.heard(), [b"1", b"2", b"3"])


class RefusedRunTests(PortCase):
    """What the kernel does not take."""

    def setUp(self) -> None:
        super().setUp()
        self.patch(datagrams, "segmentsWork", lambda: True)

    def test_neverAgain(self) -> None:
        """A run is refused: each goes by itself, now and later."""
        self.spy.errors = {"sendmsg": EINVAL}
        for _ in range(2):
            self.send(*numbered(4))
            self.port.doRead()
            self.assertEqual(self.heard(), numbered(4))
        calls = [("sendto", 1), ("sendmsg", 3), *[("sendto", 1)] * 7]
        self.assertEqual(self.spy.calls, calls)

    def test_noRoom(self) -> None:
        """This time; the next run is tried again."""
        self.spy.errors = {"sendmsg": EAGAIN}
        self.send(*numbered(4))
        self.port.doRead()
        self.assertEqual(self.heard(), numbered(4))
        self.spy.errors.clear()
        self.spy.calls.clear()
        self.send(*numbered(4))
        self.port.doRead()
        self.assertEqual(self.spy.calls, [("sendto", 1), ("sendmsg", 3)])

    def test_noRoomAtAll(self) -> None:
        """What is lost is logged, once."""

        def act(data: bytes, addr: Any) -> None:
            self.port.write(data, addr)
            if data == b"0003":
                self.spy.errors = {"sendmsg": EAGAIN, "sendto": EAGAIN}

        self.protocol.act = act  # type: ignore[method-assign]
        self.send(*numbered(4))
        self.port.doRead()
        self.assertEqual(self.heard(), [b"0000"])
        self.assertEqual(len(self.flushLoggedErrors(BlockingIOError)), 1)

    def test_firstOfARun(self) -> None:
        """Is raised where it is written, and nothing is collected then."""
        caught = []

        def act(data: bytes, addr: Any) -> None:
            try:
                self.port.write(data, addr)
            except PermissionError:
                caught.append(data)

        self.protocol.act = act  # type: ignore[method-assign]
        self.spy.errors = {"sendto": EPERM}
        self.send(*numbered(3))
        self.port.doRead()
        self.assertEqual(caught, numbered(3))


class CheckTests(PortCase):
    def test_withoutSegments(self) -> None:
        """Where the kernel can't, each datagram is sent at once."""
        self.patch(datagrams, "segmentsWork", lambda: False)
        self.send(*numbered(5))
        self.port.doRead()
        self.assertEqual(self.heard(), numbered(5))
        self.assertEqual(self.spy.calls, [("sendto", 1)] * 5)

    def test_kernels(self) -> None:
        """One that refuses, one that takes no notice, a system without C{sendmsg}."""
        self.addCleanup(segmentsWork.cache_clear)

        def asOne(self: Any, run: Any, *rest: Any) -> int:
            sent: int = self.sendto(b"".join(run), rest[-1])
            return sent

        def refuses(self: Any, run: Any, *rest: Any) -> int:
            raise OSError(EINVAL, "no such option")

        def lacks(self: Any, run: Any, *rest: Any) -> int:
            raise AttributeError("sendmsg")

        for sendmsg in (asOne, refuses, lacks):
            segmentsWork.cache_clear()
            kind = type("Socket", (socket.socket,), {"sendmsg": sendmsg})
            with patch.object(datagrams.socket, "socket", kind):
                self.assertFalse(segmentsWork())


class LikeTwistedTests(PortCase):
    """Whatever is answered, each peer hears what it hears from Twisted's port."""

    steps = st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from([0, 1, 4, 4, 4, 1452, 1453])),
        max_size=80,
    )

    @settings(max_examples=60, deadline=None)
    @given(steps)
    def test_same(self, steps: list[tuple[int, int]]) -> None:
        self.assertEqual(*(self.played(kind, steps) for kind in self.kinds))

    kinds = (LeanDatagramPort, udp.Port)

    def played(self, kind: Any, steps: list[tuple[int, int]]) -> list[list[bytes]]:
        """Each step is answered by a datagram of some size, to one of three peers."""
        peers = [self.newPeer() for _ in range(3)]
        protocol, answers = Answering(), iter(enumerate(steps))

        def act(data: bytes, addr: Any) -> None:
            number, (peer, size) = next(answers)
            octets = (b"%02d" % number * size)[:size]
            port.write(octets, peers[peer].getsockname() if peer else addr)

        protocol.act = act  # type: ignore[method-assign]
        port = self.opened(protocol, kind)
        self.ours = (self.interface, port.getHost().port)
        self.send(*[b"next"] * len(steps), peer=peers[0])
        for _ in range(2):
            port.doRead()
        self.closed(port)
        heard = [self.heard(peer) for peer in peers]
        for peer in peers:
            peer.close()
        return heard
