"""A crowd that comes to a chat in a few seconds, and people who talk meanwhile."""

from __future__ import annotations

import os
import re
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

HOST = "127.0.0.1"

# A person says so many lines a second; each is ten thousand deliveries.
SAYS = 0.5

# Seconds without anything from the server after which nothing more will come.
PATIENCE = 10.0

# Seconds after which somebody who has neither come in nor been told why not never will.
LONGEST = 60.0

_TICK = re.compile(rb"tick (\d+\.\d+)")


class Door:
    """What is said at a door to come in, and what it says to who has."""

    def __init__(
        self, hello: str, here: bytes, say: str, names: tuple[str, ...]
    ) -> None:
        self.hello, self.say = hello, say
        self.here = here
        self.refused = tuple(name.encode() for name in names)


DOORS = {
    "line": Door("{}\n", b"You are in #", "{}\n", ("no place", "is full")),
    "irc": Door(
        "NICK {0}\r\nUSER u 0 * :r\r\nJOIN #lobby\r\n",
        b" 366 ",
        "PRIVMSG #lobby :{}\r\n",
        ("no place", "localhost 471 ", "ERROR"),
    ),
}


class Member:
    """One who comes: in the end C{in}, C{told} why not, or C{cut} without a word.

    @ivar heard: the octets that came last, as far as a word may be cut in two.
    """

    def __init__(self, port: int, name: str, door: Door) -> None:
        self.state = "coming"
        self.door, self.name = door, name
        self.heard = b""
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.connect_ex((HOST, port))

    def connected(self) -> bool:
        """Say who it is; false if the connection has gone by now."""
        try:
            self.socket.send(self.door.hello.format(self.name).encode())
        except OSError:
            return False
        return True

    def read(self) -> bytes:
        """What has come; nothing at the end."""
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return b" "
        except OSError:
            data = b""
        self._note(self.heard[-400:] + data)
        return data

    def _note(self, heard: bytes) -> None:
        self.heard = heard
        if self.state == "coming" and any(each in heard for each in self.door.refused):
            self.state = "told"
        elif self.state == "coming" and self.door.here in heard:
            self.state = "in"

    def ended(self) -> None:
        """The connection is gone."""
        if self.state == "coming":
            self.state = "cut"
        self.socket.close()


class Crowd:
    """So many people, of whom each comes at its time.

    @param spread: seconds in which they come, evenly.
    @param isHerd: nobody says anything until all are connected, and then all do.
    """

    def __init__(
        self,
        port: int,
        door: str,
        count: int,
        spread: float,
        who: str = "crowd",
        isHerd: bool = False,
    ) -> None:
        self._who = who
        self._silent = count if isHerd else 0
        self._selector = selectors.EpollSelector()
        self._places = (port, DOORS[door])
        self._count, self._spread = count, spread
        self.members: list[Member] = []
        self.open = 0

    def come(self) -> float:
        """Have all come in, or be told why not; the seconds until the last one was."""
        begun = time.perf_counter()
        last = begun
        while time.perf_counter() - last < PATIENCE:
            passed = time.perf_counter() - begun
            if passed > LONGEST:
                break
            due = min(self._count, int(self._count * passed / self._spread) + 1)
            while len(self.members) < due:
                self._add()
            coming = sum(each.state == "coming" for each in self.members[-4000:])
            if self.turn(0.01):
                last = time.perf_counter()
            if due == self._count and not coming and not self.waiting():
                break
        return time.perf_counter() - begun

    def _add(self) -> None:
        port, door = self._places
        member = Member(port, f"{self._who}-{len(self.members)}", door)
        self.members.append(member)
        self.open += 1
        self._selector.register(member.socket, selectors.EVENT_WRITE, member)

    def waiting(self) -> int:
        """How many have neither come in nor been told anything."""
        return sum(each.state == "coming" for each in self.members)

    def states(self) -> Counter[str]:
        """How many are what."""
        return Counter(each.state for each in self.members)

    def turn(self, seconds: float) -> int:
        """Do what can be done; how many had something to do."""
        ready = self._selector.select(seconds)
        for key, events in ready:
            member = key.data
            if events & selectors.EVENT_WRITE and self._begins(member):
                self._selector.modify(member.socket, selectors.EVENT_READ, member)
            elif not member.read():
                self._selector.unregister(member.socket)
                self.open -= 1
                member.ended()
        return len(ready)

    def _begins(self, member: Member) -> bool:
        if not self._silent:
            return member.connected()
        self._silent -= 1
        if not self._silent:
            for each in self.members:
                each.connected()
        return True

    def hearUntil(self, isDone: Callable[[], bool]) -> None:
        """Read until it is done, or nothing comes any more."""
        last = time.perf_counter()
        while not isDone() and time.perf_counter() - last < PATIENCE:
            if self.turn(0.05):
                last = time.perf_counter()

    def close(self) -> None:
        """Hang up."""
        for member in self.members:
            member.socket.close()
        self._selector.close()


class Talkers:
    """People who are there already and talk, in a process of their own.

    What they measure is how long a line takes from one of them to another.
    """

    def __init__(self, port: int, door: str, count: int) -> None:
        context = get_context("fork")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_talk, args=(port, door, count, there))
        self._process.start()
        there.close()
        self._here.recv()

    def stop(self) -> list[float]:
        """Seconds of each delivery, in order.

        @raise SystemExit: one of them was cut, and all have stopped.
        """
        try:
            self._here.send("stop")
            latencies: list[float] = self._here.recv()
        except (EOFError, OSError):
            raise SystemExit("somebody who talks was cut") from None
        self._process.join()
        return sorted(latencies)


def _talk(port: int, door: str, count: int, pipe: Any) -> None:
    os.nice(0)
    crowd = Crowd(port, door, count, 0.1, "talker")
    crowd.come()
    pipe.send("here")
    latencies: list[float] = []
    following, due = 0, time.perf_counter()
    while not pipe.poll():
        now = time.perf_counter()
        if now >= due:
            speaker = crowd.members[following % count]
            line = DOORS[door].say.format(f"tick {now:.6f}")
            speaker.socket.send(line.encode())
            following, due = following + 1, max(due, now - 1) + 1 / (SAYS * count)
        latencies += _listen(crowd, max(0.0, due - now))
    pipe.send(latencies)


def _listen(crowd: Crowd, seconds: float) -> list[float]:
    found = []
    for key, _ in crowd._selector.select(seconds):
        data = key.data.read()
        now = time.perf_counter()
        found += [now - float(each) for each in _TICK.findall(data)]
    return found
