"""Has a chat be one of several that are one, from what somebody has typed."""

from __future__ import annotations

from secrets import token_hex
from time import time
from typing import Any

from twisted.application.internet import ClientService, backoffPolicy
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, UNIXClientEndpoint

from protocols.chat.backplane.connection import RedisFactory
from protocols.chat.backplane.doors import reserving
from protocols.chat.backplane.lobby import SharedLobby
from protocols.chat.backplane.node import Node
from protocols.chat.backplane.places import Place, placeOf
from protocols.chat.backplane.redis import RedisBackplane
from protocols.chat.backplane.words import SharedRecords
from protocols.chat.house import House

# Seconds for a connection, until the second attempt, and between two at the most: a
# server that restarts is found soon, one that is gone is asked twelve times a minute.
CONNECT_TIMEOUT = 5
FIRST_WAIT = 0.1
LONGEST_WAIT = 5.0

# Hexadecimal digits of a node's name: no two are ever the same.
NAME_DIGITS = 16


def sharedLobby(reactor: Any) -> SharedLobby:
    """A lobby of which others have a part; to be given to L{share}."""
    return SharedLobby(lambda function: reactor.callLater(0, function), time)


def share(house: House, where: str, reactor: Any) -> NodeService:
    """Have a house be a node; its lobby was made by L{sharedLobby}.

    @param where: see L{placeOf}.
    @return: to be started as a service, and closed at the end.
    @raise PlaceError: C{where} is no place.
    """
    lobby: Any = house.lobby
    place, name = placeOf(where), token_hex(NAME_DIGITS // 2)

    def connecting(factory: RedisFactory) -> ClientService:
        policy = backoffPolicy(FIRST_WAIT, LONGEST_WAIT)
        return ClientService(_endpoint(place, reactor), factory, policy, reactor)

    backplane = RedisBackplane(place, name, reactor, connecting)
    house.records = SharedRecords(house.records.store, lobby)
    return NodeService(Node(name, lobby, house.records, backplane, reactor))


class NodeService(Service):
    """A node, which begins as a service, and ends when it is closed."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def startService(self) -> None:
        """Reach for the others."""
        super().startService()
        self.node.link.begin()

    def ask(self, factory: Any) -> None:
        """Have a door ask whether a name is free before its owner comes in."""
        factory.protocol = reserving(factory.protocol, self.node)

    def close(self) -> Deferred[None]:
        """All people have gone: tell the others, and close the store."""
        ended = self.node.link.end()
        return ended.addBoth(lambda _: self.node.records.store.close())


def _endpoint(place: Place, reactor: Any) -> Any:
    if place.path:
        return UNIXClientEndpoint(reactor, place.path, CONNECT_TIMEOUT)
    return HostnameEndpoint(reactor, place.host, place.port, CONNECT_TIMEOUT)
