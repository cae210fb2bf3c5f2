"""CAP, PASS, NICK, USER, PING, PONG and QUIT: who a client is.

RFC 2812 (3.1, 3.7) and IRCv3's capability negotiation.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from protocols.chat.events import Renamed
from protocols.chat.irc.capabilities import inLines, listed
from protocols.chat.irc.command import Command
from protocols.chat.irc.welcome import MAX_REASON
from protocols.chat.irc.wire import Message, fitting
from protocols.chat.names import MAX_NAME, NameRefusedError, checkName
from protocols.chat.people import RefusedError

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol

# Octets of a user's name, of which other servers allow 10 to 18, and of a real one.
MAX_USER = 16
MAX_REALNAME = 150


def cap(irc: IRCProtocol, message: Message) -> None:
    """Capabilities: what there is, and what the client wants of it."""
    what = message[0].upper()
    if what == "LS":
        _capList(irc, message)
    elif what == "LIST":
        for line in inLines(sorted(irc.capabilities)):
            irc.fromServer("CAP", irc.nick, "LIST", line)
    elif what == "REQ":
        _capRequest(irc, message[1])
    elif what == "END":
        irc.negotiating = False
        irc.register()
    else:
        irc.error("410", message[0])


def _capList(irc: IRCProtocol, message: Message) -> None:
    irc.negotiating = not irc.isRegistered
    if message[1].isascii() and message[1].isdigit():
        irc.version = max(irc.version, int(message[1][:4]))
    if irc.version >= 302:
        irc.enable(irc.capabilities | {"cap-notify"})
    offered = listed(irc.factory.capabilitiesFor(irc), irc.version)
    if irc.version < 302:
        # There is one line for them, and drafts are not what they know.
        offered = inLines(sorted(offered, key=_isDraft))[0].split(" ")
    *lines, last = inLines(offered)
    for line in lines:
        irc.fromServer("CAP", irc.nick, "LS", "*", line)
    irc.fromServer("CAP", irc.nick, "LS", last)


def _isDraft(capability: str) -> bool:
    return capability.startswith("draft/")


def _capRequest(irc: IRCProtocol, wanted: str) -> None:
    """All of it, or nothing."""
    irc.negotiating = not irc.isRegistered
    words = wanted.split()
    offered = irc.factory.capabilitiesFor(irc)
    off = {word[1:] for word in words if word.startswith("-")}
    on = {word for word in words if not word.startswith("-")}
    if not (on | off) <= set(offered) - {"sts"}:
        irc.fromServer("CAP", irc.nick, "NAK", wanted)
        return
    irc.enable((irc.capabilities | on) - off)
    irc.fromServer("CAP", irc.nick, "ACK", wanted.strip())


def password(irc: IRCProtocol, message: Message) -> None:
    """The server's password."""
    if irc.isRegistered:
        irc.error("462")
    else:
        irc.password = message[0]


def nick(irc: IRCProtocol, message: Message) -> None:
    """A name, the first or another."""
    wanted = message[0]
    if not wanted:
        irc.error("431")
        return
    try:
        wanted = checkName(wanted[:MAX_NAME])
    except NameRefusedError as error:
        irc.error("432", wanted.split(" ")[0] or "*", text=f"{error}")
        return
    try:
        irc.factory.house.checkName(wanted, irc) if irc.isRegistered else None
    except RefusedError as error:
        irc.error("433", wanted, text=str(error))
        return
    owner = irc.lobby.find(wanted)
    if owner is not None and owner is not irc:
        irc.error("433", wanted)
    elif not irc.isRegistered:
        irc.wantedName = wanted
        irc.register()
    elif wanted != irc.name:
        rename(irc, wanted)


def rename(irc: IRCProtocol, wanted: str) -> None:
    """The client is told at once, the others when the turn is over."""
    before = irc.source
    try:
        irc.lobby.rename(irc, wanted)
    except RefusedError:
        irc.error("433", wanted)
        return
    event = Renamed("", before, irc.name, irc.lobby.now())
    irc.send(irc.dialect.write(event))


def user(irc: IRCProtocol, message: Message) -> None:
    """What the client's user is called elsewhere."""
    if irc.isRegistered:
        irc.error("462")
        return
    name = message[0]
    if not name or not message[3]:
        irc.error("461", "USER")
        return
    if not name.isprintable() or not name.isascii() or set(name) & set(" @!*?:"):
        irc.error("468")
        return
    irc.user = f"~{name}"[:MAX_USER]
    irc.realname = fitting(message[3], MAX_REALNAME)
    irc.changed()
    irc.register()


def ping(irc: IRCProtocol, message: Message) -> None:
    """Whether the server is there."""
    if not message[0]:
        irc.error("409")
    else:
        irc.fromServer("PONG", irc.factory.server, message[0])


def pong(irc: IRCProtocol, message: Message) -> None:
    """The client is there; that something came has been noted already."""


def quit_(irc: IRCProtocol, message: Message) -> None:
    """Go."""
    said = fitting(message[0], MAX_REASON)
    irc.goAway(f"Quit: {said}" if said else "Quit", f"Quit: {said}" if said else "")


def webIRC(irc: IRCProtocol, message: Message) -> None:
    """A gateway says whose connection it is (ircv3.net/specs/extensions/webirc).

    C{WEBIRC password gateway hostname ip [:flags]}, before anything else.
    """
    gateways = irc.factory.gateways
    isEarly = not (irc.isRegistered or irc.wantedName or irc.user)
    if not (gateways and isEarly and gateways.knows(irc.address, message[0])):
        irc.goAway("This is no gateway")
        return
    try:
        address = str(ip_address(message[3]))
    except ValueError:
        irc.goAway("That is no address")
        return
    irc.comesFrom(address)
    irc.isSecure = "secure" in message[4].split()
    irc.isRelayed = True


COMMANDS = {
    "WEBIRC": Command(webIRC, 4, isEarly=True),
    "CAP": Command(cap, 1, isEarly=True),
    "PASS": Command(password, 1, isEarly=True),
    "NICK": Command(nick, isEarly=True),
    "USER": Command(user, 4, isEarly=True, takesOctets=True),
    "PING": Command(ping, isEarly=True),
    "PONG": Command(pong, isEarly=True),
    "QUIT": Command(quit_, isEarly=True),
}
