"""L{protocols.limits}: limits that can't be are refused by name."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.limits import LimitError, Limits


class LimitsTests(SynchronousTestCase):
    def test_noneIsBelowZero(self) -> None:
        for name in ("maxConnections", "maxPerPeer", "idleTimeout", "acceptRate"):
            for value in (-1, float("nan"), float("inf")):
                with self.assertRaises(LimitError) as caught:
                    Limits(**{name: value})  # type: ignore[arg-type]
                self.assertEqual(caught.exception.limit, name)
                self.assertIn(f"{name}: expected a number", str(caught.exception))

    def test_zeroIsNoLimit(self) -> None:
        self.assertEqual(Limits(maxConnections=0, idleTimeout=0).maxConnections, 0)

    def test_networks(self) -> None:
        networks = Limits(exempt=("10.0.0.0/8", "::1")).exemptNetworks()
        self.assertEqual(
            [str(network) for network in networks], ["10.0.0.0/8", "::1/128"]
        )

    def test_noNetwork(self) -> None:
        with self.assertRaisesRegex(LimitError, "exempt: expected networks in CIDR"):
            Limits(exempt=("10.0.0.0/8", "everyone"))
