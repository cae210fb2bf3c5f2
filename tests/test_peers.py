"""L{protocols.peers}: which addresses are one peer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.peers import networkOf


class NetworkTests(SynchronousTestCase):
    def test_examples(self) -> None:
        for host, network in {
            "192.0.2.1": "192.0.2.1",
            "::ffff:192.0.2.1": "192.0.2.1",
            "2001:db8::1": "2001:db8::/64",
            "2001:db8:0:0:ffff::1": "2001:db8::/64",
            "fe80::1%eth0": "fe80::/64",
            "": "",
            "/run/echo.sock": "/run/echo.sock",
        }.items():
            self.assertEqual(networkOf(host), network)

    @given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
    def test_oneNetworkIsOnePeer(self, address: object, low: int) -> None:
        number = int(address)  # type: ignore[call-overload]
        other = type(address)((number >> 64 << 64) + low)  # type: ignore[call-arg]
        if number >> 32 != 0xFFFF and int(other) >> 32 != 0xFFFF:
            self.assertEqual(networkOf(str(address)), networkOf(str(other)))
