"""The page's modules that know nothing of the page, tried in Chromium."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc import IRCFactory
from protocols.chat.web import WebFactory
from protocols.testing import runningInThread
from tests.chat.web.webdriver import Window


class ModuleCase(SynchronousTestCase):
    """One window for all."""

    def setUp(self) -> None:
        running = runningInThread(WebFactory(IRCFactory()))
        server = running.__enter__()
        self.addCleanup(running.__exit__, None, None, None)
        self.window = Window(f"http://127.0.0.1:{server.port}/")
        self.addCleanup(self.window.close)

    def each(self, module: str, expression: str, cases: Any) -> list[Any]:
        """What an expression of a module's C{m} and a case C{x} gives for each."""
        script = (
            f"return import('/{module}.js').then((m) =>"
            f" arguments[0].map((x) => {expression}))"
        )
        return list(self.window.run(script, list(cases)))

    def check(self, module: str, expression: str, cases: dict[Any, Any]) -> None:
        found = self.each(module, expression, cases)
        self.assertEqual(dict(zip(cases, found, strict=True)), cases)


class MessageTests(ModuleCase):
    def test_parsed(self) -> None:
        """RFC 1459, 2.3.1; modern.ircdocs.horse/#message-format; message-tags."""
        self.check(
            "irc",
            "((p) => p && [Object.entries(p.tags), p.source, p.command, p.params])"
            "(m.parse(x))",
            {
                "PING": [[], "", "PING", []],
                "ping a  b :c d ": [[], "", "PING", ["a", "b", "c d "]],
                ":a!b@c PRIVMSG #d ::)": [[], "a!b@c", "PRIVMSG", ["#d", ":)"]],
                "PRIVMSG #d :": [[], "", "PRIVMSG", ["#d", ""]],
                "@a=b;c;+d/e=\\:\\s\\\\x :s 001 n\r\n": [
                    [["a", "b"], ["c", ""], ["+d/e", "; \\x"]],
                    "s",
                    "001",
                    ["n"],
                ],
                "@a=\\b\\ X": [[["a", "b"]], "", "X", []],
                "@__proto__=1 X": [[["__proto__", "1"]], "", "X", []],
                "": None,
                ":a": None,
                "12 x": None,
            },
        )

    def test_written(self) -> None:
        """Nothing that is said can become another message."""
        cases = [
            ["PRIVMSG", ["#a", "b c"], {}],
            ["PRIVMSG", ["#a", ":)"], {"label": "a b;c"}],
            ["TOPIC", ["#a", ""], {}],
            ["PRIVMSG", ["#a", "b\r\nQUIT :c\0"], {}],
            ["QUIT", [], {"a": ""}],
        ]
        self.assertEqual(
            self.each("irc", "m.format(...x)", cases),
            [
                "PRIVMSG #a :b c",
                "@label=a\\sb\\:c PRIVMSG #a ::)",
                "TOPIC #a :",
                "PRIVMSG #a :b QUIT :c ",
                "@a QUIT",
            ],
        )

    def test_pieces(self) -> None:
        """As many octets as fit, cut at spaces, and never within a letter."""
        cases = ["one two three", "x" * 25, "ё" * 9, "👋🏽 hi", ""]
        found = self.each("irc", "m.pieces(x, 10)", cases)
        self.assertEqual(found[0], ["one two ", "three"])
        self.assertEqual(found[4], [])
        for case, pieces in zip(cases, found, strict=True):
            self.assertEqual("".join(pieces), case)
            self.assertTrue(all(len(piece.encode()) <= 10 for piece in pieces))

    def test_actions(self) -> None:
        self.check(
            "irc",
            "m.actionOf(x)",
            {"\1ACTION waves\1": "waves", "\1ACTION waves": "waves", "ACTION": None},
        )


class TextTests(ModuleCase):
    LINKS = (
        "((box) => { box.append(...m.nodesOf(x)); return "
        "[...box.querySelectorAll('a')].map((a) => [a.textContent, a.href]); })"
        "(document.createElement('p'))"
    )
    HTML = (
        "((box) => { box.append(...m.nodesOf(x)); return box.getHTML(); })"
        "(document.createElement('p'))"
    )

    def test_links(self) -> None:
        self.check(
            "text",
            self.LINKS,
            {
                "see https://a.example.": [["https://a.example", "https://a.example/"]],
                "(http://a.example/b_(c))": [
                    ["http://a.example/b_(c)", "http://a.example/b_(c)"]
                ],
                "HTTP://A.example/?b=c,d!": [
                    ["HTTP://A.example/?b=c,d", "http://a.example/?b=c,d"]
                ],
                "javascript:alert(1) data:text/html,x": [],
                "https:// http://[": [],
                "http://a.example/<b>": [["http://a.example/", "http://a.example/"]],
            },
        )

    def test_markupIsText(self) -> None:
        self.check(
            "text",
            self.HTML,
            {
                "<img src=x onerror=alert(1)>": "&lt;img src=x onerror=alert(1)&gt;",
                "\x02a\x02b": '<span class="bold">a</span>b',
                "\x02a\x1db\x0fc": '<span class="bold">a</span>'
                '<span class="bold italic">b</span>c',
                "\x0304,05red\x03 not": '<span class="colour-4">red</span> not',
                "\x0399x": "x",
                "\x04ff0000a\x04b": "ab",
            },
        )

    def test_code(self) -> None:
        """Between backquotes; nothing in it is a link, and one alone is a sign."""
        self.check(
            "text",
            self.HTML,
            {
                "`a < b` `": "<code>a &lt; b</code> `",
                "`https://a.example` ``": "<code>https://a.example</code> ``",
            },
        )

    def test_emoji(self) -> None:
        cases = {"👍": True, "👋🏽 🏳️‍🌈": True, "1": False, "": False, "👍 ok": False}
        self.check("text", "m.isEmoji(x)", {**cases, "👍" * 6: False})

    def test_events(self) -> None:
        """In words; a name that is written the other way round stays apart."""
        expression = "m.eventWords({nick: 'ann', event: {type: 'mode', words: x}})"
        self.check(
            "text",
            expression,
            {
                "+o bob": "ann has bob keep order",
                "-v bob": "ann took the voice of bob away",
                "+v سارة": "ann gave \u2068سارة\u2069 a voice",
                "+m": "ann changed the room: +m",
                "+ov bob carl": "ann changed the room: +ov bob carl",
            },
        )

    def test_folded(self) -> None:
        def events(*each: tuple[str, str]) -> list[Any]:
            return [{"nick": nick, "event": {"type": kind}} for nick, kind in each]

        cases = [
            events(("ann", "join")),
            events(("ann", "join"), ("bob", "join"), ("carl", "part")),
            events(("ann", "join"), ("ann", "quit")),
            events(("ann", "quit"), ("ann", "join")),
            events(*((f"p{number}", "join") for number in range(9))),
        ]
        self.assertEqual(
            self.each("text", "m.foldedWords(x)", cases),
            [
                "ann joined",
                "ann and bob joined · carl left",
                "ann looked in",
                "Nothing has changed",
                "p0, p1, p2 and 6 others joined",
            ],
        )


class ModelTests(ModuleCase):
    MERGE = """
      ((model) => {
        const talk = model.open("#a");
        const make = ([id, time, text = "x"]) => ({ id, time, text, kind: "message" });
        for (const [how, ...some] of x) {
          if (how === "page") model.addAll(talk, some.map(make));
          else model.add(talk, make(some[0]));
        }
        return talk.messages.map((each) => each.id + each.text).join(" ");
      })(new m.Model())
    """

    def test_order(self) -> None:
        """A page goes where it belongs, and nothing is there twice."""
        cases = [
            [["live", ["5", 9]], ["page", ["3", 1], ["4", 9], ["5", 9]]],
            [["live", ["10", 9]], ["page", ["8", 9], ["9", 9]], ["page", ["7", 9]]],
            [["live", ["1", 1, "a"]], ["live", ["1", 1, "b"]], ["page", ["1", 1]]],
            [["live", ["", 5]], ["page", ["1", 5]], ["live", ["2", 5]]],
            [["live", ["1", 1]], ["live", ["1", 2, "y"]]],
        ]
        self.assertEqual(
            self.each("model", self.MERGE, cases),
            ["3x 4x 5x", "7x 8x 9x 10x", "1ab", "1x x 2x", "1x 1y"],
        )

    def test_mentions(self) -> None:
        self.check(
            "model",
            "m.mentions('ann').test(x)",
            {
                "Ann: hi": True,
                "hi, ann!": True,
                "Hannah": False,
                "annß": False,
                "ann_": False,
            },
        )
