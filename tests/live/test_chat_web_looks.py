"""The page as it looks and feels: contrast, sizes, keys, screen readers; Chromium.

Numbers are those of the Web Content Accessibility Guidelines 2.2.
"""

from __future__ import annotations

from typing import Any

from tests.chat.web.pages import PageCase
from tests.chat.web.webdriver import Window

# WCAG 1.4.3: text that is not large.
CONTRAST = 4.5

# WCAG 2.5.5, in pixels; without the names and links within lines of text.
TARGET = 44

# Each text that is seen, with the contrast to what is painted behind it. Colours of
# any kind become red, green and blue on a canvas.
CONTRASTS = """
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d", {willReadFrequently: true});
    const over = (colour, [r, g, b]) => {
      pen.fillStyle = `rgb(${r} ${g} ${b})`;
      pen.fillRect(0, 0, 1, 1);
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = (rgb) => {
      const [r, g, b] = rgb.map((each) => each / 255)
        .map((each) =>
          each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => element
      ? over(getComputedStyle(element).backgroundColor, behind(element.parentElement))
      : [255, 255, 255];
    const found = [];
    const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (all.nextNode()) {
      const element = all.currentNode.parentElement;
      const words = all.currentNode.data.trim();
      if (!words || !element.checkVisibility({visibilityProperty: true})) continue;
      if (element.closest(".unseen, .skip, noscript")) continue;
      const ground = behind(element);
      const colour = over(getComputedStyle(element).color, ground);
      const [one, two] = [light(ground), light(colour)];
      const contrast = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
      found.push([words.slice(0, 40), element.className, contrast]);
    }
    return found;
"""

# What can be touched and is smaller than it should be.
SMALL = """
    return [...document.querySelectorAll("button, input, select, textarea, summary")]
      .filter((each) => each.checkVisibility({visibilityProperty: true}))
      .filter((each) => !each.matches(".who, .room-link, .skip, .check input"))
      .map((each) => [each.id || each.className, each.getBoundingClientRect()])
      .filter(([, box]) => box.width < arguments[0] || box.height < arguments[0])
      .map(([name, box]) => `${name} ${box.width}x${box.height}`);
"""

FOCUS = (
    "return (({id, className, tagName}) => id || className || tagName)"
    "(document.activeElement)"
)


class LookCase(PageCase):
    def full(self, **how: Any) -> Window:
        """A page with something of everything."""
        self.irc.lobby.now = lambda: 1_790_000_000.0
        bob, carl = self.terminal("bob"), self.terminal("carl")
        carl.says(
            "/join #garden", "/topic roses https://a.example/", "an https://a.example"
        )
        carl.says(
            "ann: for you", "\x0304red \x0312blue \x0307orange \x0303green\x03 `code`"
        )
        carl.says("/me waves", "hello #lobby", "/msg bob x")
        bob.says("/join #garden", "two", "/away gone")
        bob.waitFor("away")
        ann = self.browser("ann", "#garden", **how)
        ann.waitForText("#log .text", "two")
        ann.waitFor("document.querySelector('.member.away')")
        carl.says("/msg ann psst")
        ann.waitFor("document.querySelector('#people .mentioned')")
        return ann


class ContrastTests(LookCase):
    def check(self, window: Window) -> None:
        for place in ("#log", "dialog[open]"):
            found = window.run(CONTRASTS)
            self.assertGreater(len(found), 20, place)
            bad = [each for each in found if each[2] < CONTRAST]
            self.assertEqual(bad, [])
            if place == "#log":
                window.run("document.getElementById('show-settings').click()")

    def test_lightAndDark(self) -> None:
        window = self.full()
        for dark in (False, True):
            window.show((1280, 800), dark)
            self.check(window)
            window.press("Escape")

    def test_beforeComingIn(self) -> None:
        window = self.opened(self.url)
        window.run("document.getElementById('login-account').open = true")
        for dark in (False, True):
            window.show((1280, 800), dark)
            bad = [each for each in window.run(CONTRASTS) if each[2] < CONTRAST]
            self.assertEqual(bad, [])


class SizeTests(LookCase):
    def test_onAPhone(self) -> None:
        """Everything can be touched, and nothing is wider than the page."""
        ann = self.full(size=(390, 844))
        for name in ("side", "members"):
            self.assertEqual(ann.run(SMALL, TARGET), [])
            ann.click(f"#show-{name}")
            ann.waitFor(f"document.body.classList.contains('{name}-open')")
            self.assertEqual(ann.run(SMALL, TARGET), [], name)
            self.assertTrue(ann.run("return document.getElementById('middle').inert"))
            ann.press("Escape")
            self.assertFalse(ann.run("return document.getElementById('middle').inert"))

    def test_inEveryWidth(self) -> None:
        """From a small phone to a wide screen; 640 pixels are 1280 at 200 %."""
        ann = self.full()
        wide = "return document.documentElement.scrollWidth - innerWidth"
        inside = (
            "return [...document.querySelectorAll('.middle, .composer, .top, .line')]"
            ".filter((each) => each.scrollWidth > each.clientWidth + 1)"
            ".map((each) => each.className)"
        )
        for size in ((320, 568), (640, 400), (1000, 700), (1280, 800), (1920, 1080)):
            ann.show(size)
            self.assertLessEqual(ann.run(wide), 0, size)
            self.assertEqual(ann.run(inside), [], size)
        self.theKeyboardOfAPhone(ann)

    def theKeyboardOfAPhone(self, ann: Window) -> None:
        """Where it covers the page, the page ends above it."""
        ann.run(
            "Object.defineProperty(visualViewport, 'height', {value: 500});"
            "visualViewport.dispatchEvent(new Event('resize'))"
        )
        bottom = (
            "return document.getElementById('words').getBoundingClientRect().bottom"
        )
        self.assertLess(ann.run(bottom), 500)


class KeyTests(LookCase):
    def test_stopsOfTab(self) -> None:
        """A list is one stop, so the way round is short, and it is not a trap."""
        ann = self.full()
        ann.run("document.querySelector('.skip').focus()")
        top = "return document.querySelector('.skip').getBoundingClientRect().top"
        self.assertGreaterEqual(ann.run(top), 0)
        seen = []
        while ann.run(FOCUS) != "BODY" and len(seen) < 40:
            ann.press("Tab")
            seen.append(ann.run(FOCUS))
        self.assertEqual(len([each for each in seen if "talk" in each]), 1, seen)
        self.assertEqual(
            len([each for each in seen if each.startswith("member")]), 1, seen
        )
        for wanted in ("show-search", "scroll", "words", "show-settings"):
            self.assertIn(wanted, seen)
        self.assertLess(len(seen), 25)
        ann.run("document.querySelector('.skip').focus()")
        ann.press("Enter")
        self.assertEqual(ann.run(FOCUS), "words")

    def test_arrowsInLists(self) -> None:
        ann = self.full()
        ann.run("document.querySelector('.talk.active').focus()")
        ann.press("ArrowDown")
        name = "return document.activeElement.querySelector('.name').textContent"
        self.assertEqual(ann.run(name), "lobby")
        ann.press("g")
        self.assertEqual(ann.run(name), "garden")
        ann.press("End")
        ann.press("Enter")
        ann.waitForText("#title", "carl")
        ann.run("document.querySelector('.talk.active').focus()")
        ann.press("Delete")
        ann.waitForText("#title", "#garden")

        self.escapeCloses(ann)

    def escapeCloses(self, ann: Window) -> None:
        for button, box in (("show-settings", "settings"), ("join", "asking")):
            ann.click(f"#{button}")
            ann.waitFor(f"document.getElementById('{box}').open")
            ann.press("Escape")
            ann.waitFor(f"!document.getElementById('{box}').open")
        ann.press("Control", "k")
        ann.waitFor("!document.getElementById('search').hidden")
        ann.press("Escape")
        self.assertEqual(ann.run(FOCUS), "words")
