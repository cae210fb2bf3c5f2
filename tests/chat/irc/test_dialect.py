"""Events as IRC writes them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.events import (
    Came,
    Changed,
    Event,
    Invited,
    Kicked,
    ModesChanged,
    Posting,
    Presence,
    Redacted,
    Renamed,
    Source,
    TopicChanged,
    Went,
)
from protocols.chat.irc.capabilities import IN_ROOMS
from protocols.chat.irc.dialect import ircDialect, stamp
from protocols.chat.irc.wire import MAX_MESSAGE

ANN = Source("ann", "~a", "h", "annie", "Ann Lee")
BOB = Source("bob")

# An event, and what a client sees that has asked for nothing, or for everything.
EVENTS: tuple[tuple[Event, str, str], ...] = (
    (Came("#t", (ANN,)), "JOIN #t", "JOIN #t annie :Ann Lee"),
    (Went("#t", (ANN,)), "PART #t", "PART #t"),
    (Went("#t", (ANN,), parting="bye all"), "PART #t :bye all", "PART #t :bye all"),
    (Went("#t", (ANN,), "quit", "", True), "QUIT Quit", "QUIT Quit"),
    (Went("#t", (ANN,), "was idle", "", True), "QUIT :was idle", "QUIT :was idle"),
    (Renamed("#t", ANN, "anna"), "NICK anna", "NICK anna"),
    (TopicChanged("#t", ANN, "a b"), "TOPIC #t :a b", "TOPIC #t :a b"),
    (TopicChanged("#t", ANN, ""), "TOPIC #t :", "TOPIC #t :"),
    (ModesChanged("#t", ANN, "+o-v a b"), "MODE #t +o-v a b", "MODE #t +o-v a b"),
    (Kicked("#t", ANN, "bob"), "KICK #t bob ann", "KICK #t bob ann"),
    (Kicked("#t", ANN, "bob", "a b"), "KICK #t bob :a b", "KICK #t bob :a b"),
    (Invited("#t", ANN, "bob"), "INVITE bob #t", "INVITE bob #t"),
    (Invited("#t", ANN, "bob", True), "", "INVITE bob #t"),
    (Changed("#t", ANN, "away", "a b"), "", "AWAY :a b"),
    (Changed("#t", ANN, "away", ""), "", "AWAY"),
    (Changed("#t", ANN, "account", "x"), "", "ACCOUNT x"),
    (Changed("#t", ANN, "account", ""), "", "ACCOUNT *"),
    (Changed("#t", ANN, "realname", "A B"), "", "SETNAME :A B"),
    (Changed("#t", ANN, "host", "h2"), "", "CHGHOST ~a h2"),
    (Redacted("#t", ANN, 7), "", "REDACT #t 7"),
    (Redacted("#t", ANN, 7, "a b"), "", "REDACT #t 7 :a b"),
    (Event(), "", ""),
)


def written(event: Event, *capabilities: str) -> str:
    return ircDialect("irc.example", frozenset(capabilities)).write(event).decode()


class EventTests(SynchronousTestCase):
    def test_events(self) -> None:
        for event, plain, rich in EVENTS:
            for words, capabilities in ((plain, ()), (rich, tuple(IN_ROOMS))):
                said = written(event, *capabilities)
                account = "@account=annie " if capabilities else ""
                self.assertEqual(
                    said, f"{account}:ann!~a@h {words}\r\n" if words else "", event
                )

    def test_several(self) -> None:
        """Those who came or went together are each told of."""
        self.assertEqual(
            written(Came("#t", (ANN, BOB))), ":ann!~a@h JOIN #t\r\n:bob JOIN #t\r\n"
        )
        self.assertEqual(
            written(Went("#t", (ANN, BOB))), ":ann!~a@h PART #t\r\n:bob PART #t\r\n"
        )

    def test_presence(self) -> None:
        """MONITOR's own numbers, for nobody in particular."""
        self.assertEqual(written(Presence(ANN)), ":irc.example 730 * ann!~a@h\r\n")
        self.assertEqual(written(Presence(ANN, False)), ":irc.example 731 * ann\r\n")

    def test_sameForAll(self) -> None:
        """All clients with the same capabilities get the same octets, written once."""
        one, other = frozenset({"setname"}), frozenset(["setname"])
        self.assertIs(ircDialect("s", one), ircDialect("s", other))
        self.assertIsNot(ircDialect("s", one), ircDialect("s", frozenset()))


class PostingTests(SynchronousTestCase):
    def test_kinds(self) -> None:
        for more, words in (
            ({"sender": "ann", "mask": "~a@h"}, ":ann!~a@h PRIVMSG #t :hi"),
            ({"sender": "ann"}, ":ann PRIVMSG #t :hi"),
            ({"sender": "ann", "kind": "notice"}, ":ann NOTICE #t :hi"),
            ({}, ":irc.example NOTICE #t :hi"),
            ({"sender": "ann", "isAction": True}, ":ann PRIVMSG #t :\1ACTION hi\1"),
            ({"sender": "ann", "kind": "tags"}, ""),
        ):
            said = written(Posting("#t", "hi", **more))  # type: ignore[arg-type]
            self.assertEqual(said, f"{words}\r\n" if words else "")

    def test_tags(self) -> None:
        posting = Posting("#t", "hi", "ann", id=7, time=1.5, account="a b", tags="+x=y")
        self.assertEqual(
            written(posting, "server-time", "account-tag", "message-tags"),
            "@time=1970-01-01T00:00:01.500Z;account=a\\sb;msgid=7;+x=y "
            ":ann PRIVMSG #t :hi\r\n",
        )

    @given(st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF), max_size=900))
    def test_bounded(self, text: str) -> None:
        """RFC 2812, 2.3: 512 octets a line, and nothing is lost."""
        said = ircDialect("s", frozenset()).write(
            Posting("#t", text, "n" * 32, mask=f"~{'u' * 15}@{'h' * 45}")
        )
        lines = said.split(b"\r\n")[:-1]
        self.assertTrue(all(len(line) + 2 <= MAX_MESSAGE for line in lines))
        self.assertEqual(
            b"".join(line.partition(b" :")[2] for line in lines), text.encode()
        )


class StampTests(SynchronousTestCase):
    """server-time: milliseconds, UTC."""

    def test_times(self) -> None:
        for seconds, text in (
            (0.0, "1970-01-01T00:00:00.000Z"),
            (1.9996, "1970-01-01T00:00:02.000Z"),
            (1_700_000_000.123, "2023-11-14T22:13:20.123Z"),
            (253_402_300_799.9999, "9999-12-31T23:59:59.999Z"),
        ):
            self.assertEqual(stamp(seconds), text)
