"""A chat with a line door and a browser door, and who comes in by them."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
from typing import Any

from twisted.trial.unittest import SkipTest, SynchronousTestCase

from protocols.chat import ChatFactory
from protocols.chat.irc import IRCFactory
from protocols.chat.web import WebFactory
from protocols.testing import runningInThread
from tests.chat.web.webdriver import TIMEOUT, Window, windowFor

# What browsers say of a connection that a test has cut.
_CUT = ("WebSocket connection", "ERR_CONNECTION", "The connection to ws", "to ws://")

LISTEN = "tcp:0:interface=127.0.0.1"


class Terminal:
    """Somebody with C{nc} at the line door."""

    def __init__(self, case: Any, port: int, name: str) -> None:
        path = shutil.which("nc")
        if path is None:
            raise SkipTest("there is no nc here")
        self._process = subprocess.Popen(
            [path, "127.0.0.1", str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )
        case.addCleanup(self._close)
        self._heard = b""
        self.says(name)
        self.waitFor(f"Hello, {name}")

    def says(self, *lines: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{line}\n" for line in lines).encode())

    def waitFor(self, words: str) -> None:
        """Until something with C{words} has come since this was last asked."""
        assert self._process.stdout is not None
        out = self._process.stdout.fileno()
        while words.encode() not in self._heard:
            if not select.select([out], [], [], TIMEOUT)[0]:
                raise AssertionError(f"no {words!r} in {self._heard!r}")
            self._heard += os.read(out, 65536)
        self._heard = self._heard.partition(words.encode())[2]

    def _close(self) -> None:
        self._process.kill()
        self._process.communicate()


class PageCase(SynchronousTestCase):
    """A chat with a line door and a browser door, in one process."""

    def setUp(self) -> None:
        self.opened = windowFor(self)
        self.addCleanup(self.stopServing)
        self.startServing()

    def startServing(self, listen: str = LISTEN) -> None:
        """A new chat, which knows nothing of any other."""
        self.irc = IRCFactory(network="Teahouse", rate=(1000, 1000))
        self._running = runningInThread(WebFactory(self.irc), listen)
        self.server = self._running.__enter__()
        clock = self.irc.clock = self.server.reactor
        lines = ChatFactory(self.irc.house, clock=clock, rate=(1000, 1000))
        self._lines = self.server.call(clock.listenTCP, 0, lines, 50, "127.0.0.1")

    def stopServing(self) -> None:
        """At once, without a word."""
        self.server.call(self._lines.stopListening)
        self._running.__exit__(None, None, None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}/"

    def terminal(self, name: str) -> Terminal:
        return Terminal(self, self._lines.getHost().port, name)

    def browser(self, name: str, room: str = "", **how: Any) -> Window:
        """Somebody who has come in."""
        return self.enters(self.opened(self.url, **how), name, room)

    def enters(self, window: Window, name: str, room: str = "") -> Window:
        """Somebody comes in with a window."""
        self.addCleanup(self.noComplaints, window)
        window.waitFor("document.activeElement.id === 'login-name'")
        window.type("#login-name", name)
        if room:
            window.clear("#login-room")
            window.type("#login-room", room)
        window.press("Enter")
        window.waitForText("#title", room or "#lobby")
        window.waitFor("document.querySelectorAll('.member').length > 0")
        return window

    def says(self, window: Window, words: str) -> None:
        window.type("#words", words)
        window.press("Enter")

    def noComplaints(self, window: Window) -> None:
        """The policy was kept, and no script failed."""
        complaints = [
            each
            for each in window.complaints()
            if not any(words in each for words in _CUT)
        ]
        self.assertEqual(complaints, [])

    def said(self, window: Window) -> list[str]:
        return window.all("#log .line:not(.pending) .text")
