"""CERT: which TLS certificates log in to one's account (SASL EXTERNAL).

C{CERT ADD [fingerprint]}, C{CERT LIST}, C{CERT DEL fingerprint}; and the same as
C{/msg NickServ CERT ADD}, as people know it from services of other networks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocols.chat.certificates import tend
from protocols.chat.irc.command import Command
from protocols.chat.irc.wire import Message
from protocols.chat.names import key
from protocols.chat.people import RefusedError
from protocols.chat.storeinterface import StoreError

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol

# A name that nobody may have, for what is said to it is the server's.
SERVICE = "NickServ"

_HELP = "CERT ADD [fingerprint], CERT LIST, CERT DEL fingerprint"


async def cert(irc: IRCProtocol, message: Message) -> None:
    """Add, list or delete a certificate of one's account."""
    await _tend(irc, " ".join(message.params))


async def service(irc: IRCProtocol, message: Message) -> None:
    """C{NICKSERV CERT ADD}, and what else is said to it."""
    await askService(irc, " ".join(message.params))


def isService(name: str) -> bool:
    """Whether what is said to C{name} is for the server."""
    return key(name) == key(SERVICE)


async def askService(irc: IRCProtocol, text: str) -> None:
    """Somebody has said C{text} to L{SERVICE}."""
    word, _, rest = text.strip().partition(" ")
    if word.upper() == "CERT":
        await _tend(irc, rest.strip())
    else:
        irc.notice(f"{SERVICE} knows: {_HELP}")


async def _tend(irc: IRCProtocol, said: str) -> None:
    """Answers are notices, which every client shows."""
    accounts = irc.factory.accounts
    try:
        if accounts is None:
            raise RefusedError("there are no accounts here")
        lines = await tend(irc, accounts.certificates, said)
    except RefusedError as error:
        lines = [f"{str(error)[:1].upper()}{str(error)[1:]}"]
    except StoreError:
        lines = ["That can't be kept just now; try again later"]
    for line in lines:
        irc.notice(line)


COMMANDS = {
    "CERT": Command(cert, 1),
    "NICKSERV": Command(service, 1),
    "NS": Command(service, 1),
}
