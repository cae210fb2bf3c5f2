"""C{twistd chat}."""

from __future__ import annotations

from typing import Any

from twisted.application.service import IService

from protocols.chat.factory import ChatFactory
from protocols.chat.house import House
from protocols.chat.irc import IRCFactory
from protocols.chat.opening import openHouse
from protocols.chat.options import Options
from protocols.chat.web import WebFactory
from protocols.service import StreamService, isFirst, serveStreams, withProcess
from protocols.workers import serveWorkers

__all__ = ["Options", "makeService"]


def makeService(options: Any, reactor: Any = None) -> IService:
    """The chat service, from parsed L{Options}."""
    if reactor is None:
        from twisted.internet import reactor
    if isFirst(options):
        streams = [*options["listen"], *options["irc"], *options["web"]]
        workers = serveWorkers("chat", options, reactor, streams=streams)
        return withProcess(workers, options, reactor)
    house, node = _openShared(options, reactor)
    factory = _lineFactory(options, house)
    if node is not None:
        node.ask(factory)
    service: Any = serveStreams("chat", factory, options, reactor)
    beside = _beside(options, house, node, reactor)
    closing = _LastOne(1 + len(beside), node or house.records.store)
    factory.drained = closing  # type: ignore[attr-defined]
    for name, other in beside.items():
        other.drained = closing
        _serveBeside(name, other, options, reactor).setServiceParent(service)
    if node is not None:
        node.setServiceParent(service)
    return service  # type: ignore[no-any-return]


def _lineFactory(options: Any, house: House) -> ChatFactory:
    factory = ChatFactory(
        house,
        greeting=options["greeting"],
        firstRoom=options["room"],
        limits=options.limits,
    )
    factory.protocol = options["protocol"]
    return factory


def _openShared(options: Any, reactor: Any) -> tuple[House, Any]:
    """The chat, and what makes one of several processes, if that is wanted."""
    if not options["backplane"]:
        return openHouse(options, reactor), None
    from protocols.chat.backplane.opening import Meeting
    from protocols.chat.backplane.places import PlaceError

    try:
        meeting = Meeting(options["backplane"], reactor)
    except PlaceError as error:
        raise SystemExit(f"chat: --backplane: {error}") from None
    house = openHouse(options, reactor, meeting.lobby, meeting.share)
    node = meeting.node(house)
    node.node.link.position = house.records.store.lastKept()
    return house, node


def _beside(options: Any, house: House, node: Any, reactor: Any) -> dict[str, Any]:
    """The factories of the other doors: browsers speak IRC, in WebSockets."""
    irc = ircFactory(options, house, reactor)
    if node is not None:
        node.ask(irc)
    web = WebFactory(
        irc,
        clock=reactor,
        origins=options.origins,
        proxies=options["web-proxy-from"],
        room=options["room"],
    )
    doors = {"irc": irc, "web": web}
    return {name: factory for name, factory in doors.items() if options[name]}


def ircFactory(options: Any, house: House, reactor: Any) -> IRCFactory:
    """The IRC door, from parsed L{Options}."""
    factory = IRCFactory(
        house,
        clock=reactor,
        server=options["server-name"],
        network=options["network"],
        description=options["description"],
        motd=options.motd,
        password=options["password"] or "",
        gateways=options.gateways,
        sts=options["sts"],
        rate=(options["line-rate"], options["line-burst"]),
        limits=options.limits,
    )

    def readMotd() -> None:
        factory.motd = options.readMotd()

    house.reloads.append(readMotd)
    return factory


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
