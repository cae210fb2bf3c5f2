"""The line chat: for nc, telnet, and whatever can send lines."""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure

from protocols.chat.accountcommands import atTheDoor
from protocols.chat.arriving import arrival, askedAgain, typed
from protocols.chat.commands import COMMANDS, Command
from protocols.chat.floods import Flood
from protocols.chat.hosts import logIn
from protocols.chat.lobby import Lobby
from protocols.chat.names import NameRefusedError, checkRoom, key
from protocols.chat.outgoing import OutgoingQueue
from protocols.chat.pages import tellLast
from protocols.chat.people import RefusedError, addressOf
from protocols.chat.records import Records
from protocols.chat.room import SHOWN_HISTORY, Room
from protocols.chat.rules import checkJoin, checkSpeak
from protocols.chat.speaking import Speaking
from protocols.chat.telnet import SubnegotiationError, TelnetFilter
from protocols.chat.text import wordsIn
from protocols.chat.viewing import Viewing
from protocols.hooks import Hooked, after, isUnchanged, waitFor
from protocols.linepressure import CLOSING
from protocols.lines import LineProtocol

# Octets of a line: a long paragraph; IRC has 512, and 4,096 more for tags.
MAX_LINE = 8192

# Seconds to say a name in.
LOGIN_TIME = 60.0

# Lines that are too long: the second one is no mistake any more.
MAX_OVERLONG = 2


class ChatProtocol(OutgoingQueue, Viewing, Speaking, LineProtocol):
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
    factory: Any

    later = (*Viewing.later, "_current", "_delivering", "dialect", "lineTimeout")
    _current: Room | None = None
    _overlong = 0

    # What a subclass may say otherwise

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
        checkSpeak(room, self, self.lobby.now())
        if self._flood.repeats(text, room.name):
            raise RefusedError("you have said that; it was not sent again")
        said = self.textSaid(text, room)
        if said is None or isinstance(said, str):
            self._post(said, room, isAction)
            return None
        return waitFor(said).addCallback(self._post, room, isAction)

    def joinRoom(self, name: str, said: str = "") -> None:
        """Join a room and talk to it from now on.

        @param said: the room's key, if it has one.
        """
        before = len(self.rooms)
        room = self.lobby.room(checkRoom(name))
        if room is not None and key(room.name) not in self.rooms:
            checkJoin(room, self, said)
        room = self._current = self.lobby.join(self, name)
        if len(self.rooms) == before:
            self.tell(f"You talk to {room.name} now.")
            return
        for line in arrival(room, self):
            self.tell(line, star=False)
        told = tellLast(self, room, SHOWN_HISTORY)
        if not told.called:
            self.holdFor(told)

    def leaveRoom(self, room: Room) -> None:
        """Leave a room; the one joined last before is talked to then."""
        self.lobby.leave(self, room)
        now = f"; you talk to {self._current.name} now" if self._current else ""
        self.tell(f"You have left {room.name}{now}.")

    @property
    def records(self) -> Records:
        """What was said before."""
        records: Records = self.factory.records
        return records

    def loggedIn(self, account: str) -> None:
        """Their account is known from now on."""
        logIn(self.factory.house, self, account)
        self.tell(f"You are logged in as {account}.")

    def leftRoom(self, room: Room) -> None:
        """Talk to the one joined last before."""
        if self._current is room:
            self._current = next(reversed([*self.rooms.values()]), None)

    def goAway(self, reason: str) -> None:
        """Leave all rooms, and close once everything has been sent."""
        self._depart(reason)
        self.sendQueued()
        self.loseConnection()

    def sendAway(self, reason: str) -> None:
        """Somebody who may has ended this."""
        self.tell(f"{reason}. Bye.")
        self.goAway("was sent away")

    # What the floor calls

    def makeConnection(self, transport: Any) -> None:
        """Ask for a name."""
        self.begin()
        self._telnet = TelnetFilter()
        self.address = addressOf(transport)
        self.user, self.host = "line", self.factory.house.hostOf(self.address)
        self._flood = Flood(self.factory)
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
        wait = self._flood.wait(self)
        if wait == 0:
            return self._take(typed(line, self))
        if self._flood.isTooMuch:
            self.tell("You have said too much too fast. Bye.")
            self.goAway("was too loud")
            return None
        return after(self.factory.clock, wait, self.lineReceived, line)

    def linesReceived(self, lines: list[bytes]) -> int:
        """What is plainly said is said together; commands are not."""
        room, looked = self._current, ("lineReceived", "say")
        if room is None or not isUnchanged(type(self), ChatProtocol, *looked):
            return 0
        texts = wordsIn(lines)
        return len(lines) if texts and self.speak(texts, room) else 0

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
        """A name; and a password behind it, or a certificate, if the name has one."""
        known = atTheDoor(self, text)
        if known is None:
            return self._claim(text)
        done: Hooked = known.addCallback(self._loginAs)
        return done

    def _loginAs(self, account: str) -> Hooked:
        logIn(self.factory.house, self, account)
        self.changed()
        return self._claim(account)

    def _claim(self, text: str) -> Hooked:
        try:
            self.name = self.factory.house.claim(text, self)
        except (NameRefusedError, RefusedError) as error:
            raise RefusedError(askedAgain(error, text)) from None
        self.lineTimeout = None
        self.setTimeout(None)
        self.lobby.arrived(self)
        self.tell(f"Hello, {self.name}. Type /help for what you can do.")
        self.joinRoom(self.factory.firstRoom)
        return self.nameChosen()

    def _post(self, said: Any, room: Room, isAction: bool) -> None:
        """Unless they have gone while the hook took its time."""
        if said and self.name:
            more = {"isAction": True} if isAction else {}
            posting = self.lobby.posting(self, room.name, str(said), **more)
            room.post(posting, self)
            self.factory.records.record(posting)

    def _depart(self, reason: str) -> None:
        if self.name:
            self.lobby.depart(self, reason)
            self.name = ""
