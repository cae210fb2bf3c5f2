"""The browser door with Chromium: what was said before, and what came meanwhile."""

from __future__ import annotations

from pathlib import Path

from protocols.sasl import Authenticator, PasswordFile, portalFor
from tests.chat.web.pages import PageCase
from tests.chat.web.webdriver import Window
from tests.folders import folderFor

TOP = "document.getElementById('scroll').scrollTop"


class HistoryTests(PageCase):
    def numbers(self, window: Window) -> list[int]:
        """The numbers of what is shown, which are to be in a row."""
        return [int(words.split()[-1]) for words in self.said(window)]

    def test_byScrolling(self) -> None:
        """Page after page, without a gap, and without a jump of what is read."""
        carl = self.terminal("carl")
        carl.says(*(f"number {number}" for number in range(400)))
        self.terminal("dora").says("/quit")
        carl.says("last 400")
        ann = self.browser("ann")
        ann.waitForText("#log .text", "last 400")
        self.assertEqual(self.numbers(ann)[-1], 400)
        while (first := self.numbers(ann)[0]) > 0:
            ann.run(f"{TOP} = 0; document.getElementById('scroll').scrollTop = 10")
            ann.waitFor(
                "document.querySelector('#log .text').innerText !== arguments[0]",
                f"number {first}",
            )
        self.assertEqual(self.numbers(ann), list(range(401)))
        ann.waitForText("#older", "This is where #lobby begins")

    def test_whatIsReadStaysWhereItIs(self) -> None:
        carl = self.terminal("carl")
        carl.says(*(f"number {number}" for number in range(300)))
        carl.says("/me ends")
        ann = self.browser("ann")
        ann.waitForText("#log .text", "ends")
        place = (
            "((line) => line && Math.round(line.getBoundingClientRect().top))"
            "([...document.querySelectorAll('#log .line')]"
            ".find((each) => each.innerText.endsWith('number 255')))"
        )
        ann.run(f"{TOP} = 250")
        before = ann.run(f"return {place}")
        ann.waitFor("document.querySelectorAll('#log .line').length > 100")
        self.assertAlmostEqual(ann.run(f"return {place}"), before, delta=3)
        carl.says("more")
        ann.waitForText("#to-end", "1 new")
        self.assertAlmostEqual(ann.run(f"return {place}"), before, delta=3)
        ann.click("#to-end")
        ann.waitFor("document.getElementById('to-end').hidden")

    def test_search(self) -> None:
        carl = self.terminal("carl")
        carl.says("the needle", *(f"number {number}" for number in range(250)))
        ann = self.browser("ann")
        ann.waitForText("#log .text", "number 249")
        self.says(ann, "/search needle")
        ann.waitForText(".result .said", "the needle")
        ann.picture("search")
        ann.click(".result")
        ann.waitForText(".line.found", "the needle")
        self.assertEqual(self.said(ann)[0], "the needle")
        ann.press("Control", "k")
        ann.clear("#search-words")
        ann.type("#search-words", "haystack")
        ann.press("Enter")
        ann.waitForText("#search-state", "Nothing in #lobby")

    def test_readElsewhere(self) -> None:
        """Who comes back to a page finds what they have read marked as read."""
        ann, carl = self.browser("ann"), self.terminal("carl")
        carl.says("one")
        ann.waitForText("#log .text", "one")
        ann.waitFor("!document.querySelector('.talk.unread')")
        ann.reload()
        ann.waitForText("#log .text", "one")
        self.assertEqual(ann.all(".talk.unread"), [])


class ResumeTests(PageCase):
    """Nothing is lost, and nothing is there twice."""

    def cut(self, window: Window) -> None:
        """The connection is lost, and is kept from coming back."""
        window.command("Network.enable")
        self.network(window, offline=True)
        for client in list(self.irc.clients()):
            self.server.call(client.transport.abortConnection)
        window.waitForText("#lost", "Connection lost")

    def network(self, window: Window, *, offline: bool) -> None:
        window.command(
            "Network.emulateNetworkConditions",
            offline=offline,
            latency=0,
            downloadThroughput=-1,
            uploadThroughput=-1,
        )

    def test_whatWasSaidMeanwhile(self) -> None:
        ann, carl = self.browser("ann"), self.terminal("carl")
        carl.says("before")
        ann.waitForText("#log .text", "before")
        self.cut(ann)
        carl.says(*(f"meanwhile {number}" for number in range(230)))
        self.says(ann, "written meanwhile")
        ann.waitForText(".pending", "written meanwhile")
        ann.picture("lost")
        carl.waitFor("ann quit")
        self.network(ann, offline=False)
        ann.waitForText("#state", "Connected")
        ann.waitFor("!document.querySelector('.pending')")
        carl.waitFor("<ann> written meanwhile")
        carl.says("after")
        ann.waitForText("#log .text", "after")
        meanwhile = [f"meanwhile {number}" for number in range(230)]
        wanted = ["before", *meanwhile, "written meanwhile", "after"]
        self.assertEqual(self.said(ann), wanted)

    def test_twoRoomsAndTheirMarks(self) -> None:
        ann, carl = self.browser("ann"), self.terminal("carl")
        self.says(ann, "/join #garden")
        ann.waitForText("#title", "#garden")
        self.cut(ann)
        carl.says("ann: one", "two")
        self.network(ann, offline=False)
        ann.waitForText("#state", "Connected")
        ann.waitFor("document.querySelector('[data-talk=\"#lobby\"] .mentioned')")
        self.assertEqual(ann.text("#title"), "#garden")

    def test_aConnectionThatIsCut(self) -> None:
        """The page is back in a moment, with its name."""
        ann = self.browser("ann")
        self.says(ann, "one")
        ann.waitForText("#log .text", "one")
        for client in list(self.irc.clients()):
            self.server.call(client.transport.abortConnection)
        self.says(ann, "two")
        ann.waitForText("#log .line:not(.pending) .text", "two")
        self.assertEqual(self.said(ann), ["one", "two"])
        self.assertEqual(ann.text("#me-name"), "ann")

    def test_aServerThatIsRestarted(self) -> None:
        """The same page, and a server which has forgotten everything."""
        ann = self.browser("ann")
        self.says(ann, "one")
        ann.waitForText("#log .text", "one")
        port = self.server.port
        self.stopServing()
        ann.waitForText("#lost", "Connection lost")
        self.startServing(f"tcp:{port}:interface=127.0.0.1")
        ann.waitForText("#state", "Connected")
        carl = self.terminal("carl")
        carl.says("two")
        ann.waitForText("#log .text", "two")
        self.says(ann, "three")
        carl.waitFor("<ann> three")
        ann.waitForText("#log .line:not(.pending) .text", "three")
        self.assertEqual(self.said(ann), ["one", "two", "three"])


class AccountTests(PageCase):
    def setUp(self) -> None:
        super().setUp()
        path = Path(folderFor(self), "passwords")
        path.write_text("ann:secret\n")
        checker = PasswordFile(str(path), reactor=self.server.reactor)
        self.irc.authenticator = Authenticator(portalFor(checker))

    def logsIn(self, window: Window, password: str) -> None:
        window.waitFor("!document.querySelector('#login button[type=submit]').disabled")
        window.clear("#login-name")
        window.type("#login-name", "ann")
        window.run("document.getElementById('login-account').open = true")
        window.clear("#login-password")
        window.type("#login-password", password)
        window.press("Enter")

    def test_aPassword(self) -> None:
        window = self.opened(self.url)
        self.logsIn(window, "wrong")
        window.waitForText("#login-error", "wrong")
        self.logsIn(window, "secret")
        window.waitForText("#title", "#lobby")
        accounts = [client.account for client in self.irc.clients()]
        self.assertEqual(accounts, ["ann"])
        kept = "return JSON.stringify([{...localStorage}, {...sessionStorage}])"
        self.assertNotIn("secret", window.run(kept))
