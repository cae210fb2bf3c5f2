"""How much mail is kept, and for how long. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


class RetentionError(ValueError):
    """A bound that can't be."""


@dataclass(frozen=True)
class Retention:
    """Bounds of a store; what is oldest goes first. 0 means no bound.

    @param maxMessages: messages.
    @param maxAge: seconds since a message came.
    @param maxOctets: octets of all contents; the newest message is kept in any
        case.
    @raise RetentionError: a number is below 0.
    """

    maxMessages: int = 0
    maxAge: float = 0.0
    maxOctets: int = 0

    def __post_init__(self) -> None:
        if not all(n >= 0 for n in (self.maxMessages, self.maxAge, self.maxOctets)):
            raise RetentionError("a bound is 0 (none) or more")

    def __bool__(self) -> bool:
        return bool(self.maxMessages or self.maxAge or self.maxOctets)

    def surplus(
        self,
        oldest: Iterable[tuple[int, float, int]],
        messages: int,
        octets: int,
        now: float,
    ) -> list[int]:
        """The ids of messages that have to go.

        @param oldest: id, time of arrival and octets of messages, oldest first;
            taken only as far as they have to go.
        @param messages: how many there are.
        @param octets: how much there is.
        @param now: seconds since 1970.
        """
        gone: list[int] = []
        for number, received, size in oldest:
            if not (
                0 < self.maxMessages < messages
                or (0 < self.maxOctets < octets and messages > 1)
                or 0 < self.maxAge < now - received
            ):
                break
            gone.append(number)
            messages -= 1
            octets -= size
        return gone
