"""Doors at which a name is certain before its owner comes in. Wire.

Whether it is somebody's at another node, the backplane says; that takes less than a
millisecond, in which the connection is not read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from protocols.chat.irc.protocol import IRCProtocol
from protocols.chat.names import checkName, key
from protocols.chat.people import RefusedError
from protocols.chat.protocol import ChatProtocol
from protocols.hooks import Hooked
from protocols.linepressure import CLOSING

if TYPE_CHECKING:
    from protocols.chat.backplane.node import Node


class _Reserving:
    """A protocol that asks for a name first.

    @cvar node: whom it asks.
    """

    node: Node
    name: str
    _hold: int

    def reserved(self, name: str, then: Callable[[bool], Any]) -> Deferred[Any]:
        """Call C{then}, with whether C{name} may be had; whatever comes of that,
        it is held no longer than its owner is here."""
        person: Any = self
        names = self.node.names

        def ended(result: Any) -> Any:
            if not self.name:
                names.drop(key(name), person)
            return result

        def unlessGone(isFree: bool) -> Any:
            return None if self._hold & CLOSING else then(isFree)

        asked = names.reserve(key(name), person)
        return asked.addCallback(unlessGone).addBoth(ended)


class ReservingLines(_Reserving, ChatProtocol):
    """See L{ChatProtocol}."""

    def _claim(self, text: str) -> Hooked:
        name = checkName(text)

        def then(isFree: bool) -> Hooked:
            if not isFree:
                raise RefusedError(f"the name {name} is taken; which other name?")
            return super(ReservingLines, self)._claim(name)

        return self.reserved(name, then)


class ReservingIRC(_Reserving, IRCProtocol):
    """See L{IRCProtocol}."""

    _asks = False

    def register(self) -> None:
        """See L{IRCProtocol.register}."""
        isReady = self.wantedName and self.user and not self.negotiating
        if self._asks or self.isRegistered or not isReady:
            return
        self._asks = True
        asked = self.reserved(self.wantedName, self._answered)
        self.holdFor(asked.addBoth(self._asked))

    def _answered(self, isFree: bool) -> None:
        if isFree:
            super().register()
        else:
            self.error("433", self.wantedName)
            self.wantedName = ""

    def _asked(self, result: Any) -> Any:
        self._asks = False
        return None if isinstance(result, Failure) and self._hold & CLOSING else result


_KINDS: tuple[tuple[Any, Any], ...] = (
    (ChatProtocol, ReservingLines),
    (IRCProtocol, ReservingIRC),
)


def reserving(protocol: Any, node: Node) -> Any:
    """A protocol's class that asks a node first; others are as they are."""
    for plain, kind in _KINDS:
        if issubclass(protocol, plain):
            bases = (kind,) if protocol is plain else (kind, protocol)
            return type(protocol.__name__, bases, {"node": node})
    return protocol
