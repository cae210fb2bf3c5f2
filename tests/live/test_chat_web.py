"""The browser door with Chromium: the page as people use it."""

from __future__ import annotations

from tests.chat.web.pages import PageCase

PHONE = (390, 780)


class TalkTests(PageCase):
    def test_everybodySeesEverybody(self) -> None:
        """Two browsers and an nc."""
        ann, bob = self.browser("ann"), self.browser("bob")
        carl = self.terminal("carl")
        self.says(ann, "from ann")
        self.says(bob, "from bob")
        carl.says("from carl <b>bold</b> & more")
        for window in (ann, bob):
            for words in ("from ann", "from bob", "from carl <b>bold</b> & more"):
                window.waitForText("#log .text", words)
            self.assertEqual(len(self.said(window)), 3)
            self.assertEqual(window.text("#members h2").lower(), "3 members")
        carl.waitFor("<ann> from ann")
        carl.waitFor("<bob> from bob")
        ann.picture("talk")

    def test_actionsLinksAndFormatting(self) -> None:
        ann, carl = self.browser("ann"), self.terminal("carl")
        carl.says("/me waves", "see https://a.example/x_(y)?z=1. and #garden")
        ann.waitForText(".line.action", "carl waves")
        link = "return document.querySelector('#log a').href"
        ann.waitForText("#log a", "https://a.example")
        self.assertEqual(ann.run(link), "https://a.example/x_(y)?z=1")
        self.says(ann, "/me nods")
        carl.waitFor("* ann nods")
        ann.click(".room-link")
        ann.waitForText("#title", "#garden")

    def test_aLongLineOfTheLineDoor(self) -> None:
        """It comes in several messages of IRC, and is one again."""
        ann, carl = self.browser("ann"), self.terminal("carl")
        words = " ".join(f"word{number}" for number in range(300))
        carl.says(words)
        ann.waitForText("#log .text", "word299")
        self.assertEqual(self.said(ann), [words])
        ann.reload()
        ann.waitForText("#log .text", "word299")
        self.assertEqual(self.said(ann), [words])

    def test_privateTalk(self) -> None:
        ann, bob = self.browser("ann"), self.browser("bob")
        self.says(ann, "/msg bob psst")
        bob.waitForText("#people .talk.unread", "ann")
        bob.click("#people .talk")
        bob.waitForText("#log .text", "psst")
        self.says(bob, "what is it?")
        ann.waitForText("#log .text", "what is it?")
        self.assertEqual(ann.text("#title"), "bob")
        carl = self.terminal("carl")
        carl.says("/msg ann hello from a terminal")
        ann.waitForText("#people .talk.unread", "carl")

    def test_unreadAndMentions(self) -> None:
        ann, carl = self.browser("ann"), self.terminal("carl")
        self.says(ann, "/join #garden")
        ann.waitForText("#title", "#garden")
        carl.says("one", "two", "ann: three", "Hannah four")
        ann.waitFor("document.querySelector('[data-talk=\"#lobby\"] .mentioned')")
        ann.waitFor("document.title.startsWith('(1) ')")
        ann.press("Alt", "ArrowDown")
        ann.waitForText("#title", "#lobby")
        ann.waitFor("!document.querySelector('.talk.unread')")
        self.assertEqual(len(ann.all(".line.mention")), 1)
        self.assertEqual(ann.all(".divider.new"), ["New"])

    def test_comingsAndGoingsAreFolded(self) -> None:
        ann = self.browser("ann")
        for name in ("carl", "dora", "emil"):
            self.terminal(name)
        ann.waitForText(".fold summary", "carl, dora and emil joined")
        self.assertEqual(len(ann.all(".fold")), 1)
        ann.click(".fold summary")
        ann.waitForText(".fold li", "dora joined")

    def test_topicAndName(self) -> None:
        ann, bob = self.browser("ann", "#garden"), self.browser("bob", "#garden")
        self.says(ann, "/topic roses")
        bob.waitForText("#topic", "roses")
        self.says(bob, "/nick robert")
        bob.waitForText("#me-name", "robert")
        ann.waitForText("#members .name", "robert")
        self.says(bob, "/nick ann")
        bob.waitForText("#notice", "in use")

    def test_aNameThatIsTaken(self) -> None:
        self.terminal("carl")
        window = self.opened(self.url)
        window.type("#login-name", "Carl")
        window.press("Enter")
        window.waitForText("#login-error", "in use")
        window.type("#login-name", "oscar")
        window.press("Enter")
        window.waitForText("#title", "#lobby")

    def test_noConnection(self) -> None:
        """The one who waits to come in is told why, and comes in later."""
        window = self.opened(self.url)
        port = self.server.port
        self.stopServing()
        window.type("#login-name", "ann")
        window.press("Enter")
        window.waitForText("#login-error", "No connection")
        self.startServing(f"tcp:{port}:interface=127.0.0.1")
        window.waitForText("#title", "#lobby")
        self.assertFalse(window.run("return document.getElementById('chat').hidden"))


class KeyboardTests(PageCase):
    def test_completion(self) -> None:
        ann, _ = self.browser("ann"), self.terminal("Christopher")
        ann.waitForText(".member", "Christopher")
        value = "return document.getElementById('words').value"
        ann.type("#words", "chr")
        ann.press("Tab")
        self.assertEqual(ann.run(value), "Christopher: ")
        ann.clear("#words")
        ann.type("#words", "/sea")
        ann.waitForText(".choice", "Search what was said")
        ann.press("Tab")
        self.assertEqual(ann.run(value), "/search ")

    def test_whatWasTypedBefore(self) -> None:
        ann = self.browser("ann")
        self.says(ann, "once")
        ann.waitForText("#log .text", "once")
        ann.press("ArrowUp")
        value = "return document.getElementById('words').value"
        self.assertEqual(ann.run(value), "once")

    def test_everythingHasAName(self) -> None:
        """What can be focused says what it is."""
        ann = self.browser("ann")
        nameless = ann.run(
            "return [...document.querySelectorAll('button, input, textarea')]"
            ".filter((each) => !each.innerText && !each.ariaLabel)"
            ".filter((each) => !each.labels?.length)"
            ".map((each) => each.outerHTML)"
        )
        self.assertEqual(nameless, [])

    def test_commandsThatAreNone(self) -> None:
        ann, carl = self.browser("ann"), self.terminal("carl")
        self.says(ann, "/nonsense")
        ann.waitForText("#notice", "There is no /nonsense")
        self.says(ann, "/help")
        ann.waitForText("#help", "/join #room")
        ann.press("Escape")
        ann.waitFor("!document.getElementById('help').open")
        self.says(ann, "//not a command")
        carl.waitFor("<ann> /not a command")


# Whether a drawer has slid in.
INSIDE = (
    "((box) => box.left >= 0 && box.right <= innerWidth)"
    "(document.getElementById(arguments[0]).getBoundingClientRect())"
)


class PhoneTests(PageCase):
    def test_drawers(self) -> None:
        ann = self.browser("ann", size=PHONE)
        wide = "return document.documentElement.scrollWidth <= innerWidth"
        self.assertTrue(ann.run(wide))
        ann.picture("phone")
        for name in ("side", "members"):
            self.assertFalse(ann.run(f"return {INSIDE}", name))
            ann.click(f"#show-{name}")
            ann.waitFor(INSIDE, name)
            ann.picture(f"phone-{name}")
            within = "document.activeElement.closest('#' + arguments[0]) !== null"
            ann.waitFor(within, name)
            ann.press("Escape")
            ann.waitFor(f"!{INSIDE}", name)
            ann.waitFor(f"!({within})", name)

    def test_joinFromTheList(self) -> None:
        carl = self.terminal("carl")
        carl.says("/join #garden")
        carl.waitFor("You are in #garden")
        ann = self.browser("ann", size=PHONE)
        ann.click("#show-side")
        ann.waitFor(INSIDE, "side")
        ann.click("#join")
        ann.waitForText(".known", "#garden")
        ann.waitFor(
            "[...document.querySelectorAll('.known')]"
            ".filter((each) => each.innerText.includes('#garden'))"
            ".map((each) => each.click()).length"
        )
        ann.waitForText("#title", "#garden")


class AddressTests(PageCase):
    def test_aLinkToARoom(self) -> None:
        """An address names a room, and the page is at the address of its room."""
        ann = self.opened(self.url + "#garden")
        ann.type("#login-name", "ann")
        ann.press("Enter")
        ann.waitForText("#title", "#garden")
        self.says(ann, "/join #roses")
        ann.waitForText("#title", "#roses")
        self.assertTrue(ann.run("return location.href").endswith("/#roses"))
        ann.run("location.hash = '#garden'")
        ann.waitForText("#title", "#garden")

    def test_reloaded(self) -> None:
        """All rooms, the same name, and what was said."""
        ann, carl = self.browser("ann"), self.terminal("carl")
        self.says(ann, "/join #garden")
        ann.waitForText("#title", "#garden")
        carl.says("hello")
        ann.waitForText("[data-talk='#lobby']", "1")
        ann.reload()
        ann.waitForText("#title", "#garden")
        ann.waitForText("#rooms", "lobby")
        ann.waitForText("#me-name", "ann")
        self.assertEqual(ann.text("#me-name"), "ann")

    def test_left(self) -> None:
        ann, carl = self.browser("ann"), self.terminal("carl")
        ann.click("#leave")
        ann.waitFor("!document.getElementById('login').hidden")
        carl.waitFor("ann quit")
        ann.press("Enter")
        ann.waitForText("#title", "#lobby")


class IgnoringTests(PageCase):
    def test_ignored(self) -> None:
        """One's own browser remembers whom not to show."""
        ann, carl = self.browser("ann"), self.terminal("carl")
        self.says(ann, "/ignore CARL")
        ann.waitForText("#notice", "You do not see CARL")
        carl.says("noise")
        self.terminal("dora").says("words")
        ann.waitForText("#log .text", "words")
        self.assertEqual(self.said(ann), ["words"])
        self.says(ann, "/unignore carl")
        carl.says("music")
        ann.waitForText("#log .text", "music")
