"""L{protocols.chat.backplane.resp}: the Redis serialization protocol.

Sections are those of Redis' "RESP protocol specification".
"""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane.resp import (
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_LINE,
    MAX_STRING,
    Parser,
    RefusedByServerError,
    RespError,
    command,
)

# Each type, and what is made of it.
ANSWERS: list[tuple[bytes, Any]] = [
    (b"+OK\r\n", b"OK"),
    (b"-NOSCRIPT No such\r\n", RefusedByServerError("NOSCRIPT No such")),
    (b":-12\r\n", -12),
    (b"$5\r\nhe\r\no\r\n", b"he\r\no"),
    (b"$0\r\n\r\n", b""),
    (b"$-1\r\n", None),
    (b"*-1\r\n", None),
    (b"*0\r\n", []),
    (b"*2\r\n:1\r\n*1\r\n$1\r\na\r\n", [1, [b"a"]]),
    (b"*2\r\n*0\r\n:1\r\n", [[], 1]),
    (b"_\r\n", None),
    (b"#t\r\n", True),
    (b"#f\r\n", False),
    (b",1.5\r\n", b"1.5"),
    (b"(123456789012345678901234567890\r\n", b"123456789012345678901234567890"),
    (b"!8\r\nERR a\r\nb\r\n", RefusedByServerError("ERR a\r\nb")),
    (b"=7\r\ntxt:abc\r\n", b"abc"),
    (b"%2\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n:2\r\n", [b"a", 1, b"b", 2]),
    (b"~2\r\n:1\r\n:2\r\n", [1, 2]),
    (b">2\r\n+message\r\n:1\r\n", [b"message", 1]),
]

values = st.recursive(
    st.one_of(st.none(), st.integers(-(2**63), 2**63), st.binary(max_size=40)),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)


def written(value: Any) -> bytes:
    if value is None:
        return b"$-1\r\n"
    if isinstance(value, int):
        return b":%d\r\n" % value
    if isinstance(value, bytes):
        return b"$%d\r\n%b\r\n" % (len(value), value)
    return b"*%d\r\n" % len(value) + b"".join(map(written, value))


class CommandTests(SynchronousTestCase):
    def test_words(self) -> None:
        expected = b"*4\r\n$3\r\nSET\r\n$2\r\n\xc3\xa9\r\n$2\r\n-1\r\n$1\r\n\n\r\n"
        self.assertEqual(command("SET", "é", -1, b"\n"), expected)

    @given(st.lists(st.binary(max_size=30), min_size=1, max_size=5))
    def test_aParserReadsIt(self, words: list[bytes]) -> None:
        self.assertEqual(Parser().feed(command(*words)), [words])


class ParserTests(SynchronousTestCase):
    def test_eachType(self) -> None:
        for octets, value in ANSWERS:
            self.assertEqual(Parser().feed(octets), [value], octets)

    def test_allInOne(self) -> None:
        octets = b"".join(octets for octets, _ in ANSWERS)
        expected = [value for _, value in ANSWERS]
        for size in range(1, len(octets) + 1):
            parser = Parser()
            pieces = [octets[at : at + size] for at in range(0, len(octets), size)]
            found = [answer for piece in pieces for answer in parser.feed(piece)]
            self.assertEqual(found, expected)

    @given(st.lists(values, max_size=3), st.lists(st.integers(1, 30), min_size=1))
    def test_howeverItIsCut(self, answers: list[Any], cuts: list[int]) -> None:
        octets = b"".join(map(written, answers))
        parser, found, at, turn = Parser(), list[Any](), 0, 0
        while at < len(octets):
            size = cuts[turn % len(cuts)]
            found += parser.feed(octets[at : at + size])
            at, turn = at + size, turn + 1
        self.assertEqual(found, answers)

    @given(st.binary(max_size=60))
    def test_onlyOneErrorEscapes(self, octets: bytes) -> None:
        for data in (octets, b"*3\r\n" + octets):
            try:
                answers = Parser().feed(data)
            except RespError:
                continue
            self.assertIsInstance(answers, list)

    def test_whatCantBe(self) -> None:
        for octets in (
            *(b"?\r\n", b"hello\r\n", b"\r\n", b":\r\n", b":x\r\n", b":1.5\r\n"),
            *(b"$x\r\n", b"*\r\n", b"#x\r\n", b"$1\r\nabc", b": 1\r\n"),
            b":" + b"9" * 30 + b"\r\n",
        ):
            self.assertRaises(RespError, Parser().feed, octets)

    def test_bounds(self) -> None:
        """What is too much is known before it has come."""
        for octets in (
            b"$%d\r\n" % (MAX_STRING + 1),
            b"*%d\r\n" % (MAX_ITEMS + 1),
            b"%%%d\r\n" % (MAX_ITEMS // 2 + 1),
            b"*1\r\n" * (MAX_DEPTH + 1),
            b"+" + b"a" * MAX_LINE,
        ):
            self.assertRaises(RespError, Parser().feed, octets)
        self.assertEqual(Parser().feed(b"*1\r\n" * MAX_DEPTH), [])

    def test_manyAnswersMayHaveManyItems(self) -> None:
        parser = Parser()
        half = b"*%d\r\n" % 1000 + b":1\r\n" * 1000
        for _ in range(MAX_ITEMS // 1000 + 1):
            self.assertEqual(len(parser.feed(half)[0]), 1000)

    def test_theCodeOfARefusal(self) -> None:
        self.assertEqual(RefusedByServerError("NOAUTH Authenticate").code, "NOAUTH")
