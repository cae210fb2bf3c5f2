"""Who may come in: places in all, places for each peer, arrivals a second. Pure."""

from __future__ import annotations

from ipaddress import ip_address

from protocols.limits import Limits
from protocols.peers import networkOf
from protocols.rate import TokenBucket


class Admission:
    """Counts who is in, and says why somebody may not come in.

    @ivar inside: connections that have entered and not left.
    """

    def __init__(self, limits: Limits) -> None:
        self.inside = 0
        self._perPeer: dict[str, int] = {}
        self.setLimits(limits)

    def setLimits(self, limits: Limits) -> None:
        """Go by C{limits} from now on; who is inside stays."""
        self._limits = limits
        self._exempt = limits.exemptNetworks()
        rate = limits.acceptRate
        self._arrivals = TokenBucket(rate, max(1.0, 2 * rate)) if rate else None

    def refusal(self, host: str, now: float) -> str | None:
        """Why C{host} may not come in at C{now} seconds; C{None} if it may.

        @return: C{"total"}, C{"peer"} or C{"rate"}. One who is refused for
            another reason takes nothing off the rate of those who may come.
        """
        limits = self._limits
        if limits.maxConnections and self.inside >= limits.maxConnections:
            return "total"
        if limits.maxPerPeer and self._fromPeer(host) >= limits.maxPerPeer:
            return "peer"
        if self._arrivals is not None and not self._arrivals.take(now):
            return "rate"
        return None

    def enter(self, host: str) -> None:
        """C{host} has come in once more."""
        network = networkOf(host)
        self.inside += 1
        self._perPeer[network] = self._perPeer.get(network, 0) + 1

    def leave(self, host: str) -> None:
        """C{host} has left once."""
        network = networkOf(host)
        self.inside -= 1
        self._perPeer[network] -= 1
        if not self._perPeer[network]:
            del self._perPeer[network]

    def _fromPeer(self, host: str) -> int:
        inside = self._perPeer.get(networkOf(host), 0)
        return 0 if inside and self._isExempt(host) else inside

    def _isExempt(self, host: str) -> bool:
        if not self._exempt:
            return False
        try:
            address = ip_address(host)
        except ValueError:
            return False
        return any(address in network for network in self._exempt)
