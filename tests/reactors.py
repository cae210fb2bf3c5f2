"""A reactor in memory that finds names, which older Twisted lacks."""

from __future__ import annotations

from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.interfaces import (
    IHostnameResolver,
    IReactorPluggableNameResolver,
)
from twisted.internet.testing import MemoryReactorClock
from zope.interface import implementer


@implementer(IReactorPluggableNameResolver, IHostnameResolver)
class Reactor(MemoryReactorClock):
    """With a resolver that finds every name at once, as older Twisted lacks."""

    def __init__(self) -> None:
        super().__init__()
        self.nameResolver: Any = self

    def installNameResolver(self, resolver: Any) -> Any:
        previous, self.nameResolver = self.nameResolver, resolver
        return previous

    def resolveHostName(self, receiver: Any, hostName: str, *_: Any, **kw: Any) -> Any:
        receiver.resolutionBegan(self)
        receiver.addressResolved(IPv4Address("TCP", "192.0.2.77", 0))
        receiver.resolutionComplete()
        return receiver
