"""To whom a datagram is not answered: the table of C{protocols.udpecho.sources}."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.udpecho.sources import SourceRules, unfitAddress

OWN = 7007


class SourceTests(SynchronousTestCase):
    def test_addresses(self) -> None:
        for host, reason in {
            "192.0.2.1": None,
            "127.0.0.1": None,
            "::1": None,
            "2001:db8::1": None,
            "64:ff9b::c000:201": None,
            "::ffff:192.0.2.1": None,
            "224.0.0.1": "multicast",
            "ff02::1": "multicast",
            "::ffff:224.0.0.1": "multicast",
            "255.255.255.255": "broadcast",
            "0.0.0.0": "unspecified",
            "::": "unspecified",
            "240.0.0.1": "reserved",
            "not an address": "unspecified",
        }.items():
            self.assertEqual(unfitAddress(host), reason, host)

    @given(st.integers(0, 1023))
    def test_systemPorts(self, port: int) -> None:
        """RFC 6335, section 6."""
        self.assertEqual(
            SourceRules(OWN, frozenset()).refusal("192.0.2.1", port), "port"
        )

    def test_namedPorts(self) -> None:
        rules = SourceRules(OWN, frozenset((0, 7)))
        self.assertIsNone(rules.refusal("192.0.2.1", 7))
        self.assertEqual(rules.refusal("192.0.2.1", 0), "port")

    @given(st.ip_addresses())
    def test_ownPortOfAnybody(self, address: object) -> None:
        """Two of us would talk for ever."""
        refusal = SourceRules(OWN, frozenset()).refusal(str(address), OWN)
        self.assertEqual(refusal, "self")

    @given(st.ip_addresses(v=4), st.integers(1024, 65535))
    def test_everybodyElse(self, address: object, port: int) -> None:
        refusal = SourceRules(OWN, frozenset()).refusal(str(address), port)
        special = unfitAddress(str(address)) or (port == OWN and "self") or None
        self.assertIn(refusal, (special, "self"))
