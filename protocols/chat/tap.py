"""C{twistd chat}."""

from __future__ import annotations

from time import time
from typing import Any

from twisted.application.service import IService

from protocols.chat.accounts import Accounts
from protocols.chat.audit import AuditLog
from protocols.chat.factory import ChatFactory
from protocols.chat.house import House
from protocols.chat.irc import IRCFactory
from protocols.chat.lobby import Lobby
from protocols.chat.opening import openStore
from protocols.chat.options import Options
from protocols.chat.storeinterface import StoreError
from protocols.sasl import PasswordFile, portalFor
from protocols.service import StreamService, serveStreams

__all__ = ["Options", "makeService"]


def makeService(options: Any, reactor: Any = None) -> IService:
    """The chat service, from parsed L{Options}."""
    if reactor is None:
        from twisted.internet import reactor
    house = openHouse(options, reactor)
    factory = ChatFactory(
        house, greeting=options["greeting"], firstRoom=options["room"]
    )
    factory.protocol = options["protocol"]
    service: Any = serveStreams("chat", factory, options, reactor)
    beside = {"irc": ircFactory(options, house, reactor)} if options["irc"] else {}
    closing = _LastOne(1 + len(beside), house.records.store)
    factory.drained = closing  # type: ignore[attr-defined]
    for name, other in beside.items():
        other.drained = closing  # type: ignore[attr-defined]
        _serveBeside(name, other, options, reactor).setServiceParent(service)
    return service  # type: ignore[no-any-return]


def openHouse(options: Any, reactor: Any) -> House:
    """The chat with all that was kept of it.

    @raise SystemExit: it can't be opened; the text says why, in one line.
    """
    lobby = Lobby(lambda function: reactor.callLater(0, function), time)
    try:
        store = openStore(options["store"], reactor, options.retention)
        audit = AuditLog(options["audit"], time) if options["audit"] else None
    except (StoreError, OSError) as error:
        raise SystemExit(f"chat: {error}") from None
    checkers = (
        [PasswordFile(options["auth"], reactor=reactor)] if options["auth"] else []
    )
    operators = options["operators"]
    return House(
        lobby,
        store,
        accounts=Accounts(store, reactor, checkers=checkers, now=time),
        operators=operators and portalFor(PasswordFile(operators, reactor=reactor)),
        audit=audit,
        isKept=options["store"] != "memory",
    )


def ircFactory(options: Any, house: House, reactor: Any) -> IRCFactory:
    """The IRC door, from parsed L{Options}."""
    return IRCFactory(
        house,
        clock=reactor,
        server=options["server-name"],
        network=options["network"],
        description=options["description"],
        motd=options.motd,
        password=options["password"] or "",
        rate=(options["line-rate"], options["line-burst"]),
    )


class _LastOne:
    """Closes the store when the last of those who use it have finished."""

    def __init__(self, users: int, store: Any) -> None:
        self._users = users
        self._store = store

    def __call__(self) -> Any:
        self._users -= 1
        return None if self._users else self._store.close()


def _serveBeside(name: str, factory: Any, options: Any, reactor: Any) -> StreamService:
    return StreamService(
        name,
        factory,
        options[name],
        reactor=reactor,
        limits=options.limits,
        drainTimeout=options["drain-timeout"],
        proxies=options.proxies,
    )
