"""The IRC door with the C{irc} library of Python, as a bot uses it."""

from __future__ import annotations

from importlib.util import find_spec
from time import monotonic
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.live.servers import TIMEOUT
from tests.live.test_chat import Person
from tests.live.test_irc import LOOPBACK, chatting


class LibraryTests(SynchronousTestCase):
    if find_spec("irc") is None:
        skip = "the irc library is not installed"

    def test_talk(self) -> None:
        """Register, join, talk, and see who is at the line door."""
        from irc.client import Reactor

        with chatting("--room=#tea") as (lines, port):
            reactor: Any = Reactor()
            heard: list[tuple[str, ...]] = []
            bot = reactor.server().connect(LOOPBACK, port, "bot")
            self.addCleanup(bot.close)
            bot.add_global_handler("welcome", lambda c, _: c.join("#tea"))
            for kind in ("join", "pubmsg", "privmsg"):
                bot.add_global_handler(kind, lambda _, e: heard.append(_shown(e)))
            self.until(reactor, lambda: ("join", "bot", "#tea", "") in heard)
            ann = Person(lines, "ann")
            self.addCleanup(ann.close)
            ann.waitFor("You are in #tea, with bot")
            self.until(reactor, lambda: ("join", "ann", "#tea", "") in heard)
            ann.says("hello, bot")
            ann.says("/msg bot psst")
            self.until(reactor, lambda: ("privmsg", "ann", "bot", "psst") in heard)
            self.assertIn(("pubmsg", "ann", "#tea", "hello, bot"), heard)
            bot.privmsg("#tea", "hello, ann")
            self.assertIn("<bot> hello, ann", ann.waitFor("hello, ann"))

    def until(self, reactor: Any, isSo: Any) -> None:
        """Let the library's loop turn until something is so."""
        end = monotonic() + TIMEOUT
        while not isSo():
            self.assertLess(monotonic(), end, "it took too long")
            reactor.process_once(0.05)


def _shown(event: Any) -> tuple[str, ...]:
    return (event.type, event.source.nick, event.target, *(event.arguments or [""]))
