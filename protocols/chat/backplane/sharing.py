"""What of a house is that of all nodes: bans, accounts, marks, hosts. Wire.

Bans are published, and noted, as parts of rooms are; accounts and marks are in the
backplane's ledger, and the others are only told that there is something new.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from twisted.logger import Logger

from protocols.chat.backplane.interface import Note
from protocols.chat.backplane.notation import NotationError, read, written
from protocols.chat.backplane.parts import KnownParts, Parts
from protocols.chat.backplane.remote import RemotePerson
from protocols.chat.backplane.store import SharedStore
from protocols.chat.bans import Ban, BanError
from protocols.chat.hosts import showHost
from protocols.chat.house import House
from protocols.chat.irc.readmarks import sendMark
from protocols.chat.names import key
from protocols.chat.people import Person

if TYPE_CHECKING:
    from protocols.chat.backplane.node import Node

# What is said on the bus of this.
SHARED = frozenset(("bans", "account", "mark"))

_BANS = "bans"


class Sharing:
    """The node's part of what all nodes have in common besides rooms.

    @param house: whose it is.
    @ivar doors: factories of the IRC door, whose clients are told of marks.
    """

    log = Logger()

    def __init__(self, node: Node, house: House) -> None:
        self._node = node
        self._house = house
        self._known = KnownParts()
        self.doors: list[Any] = []
        store: Any = node.records.store
        self._store: SharedStore | None = None
        if isinstance(store, SharedStore):
            self._store, store.tell = store, node.out.shared
        # Those of a node that was alone are brought along.
        self._known.rooms[_BANS] = self._bans() if house.bansAreShared else {}
        house.bansAreShared = True
        house.banChanged = self._banChanged

    async def meet(self) -> None:
        """Read what the ledger has.

        @raise protocols.chat.backplane.interface.BackplaneError: it can't be read.
        """
        if self._store is not None:
            await self._store.meet()
            self._house.useKey(self._store.secretKey())
            for person in self._people():
                self.seen(person)
                self._mustOwn(person)

    def seen(self, person: Person) -> None:
        """Have somebody's host be as all nodes show it."""
        showHost(self._house, person)

    def _mustOwn(self, person: Person) -> None:
        """Who has come in while nobody here knew whose names are whose may not have
        somebody's."""
        accounts = self._house.accounts
        if accounts is None or not accounts.owns(person.name):
            return
        if key(person.account) != key(person.name):
            person.sendAway(f"The name {person.name} belongs to an account")

    def take(self, what: str, isOurs: bool, *items: Any) -> None:
        """Something of this was said.

        @raise NotationError: it can't be understood.
        """
        if what == _BANS:
            self._bansTold(isOurs, *items)
        elif self._store is not None and what == "account":
            self._account(self._store, isOurs, *items)
        elif self._store is not None and not isOurs:
            self._mark(*items)

    def lost(self) -> None:
        """Nobody knows what has arrived."""
        self._known.lost()

    def found(self, noted: dict[str, bytes], isAnew: bool) -> None:
        """Others know these bans.

        @param isAnew: the backplane has lost all that it had.
        @raise NotationError: they can't be read.
        """
        if isAnew:
            self._known.rooms[_BANS] = {}
        parts = {name: read(fields)[0] for name, fields in noted.items()}
        here = {_BANS: self._bans()}
        self._known.found({_BANS: parts}, here)
        wanted, before = here[_BANS], self._bans()
        changes = {name: wanted.get(name) for name in {*wanted, *before}}
        self._apply({n: each for n, each in changes.items() if each != before.get(n)})
        self._house.keepBans()

    def tellAll(self) -> None:
        """Tell the others what they do not know."""
        self._banChanged()
        if self._store is not None:
            self._store.tellAll()

    def _people(self) -> Iterator[Person]:
        """Those of this node."""
        for person in list(self._node.lobby.people.values()):
            if not isinstance(person, RemotePerson):
                yield person

    def _bans(self) -> Parts:
        bans = self._house.bans.active(self._node.lobby.now())
        return {f"{ban.kind} {ban.mask}": ban.fields() for ban in bans}

    def _banChanged(self) -> None:
        if not self._node.out.isOpen:
            return
        changes = self._known.told(_BANS, self._bans())
        if changes:
            notes = [
                Note(_BANS, name, None if each is None else written(each))
                for name, each in changes.items()
            ]
            self._node.out.shared(_BANS, changes, notes=notes)

    def _bansTold(self, isOurs: bool, changes: Any) -> None:
        if not isinstance(changes, dict):
            raise NotationError("not bans")
        if isOurs:
            self._known.came(_BANS, changes)
        else:
            self._apply(self._known.taken(_BANS, changes))

    def _apply(self, changes: Parts) -> None:
        """Have bans be so; and send those away who are meant."""
        for name, fields in changes.items():
            kind, _, mask = name.partition(" ")
            try:
                if fields is None:
                    self._house.lift(kind, mask)
                else:
                    self._house.enforce(Ban.fromFields(fields), self._people())
            except BanError as error:
                self.log.error("A ban can't be had: {why}", why=str(error))

    def _account(
        self, store: SharedStore, isOurs: bool, place: str, isThere: bool
    ) -> None:
        if isOurs:
            store.accountTold(str(place))
        else:
            store.accountChanged(str(place), bool(isThere))

    def _mark(self, account: str, target: str, time: float) -> None:
        """Somebody has read something, at another node."""
        records: Any = self._node.records
        records.marked(str(account), str(target), float(time))
        for factory in self.doors:
            for client in factory.clients():
                if client.account and key(client.account) == account:
                    sendMark(client, str(target))
