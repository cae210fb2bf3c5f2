"""Many bans, and who is meant by them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_network
from typing import Any

from protocols.chat.bans import (
    ACCOUNT,
    NAME,
    NETWORK,
    Ban,
    BanError,
    Network,
    networkOf,
)
from protocols.chat.events import Source
from protocols.chat.masks import matches
from protocols.chat.names import key

# Bans of a list. Names, accounts and networks are looked up; a mask is compared
# with everybody who comes, in some 5 us.
MAX_BANS = 10_000
MAX_MASKS = 500

# Masks whose parts are remembered: those of a few lists.
_REMEMBERED = 2048


@lru_cache(_REMEMBERED)
def _partsOf(mask: str) -> tuple[str, str, str, Network | None]:
    """Patterns of name, user and host; and the network, if the host is one."""
    name, _, rest = mask.partition("!")
    user, _, host = rest.partition("@")
    return key(name), user, host, _networkIn(host)


def _networkIn(text: str) -> Network | None:
    try:
        return networkOf(text)
    except ValueError:
        return None


class Whom:
    """Somebody, made ready to be compared with bans.

    @param source: who they are.
    @param address: where they come from, whatever others may see of it; empty if
        that is no address.
    """

    def __init__(self, source: Source, address: str = "") -> None:
        self.name = key(source.name)
        self.account = key(source.account)
        self.address = address
        self._source = source
        self._network = _networkIn(address.partition("%")[0])

    def isMeantBy(self, ban: Ban) -> bool:
        """Whether a ban is one of theirs, if it is not over."""
        if ban.kind == NAME:
            return ban.place[1] == self.name
        if ban.kind == ACCOUNT:
            return bool(self.account) and matches(ban.place[1], self.account)
        if ban.kind == NETWORK:
            return self._isIn(networkOf(ban.mask))
        return self._isLike(ban.mask)

    def networks(self, lengths: Iterable[tuple[int, int]]) -> Iterable[str]:
        """The networks that they are in, of such versions and lengths."""
        mine = self._network
        for version, length in lengths:
            if mine is not None and mine.version == version:
                yield str(ip_network((mine.network_address, length), strict=False))

    def _isLike(self, mask: str) -> bool:
        name, user, host, network = _partsOf(mask)
        if not (matches(name, self.name) and matches(user, self._source.user)):
            return False
        hosts = (self._source.host, self._source.origin, self.address)
        if any(matches(host, each) for each in hosts if each):
            return True
        return network is not None and self._isIn(network)

    def _isIn(self, network: Network) -> bool:
        mine = self._network
        if mine is None or mine.version != network.version:
            return False
        return mine.network_address in network


class BanList:
    """Bans of a chat, or of a room.

    @param most: bans at most.
    @param maxPatterns: those of them that have to be compared.
    """

    def __init__(self, most: int = MAX_BANS, maxPatterns: int = MAX_MASKS) -> None:
        self._most = most
        self._maxPatterns = maxPatterns
        self._bans: dict[tuple[str, str], Ban] = {}
        self._patterns: dict[tuple[str, str], Ban] = {}
        self._lengths: Counter[tuple[int, int]] = Counter()

    def __len__(self) -> int:
        return len(self._bans)

    def add(self, ban: Ban, now: float) -> None:
        """Add a ban, in the place of one that means the same.

        @param now: seconds since 1970.
        @raise BanError: there are too many.
        """
        self._drop(ban.place)
        if len(self._bans) >= self._most or self._isFull(ban):
            self._dropEnded(now)
        if len(self._bans) >= self._most or self._isFull(ban):
            raise BanError("there are too many bans; remove some first")
        self._bans[ban.place] = ban
        if ban.isPattern:
            self._patterns[ban.place] = ban
        elif ban.kind == NETWORK:
            self._lengths[_lengthOf(ban)] += 1

    def remove(self, text: str, kind: str = "") -> Ban | None:
        """Remove the ban of what somebody has typed, as for L{Ban.of}.

        @return: the ban; C{None} if there was none.
        @raise BanError: it can't be one.
        """
        return self._drop(Ban.of(text, "", kind=kind).place)

    def matching(self, source: Source, address: str, now: float) -> Ban | None:
        """A ban that somebody is meant by, if there is one.

        @param address: where they come from; empty if that is no address.
        @param now: seconds since 1970.
        """
        if not self._bans:
            return None
        whom = Whom(source, address)
        places = [(NAME, whom.name), (ACCOUNT, whom.account)]
        places += [(NETWORK, each) for each in whom.networks(self._lengths)]
        for place in places:
            ban = self._bans.get(place)
            if ban is not None and not ban.hasEnded(now):
                return ban
        for ban in self._patterns.values():
            if not ban.hasEnded(now) and whom.isMeantBy(ban):
                return ban
        return None

    def active(self, now: float) -> list[Ban]:
        """All that are not over, the oldest first; the others are forgotten."""
        self._dropEnded(now)
        return list(self._bans.values())

    def fields(self) -> list[dict[str, Any]]:
        """All bans, fit for JSON."""
        return [ban.fields() for ban in self._bans.values()]

    def load(self, fields: Iterable[dict[str, Any]], now: float) -> None:
        """Add what L{fields} gave, without what is over.

        @raise BanError: it is something else, or too much.
        """
        for each in fields:
            ban = Ban.fromFields(each)
            if not ban.hasEnded(now):
                self.add(ban, now)

    def _isFull(self, ban: Ban) -> bool:
        return ban.isPattern and len(self._patterns) >= self._maxPatterns

    def _dropEnded(self, now: float) -> None:
        for place in [p for p, ban in self._bans.items() if ban.hasEnded(now)]:
            self._drop(place)

    def _drop(self, place: tuple[str, str]) -> Ban | None:
        ban = self._bans.pop(place, None)
        self._patterns.pop(place, None)
        if ban is not None and ban.kind == NETWORK:
            length = _lengthOf(ban)
            self._lengths[length] -= 1
            if not self._lengths[length]:
                del self._lengths[length]
        return ban


def _lengthOf(ban: Ban) -> tuple[int, int]:
    network = networkOf(ban.mask)
    return network.version, network.prefixlen
