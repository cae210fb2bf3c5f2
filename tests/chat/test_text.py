"""Nothing that one person says is obeyed by another's terminal."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.events import Posting
from protocols.chat.text import (
    namesIn,
    plain,
    printable,
    readable,
    styled,
    wordsIn,
)


class ReadableTests(SynchronousTestCase):
    def test_controls(self) -> None:
        for octets, text in {
            b"\x1b]0;pwn\x07\x1b[2Jx": "^[]0;pwn^G^[[2Jx",
            b"\xc2\x9b2J": "\\x9b2J",
            b"\x7f\x08\x0b\x0c": "^?^H^K^L",
            b"a\x00b": "ab",
            b"a\tb": "a b",
            b"hi\r": "hi^M",
            "a\u202eb\u2066c".encode(): "abc",
            "a\u2028b".encode(): "a b",
            b"caf\xe9 \xff\xfe": "caf\ufffd \ufffd\ufffd",
            "naïve 名前 👍".encode(): "naïve 名前 👍",
        }.items():
            self.assertEqual(readable(octets), text)

    @given(st.binary(max_size=60))
    def test_nothingToObey(self, octets: bytes) -> None:
        text = readable(octets)
        self.assertFalse([c for c in text if unicodedata.category(c) == "Cc"])
        self.assertEqual(readable(text.encode()), text)


# Octets of lines, most of them text.
OCTETS = st.lists(
    st.binary(max_size=9) | st.text(max_size=9).map(str.encode), min_size=1, max_size=4
).map(lambda lines: [line.replace(b"\n", b"") for line in lines])


class TogetherTests(SynchronousTestCase):
    @given(OCTETS)
    def test_printable(self, lines: list[bytes]) -> None:
        """What is taken as it is would have been left as it is."""
        texts = printable(lines)
        if texts is not None:
            self.assertEqual(texts, [readable(line) for line in lines])
            self.assertEqual(texts, [plain(styled(text)) for text in texts])
        else:
            each = [readable(line) for line in lines]
            self.assertTrue(
                not "".join(each).isprintable()
                or "\ufffd" in "".join(each)
                or [text.encode() for text in each] != lines
            )

    @given(OCTETS)
    def test_words(self, lines: list[bytes]) -> None:
        words = wordsIn(lines)
        if words is not None:
            self.assertEqual(words, [readable(line).strip() for line in lines])
            self.assertFalse([word for word in words if not word or word[0] == "/"])

    def test_wordsOrNot(self) -> None:
        self.assertEqual(wordsIn([b" hi ", "né/".encode()]), ["hi", "né/"])
        for odd in (b"", b"  ", b"/me", b" /me", b"//x", b"\x1c", b"\xe9", b"a\tb"):
            self.assertIsNone(wordsIn([b"hi", odd]), odd)


class PostingTests(SynchronousTestCase):
    def test_line(self) -> None:
        for posting, line in (
            (Posting("#tea", "hi", "ann"), b"#tea <ann> hi\r\n"),
            (Posting("#tea", "waves", "ann", isAction=True), b"#tea * ann waves\r\n"),
            (Posting("#tea", "ann joined"), b"#tea * ann joined\r\n"),
        ):
            self.assertEqual(posting.line, line)

    def test_encodedOnce(self) -> None:
        posting = Posting("#tea", "hi", "ann")
        self.assertIs(posting.line, posting.line)

    def test_namesIn(self) -> None:
        self.assertEqual(namesIn(["a", "b"]), "a, b")
        self.assertEqual(namesIn(list("abcd"), 2), "a, b and 2 more")
