"""The IRC door: RFC 1459 and 2812, modern.ircdocs.horse, IRCv3."""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.internet.interfaces import ISSLTransport
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure

from protocols.chat.floods import Flood
from protocols.chat.irc.capabilities import inRooms, shared
from protocols.chat.irc.commands import COMMANDS, Command
from protocols.chat.irc.dialect import ircDialect
from protocols.chat.irc.numerics import REFUSALS
from protocols.chat.irc.replies import Replies
from protocols.chat.irc.silence import Silence
from protocols.chat.irc.together import sayTogether
from protocols.chat.irc.welcome import welcome
from protocols.chat.irc.wire import (
    MAX_CLIENT_TAGS,
    MAX_MESSAGE,
    Message,
    MessageError,
    isTooLong,
    parse,
    written,
)
from protocols.chat.lobby import Lobby
from protocols.chat.names import NameRefusedError
from protocols.chat.people import RefusedError, addressOf
from protocols.chat.records import Records
from protocols.chat.speaking import Speaking
from protocols.hooks import Hooked, after, isUnchanged, waitFor
from protocols.linepressure import CLOSING
from protocols.lines import LineProtocol

# Seconds to register in.
LOGIN_TIME = 60.0


class IRCProtocol(Replies, Silence, Speaking, LineProtocol):
    """One person with an IRC client.

    Override L{textSaid} to change or to swallow what people say; add rows to
    C{commands}.

    @cvar commands: what clients may send.
    """

    delimiter = b"\n"
    maxLength = MAX_MESSAGE + MAX_CLIENT_TAGS
    lineTimeout: float | None = LOGIN_TIME
    commands: ClassVar[dict[str, Command]] = COMMANDS

    later = (
        *(*Replies.later, "_delivering", "version", "negotiating", "capabilities"),
        *("user", "realname", "wantedName", "_isKnown"),
        *("_heardAt", "_silence", "_collected"),
    )
    password = ""
    _isKnown = False
    wantedName = ""
    negotiating = False
    login: Any = None
    failedLogins = 0
    version = 301

    @property
    def lobby(self) -> Lobby:
        """All rooms and people."""
        lobby: Lobby = self.factory.lobby
        return lobby

    @property
    def records(self) -> Records:
        """What was said before."""
        records: Records = self.factory.records
        return records

    @property
    def userModes(self) -> str:
        """The client's own modes."""
        flags = {"B": self.isBot, "R": self.gate and self.gate.onlyAccounts}
        flags |= {"i": self.isHidden, "o": self.isOperator}
        return "".join(letter for letter, on in flags.items() if on)

    def repeats(self, text: str, room: str) -> bool:
        """Whether C{text} is said once too often in a row."""
        return self._flood.repeats(text, room)

    def refuse(self) -> None:
        """Tell of the refusal that is being handled."""
        self.hookFailed(Failure())

    def fromUser(self, command: str, *params: str) -> None:
        """Tell the client what it has done itself."""
        self.send(written(self.source.mask, command, *params))

    def sendAway(self, reason: str) -> None:
        """Somebody who may has ended this."""
        self.goAway(reason, reason)

    @property
    def isRegistered(self) -> bool:
        """Whether the client has a name, and is told of things."""
        return bool(self.name)

    def register(self) -> None:
        """The client is in, if all has been said that it has to say."""
        if self.isRegistered or self.negotiating:
            return
        if not (self.wantedName and self.user):
            return
        if self.factory.password and self.password != self.factory.password:
            self.error("464")
            self.goAway("Bad password")
            return
        try:
            name = self.factory.house.claim(self.wantedName, self)
        except RefusedError as error:
            self._notClaimed(error)
            return
        self.name = name
        self._leaveStrangers()
        self.setTimeout(None)
        self.lobby.arrived(self)
        welcome(self)
        self.watchSilence()

    def _notClaimed(self, error: RefusedError) -> None:
        if error.why == "taken":
            self.error("433", self.wantedName, text=str(error))
            self.wantedName = ""
        else:
            self.error("465", text=str(error))
            self.goAway("You are banned")

    def enable(self, capabilities: frozenset[str]) -> None:
        """The client wants these, and no others."""
        self.capabilities = shared(capabilities)
        self.dialect = ircDialect(self.factory.server, inRooms(capabilities))

    def comesFrom(self, address: str) -> None:
        """The client's address is that."""
        self.address = address
        self.host = self.factory.house.hostOf(address)

    def goAway(self, reason: str, parting: str = "") -> None:
        """Leave all rooms, say so, and close."""
        if self._hold & CLOSING:
            return
        self.stopWatching()
        self._leaveStrangers()
        self._depart("quit", parting or reason)
        self.deliver(written("", "ERROR", f"Closing link: {reason}").lstrip(b": "))
        self.sendQueued()
        self.loseConnection()

    # What the floor calls

    def makeConnection(self, transport: Any) -> None:
        """Nothing is said: the client begins."""
        self.begin()
        self._flood = Flood(self.factory)
        self.comesFrom(addressOf(transport))
        self.dialect = ircDialect(self.factory.server, frozenset())
        if ISSLTransport.providedBy(transport):
            self.isSecure = True
        self.factory.unregistered += 1
        super().makeConnection(transport)

    def lineReceived(self, line: bytes) -> Hooked:
        """A message; one too many has to wait, and all behind it."""
        line = line.rstrip(b"\r")
        wait = self._flood.wait(self)
        if wait == 0:
            isNew = not self.name and (self.user or self.wantedName)
            return self.inTurn(self._take, line) if isNew else self._take(line)
        if self._flood.isTooMuch:
            self.goAway("Excess flood")
            return None
        return after(self.factory.clock, wait, self.lineReceived, line)

    def linesReceived(self, lines: list[bytes]) -> int:
        """What is plainly said to one room is said together."""
        if not (self.name and isUnchanged(type(self), IRCProtocol, "lineReceived")):
            return 0
        return len(lines) if sayTogether(self, lines) else 0

    def lineLengthExceeded(self, length: int) -> None:
        """RFC 1459 has no answer; IRCv3's C{message-tags} has."""
        self.error("417")

    def hookFailed(self, failure: Failure) -> None:
        """Tell what was wrong; a mistake of ours is logged, and not told."""
        if failure.check(RefusedError, NameRefusedError):
            error = failure.value
            number = REFUSALS.get(getattr(error, "why", ""))
            if number is not None:
                self.error(number, *([error.about] if error.about else []))  # type: ignore[union-attr]
            else:
                self.notice(str(error))
        else:
            self.log.failure("A hook of {who!r} failed", failure, who=type(self))
            self.notice("Something went wrong; it was not done.")

    def lineTimedOut(self) -> None:
        """Not registered in time."""
        self.goAway("Registration timed out")

    def resetTimeout(self) -> None:
        """The time to register is one for all attempts."""

    def idledOut(self) -> None:
        """The guard's time is up."""
        self.goAway("Idle for too long")

    def drainRequested(self) -> None:
        """The server is stopping."""
        if self.isRegistered:
            self.lobby.flush(self)
        self.goAway("The server is stopping")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Gone, whatever the reason."""
        self.stopWatching()
        self._leaveStrangers()
        self._depart("quit", "Connection closed")

    def inputEnded(self) -> None:
        """They have gone; nothing that is said from now on is for them."""
        self._depart("quit", "Connection closed")
        super().inputEnded()

    def queueFull(self) -> None:
        """They do not read: the others must not pay for it."""
        self._depart("did not keep up", "Did not keep up")
        self._hold |= CLOSING
        self._transport.abortConnection()

    def _take(self, line: bytes) -> Hooked:
        self.somethingCame()
        if not line.strip():
            return None
        if isTooLong(line):
            self.error("417")
            return None
        try:
            message = parse(line)
        except MessageError:
            return None
        return self._command(message)

    def _command(self, message: Message) -> Hooked:
        label = message.tags.get("label", "")
        self.labelBegins(label)
        done: Hooked = None
        try:
            done = self._run(message)
        except (RefusedError, NameRefusedError):
            self.hookFailed(Failure())
        finally:
            if done is None:
                self._ended(None)
        if done is None:
            return None
        return waitFor(done).addErrback(self._hookErred).addBoth(self._ended)

    def _run(self, message: Message) -> Hooked:
        command = self.commands.get(message.command)
        if not self.isRegistered and not (command and command.isEarly):
            if command is None or command.least >= 0:
                self.error("451")
            return None
        if command is None:
            self.error("421", message.command)
            return None
        if len(message.params) < command.least:
            self.error("461", message.command)
            return None
        if not message.isValid and not command.takesOctets:
            self.fail(message.command, "INVALID_UTF8", "Only UTF-8 is understood here")
            return None
        return command.run(self, message)

    def _ended(self, result: object) -> None:
        if not self._hold & CLOSING:
            self.labelEnds()

    def _leaveStrangers(self) -> None:
        """The client has registered, or goes: it is not counted as unknown."""
        self.factory.unregistered -= not self._isKnown
        self._isKnown = True

    def _depart(self, reason: str, parting: str) -> None:
        if self.name:
            self.lobby.depart(self, reason, parting)
            self.name = ""
