"""The browser door with Firefox; skipped where there is none."""

from __future__ import annotations

from tests.chat.web.marionette import Firefox
from tests.chat.web.pages import PageCase
from tests.chat.web.webdriver import Window


class FirefoxTests(PageCase):
    def firefox(self, name: str) -> Window:
        return self.enters(Firefox(self, self.url), name)

    def test_everybodySeesEverybody(self) -> None:
        """A Firefox, a Chromium and an nc; nothing in the consoles."""
        ann, carl = self.firefox("ann"), self.terminal("carl")
        bob = self.browser("bob")
        self.says(ann, "from ann")
        carl.waitFor("<ann> from ann")
        carl.says("from carl <b>bold</b> & more", "`code` https://a.example/x. 👍")
        self.says(bob, "ann: from bob")
        for words in ("from ann", "from carl <b>bold</b> & more", "ann: from bob"):
            ann.waitForText("#log .text", words)
            bob.waitForText("#log .text", words)
        self.assertEqual(ann.all("#log code"), ["code"])
        self.assertEqual(ann.text("#log a"), "https://a.example/x")
        self.assertEqual(len(ann.all(".line.mention")), 1)
        ann.picture("firefox")

    def test_cutAndReloaded(self) -> None:
        """The page comes back by itself, and after a reload; nothing twice."""
        ann, carl = self.firefox("ann"), self.terminal("carl")
        carl.says("one")
        ann.waitForText("#log .text", "one")
        for client in list(self.irc.clients()):
            self.server.call(client.transport.abortConnection)
        carl.says("two")
        self.says(ann, "three")
        ann.waitForText("#log .line:not(.pending) .text", "three")
        ann.waitForText("#log .text", "two")
        self.assertEqual(self.said(ann), ["one", "two", "three"])
        ann.reload()
        ann.waitForText("#log .text", "three")
        self.assertEqual(self.said(ann), ["one", "two", "three"])
        self.says(ann, "/search one")
        ann.waitForText(".result .said", "one")
