"""What a step of an exchange may end in, and the errors of a client. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

# Octets of one response. A line of AUTH has room for 12,288 octets of base64
# (RFC 4954, section 4), and that is these.
MAX_RESPONSE = 12_288 // 4 * 3


class SASLError(Exception):
    """A response is malformed: it is not what the mechanism asks for.

    Its text says what is wrong and never holds anything of the response.
    """


class UnknownMechanismError(SASLError):
    """There is no such mechanism here."""


@dataclass(frozen=True)
class Challenge:
    """What the client is asked next.

    @ivar data: octets, before base64; empty where the mechanism asks nothing.
    """

    data: bytes


@dataclass(frozen=True)
class Success:
    """The client is who it says.

    @ivar login: the name, as the realm's avatar has it.
    @ivar avatar: what the realm gave; it provides
        L{protocols.sasl.interfaces.ILogin}.
    @ivar logout: to be called when the client has gone, if the realm cares.
    """

    login: str
    avatar: object
    logout: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)
