"""L{protocols.admission}: places in all, per peer, and a second."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.admission import Admission
from protocols.limits import Limits

NO_LIMITS = Limits(maxConnections=0, maxPerPeer=0, acceptRate=0)


def admission(**limits: object) -> Admission:
    return Admission(Limits(**{**vars(NO_LIMITS), **limits}))  # type: ignore[arg-type]


class AdmissionTests(SynchronousTestCase):
    def test_total(self) -> None:
        door = admission(maxConnections=2)
        door.enter("192.0.2.1")
        self.assertIsNone(door.refusal("192.0.2.2", 0))
        door.enter("192.0.2.2")
        self.assertEqual(door.refusal("192.0.2.3", 0), "total")
        door.leave("192.0.2.1")
        self.assertIsNone(door.refusal("192.0.2.3", 0))

    def test_peer(self) -> None:
        door = admission(maxPerPeer=1)
        door.enter("192.0.2.1")
        self.assertEqual(door.refusal("192.0.2.1", 0), "peer")
        self.assertIsNone(door.refusal("192.0.2.2", 0))

    def test_networkOfIPv6(self) -> None:
        """A /64 is one peer: who has one has 2**64 addresses."""
        door = admission(maxPerPeer=1)
        door.enter("2001:db8::1")
        self.assertEqual(door.refusal("2001:db8::ffff:2", 0), "peer")
        self.assertIsNone(door.refusal("2001:db8:0:1::1", 0))

    def test_exempt(self) -> None:
        door = admission(maxPerPeer=1, exempt=("127.0.0.0/8",))
        for host in ("127.0.0.1", "192.0.2.1"):
            door.enter(host)
        self.assertIsNone(door.refusal("127.0.0.1", 0))
        self.assertEqual(door.refusal("192.0.2.1", 0), "peer")

    def test_unnamedPeersAreOnePeer(self) -> None:
        """A UNIX socket's peer has no address."""
        door = admission(maxPerPeer=1, exempt=("127.0.0.0/8",))
        door.enter("")
        self.assertEqual(door.refusal("", 0), "peer")

    def test_rate(self) -> None:
        door = admission(acceptRate=2)
        answers = [door.refusal("192.0.2.1", 0.0) for _ in range(5)]
        self.assertEqual(answers, [None] * 4 + ["rate"])
        self.assertIsNone(door.refusal("192.0.2.1", 0.5))

    def test_newLimits(self) -> None:
        door = admission(maxConnections=1)
        door.enter("192.0.2.1")
        door.setLimits(NO_LIMITS)
        self.assertIsNone(door.refusal("192.0.2.1", 0))

    @given(st.lists(st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1"])))
    def test_nothingIsLeftBehind(self, hosts: list[str]) -> None:
        door = admission(maxPerPeer=1)
        for host in hosts:
            door.enter(host)
        for host in reversed(hosts):
            door.leave(host)
        self.assertEqual((door.inside, door._perPeer), (0, {}))
