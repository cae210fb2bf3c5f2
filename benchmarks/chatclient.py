"""Many people in one room of a chat: the client C{chatload.c}, and what it is told."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import NamedTuple

from loadclient import LoadError, compiled
from measure import pin

CHAT = ("chatload.c", "chattalk.c", "chatload.h")

# Seconds that people talk, once.
LASTING = 0.5


class Door(NamedTuple):
    """What a client says until it is in the room; C{%} is its number.

    @ivar greeting: its first words.
    @ivar inside: is in the line that tells it that it is in.
    @ivar welcome: is in the line upon which it says C{join}, if it has to.
    @ivar prefix: stands before what is said to the room.
    """

    greeting: str
    inside: str
    welcome: str = ""
    join: str = ""
    prefix: str = ""

    def options(self) -> list[str]:
        """As the client takes them."""
        joining = ["-w", self.welcome, "-j", self.join] if self.join else []
        return ["-g", self.greeting, "-i", self.inside, "-p", self.prefix, *joining]


LINES = Door("u%\r\n", "You are in")
EXAMPLE = Door("u%\r\n", "Welcome, ")
IRC = Door(
    "NICK u%\r\nUSER u 0 * :u\r\n", " 366 ", " 001 ", "JOIN #lobby\r\n",
    "PRIVMSG #lobby :",
)  # fmt: skip


@dataclass(frozen=True)
class Talk:
    """Who is in the room, and talks.

    @ivar members: all.
    @ivar senders: those who talk.
    @ivar underWay: messages that each of them has under way.
    @ivar messages: at the most, if not 0; else as many as the time allows.
    @ivar deaf: members who do not read.
    @ivar first: the number of the first one, which is in its name.
    @ivar coming: how many come at once.
    """

    members: int
    senders: int = 1
    underWay: int = 1
    messages: int = 0
    seconds: float = LASTING
    deaf: int = 0
    first: int = 0
    coming: int = 256

    def options(self) -> list[str]:
        """As the client takes them."""
        names = dict(zip("cxkntdob", fields(self), strict=True))
        given = {name: getattr(self, field.name) for name, field in names.items()}
        return [w for n, v in given.items() if v for w in (f"-{n}", str(v))]


@dataclass(frozen=True)
class Heard:
    """What came of a talk; latencies in microseconds."""

    deliveries: int
    seconds: float
    errors: int
    p50: float
    p99: float


class People:
    """A client all of whose members are in the room.

    @raise LoadError: they do not get in.
    """

    def __init__(self, talk: Talk, door: Door, port: int) -> None:
        command = [str(compiled(CHAT)), str(port), *talk.options(), *door.options()]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: pin(1) if (os.cpu_count() or 1) > 1 else None,
        )
        self._line("ready")

    def talk(self) -> Heard:
        """Have them talk, once.

        @raise LoadError: not everybody has heard everything, in order.
        """
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        heard = Heard(**json.loads(self._line("{")))
        if heard.errors:
            raise LoadError(f"{heard.errors} of {heard.deliveries} were out of order")
        return heard

    def leave(self) -> None:
        """Close all connections."""
        self._process.kill()
        self._process.communicate()

    def _line(self, beginning: str) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line.startswith(beginning):
            _, said = self._process.communicate()
            raise LoadError(said.strip() or "the client has ended")
        return line


@contextmanager
def inRoom(talk: Talk, door: Door, port: int) -> Iterator[People]:
    """A client, whose connections are closed in the end."""
    people = People(talk, door, port)
    try:
        yield people
    finally:
        people.leave()
