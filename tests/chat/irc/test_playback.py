"""CHATHISTORY and SEARCH (IRCv3's chathistory; soju.im/search)."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import fail
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.welcome import MAX_PAGE
from protocols.chat.storeinterface import StoreError
from tests.chat.irc.clients import (
    Client,
    commands,
    inRoom,
    irc,
    lineMember,
    withAccounts,
)
from tests.chat.stores import outcome

CAPS = "batch draft/chathistory message-tags server-time"


class PlaybackTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory: Any = irc()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob", caps=CAPS)
        for number in range(1, 6):
            self.bob.says(f"PRIVMSG #tea :{number}")
            self.bob.clock.advance(1)
        self.ann.hears()

    def texts(self, lines: list[str]) -> str:
        return "".join(line[-1] for line in lines if " PRIVMSG " in line)

    def asks(self, words: str) -> str:
        lines = self.ann.says(f"CHATHISTORY {words}")
        self.assertEqual(commands([lines[0], lines[-1]]), ["BATCH", "BATCH"], words)
        return self.texts(lines)

    def fails(self, words: str, code: str) -> None:
        (line,) = self.ann.says(words)
        self.assertIn(f" FAIL {words.split(' ')[0]} {code} ", line)


class PageTests(PlaybackTestCase):
    def test_batch(self) -> None:
        """Section "Batch": each message as it was, with its time and id."""
        tags = "time=2023-11-14T22:13:24.000Z;msgid=5"
        self.assertEqual(
            self.ann.says("CHATHISTORY LATEST #tea * 1"),
            [
                ":irc.example BATCH +1 chathistory #tea",
                f"@batch=1;{tags} :bob!~b@host PRIVMSG #tea :5",
                ":irc.example BATCH -1",
            ],
        )

    def test_subcommands(self) -> None:
        """LATEST, BEFORE, AFTER, AROUND and BETWEEN; the oldest comes first."""
        at = "timestamp=2023-11-14T22:13:2"
        for words, texts in (
            ("LATEST #tea * 10", "12345"),
            ("LATEST #tea * 2", "45"),
            ("LATEST #tea msgid=2 10", "345"),
            ("latest #TEA msgid=2 2", "45"),
            ("BEFORE #tea msgid=4 2", "23"),
            (f"BEFORE #tea {at}2.000Z 10", "12"),
            ("AFTER #tea msgid=2 2", "34"),
            (f"AFTER #tea {at}2.000Z 10", "45"),
            ("AROUND #tea msgid=3 3", "234"),
            ("BETWEEN #tea msgid=1 msgid=5 10", "234"),
            ("BETWEEN #tea msgid=5 msgid=1 2", "34"),
            (f"BETWEEN #tea {at}0.000Z {at}4.000Z 2", "23"),
            ("LATEST #tea * 0", "12345"),
            ("LATEST #tea * 99999", "12345"),
            ("AFTER #tea msgid=5 10", ""),
        ):
            self.assertEqual(self.asks(words), texts, words)

    def test_limit(self) -> None:
        """CHATHISTORY of 005: so many lines at most."""
        for number in range(MAX_PAGE + 5):
            self.bob.says(f"PRIVMSG #tea :{number % 10}")
        self.ann.hears()
        self.assertEqual(len(self.asks("LATEST #tea * 1000")), MAX_PAGE)

    def test_refused(self) -> None:
        """Section "Errors"."""
        for words, code in (
            ("CHATHISTORY FOO #tea * 1", "INVALID_PARAMS"),
            ("CHATHISTORY LATEST #tea *", "NEED_MORE_PARAMS"),
            ("CHATHISTORY BETWEEN #tea * 10", "NEED_MORE_PARAMS"),
            ("CHATHISTORY LATEST #tea x 10", "INVALID_PARAMS"),
            ("CHATHISTORY LATEST #tea msgid=x 10", "INVALID_PARAMS"),
            ("CHATHISTORY LATEST #tea timestamp=x 10", "INVALID_PARAMS"),
            (
                "CHATHISTORY LATEST #tea timestamp=2023-13-01T00:00:00Z 1",
                "INVALID_PARAMS",
            ),
            ("CHATHISTORY LATEST #tea * -1", "INVALID_PARAMS"),
            ("CHATHISTORY LATEST #tea * \u00b2", "INVALID_PARAMS"),
            ("CHATHISTORY LATEST #none * 10", "INVALID_TARGET"),
        ):
            self.fails(words, code)
        self.bob.says("JOIN #two", "PRIVMSG #two :secret")
        self.fails("CHATHISTORY LATEST #two * 10", "INVALID_TARGET")

    def test_withoutBatches(self) -> None:
        eve = Client(self.factory, "eve")
        eve.says("JOIN #tea")
        self.assertEqual(
            eve.says("CHATHISTORY LATEST #tea * 1"), [":bob!~b@host PRIVMSG #tea :5"]
        )

    def test_lineDoor(self) -> None:
        """What was said at the line door is there, too."""
        lineMember(self.factory, "lee").types("6")
        self.ann.hears()
        self.assertEqual(self.asks("LATEST #tea * 2"), "56")

    def test_faultOfTheStore(self) -> None:
        """Section "MESSAGE_ERROR"."""
        self.patch(self.factory.records, "page", lambda *_: fail(StoreError("disk")))
        self.fails("CHATHISTORY LATEST #tea * 10", "MESSAGE_ERROR")


class TalkTests(PlaybackTestCase):
    """What was said in private is for the two who said it."""

    def setUp(self) -> None:
        super().setUp()
        self.bob.says("PRIVMSG ann :6")
        self.ann.says("PRIVMSG bob :7")
        self.bob.hears()

    def test_both(self) -> None:
        self.assertEqual(self.asks("LATEST bob * 10"), "67")
        lines = self.bob.says("CHATHISTORY LATEST ANN * 10")
        self.assertIn(" PRIVMSG bob :7", lines[2])
        self.assertIn(" PRIVMSG ann :6", lines[1])
        self.assertTrue(lines[0].endswith(" chathistory ANN"))

    def test_nobodyElse(self) -> None:
        """Who takes the name of one of them reads nothing."""
        eve = Client(self.factory, "eve", CAPS)
        for name in ("ann", "bob"):
            lines = eve.says(f"CHATHISTORY LATEST {name} * 10")
            self.assertEqual(self.texts(lines), "")
        self.bob.says("QUIT")
        eve.says("NICK bob")
        lines = eve.says("CHATHISTORY LATEST ann * 10", "SEARCH in=ann;text=6")
        self.assertEqual(self.texts(lines), "")

    def test_accounts(self) -> None:
        """Of an account, they are there again in the next session."""
        factory = withAccounts()
        ann, bob = inRoom(factory, "ann", "bob", caps=CAPS)
        for client in (ann, bob):
            client.says("REGISTER * * pencil")
        bob.says("PRIVMSG ann :1", "QUIT")
        outcome(factory.accounts.login("bob", "pencil"))  # type: ignore[union-attr]
        again = Client(factory, "bobby", CAPS)
        again.protocol.account = "bob"
        lines = again.says("CHATHISTORY LATEST ann * 10")
        self.assertEqual(self.texts(lines), "1")


class TargetsTests(PlaybackTestCase):
    def test_rooms(self) -> None:
        """Section "TARGETS": rooms in which something was said between two times."""
        self.ann.says("JOIN #quiet")
        start, end = "timestamp=2023-11-14T00:00:00Z", "timestamp=2023-11-15T00:00:00Z"
        for words in (f"{start} {end}", f"{end} {start}"):
            lines = self.ann.says(f"CHATHISTORY TARGETS {words} 10")
            self.assertEqual(
                [line.partition(";")[0][-60:] for line in lines[1:-1]],
                [lines[1][-60:]],
            )
            self.assertIn("CHATHISTORY TARGETS #tea 2023-11-14T22:13:24.000Z", lines[1])
        lines = self.ann.says(f"CHATHISTORY TARGETS {end} {end} 10")
        self.assertEqual(commands(lines), ["BATCH", "BATCH"])

    def test_refused(self) -> None:
        for words in ("", "x y 1", "timestamp=2023-11-14T00:00:00Z x 1"):
            self.fails(f"CHATHISTORY TARGETS {words}".strip(), "INVALID_PARAMS")


class SearchTests(PlaybackTestCase):
    """soju.im/search."""

    def test_found(self) -> None:
        self.bob.says("PRIVMSG #tea :Earl Grey 8", "PRIVMSG ann :Grey 9")
        self.ann.hears()
        for words, texts in (
            ("in=#tea;text=grey", "8"),
            ("text=grey", "8"),
            (r"text=earl\sgrey;limit=1", "8"),
            ("in=bob;text=grey;limit=x", "9"),
            ("text=grey;limit=\u00b2", "8"),
            ("text=nothing", ""),
        ):
            lines = self.ann.says(f"SEARCH {words}")
            self.assertIn(" BATCH +", lines[0])
            self.assertEqual(self.texts(lines), texts, words)

    def test_refused(self) -> None:
        self.bob.says("JOIN #two", "PRIVMSG #two :secret")
        for words in (":", "text=", "in=#two;text=secret", "in=#none;text=x", "x"):
            self.fails(f"SEARCH {words}", "INVALID_PARAMS")
        self.assertEqual(self.texts(self.ann.says("SEARCH text=secret")), "")
