"""The page's marks, settings and announcements, in Chromium."""

from __future__ import annotations

from protocols.chat.accounts import Accounts
from protocols.chat.storememory import MemoryStore
from tests.chat.web.pages import PageCase
from tests.chat.web.webdriver import Window

TOP = "document.getElementById('scroll').scrollTop"

# A browser that allows notifications, and a page that nobody looks at.
AWAY = """
    window.told = [];
    window.Notification = class {
      static permission = "granted";
      constructor(title, { body, tag }) { window.told.push([title, body, tag]); }
    };
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
"""


class NewTests(PageCase):
    def test_whereNewBegins(self) -> None:
        """Who comes to a room with much that is new begins where it begins."""
        ann, carl = self.browser("ann"), self.terminal("carl")
        carl.says("old")
        ann.waitForText("#log .text", "old")
        self.says(ann, "/join #garden")
        ann.waitForText("#title", "#garden")
        carl.says(*(f"number {number}" for number in range(80)))
        ann.waitForText("[data-talk='#lobby'] .count", "80")
        ann.click("[data-talk='#lobby']")
        ann.waitForText("#to-end", "80 new")
        line = "document.querySelector('.divider.new').getBoundingClientRect()"
        self.assertTrue(
            ann.run(f"return {line}.top > 0 && {line}.bottom < innerHeight")
        )
        self.assertEqual(ann.all(".talk.unread .name"), ["lobby"])
        ann.picture("new")
        ann.click("#to-end")
        ann.waitFor("!document.querySelector('.talk.unread')")

    def test_whatComesMeanwhile(self) -> None:
        ann, carl = self.browser("ann"), self.terminal("carl")
        carl.says(*(f"number {number}" for number in range(60)))
        ann.waitForText("#log .text", "number 59")
        ann.run(f"{TOP} = 0")
        ann.waitForText("#to-end", "Latest")
        carl.says("ann: one", "two")
        ann.waitForText("#to-end", "2 new")
        ann.press("Escape")
        ann.waitFor("document.getElementById('to-end').hidden")


class ToldTests(PageCase):
    def told(self, window: Window) -> list[list[str]]:
        return list(window.run("return window.told"))

    def test_notifications(self) -> None:
        """By choice: nothing, what is for us, or everything."""
        ann, carl = self.browser("ann"), self.terminal("carl")
        ann.run(AWAY)
        carl.says("ann: nothing yet")
        ann.waitFor("document.title.startsWith('(1)')")
        self.assertEqual(self.told(ann), [])
        ann.click("#show-settings")
        ann.run(
            "const field = document.querySelector('#settings [name=notify]');"
            "field.value = 'mentions'; field.dispatchEvent(new Event('change'))"
        )
        carl.says("for nobody", "ann: look", "/msg ann psst")
        ann.waitFor("window.told.length > 1")
        self.assertEqual(
            self.told(ann),
            [["carl in #lobby", "ann: look", "#lobby"], ["carl", "psst", "carl"]],
        )
        icon = "return document.getElementById('page-icon').href"
        self.assertTrue(ann.run(icon).endswith("/icon-new.svg"))

    def test_aScreenReader(self) -> None:
        """A few words are read, of many only how many, and who called us."""
        ann, carl = self.browser("ann"), self.terminal("carl")
        carl.says("one", "/me waves")
        said = "document.getElementById('announcer').textContent"
        ann.waitFor(f"{said} === 'carl: one\\ncarl waves'")
        carl.says(*(f"number {number}" for number in range(20)), "ann: hello")
        ann.waitFor(f"{said} === '21 new messages\\ncarl: ann: hello'")
        live = "return document.getElementById('log').ariaLive"
        self.assertEqual(ann.run(live), "off")


class ChoiceTests(PageCase):
    def test_settingsAreKept(self) -> None:
        ann = self.browser("ann")
        ann.click("#show-settings")
        for name, value in (("theme", "dark"), ("size", "large")):
            ann.run(
                "const field = document.querySelector(`[name=${arguments[0]}]`);"
                "field.value = arguments[1]; field.dispatchEvent(new Event('change'))",
                name,
                value,
            )
        ann.press("Escape")
        ann.click("#show-members")
        ann.reload()
        ann.waitForText("#title", "#lobby")
        colour = (
            "return getComputedStyle(document.querySelector('.middle')).backgroundColor"
        )
        self.assertEqual(ann.run(colour), "rgb(26, 29, 37)")
        seen = "return document.querySelector('#members h2').checkVisibility()"
        self.assertFalse(ann.run(seen))

    def test_howMuchIsTyped(self) -> None:
        """Said near the end of a message; what is too long stays to be cut."""
        ann, carl = self.browser("ann"), self.terminal("carl")
        setting = (
            "const field = document.getElementById('words');"
            "field.value = arguments[0]; field.dispatchEvent(new Event('input'))"
        )
        shown = {
            "x" * 300: "",
            "x" * 370: "10 left",
            "x" * 381: "Sent as 2 messages",
            "a\nb": "Sent as 2 messages",
            "x\n" * 21: "Too long: 21 messages, and 20 are the most",
        }
        for words, said in shown.items():
            ann.run(setting, words)
            self.assertEqual(ann.text("#length"), said, words[:3])
        ann.run("document.getElementById('composer').requestSubmit()")
        self.assertEqual(len(str(ann.run("return words.value"))), 42)
        ann.run(setting, "one\ntwo")
        ann.press("Enter")
        carl.waitFor("<ann> one")
        carl.waitFor("<ann> two")

    def test_members(self) -> None:
        ann = self.browser("ann")
        for number in range(20):
            self.terminal(f"member{number}")
        ann.waitForText("#members h2", "21 MEMBERS")
        ann.type("#member-filter", "BER7")
        ann.waitFor("document.querySelectorAll('.member').length === 1")
        self.assertEqual(ann.all(".member .name"), ["member7"])
        carl = self.terminal("carl")
        self.says(ann, "/join #garden")
        ann.waitForText("#title", "#garden")
        carl.says("/join #garden")
        ann.waitForText(".member", "carl")
        rows = ann.all("#members .rank, #members .name")
        self.assertEqual(rows, ["Keeping order", "ann", "Members", "carl"])

    def test_aNewAccount(self) -> None:
        """Made while coming in; from then on the name is asked for its password."""
        store = MemoryStore()
        self.irc.accounts = Accounts(store, self.server.reactor)
        self.irc.house.accounts = self.irc.accounts
        self.irc.authenticator = self.irc.accounts.authenticator
        window = self.opened(self.url)
        window.run("document.getElementById('login-account').open = true")
        window.type("#login-name", "ann")
        window.type("#login-password", "correct horse")
        window.run("document.getElementById('login-register').click()")
        window.press("Enter")
        window.waitForText("#notice", "account was made")
        other = self.opened(self.url)
        other.type("#login-name", "ann")
        other.press("Enter")
        other.waitFor("!document.getElementById('login-error').hidden")


class SayingTests(PageCase):
    def test_whatIsRefused(self) -> None:
        """It stays, says why, and is said again or not."""
        ann, carl = self.browser("ann"), self.terminal("carl")
        carl.says("/join #garden", "/set moderated on")
        carl.waitFor("moderated")
        self.says(ann, "/join #garden")
        ann.waitForText("#title", "#garden")
        for words in ("one", "two"):
            self.says(ann, words)
        ann.waitFor("document.querySelectorAll('.unsent').length === 2")
        self.assertEqual(ann.all(".unsent button"), ["Send again", "Discard"] * 2)
        carl.says("/set moderated off")
        carl.waitFor("moderated")
        ann.click(".unsent button")
        carl.waitFor("<ann> one")
        ann.waitFor("document.querySelectorAll('.unsent').length === 1")
        ann.click(".unsent button:last-child")
        ann.waitFor("!document.querySelector('.pending')")
        self.assertEqual(self.said(ann), ["one"])
