"""The client's side of a connection to the line door: who said what, and answers.

The line door is made for people, so what a line is has to be seen from how it
begins: C{#room} was said there, C{[ann to you]} in private, and C{*} comes from
the server, for this person alone. A command that was asked waits for such a line;
those that can only be about something that was said before pass it by.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, connectionDone
from twisted.python.failure import Failure

from protocols.lines import LineProtocol

# Octets of a line from the server: 8,192 that somebody said may each have
# become three (U+FFFD), and two hundred names of 32 characters are as many.
MAX_ANSWER = 65536

# Messages kept for a caller who does not ask for them; the oldest goes first.
MAX_KEPT = 1000

_IN_ROOM = re.compile(r"(#\S+) (?:<(\S+)>|\*) (.*)", re.DOTALL)
_IN_PRIVATE = re.compile(r"\[(\S+) to you\] (.*)", re.DOTALL)
_ANY = re.compile("", re.DOTALL)
_QUESTION = re.compile(r"\* What is your name\?")

SAID_IN_VAIN = re.compile(r"\* (?:You have said that|You are in no room|That line)")
"""What the server says about a line that was said, and about few commands."""


class ChatClosedError(ConnectionError):
    """There is no connection, or it has ended; the message has the last word."""


class ChatRefusedError(Exception):
    """The server said no; the message says why, in its words."""


@dataclass(frozen=True)
class Heard:
    """Something that was heard.

    @ivar text: what.
    @ivar sender: who said it; empty for notices, and for what somebody does
        (C{/me}), which begins with their name.
    @ivar room: where; empty if in private, and from the server.
    """

    text: str
    sender: str = ""
    room: str = ""

    @property
    def isPrivate(self) -> bool:
        """Whether it was said to us alone."""
        return bool(self.sender) and not self.room


def heardIn(line: str) -> Heard:
    """What a line from the server is. Pure."""
    if found := _IN_ROOM.fullmatch(line):
        return Heard(found[3], found[2] or "", found[1])
    if found := _IN_PRIVATE.fullmatch(line):
        return Heard(found[2], found[1])
    return Heard(line.removeprefix("* "))


class ChatConnection(LineProtocol):
    """Matches lines with those who wait for them.

    @ivar question: fires when the server has asked for a name.
    @ivar missed: messages that were dropped, see L{MAX_KEPT}.
    """

    maxLength = MAX_ANSWER
    missed = 0
    question: Deferred[re.Match[str]]

    def connectionMade(self) -> None:
        """The server speaks first."""
        self._kept: deque[Heard] = deque()
        self._waiting: deque[Deferred[Heard]] = deque()
        self._closings: list[Deferred[None]] = []
        self._ended: str | None = None
        self._lost = False
        self._last = ""
        self.question = self._expect(_QUESTION, _ANY)

    def ask(
        self, line: bytes, expected: re.Pattern[str], beside: re.Pattern[str]
    ) -> Deferred[re.Match[str]]:
        """Send a command; fires with its answer, if that is what was expected.

        One at a time. Who cancels it ends the connection: nobody could tell any
        longer what the next answer answers.

        @param beside: lines from the server that are no answer.
        """
        self.send(line)
        return self._expect(expected, beside)

    def send(self, line: bytes) -> None:
        """Send a line that has no answer.

        @raise ChatClosedError: the connection has ended.
        """
        if self._ended is not None:
            raise ChatClosedError(self._ended)
        self.sendLine(line)

    def next(self) -> Deferred[Heard]:
        """The next thing heard; it may be cancelled."""
        heard: Deferred[Heard] = Deferred(self._forget)
        if self._kept:
            heard.callback(self._kept.popleft())
        elif self._ended is not None:
            heard.errback(ChatClosedError(self._ended))
        else:
            self._waiting.append(heard)
        return heard

    def quit(self) -> Deferred[None]:
        """Say so; fires when the connection is gone."""
        gone: Deferred[None] = Deferred()
        if self._lost:
            gone.callback(None)
            return gone
        self._closings.append(gone)
        if self._ended is None:
            self.sendLine(b"/quit")
            self._giveUp("the connection was closed")
        return gone

    def abort(self, why: str) -> None:
        """End at once, and fail all who wait."""
        self._giveUp(why)
        self._transport.abortConnection()

    def lineReceived(self, line: bytes) -> None:
        """Give it to who waits for it."""
        text = line.decode("utf-8", "replace")
        heard = heardIn(text)
        if heard.room or heard.isPrivate:
            self._keep(heard)
            return
        self._last = heard.text
        if self._answer is None or self._isBeside(text):
            self._keep(heard)
        else:
            self._answered(text, heard)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Nothing more comes."""
        self._lost = True
        why = self._last or reason.getErrorMessage()
        self._giveUp(f"the server closed: {why}")
        closings, self._closings = self._closings, []
        for gone in closings:
            gone.callback(None)

    def _expect(
        self, expected: re.Pattern[str], beside: re.Pattern[str]
    ) -> Deferred[re.Match[str]]:
        self._expected, self._beside = expected, beside
        answer: Deferred[re.Match[str]] = Deferred(
            lambda _: self.abort("an answer was given up")
        )
        self._answer: Deferred[re.Match[str]] | None = answer
        return answer

    def _isBeside(self, text: str) -> bool:
        return not self._expected.fullmatch(text) and bool(self._beside.match(text))

    def _answered(self, text: str, heard: Heard) -> None:
        answer, self._answer = self._answer, None
        assert answer is not None
        if found := self._expected.fullmatch(text):
            answer.callback(found)
        else:
            answer.errback(ChatRefusedError(heard.text))

    def _keep(self, heard: Heard) -> None:
        if self._waiting:
            self._waiting.popleft().callback(heard)
            return
        if len(self._kept) == MAX_KEPT:
            self._kept.popleft()
            self.missed += 1
        self._kept.append(heard)

    def _forget(self, heard: Deferred[Heard]) -> None:
        self._waiting.remove(heard)

    def _giveUp(self, why: str) -> None:
        self._ended = self._ended or why
        answer, self._answer = self._answer, None
        waiting, self._waiting = self._waiting, deque()
        error = ChatClosedError(self._ended)
        if answer is not None and not answer.called:
            answer.errback(error)
        for heard in waiting:
            heard.errback(error)


class ChatConnectionFactory(Factory):
    """Makes L{ChatConnection}s.

    @param clock: an C{IReactorTime}.
    """

    protocol = ChatConnection
    noisy = False

    def __init__(self, clock: Any) -> None:
        self.clock = clock
