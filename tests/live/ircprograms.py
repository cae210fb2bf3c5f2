"""IRC clients of other people, driven as somebody at a terminal drives them."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import termios
from pathlib import Path
from time import monotonic
from typing import Any

from twisted.trial.unittest import SkipTest

from tests.live.servers import TIMEOUT

LOOPBACK = "127.0.0.1"

# Rows and columns of a terminal, so wide that no line of a test is wrapped.
SIZE = (40, 200)

_ESCAPES = re.compile(rb"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])|[\x0e\x0f]")


class Program:
    """A program that somebody types to, and whose output they read.

    @param terminal: whether it needs a terminal of its own.
    """

    def __init__(self, *words: str, terminal: bool = False, **environment: str) -> None:
        path = shutil.which(words[0])
        if path is None:
            raise SkipTest(f"there is no {words[0]} here")
        self.said = b""
        self._in, there = pty.openpty() if terminal else (-1, subprocess.PIPE)
        if terminal:
            fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        self._process = subprocess.Popen(
            [path, *words[1:]],
            stdin=there,
            stdout=there,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TERM": "xterm", **environment},
            start_new_session=True,
        )
        if terminal:
            os.close(there)
            self._out = self._in
        else:
            pipes: Any = self._process
            self._in, self._out = pipes.stdin.fileno(), pipes.stdout.fileno()

    def types(self, line: str, end: str = "\n") -> None:
        os.write(self._in, f"{line}{end}".encode())

    def waitFor(self, text: str) -> None:
        """Read on until C{text} has come behind what was waited for before.

        @raise AssertionError: it has not, for too long.
        """
        until = monotonic() + TIMEOUT
        while text.encode() not in (seen := _ESCAPES.sub(b"", self.said)):
            left = until - monotonic()
            if left <= 0 or not select.select([self._out], [], [], left)[0]:
                raise AssertionError(f"no {text!r} in {seen!r}")
            octets = self._read()
            if not octets:
                raise AssertionError(f"the end came before {text!r}: {seen!r}")
            self.said += octets
        self.said = seen.partition(text.encode())[2]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is None:
            os.close(self._in)
        else:
            self._process.communicate()

    def _read(self) -> bytes:
        try:
            return os.read(self._out, 65536)
        except OSError:
            return b""


def follow(path: Path) -> Program:
    """What is in a file by now, and what is added."""
    return Program("tail", "-s", "0.05", "-n", "+1", "-F", str(path))


class Sic(Program):
    """C{sic}: everything in one column; what is typed goes to the last room."""

    def __init__(self, port: int, name: str, folder: Path) -> None:
        super().__init__("sic", "-h", LOOPBACK, "-p", str(port), "-n", name)
        self.waitFor("MOTD")

    def join(self, room: str) -> None:
        self.types(f":j {room}")
        self.waitFor(f"{room}")

    def talk(self, text: str) -> None:
        self.types(text)


class Nc(Program):
    """C{nc}: somebody who knows the protocol by heart."""

    def __init__(self, port: int, name: str, folder: Path) -> None:
        super().__init__("nc", LOOPBACK, str(port))
        self.types(f"NICK {name}")
        self.types(f"USER {name} 0 * :{name}")
        self.waitFor(f" 001 {name} ")

    def join(self, room: str) -> None:
        self.types(f"JOIN {room}")
        self.waitFor(f" {room} :End of NAMES")
        self.room = room

    def talk(self, text: str) -> None:
        self.types(f"PRIVMSG {self.room} :{text}")


class Ii:
    """C{ii}: a folder for each room, with a named pipe and a file."""

    def __init__(self, port: int, name: str, folder: Path) -> None:
        self._folder = folder / LOOPBACK
        words = ("-s", LOOPBACK, "-p", str(port), "-n", name, "-i", str(folder))
        self._programs = [Program("ii", *words)]
        self.room = ""
        self._follow("out").waitFor("MOTD")

    def join(self, room: str) -> None:
        self._write("in", f"/j {room}")
        self.room = room
        self._reader = self._follow(f"{room}/out")
        self._reader.waitFor("has joined")

    def talk(self, text: str) -> None:
        self._write(f"{self.room}/in", text)

    def waitFor(self, text: str) -> None:
        self._reader.waitFor(text)

    def close(self) -> None:
        for program in self._programs:
            program.close()

    def _follow(self, name: str) -> Program:
        """What is in a file by now, and what is added."""
        self._programs.append(follow(self._folder / name))
        return self._programs[-1]

    def _write(self, name: str, line: str) -> None:
        (self._folder / name).write_text(f"{line}\n")


class Irssi(Program):
    """C{irssi}, on a terminal."""

    def __init__(self, port: int, name: str, folder: Path) -> None:
        words = ("-n", name, "--home", str(folder))
        super().__init__("irssi", *words, terminal=True)
        # It waits 2.2 s between two commands otherwise.
        self.types("/set cmd_queue_speed 10msec")
        self.types(f"/connect {LOOPBACK} {port}")
        self.waitFor("MOTD")

    def types(self, line: str, end: str = "\r") -> None:
        super().types(line, end)

    def join(self, room: str) -> None:
        self.types(f"/join {room}")
        self.waitFor("Join to")

    def talk(self, text: str) -> None:
        self.types(text)


class Weechat(Program):
    """C{weechat-headless}, told by its pipe, and read in its log.

    @param settings: of the server, such as C{tls on}.
    """

    def __init__(self, port: int, name: str, folder: Path, *settings: str) -> None:
        self._folder = folder
        commands = (
            "/set logger.file.flush_delay 0",
            f"/server add t {LOOPBACK}/{port}",
            f"/set irc.server.t.nicks {name}",
            "/set fifo.file.path ${weechat_data_dir}/pipe",
            *(f"/set irc.server.t.{setting}" for setting in settings),
            "/connect t",
        )
        words = [word for command in commands for word in ("-r", command)]
        super().__init__("weechat-headless", "-d", str(folder), *words)
        self._readers: list[Program] = []
        self._follow("irc.server.t").waitFor("MOTD")

    def join(self, room: str) -> None:
        self._tell(f"irc.server.t */join {room}")
        self.room = room
        self._reader = self._follow(f"irc.t.{room}")
        self._reader.waitFor("has joined")

    def talk(self, text: str) -> None:
        self._tell(f"irc.t.{self.room} *{text}")

    def waitFor(self, text: str) -> None:
        self._reader.waitFor(text)

    def waitForServer(self, text: str) -> None:
        """What the server has told, from the beginning."""
        self._follow("irc.server.t").waitFor(text)

    def close(self) -> None:
        for program in self._readers:
            program.close()
        super().close()

    def _tell(self, line: str) -> None:
        (self._folder / "pipe").write_text(f"{line}\n")

    def _follow(self, name: str) -> Program:
        path = self._folder / "logs" / f"{name}.weechatlog"
        self._readers.append(follow(path))
        return self._readers[-1]
