"""Who is not let in: by name, by account, by network, or by mask. Pure.

Names are compared by their keys (L{protocols.chat.names}), so a letter that looks
like another is no way around a ban.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from protocols.chat.masks import wholeMask
from protocols.chat.names import key
from protocols.chat.text import plain

NAME, ACCOUNT, NETWORK, MASK = "name", "account", "network", "mask"
KINDS = (NAME, ACCOUNT, NETWORK, MASK)

# Characters of a mask, and of a reason: a name, a user and a host (RFC 1035: 253)
# fit; a reason has to fit into a line of IRC's.
MAX_MASK = 320
MAX_REASON = 300

# What stands before an account: IRC's way of writing it, and one for people.
_ACCOUNT_SIGNS = ("$a:", "account:")

_DURATION = re.compile(r"(?:[0-9]{1,9}[smhdw])+")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

Network = IPv4Network | IPv6Network


class BanError(ValueError):
    """A ban that can't be; the message says why, to who wants it."""


def durationOf(text: str) -> float | None:
    """The seconds of C{1h30m}, in seconds, minutes, hours, days and weeks.

    @return: C{None}, for ever, if it is empty.
    @raise BanError: it is something else.
    """
    if not text:
        return None
    if not _DURATION.fullmatch(text):
        raise BanError(f"a time is written as 90s, 30m, 12h, 7d or 2w, not {text[:20]}")
    parts = re.findall("([0-9]+)([smhdw])", text)
    return float(sum(int(count) * _SECONDS[unit] for count, unit in parts))


@dataclass(frozen=True)
class Ban:
    """Somebody, or some, who are not let in; L{of} makes one.

    @ivar mask: whom it means, in the one way in which its kind writes it.
    @ivar by: who said so.
    @ivar until: seconds since 1970; C{None} for ever.
    @ivar kind: one of L{KINDS}.
    @ivar since: seconds since 1970.
    @raise BanError: there is no such kind, or the mask is none of it.
    """

    mask: str
    by: str
    reason: str = ""
    until: float | None = None
    kind: str = MASK
    since: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BanError(f"a ban is of a {', '.join(KINDS)}")
        if self.mask != _normal(self.kind, self.mask):
            raise BanError(f"{self.mask[:20]} is not how a {self.kind} is written")

    @classmethod
    def of(
        cls, text: str, by: str, reason: str = "", kind: str = "", **more: Any
    ) -> Ban:
        """A ban of what somebody has typed.

        @param text: a name, an address or network (C{192.0.2.0/24}), an account
            behind C{$a:} or C{account:}, or a mask with C{!}, C{@}, C{*} or C{?}.
        @param kind: what it is, if that is not to be seen from C{text}.
        @param more: C{until} and C{since}.
        @raise BanError: it is nothing of these, or too long.
        """
        mask = text = plain(text)
        kind = kind or kindOf(text)
        if kind == ACCOUNT and text.startswith(_ACCOUNT_SIGNS):
            mask = text.partition(":")[2]
        reason = plain(reason)[:MAX_REASON]
        return cls(_normal(kind, mask), by, reason, kind=kind, **more)

    @classmethod
    def fromFields(cls, fields: dict[str, Any]) -> Ban:
        """The opposite of L{fields}.

        @raise BanError: it is not.
        """
        try:
            return cls(**fields)
        except (TypeError, AttributeError):
            raise BanError("a ban that was kept can't be read") from None

    def fields(self) -> dict[str, Any]:
        """What is to be kept of it, fit for JSON."""
        return asdict(self)

    @property
    def isPattern(self) -> bool:
        """Whether it has to be compared, and can't be looked up."""
        return self.kind == MASK or (
            self.kind == ACCOUNT and bool(set("*?") & set(self.mask))
        )

    @property
    def place(self) -> tuple[str, str]:
        """What two bans have in common if they mean the same."""
        isName = self.kind in (NAME, ACCOUNT)
        return self.kind, key(self.mask) if isName else self.mask.lower()

    def hasEnded(self, now: float) -> bool:
        """Whether it is over."""
        return self.until is not None and self.until <= now


def kindOf(text: str) -> str:
    """What somebody means who types that."""
    if text.startswith(_ACCOUNT_SIGNS):
        return ACCOUNT
    try:
        ip_network(text, strict=False)
    except ValueError:
        return MASK if any(sign in text for sign in "!@*?") else NAME
    return NETWORK


def _normal(kind: str, mask: str) -> str:
    """The one way to write a mask of its kind."""
    if not 0 < len(mask) <= MAX_MASK:
        raise BanError(f"a mask has 1 to {MAX_MASK} characters")
    if kind in (NAME, ACCOUNT):
        if not key(mask):
            raise BanError("a name has at least one character")
        return mask
    if kind == MASK:
        return wholeMask(mask)
    try:
        return str(networkOf(mask))
    except ValueError:
        raise BanError(f"{mask[:50]} is no network") from None


def networkOf(text: str) -> Network:
    """A network; an IPv4 address that is written as an IPv6 one is IPv4."""
    network = ip_network(text, strict=False)
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is not None and network.prefixlen >= 96:
        return IPv4Network((mapped, network.prefixlen - 96))
    return network
