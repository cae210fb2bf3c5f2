"""Has a chat be one of several that are one, from what somebody has typed."""

from __future__ import annotations

from pathlib import Path
from secrets import token_hex
from time import time
from typing import Any

from OpenSSL.crypto import FILETYPE_PEM, Error, load_certificate
from twisted.application.internet import ClientService, backoffPolicy
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import (
    HostnameEndpoint,
    UNIXClientEndpoint,
    clientFromString,
    wrapClientTLS,
)
from twisted.internet.ssl import (
    Certificate,
    PrivateCertificate,
    optionsForClientTLS,
    trustRootFromCertificates,
)

from protocols.chat.backplane.connection import RedisFactory
from protocols.chat.backplane.doors import reserving
from protocols.chat.backplane.lobby import SharedLobby
from protocols.chat.backplane.node import Node
from protocols.chat.backplane.places import Place, PlaceError, placeOf
from protocols.chat.backplane.redis import RedisBackplane
from protocols.chat.backplane.store import SharedStore
from protocols.chat.backplane.words import SharedRecords
from protocols.chat.house import House
from protocols.chat.storeinterface import Store

# Seconds for a connection, until the second attempt, and between two at the most: a
# server that restarts is found soon, one that is gone is asked twelve times a minute.
CONNECT_TIMEOUT = 5
FIRST_WAIT = 0.1
LONGEST_WAIT = 5.0

# Hexadecimal digits of a node's name: no two are ever the same.
NAME_DIGITS = 16

_PEM_BEGIN = b"-----BEGIN CERTIFICATE-----"


class Meeting:
    """Where processes meet that are one chat, for a house that is to be made.

    @param where: see L{placeOf}.
    @raise PlaceError: C{where} is no place.
    @ivar lobby: a lobby of which others have a part.
    """

    def __init__(self, where: str, reactor: Any) -> None:
        place, self.name = placeOf(where), token_hex(NAME_DIGITS // 2)
        place.secret()
        endpoint = endpointOf(place, reactor)
        self.lobby = SharedLobby(lambda function: reactor.callLater(0, function), time)
        self._reactor = reactor

        def connecting(factory: RedisFactory) -> ClientService:
            policy = backoffPolicy(FIRST_WAIT, LONGEST_WAIT)

            def wait(attempts: int) -> float:
                return policy(max(attempts, factory.failures))

            return ClientService(endpoint, factory, wait, reactor)

        self._backplane = RedisBackplane(place, self.name, reactor, connecting)

    def share(self, store: Store) -> Store:
        """A store whose accounts and marks are those of all."""
        shared: Any = SharedStore(store, self._backplane.ledger)
        return shared  # type: ignore[no-any-return]

    def node(self, house: House) -> NodeService:
        """Have a house be a node, whose lobby is ours, and its store by L{share}.

        @return: to be started as a service, and closed at the end.
        """
        lobby: Any = house.lobby
        house.records = SharedRecords(house.records.store, lobby)
        return NodeService(Node(self.name, house, self._backplane, self._reactor))


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
        if hasattr(factory, "clients"):
            self.node.sharing.doors.append(factory)

    def close(self) -> Deferred[None]:
        """All people have gone: tell the others, and close the store."""
        ended = self.node.link.end()
        return ended.addBoth(lambda _: self.node.records.store.close())


def checkPlace(where: str) -> None:
    """Whether a place can be one, and what it names can be read.

    @raise PlaceError: the text says why.
    """
    place = placeOf(where)
    place.secret()
    if place.isSecure:
        endpointOf(place, None)


def endpointOf(place: Place, reactor: Any) -> Any:
    """How to reach a place.

    @param reactor: C{None} to see only whether files can be read.
    @raise PlaceError: the endpoint is none, or a file can't be read.
    """
    try:
        if place.endpoint:
            return clientFromString(reactor, place.endpoint)
        options = _tlsFor(place) if place.isSecure else None
    except (Error, OSError, TypeError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error) or "not readable"
        raise PlaceError(f"{place.shown}: {why}") from None
    if place.path:
        return UNIXClientEndpoint(reactor, place.path, CONNECT_TIMEOUT)
    if reactor is None:
        return None
    host = HostnameEndpoint(reactor, place.host, place.port, CONNECT_TIMEOUT)
    return host if options is None else wrapClientTLS(options, host)


def _tlsFor(place: Place) -> Any:
    """The server's certificate is for its name, and somebody vouches for it."""
    more: dict[str, Any] = {}
    if place.authorities:
        more["trustRoot"] = trustRootFromCertificates(_authorities(place.authorities))
    if place.certificate:
        own = PrivateCertificate.loadPEM(Path(place.certificate).read_bytes())
        more["clientCertificate"] = own
    return optionsForClientTLS(place.host, **more)


def _authorities(path: str) -> list[Certificate]:
    _, *found = Path(path).read_bytes().split(_PEM_BEGIN)
    if not found:
        raise ValueError(f"there is no certificate in {path}")
    each = (load_certificate(FILETYPE_PEM, _PEM_BEGIN + text) for text in found)
    return [Certificate(certificate) for certificate in each]
