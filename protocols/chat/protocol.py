"""The line chat: for nc, telnet, and whatever can send lines."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, ClassVar

from twisted.internet.protocol import Factory, connectionDone
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

from protocols.chat.commands import COMMANDS, Command
from protocols.chat.floods import Flood
from protocols.chat.messages import Posting, namesIn, readable
from protocols.chat.names import NameRefusedError
from protocols.chat.outgoing import OutgoingQueue
from protocols.chat.room import SHOWN_HISTORY, Lobby, RefusedError, Room
from protocols.chat.telnet import SubnegotiationError, TelnetFilter
from protocols.hooks import Hooked, waitFor
from protocols.linepressure import CLOSING
from protocols.lines import LineProtocol

# Octets of a line: a long paragraph; IRC has 512, and 4,096 more for tags.
MAX_LINE = 8192

# Seconds to say a name in.
LOGIN_TIME = 60.0

# Lines that are too long: the second one is no mistake any more.
MAX_OVERLONG = 2

_LINE: Callable[[Posting], bytes] = attrgetter("line")


class ChatProtocol(OutgoingQueue, LineProtocol):
    """One person at the line door.

    Override L{textSaid} to change or to swallow what people say, L{nameChosen}
    to greet them; add rows to C{commands}.

    @cvar commands: what may be typed with a slash.
    @ivar name: the person's; empty until they have said it.
    @ivar room: the one that they talk to.
    @ivar rooms: all that they are in.
    """

    delimiter = b"\n"
    maxLength = MAX_LINE
    lineTimeout: float | None = LOGIN_TIME
    commands: ClassVar[dict[str, Command]] = COMMANDS
    dialect = staticmethod(_LINE)
    factory: Any

    name = ""
    _current: Room | None = None
    _overlong = 0

    # What a subclass may say otherwise

    def textSaid(self, text: str, room: Room) -> str | Hooked:
        """The person says C{text} to C{room}.

        @return: what the others are told, C{None} for nothing, or a Deferred or
            coroutine of either.
        """
        return text

    def nameChosen(self) -> Hooked:
        """The person has a name now, and is in the first room."""
        return None

    # For commands to call

    @property
    def lobby(self) -> Lobby:
        """All rooms and people."""
        lobby: Lobby = self.factory.lobby
        return lobby

    @property
    def room(self) -> Room:
        """The room that the person talks to.

        @raise RefusedError: there is none.
        """
        if self._current is None:
            raise RefusedError("you are in no room; type /join #room")
        return self._current

    def tell(self, text: str, *, star: bool = True) -> None:
        """Tell this person something."""
        self.deliver(f"{'* ' if star else ''}{text}\r\n".encode())

    def say(self, text: str, *, isAction: bool = False) -> Hooked:
        """Say C{text} to the current room, as L{textSaid} has it."""
        room = self.room
        if self._flood.repeats(text, room.name):
            raise RefusedError("you have said that; it was not sent again")
        said = self.textSaid(text, room)
        if said is None or isinstance(said, str):
            self._post(said, room, isAction)
            return None
        return waitFor(said).addCallback(self._post, room, isAction)

    def joinRoom(self, name: str) -> None:
        """Join a room and talk to it from now on."""
        before = len(self.rooms)
        room = self._current = self.lobby.join(self, name)
        if len(self.rooms) == before:
            self.tell(f"You talk to {room.name} now.")
            return
        names = sorted(member.name for member in room.members.values())
        self.tell(f"You are in {room.name}, with {namesIn(names)}.")
        for posting in list(room.history)[-SHOWN_HISTORY:]:
            self.deliver(posting.line)

    def leaveRoom(self, room: Room) -> None:
        """Leave a room; the one joined last before is talked to then."""
        self.lobby.leave(self, room)
        self._current = next(reversed(self.rooms.values()), None)
        now = f"; you talk to {self._current.name} now" if self._current else ""
        self.tell(f"You have left {room.name}{now}.")

    def goAway(self, reason: str) -> None:
        """Leave all rooms, and close once everything has been sent."""
        self._depart(reason)
        self.sendQueued()
        self.loseConnection()

    # What the floor calls

    def makeConnection(self, transport: Any) -> None:
        """Ask for a name."""
        self.rooms: dict[str, Room] = {}
        self._telnet = TelnetFilter()
        self._flood = Flood(self.factory.clock)
        super().makeConnection(transport)
        self.tell(self.factory.greeting)
        self.tell("What is your name?")

    def dataReceived(self, data: bytes) -> None:
        """Take telnet's own octets out, then cut into lines."""
        if self._hold & CLOSING:
            return
        try:
            text, answers = self._telnet.feed(data)
        except SubnegotiationError:
            self.goAway("spoke strange telnet")
            return
        if answers:
            self.deliver(answers)
        if text:
            super().dataReceived(text)

    def lineReceived(self, line: bytes) -> Hooked:
        """A line; one too many has to wait, and all behind it."""
        wait = self._flood.wait()
        if wait == 0:
            return self._take(readable(line).strip())
        if self._flood.isTooMuch:
            self.tell("You have said too much too fast. Bye.")
            self.goAway("was too loud")
            return None
        return deferLater(self.factory.clock, wait, self.lineReceived, line)

    def lineLengthExceeded(self, length: int) -> None:
        """Twice is no mistake."""
        self._overlong += 1
        self.tell(f"That line was too long: {MAX_LINE} octets are the most.")
        if self._overlong >= MAX_OVERLONG:
            self.goAway("sent lines that were too long")

    def hookFailed(self, failure: Failure) -> None:
        """Tell what was wrong; a mistake of ours is logged, and not told."""
        if failure.check(RefusedError, NameRefusedError):
            text = failure.getErrorMessage()
            end = "" if text.endswith("?") else "."
            self.tell(f"{text[:1].upper()}{text[1:]}{end}")
        else:
            self.log.failure("A hook of {who!r} failed", failure, who=type(self))
            self.tell("Something went wrong; it was not done.")

    def lineTimedOut(self) -> None:
        """No name in time."""
        self.tell("That took too long. Bye.")
        self.goAway("said nothing")

    def resetTimeout(self) -> None:
        """The time to say a name is one for all attempts."""

    def idledOut(self) -> None:
        """The guard's time is up."""
        self.tell("Nothing has happened for too long. Bye.")
        self.goAway("was idle")

    def drainRequested(self) -> None:
        """The server is stopping."""
        self.lobby.flush(self)
        self.tell("The server is stopping. Bye.")
        self.goAway("left")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Gone, whatever the reason."""
        self._depart("left")

    def queueFull(self) -> None:
        """They do not read: the others must not pay for it."""
        self._depart("did not keep up")
        self._hold |= CLOSING
        self._transport.abortConnection()

    def _take(self, text: str) -> Hooked:
        if not self.name:
            return self._login(text)
        if not text:
            return None
        if text.startswith("/") and not text.startswith("//"):
            word, _, rest = text[1:].partition(" ")
            return self._command(word.lower(), rest.strip())
        return self.say(text.removeprefix("/"))

    def _command(self, word: str, rest: str) -> Hooked:
        command = self.commands.get(word)
        if command is None:
            raise RefusedError(f"there is no /{word}; type /help")
        return command.run(self, rest)

    def _login(self, text: str) -> Hooked:
        try:
            self.name = self.lobby.claim(text, self)
        except (NameRefusedError, RefusedError) as error:
            raise RefusedError(f"{error}; which other name?") from None
        self.lineTimeout = None
        self.setTimeout(None)
        self.tell(f"Hello, {self.name}. Type /help for what you can do.")
        self.joinRoom(self.factory.firstRoom)
        return self.nameChosen()

    def _post(self, said: Any, room: Room, isAction: bool) -> None:
        """Unless they have gone while the hook took its time."""
        if said and self.name:
            room.post(Posting(room.name, str(said), self.name, isAction), self)

    def _depart(self, reason: str) -> None:
        if self.name:
            self.lobby.depart(self, reason)
            self.name = ""


class ChatFactory(Factory):
    """Makes L{ChatProtocol}s that share a L{Lobby}.

    @param lobby: all rooms; a new one if C{None}.
    @param clock: an C{IReactorTime}; set by the service if C{None}.
    @param greeting: the first line that somebody is told.
    @param firstRoom: the room that everybody enters first.
    """

    protocol = ChatProtocol
    noisy = False

    def __init__(
        self,
        lobby: Lobby | None = None,
        *,
        clock: Any = None,
        greeting: str = "Welcome.",
        firstRoom: str = "#lobby",
    ) -> None:
        self.lobby = Lobby(self._soon) if lobby is None else lobby
        self.clock = clock
        self.greeting = greeting
        self.firstRoom = firstRoom

    def lastWord(self, reason: str) -> bytes:
        """What somebody is told for whom there is no place."""
        if reason == "draining":
            return b"* The server is stopping; come back later.\r\n"
        return b"* There is no place for you just now; come back later.\r\n"

    def _soon(self, function: Callable[[], None]) -> None:
        self.clock.callLater(0, function)
