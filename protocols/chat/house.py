"""What all doors of a chat share, besides its rooms: who may come in, who keeps order.

Wire.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any
from weakref import WeakSet

from twisted.cred.error import LoginFailed
from twisted.cred.portal import Portal
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from protocols.chat.accounts import Accounts
from protocols.chat.audit import AuditLog
from protocols.chat.banlist import BanList
from protocols.chat.bans import Ban, BanError, durationOf
from protocols.chat.chronicle import Chronicle
from protocols.chat.events import Kicked, ModesChanged
from protocols.chat.keeping import Keeper
from protocols.chat.lobby import Lobby
from protocols.chat.names import key
from protocols.chat.people import Person, RefusedError
from protocols.chat.records import Records
from protocols.chat.room import Room
from protocols.chat.rules import checkOperator
from protocols.chat.storeinterface import Store
from protocols.chat.turnstile import Turnstile
from protocols.sasl import ILogin
from protocols.sasl.credentials import PasswordCredentials

# Bans of the whole chat: they are kept like a room (2 MiB). With the longest masks and
# reasons fewer go in there; who would add one more is told.
MAX_BANS = 1000

# Addresses of which it is remembered how others see them.
MAX_HOSTS = 1024

# Hexadecimal digits of an address that is not to be seen: two of a million people
# have the same with odds of 1 in 500,000,000.
HOST_DIGITS = 12

# The name under which bans of the whole chat are kept, which no room has.
_BANS = "bans"


class House:
    """A chat: its rooms, what was said there, and who keeps order.

    @param lobby: its rooms.
    @param store: where it is kept; what was kept is there again.
    @param accounts: names with passwords; there are none if C{None}.
    @param operators: a portal that knows who keeps order; nobody if C{None}.
    @param audit: where acts of operators are written down, if anywhere.
    @param isKept: the store outlives the process, so rooms and bans do.
    @ivar turnstile: lets newcomers in, so many in a turn.
    @ivar reloads: read files anew.
    @ivar bansAreShared: the bans are those of several processes.
    @ivar banChanged: called when a ban was made here, or lifted.
    @ivar subscribers: who wants to know of others' metadata.
    @ivar showsAccounts: others see who has logged in by their account's host.
    """

    log = Logger()

    def __init__(
        self,
        lobby: Lobby,
        store: Store,
        *,
        accounts: Accounts | None = None,
        operators: Portal | None = None,
        audit: AuditLog | None = None,
        isKept: bool = False,
    ) -> None:
        self.lobby = lobby
        self.records = Records(store, lobby)
        self.chronicle = Chronicle(lobby, self.records)
        self.turnstile = Turnstile(lobby.soon)
        self.accounts = accounts
        self.audit = audit
        self.bans = BanList(MAX_BANS)
        self._operators = operators
        self._store = store
        self._secret = store.secretKey()
        self._hosts = lru_cache(MAX_HOSTS)(self._hostOf)
        self.reloads: list[Callable[[], object]] = []
        self.bansAreShared = False
        self.banChanged: Callable[[], None] = lambda: None
        self.showsAccounts = True
        self.subscribers: WeakSet[Any] = WeakSet()
        if isKept:
            self._load(store)

    def _load(self, store: Store) -> None:
        Keeper(self.lobby, store)
        for name, fields in store.loadRooms():
            if name == _BANS:
                self.bans.load(fields["bans"], self.lobby.now())
                self.bansAreShared = bool(fields.get("areShared"))

    def reload(self) -> None:
        """Read files anew (SIGHUP, REHASH); one that can't be read stays as it was."""
        for read in self.reloads:
            try:
                read()
            except Exception as error:  # noqa: BLE001 - the others are read all the same
                self.log.error("A file can't be read anew: {why}", why=str(error))

    def claim(self, name: str, person: Person) -> str:
        """Have C{name} be C{person}'s, if they may come in at all.

        @raise NameRefusedError: it can't be a name.
        @raise RefusedError: it is somebody else's, or they are banned.
        """
        self.checkName(name, person)
        return self.lobby.claim(name, person)

    def hostOf(self, address: str) -> str:
        """See L{_hostOf}; one object for all who come from there."""
        return self._hosts(address)

    def useKey(self, secret: bytes) -> None:
        """Hide addresses with another key, and pretend accounts with it."""
        if secret != self._secret:
            self._secret = secret
            self._hosts.cache_clear()
            if self.accounts is not None:
                self.accounts.useKey(secret)

    def _hostOf(self, address: str) -> str:
        """An address as others may see it: the same again, but not where it is.

        Masks of bans mean it all the same; networks are banned by the address.
        """
        digest = hmac.new(self._secret, address.encode(), "sha256")
        return f"{digest.hexdigest()[:HOST_DIGITS]}.{'v6' if ':' in address else 'v4'}"

    def banOf(self, person: Person, name: str = "") -> Ban | None:
        """A ban that means somebody, if there is one.

        @param name: what they would be called; what they are, if empty.
        """
        source = replace(person.source, name=name or person.name)
        return self.bans.matching(source, person.address, self.lobby.now())

    def checkStay(self, person: Person) -> None:
        """Send somebody away who is banned as what they are now; who is not in yet is
        asked when they come in."""
        if person.name and self.banOf(person) is not None:
            person.sendAway("You are banned")

    def checkName(self, name: str, person: Person) -> None:
        """Whether C{person} may be called C{name}, if nobody else is.

        @raise RefusedError: it belongs to an account, or who has it is banned.
        """
        ban = self.banOf(person, name)
        if ban is not None:
            why = f": {ban.reason}" if ban.reason else ""
            raise RefusedError(f"you are banned{why}", "bannedHere")
        isHeld = self.accounts is not None and self.accounts.owns(name)
        if isHeld and key(person.account) != key(name):
            text = f"the name {name} belongs to an account: log in first"
            raise RefusedError(text, "taken", name)

    def checkOperator(self, name: str, password: str) -> Deferred[bool] | None:
        """Whether somebody may keep order; C{None} if nobody may."""
        if self._operators is None:
            return None
        credentials: Any = PasswordCredentials(name.encode(), password.encode())
        checked: Deferred[Any] = self._operators.login(credentials, None, ILogin)

        def refused(failure: Failure) -> bool:
            failure.trap(LoginFailed)
            return False

        return checked.addCallbacks(lambda avatar: True, refused)

    def act(self, person: Person, what: str, *words: str, **more: Any) -> None:
        """Write down that an operator has done something."""
        if self.audit is not None:
            self.audit.record(person.account or person.name, what, *words, **more)

    def keepsOrder(self, room: Room, person: Person) -> None:
        """Whether C{person} may decide about C{room}.

        @raise RefusedError: they may not.
        """
        if not person.isOperator:
            checkOperator(room, person)

    def kick(self, person: Person, room: Room, target: Person, reason: str) -> Kicked:
        """Have somebody leave a room."""
        self.keepsOrder(room, person)
        event = self.lobby.kick(person, room, target, reason)
        self.act(person, "kick", target.source.mask, room.name, reason)
        return event

    def change(self, person: Person, room: Room, changes: str) -> ModesChanged:
        """Say that something about a room was changed, and remember it.

        @param changes: as IRC writes them.
        """
        event = ModesChanged(room.name, person.source, changes, self.lobby.now())
        room.post(event, person)
        self.lobby.roomChanged(room)
        self.act(person, "mode", changes, room.name)
        return event

    def ban(self, person: Person, text: str, duration: str, reason: str) -> Ban:
        """Let somebody in no more, and send them away.

        @param text: a name, C{account:NAME}, a network, or a mask.
        @param duration: such as C{1h30m}; for ever, if empty.
        @raise BanError: it can't be.
        """
        now, seconds = self.lobby.now(), durationOf(duration)
        until = None if seconds is None else now + seconds
        ban = Ban.of(text, person.name, reason, until=until, since=now)
        self.bans.add(ban, now)
        try:
            self._keepBans()
        except ValueError:
            self.bans.remove(text)
            raise BanError("the bans are too long to be kept; remove some") from None
        self.act(person, "ban", ban.mask, "", reason, until=until)
        self.banChanged()
        others = [each for each in self.lobby.people.values() if each is not person]
        self._sendAway(ban, others)
        return ban

    def enforce(self, ban: Ban, people: Iterable[Person]) -> None:
        """Somebody is banned, as another process of the chat says.

        @param people: who is sent away, if they are meant.
        @raise BanError: there are too many.
        """
        self.bans.add(ban, self.lobby.now())
        self.keepBans()
        self._sendAway(ban, list(people))

    def lift(self, kind: str, mask: str) -> None:
        """Somebody is banned no more, likewise.

        @raise BanError: there is no such ban.
        """
        self.bans.remove(mask, kind)
        self.keepBans()

    def _sendAway(self, ban: Ban, people: list[Person]) -> None:
        now = self.lobby.now()
        for other in people:
            if self.bans.matching(other.source, other.address, now) is ban:
                other.sendAway("You are banned")

    def unban(self, person: Person, text: str) -> Ban:
        """Let somebody in again.

        @raise BanError: it can't be.
        @raise RefusedError: they are not banned.
        """
        ban = self.bans.remove(text)
        if ban is None:
            raise RefusedError(f"there is no ban of {text}")
        self._keepBans()
        self.act(person, "unban", ban.mask)
        self.banChanged()
        return ban

    def _keepBans(self) -> None:
        shared = {"areShared": True} if self.bansAreShared else {}
        self._store.saveRoom(_BANS, {"bans": self.bans.fields(), **shared})

    def keepBans(self) -> None:
        """Keep those of others, for a start without them; they hold in any case."""
        try:
            self._keepBans()
        except ValueError as error:
            self.log.warn("Bans of others are not kept: {why}", why=str(error))


def houseFor(
    soon: Callable[[Callable[[], None]], None], now: Callable[[], float]
) -> House:
    """A house that forgets everything at the end."""
    from protocols.chat.storememory import MemoryStore

    return House(Lobby(soon, now), MemoryStore())
