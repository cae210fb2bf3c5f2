"""Doors at which a name is certain before its owner comes in. Wire.

Whether it is somebody's at another node, the backplane says; that takes less than a
millisecond, in which the connection is not read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from protocols.chat.backplane.labels import Labelled
from protocols.chat.events import Renamed, Source
from protocols.chat.irc.protocol import IRCProtocol
from protocols.chat.irc.wire import Message
from protocols.chat.names import MAX_NAME, NameRefusedError, checkName, key
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
        it is held no longer than it is its owner's."""
        person: Any = self
        names = self.node.names

        def ended(result: Any) -> Any:
            if key(self.name) != key(name):
                names.drop(key(name), person)
            return result

        def unlessGone(isFree: bool) -> Any:
            if self._hold & CLOSING:
                return None
            if isFree and not self.name:
                self.node.sharing.seen(person)
            return then(isFree)

        asked = names.reserve(key(name), person)
        return asked.addCallback(unlessGone).addBoth(ended)

    def isOurs(self, name: str) -> bool:
        """Whether they need not ask: it is theirs, or somebody's here."""
        return key(name) == key(self.name) or key(name) in self.node.lobby.people


class ReservingLines(_Reserving, ChatProtocol):
    """See L{ChatProtocol}."""

    def _claim(self, text: str) -> Hooked:
        name = checkName(text)

        def then(isFree: bool) -> Hooked:
            if not isFree:
                raise RefusedError(f"the name {name} is taken; which other name?")
            return super(ReservingLines, self)._claim(name)

        return self.reserved(name, then)

    def nameLost(self, before: Source) -> None:
        """Another node's had the name that they took; they have their old one."""
        self.tell(f"The name {before.name} is taken; you are {self.name} again.")

    @classmethod
    def commandsOf(cls, protocol: Any) -> dict[str, Any]:
        """What may be typed, with names that are asked for first."""
        plain = protocol.commands.get("nick")
        if plain is None:
            return dict(protocol.commands)

        def nick(lines: Any, rest: str) -> Hooked:
            name = checkName(rest)
            if lines.isOurs(name):
                return plain.run(lines, rest)  # type: ignore[no-any-return]

            def then(isFree: bool) -> Hooked:
                if not isFree:
                    raise RefusedError(f"the name {name} is taken", "taken", name)
                return plain.run(lines, rest)  # type: ignore[no-any-return]

            return lines.reserved(name, then)  # type: ignore[no-any-return]

        return {**protocol.commands, "nick": replace(plain, run=nick)}


class ReservingIRC(_Reserving, Labelled):
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

    def nameLost(self, before: Source) -> None:
        """See L{ReservingLines.nameLost}."""
        event = Renamed("", before, self.name, self.lobby.now())
        self.send(self.dialect.write(event))
        self.error("433", before.name)

    @classmethod
    def commandsOf(cls, protocol: Any) -> dict[str, Any]:
        """See L{ReservingLines.commandsOf}."""
        plain = protocol.commands.get("NICK")
        if plain is None:
            return dict(protocol.commands)

        def nick(irc: Any, message: Message) -> Hooked:
            name = _nameIn(message[0])
            if not irc.isRegistered or not name or irc.isOurs(name):
                return plain.run(irc, message)  # type: ignore[no-any-return]

            def then(isFree: bool) -> Hooked:
                if isFree:
                    return plain.run(irc, message)  # type: ignore[no-any-return]
                irc.error("433", name)
                return None

            return irc.reserved(name, then)  # type: ignore[no-any-return]

        return {**protocol.commands, "NICK": replace(plain, run=nick)}

    def _asked(self, result: Any) -> Any:
        self._asks = False
        return None if isinstance(result, Failure) and self._hold & CLOSING else result


def _nameIn(text: str) -> str:
    """The name that NICK asks for; empty if it can't be one."""
    try:
        return checkName(text[:MAX_NAME])
    except NameRefusedError:
        return ""


_KINDS: tuple[tuple[Any, Any], ...] = (
    (ChatProtocol, ReservingLines),
    (IRCProtocol, ReservingIRC),
)


def reserving(protocol: Any, node: Node) -> Any:
    """A protocol's class that asks a node first; others are as they are."""
    for plain, kind in _KINDS:
        if issubclass(protocol, plain):
            bases = (kind,) if protocol is plain else (kind, protocol)
            more = {"node": node, "commands": kind.commandsOf(protocol)}
            return type(protocol.__name__, bases, more)
    return protocol
