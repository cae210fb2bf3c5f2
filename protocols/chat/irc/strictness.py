"""Having clients come by TLS only (IRCv3's sts). Pure."""

from __future__ import annotations

from dataclasses import dataclass

# How long a client stays with TLS unless something else is said: it is renewed each
# time that the client comes.
DAYS = 30
MAX_DAYS = 3650

_SECONDS_OF_A_DAY = 86_400


@dataclass(frozen=True)
class StrictTransport:
    """A policy for clients.

    @ivar port: where there is TLS.
    @ivar seconds: how long a client that came there does not come without; 0 ends
        a policy that was announced before.
    """

    port: int
    seconds: int = DAYS * _SECONDS_OF_A_DAY

    @classmethod
    def of(cls, text: str) -> StrictTransport:
        """C{PORT} or C{PORT,DAYS}.

        @raise ValueError: it is something else.
        """
        port, comma, days = text.partition(",")
        words = [port, days] if comma else [port]
        if not all(word.isascii() and word.isdigit() for word in words):
            raise ValueError(f"expected PORT or PORT,DAYS, not {text[:20]}")
        number, many = int(port), int(days) if comma else DAYS
        if not 0 < number < 65536 or many > MAX_DAYS:
            raise ValueError(f"a port has 1 to 65535, and days are {MAX_DAYS} at most")
        return cls(number, many * _SECONDS_OF_A_DAY)

    def value(self, isSecure: bool) -> str:
        """What the capability says to a client that has come with TLS, or without."""
        return f"duration={self.seconds}" if isSecure else f"port={self.port}"
