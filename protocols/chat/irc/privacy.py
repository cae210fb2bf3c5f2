"""SILENCE and ACCEPT: who may say something to somebody.

As other servers have them: SILENCE since Undernet's 2.10, ACCEPT since ircd-hybrid's
caller-ID; here it says who may write to somebody with user mode C{R}.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocols.chat.gates import MAX_ACCEPTED, MAX_SILENCED, Gate
from protocols.chat.irc.command import Command
from protocols.chat.irc.modes import normalMask
from protocols.chat.irc.numerics import (
    RPL_ACCEPTLIST,
    RPL_ENDOFACCEPT,
    RPL_ENDOFSILELIST,
    RPL_SILELIST,
)
from protocols.chat.irc.wire import Message

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol


def silence(irc: IRCProtocol, message: Message) -> None:
    """C{SILENCE +mask}, C{SILENCE -mask}; without one, who is silenced."""
    said = message[0]
    if not said:
        for mask in irc.gate.silenced if irc.gate else ():
            irc.numeric(RPL_SILELIST, mask)
        irc.numeric(RPL_ENDOFSILELIST, "End of SILENCE list")
        return
    mask = normalMask(said.lstrip("+-"))
    gate = irc.gate = irc.gate or Gate()
    isKnown = mask in gate.silenced
    if said.startswith("-"):
        if isKnown:
            gate.silenced.remove(mask)
            irc.fromUser("SILENCE", f"-{mask}")
    elif len(gate.silenced) >= MAX_SILENCED:
        irc.error("511", mask)
    elif not isKnown:
        gate.silenced.append(mask)
        irc.fromUser("SILENCE", f"+{mask}")


def accept(irc: IRCProtocol, message: Message) -> None:
    """C{ACCEPT name,-name}; C{*}: who may write without having logged in."""
    gate = irc.gate = irc.gate or Gate()
    for name in message[0].split(","):
        if name == "*":
            for person in sorted(gate.accepted, key=lambda person: person.name):
                irc.numeric(RPL_ACCEPTLIST, person.name)
            irc.numeric(RPL_ENDOFACCEPT, "End of ACCEPT list")
        else:
            _accept(irc, gate, name)


def _accept(irc: IRCProtocol, gate: Gate, name: str) -> None:
    other = irc.lobby.find(name.removeprefix("-"))
    if other is None:
        irc.error("401", name or "*")
    elif name.startswith("-"):
        if other in gate.accepted:
            gate.accepted.discard(other)
        else:
            irc.error("458", other.name)
    elif other in gate.accepted:
        irc.error("457", other.name)
    elif len(gate.accepted) >= MAX_ACCEPTED:
        irc.error("456")
    else:
        gate.accepted.add(other)


COMMANDS = {
    "SILENCE": Command(silence),
    "ACCEPT": Command(accept, 1),
}
