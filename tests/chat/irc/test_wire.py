"""Messages of IRC as octets (RFC 2812, 2.3; modern.ircdocs.horse/#message-format)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.wire import (
    MAX_CLIENT_TAGS,
    MAX_MESSAGE,
    MAX_PARAMETERS,
    Message,
    MessageError,
    escaped,
    fitting,
    isTooLong,
    parse,
    pieces,
    taggedWith,
    unescaped,
    written,
)

WORDS = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters=" \r\n\0"),
    min_size=1,
    max_size=20,
).filter(lambda word: word[0] != ":")
LAST = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\r\n\ufffd"),
    max_size=40,
)


class ParseTests(SynchronousTestCase):
    def test_messages(self) -> None:
        """RFC 2812, 2.3.1: words apart by spaces, the last one behind a colon."""
        for line, command, params in (
            (b"PING a", "PING", ("a",)),
            (b"privmsg #tea :hello  there", "PRIVMSG", ("#tea", "hello  there")),
            (b"TOPIC #tea :", "TOPIC", ("#tea", "")),
            (b"TOPIC #tea", "TOPIC", ("#tea",)),
            (b":ann!a@h NICK bob", "NICK", ("bob",)),
            (b"  NICK   bob  ", "NICK", ("bob",)),
            (b"PRIVMSG bob ::)", "PRIVMSG", ("bob", ":)")),
            (b"PRIVMSG bob a:b", "PRIVMSG", ("bob", "a:b")),
            (b"@a=b;c PING x", "PING", ("x",)),
        ):
            message = parse(line)
            self.assertEqual((message.command, message.params), (command, params))

    def test_none(self) -> None:
        for line in (
            b"",
            b" ",
            b":",
            b":ann",
            b":ann ",
            b"@a=b",
            b"@a=b ",
            b"@",
            b" :x",
        ):
            self.assertRaises(MessageError, parse, line)

    def test_manyParameters(self) -> None:
        """RFC 2812, 2.3: fifteen are the most; what follows belongs to the last."""
        words = [str(number) for number in range(20)]
        message = parse(f"X {' '.join(words)}".encode())
        self.assertEqual(len(message.params), MAX_PARAMETERS)
        self.assertEqual(message.params[-1], "14 15 16 17 18 19")

    def test_missingParameterIsEmpty(self) -> None:
        self.assertEqual(parse(b"NICK")[0], "")

    def test_octets(self) -> None:
        """UTF8ONLY: what is not UTF-8 is known as such."""
        self.assertFalse(parse(b"USER caf\xe9").isValid)
        self.assertTrue(parse("USER café".encode()).isValid)
        self.assertTrue(parse("USER \ufffd".encode()).isValid)

    @given(st.binary(max_size=80))
    def test_onlyOneErrorEscapes(self, line: bytes) -> None:
        try:
            message = parse(line)
        except MessageError:
            return
        self.assertTrue(message.command)
        self.assertLessEqual(len(message.params), MAX_PARAMETERS)

    @given(WORDS, st.lists(WORDS, max_size=13), LAST)
    def test_roundTrip(self, source: str, params: list[str], last: str) -> None:
        line = written(source, "TOPIC", *params, last)
        self.assertTrue(line.endswith(b"\r\n"))
        self.assertEqual(parse(line[:-2]), Message("TOPIC", (*params, last)))


class TagTests(SynchronousTestCase):
    """IRCv3's message-tags."""

    def test_values(self) -> None:
        tags = parse(rb"@a;b=;c=x\:y\sz\\\r\nw;+example.com/d=1;a=2 PING x").tags
        self.assertEqual(
            tags, {"a": "2", "b": "", "c": "x;y z\\\r\nw", "+example.com/d": "1"}
        )

    def test_escaping(self) -> None:
        """Section "Escaping values": a lone backslash is dropped, also at the end."""
        self.assertEqual(unescaped("a\\bc\\"), "abc")
        self.assertEqual(escaped("a;b c\\\r\n"), r"a\:b\sc\\\r\n")

    def test_written(self) -> None:
        self.assertEqual(taggedWith({}), "")
        self.assertEqual(taggedWith({"a": "x y", "b": ""}), r"@a=x\sy;b ")

    def test_keysThatAreNone(self) -> None:
        """Section "Format": letters, digits, hyphens; no other can be sent on."""
        line = "@+a\rb=1;+ok=2;+\x1b=3;+caf\u00e9=4;=5;+=6;+a/b/c=7 TAGMSG x".encode()
        self.assertEqual(parse(line).tags, {"+ok": "2"})

    @given(st.text(st.characters(blacklist_categories=("Cs",)), max_size=30))
    def test_roundTrip(self, value: str) -> None:
        self.assertEqual(unescaped(escaped(value)), value)
        self.assertFalse(set(escaped(value)) & set("; \r\n"))


class LengthTests(SynchronousTestCase):
    def test_message(self) -> None:
        """RFC 2812, 2.3: 512 octets with CRLF."""
        self.assertFalse(isTooLong(b"A" * (MAX_MESSAGE - 2)))
        self.assertTrue(isTooLong(b"A" * (MAX_MESSAGE - 1)))

    def test_tags(self) -> None:
        """message-tags, "Size limit": 4,096 with the C{@} and the space."""
        tags = b"@" + b"a" * (MAX_CLIENT_TAGS - 2) + b" "
        self.assertFalse(isTooLong(tags + b"A" * (MAX_MESSAGE - 2)))
        self.assertTrue(isTooLong(tags + b"A" * (MAX_MESSAGE - 1)))
        self.assertTrue(isTooLong(b"@a" + tags[1:] + b"PING"))


class WrittenTests(SynchronousTestCase):
    def test_colon(self) -> None:
        """The last parameter has one only if it needs it."""
        for last, shown in (("b", "b"), ("", ":"), ("a b", ":a b"), (":)", "::)")):
            self.assertEqual(
                written("s", "X", "a", last), f":s X a {shown}\r\n".encode()
            )
        self.assertEqual(written("s", "ACK"), b":s ACK\r\n")

    def test_oneLine(self) -> None:
        """Nobody's words make another message."""
        self.assertEqual(
            written("s", "X", "a\r\nQUIT", "b\nc"), b":s X a  QUIT :b c\r\n"
        )


class FittingTests(SynchronousTestCase):
    def test_cut(self) -> None:
        """In octets, between two characters, and with nothing to obey."""
        for text, most, cut in (
            ("hello", 400, "hello"),
            ("hello", 3, "hel"),
            ("\u540d\u524d", 5, "\u540d"),
            ("a\x1b\x02b\r", 400, "a^[\x02b^M"),
        ):
            self.assertEqual(fitting(text, most), cut)


class PiecesTests(SynchronousTestCase):
    def test_cutAtSpaces(self) -> None:
        self.assertEqual(pieces("hello there", 8), ["hello ", "there"])
        self.assertEqual(pieces("hi", 8), ["hi"])
        self.assertEqual(pieces("", 8), [""])

    def test_cutBetweenCharacters(self) -> None:
        self.assertEqual(pieces("ééé", 5), ["éé", "é"])

    @given(
        st.text(st.characters(blacklist_categories=("Cs",)), max_size=100),
        st.integers(min_value=4, max_value=40),
    )
    def test_nothingIsLost(self, text: str, room: int) -> None:
        found = pieces(text, room)
        self.assertEqual("".join(found), text)
        self.assertTrue(all(len(piece.encode()) <= room for piece in found))
        self.assertTrue(text == "" or all(found))
