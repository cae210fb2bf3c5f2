"""A page whose server is stopped and started again, with all that is kept."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from tests.chat.web.pages import Terminal
from tests.chat.web.webdriver import Window
from tests.folders import folderFor
from tests.live.servers import Process, twistd

WORDS = "#log .line:not(.pending) .text"


class RestartTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.store = Path(folderFor(self), "chat.sqlite")
        self.ports = (0, 0)

    @contextmanager
    def serving(self) -> Iterator[Process]:
        """The same server as before, on the same ports."""
        doors = zip(("listen", "web"), self.ports, strict=True)
        words = [f"--{door}=tcp:{port}:interface=127.0.0.1" for door, port in doors]
        with twistd("chat", f"--store={self.store}", *words) as server:
            pattern = r" starting on (\d+)"
            line, web = (int(server.waitFor(pattern)[1]) for _ in words)
            self.ports = line, web
            yield server

    def browser(self, name: str) -> Window:
        window = Window(f"http://127.0.0.1:{self.ports[1]}/")
        self.addCleanup(window.close)
        window.type("#login-name", name)
        window.press("Enter")
        window.waitForText("#title", "#lobby")
        return window

    def said(self, window: Window) -> list[str]:
        return window.all(WORDS)

    def seen(self, number: signal.Signals) -> tuple[list[str], list[str]]:
        """What one sees who was there, and one who comes afterwards."""
        with self.serving() as server:
            ann = self.browser("ann")
            Terminal(self, self.ports[0], "carl").says("one", "two")
            ann.waitForText(WORDS, "two")
            ann.type("#words", "three")
            ann.press("Enter")
            ann.waitForText(WORDS, "three")
            server.send(number)
            server.ended()
        ann.waitForText("#lost", "Connection lost")
        ann.type("#words", "four")
        ann.press("Enter")
        with self.serving():
            Terminal(self, self.ports[0], "dora").says("five")
            for words in ("four", "five"):
                ann.waitForText(WORDS, words)
            bob = self.browser("bob")
            bob.waitForText(WORDS, "five")
            return self.said(ann), self.said(bob)

    def test_stopped(self) -> None:
        """Told (1001), and back with everything."""
        ann, bob = self.seen(signal.SIGTERM)
        self.assertEqual(ann[:3], ["one", "two", "three"])
        self.assertEqual(sorted(ann[3:]), ["five", "four"])
        self.assertEqual(bob, ann)

    def test_killed(self) -> None:
        """What the server has not kept any more, the page has; nothing twice."""
        ann, _ = self.seen(signal.SIGKILL)
        self.assertEqual(ann[:3], ["one", "two", "three"])
        self.assertEqual(sorted(ann[3:]), ["five", "four"])
