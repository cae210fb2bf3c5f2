"""MARKREAD (IRCv3's read-marker)."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.readmarks import MAX_MARKS, timeOf
from tests.chat.irc.clients import Client, commands, irc, withAccounts

CAP = "draft/read-marker"
TIME = "timestamp=2023-11-14T22:13:20.123Z"
LATER = "timestamp=2023-11-14T22:13:21.000Z"


class TimeTests(SynchronousTestCase):
    def test_times(self) -> None:
        for text, seconds in (
            ("1970-01-01T00:00:01Z", 1.0),
            ("1970-01-01T00:00:01.5Z", 1.5),
            ("1970-01-01T00:00:01.123456Z", 1.123456),
        ):
            self.assertEqual(timeOf(text), seconds)

    def test_none(self) -> None:
        for text in (
            *("", "x", "1970-01-01", "1970-01-01T00:00:01", "1970-13-01T00:00:01Z"),
            *("1970-01-01T00:00:61Z0", "1970-02-30T00:00:00Z", "0000-01-01T00:00:00Z"),
            "1970-01-01T00:00:01.1234567Z",
        ):
            self.assertIsNone(timeOf(text), text)


class MarkTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = irc()
        self.ann = Client(self.factory, "ann", CAP)

    def fails(self, words: str, code: str) -> None:
        (line,) = self.ann.says(f"MARKREAD {words}".strip())
        self.assertIn(f" FAIL MARKREAD {code} ", line)

    def test_onJoin(self) -> None:
        """Sent with each JOIN, before the end of NAMES."""
        lines = self.ann.says("JOIN #tea")
        self.assertEqual(commands(lines), ["JOIN", "MARKREAD", "353", "366"])
        self.assertEqual(lines[1], ":irc.example MARKREAD #tea *")

    def test_setAndGet(self) -> None:
        line = f":irc.example MARKREAD #tea {TIME}"
        self.assertEqual(self.ann.says(f"MARKREAD #tea {TIME}"), [line])
        self.assertEqual(self.ann.says("MARKREAD #tea"), [line])
        self.assertEqual(self.ann.says("MARKREAD bob"), [":irc.example MARKREAD bob *"])

    def test_neverBack(self) -> None:
        line = f":irc.example MARKREAD #tea {LATER}"
        self.ann.says(f"MARKREAD #tea {LATER}")
        self.assertEqual(
            self.ann.says(f"MARKREAD #TEA {TIME}"), [line.replace("#tea", "#TEA")]
        )

    def test_refused(self) -> None:
        for words, code in (
            ("", "NEED_MORE_PARAMS"),
            ("#tea x", "INVALID_PARAMS"),
            ("#tea *", "INVALID_PARAMS"),
            ("#tea 2023-11-14T22:13:20.123Z", "INVALID_PARAMS"),
            ("#tea timestamp=x", "INVALID_PARAMS"),
            ("#tea :", "INVALID_PARAMS"),
        ):
            self.fails(words, code)

    def test_theEndOfTime(self) -> None:
        self.assertIn(
            "9999-12-31T23:59:59.999Z",
            self.ann.says("MARKREAD #tea timestamp=9999-12-31T23:59:59.9999Z")[0],
        )

    def test_tooMany(self) -> None:
        for number in range(MAX_MARKS):
            self.ann.says(f"MARKREAD #r{number} {TIME}")
        self.fails(f"#more {TIME}", "INTERNAL_ERROR")
        self.assertIn(LATER, self.ann.says(f"MARKREAD #r0 {LATER}")[0])


class AccountTests(SynchronousTestCase):
    """Marks are an account's: each of its clients is told, also later ones."""

    def test_others(self) -> None:
        factory: Any = withAccounts()
        one, two = Client(factory, "one", CAP), Client(factory, "two", CAP)
        plain, other = Client(factory, "plain"), Client(factory, "other", CAP)
        for client in (one, two, plain):
            client.protocol.account = "ann"
        self.assertEqual(commands(one.says(f"MARKREAD #tea {TIME}")), ["MARKREAD"])
        self.assertEqual(two.hears(), [f":irc.example MARKREAD #tea {TIME}"])
        self.assertEqual(plain.hears() + other.hears(), [])
        self.assertEqual(one.says(f"MARKREAD #tea {TIME}"), two.says("MARKREAD #tea"))
        self.assertEqual(two.hears(), [])

    def test_nextSession(self) -> None:
        factory: Any = withAccounts()
        ann = Client(factory, "ann", CAP)
        ann.says("REGISTER * * pencil", f"MARKREAD #tea {TIME}", "QUIT")
        factory.records._marks.clear()
        again = Client(factory, "", CAP)
        again.says("CAP LS 302", f"CAP REQ :sasl {CAP}", "NICK ann", "USER a 0 * :a")
        again.says("AUTHENTICATE PLAIN", "AUTHENTICATE AGFubgBwZW5jaWw=", "CAP END")
        self.assertEqual(
            again.says("MARKREAD #tea"), [f":irc.example MARKREAD #tea {TIME}"]
        )
