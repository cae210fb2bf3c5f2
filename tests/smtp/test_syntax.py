"""Addresses, parameters and replies (RFC 5321, sections 4.1.2, 4.1.3, 4.2)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.addresses import (
    AddressError,
    checkMailbox,
    requireASCII,
    splitPath,
)
from protocols.smtp.replies import MAX_REPLY_LINE, Reply

GOOD = (
    "a@x",
    "first.last@sub.domain.example",
    "!#$%&'*+-/=?^_`{|}~@x",
    '"a b"@x',
    r'"a\"\\b"@x',
    '""@x',
    '">"@x',
    "a@[192.0.2.1]",
    "a@[IPv6:::1]",
    "a@[IPv6:2001:db8::1]",
    "a@[tag:content]",
    "é@bücher.example",
    "Postmaster",
    "x" * 64 + "@y",
    "x@" + ".".join(["y" * 50] * 3),
)
BAD = (
    "a",
    "@x",
    "a@",
    "a.@x",
    ".a@x",
    "a..b@x",
    "a b@x",
    '"a"b@x',
    '"a@x',
    "a@-x",
    "a@x-",
    "a@x..y",
    "a@x_y",
    "a@[192.0.2.256]",
    "a@[IPv6:::g]",
    "a@[",
    "a@[]",
    "a@x y",
    "x" * 65 + "@y",
    "é" * 33 + "@y",
    "x@" + ".".join(["y" * 51] * 5),
    "x@" + "y" * 64,
    "a\x00@x",
)


class AddressTests(SynchronousTestCase):
    def test_good(self) -> None:
        for mailbox in GOOD:
            self.assertEqual(checkMailbox(mailbox), mailbox)
            self.assertEqual(splitPath(f"<{mailbox}> X=1"), (mailbox, "X=1"))

    def test_bad(self) -> None:
        for mailbox in BAD:
            with self.assertRaises(AddressError, msg=mailbox):
                checkMailbox(mailbox)

    def test_paths(self) -> None:
        self.assertEqual(splitPath("<>"), ("", ""))
        self.assertEqual(splitPath("<@r.example,@s.example:a@x>"), ("a@x", ""))
        for text in ("", "a@x", "<a@x", " <a@x>", "<a@x>X", '<"a>@x'):
            with self.assertRaises(AddressError, msg=text):
                splitPath(text)

    def test_longestPath(self) -> None:
        """256 octets with the brackets (section 4.5.3.1.3)."""
        for last, fine in ((48, True), (49, False)):
            domain = ".".join(["y" * 46] * 3 + ["y" * last])
            path = f"<{'x' * 64}@{domain}>"
            self.assertEqual(len(path), 256 + (not fine))
            self.assertEqual(self.isPath(path), fine)

    def isPath(self, path: str) -> bool:
        try:
            splitPath(path)
        except AddressError:
            return False
        return True

    def test_lenient(self) -> None:
        for text, split in {
            " <a@x> SIZE=1": ("a@x", "SIZE=1"),
            "a@x SIZE=1": ("a@x", "SIZE=1"),
            " a@x": ("a@x", ""),
            "": ("", ""),
        }.items():
            self.assertEqual(splitPath(text, lenient=True), split)

    def test_ascii(self) -> None:
        requireASCII("a@x")
        with self.assertRaises(AddressError) as caught:
            requireASCII("é@x")
        self.assertTrue(caught.exception.needsUTF8)

    @given(st.text(alphabet='<>@".\\[]:,a1é -\x00IPv6', max_size=30) | st.text())
    def test_onlyOneErrorEscapes(self, text: str) -> None:
        for lenient in (False, True):
            try:
                mailbox, _ = splitPath(text, lenient=lenient)
                self.assertIn(checkMailbox(mailbox) if mailbox else "", text)
            except AddressError as error:
                self.assertTrue(str(error))


class ReplyTests(SynchronousTestCase):
    """Section 4.2.1, and RFC 2034."""

    def test_lines(self) -> None:
        for reply, octets in (
            (Reply(250, "OK"), b"250 OK\r\n"),
            (Reply(250, "OK", "2.0.0"), b"250 2.0.0 OK\r\n"),
            (Reply(250, "a\nb\nc"), b"250-a\r\n250-b\r\n250 c\r\n"),
            (Reply(550, "a\nb", "5.1.1"), b"550-5.1.1 a\r\n550 5.1.1 b\r\n"),
        ):
            self.assertEqual(reply.encode(), octets)

    def test_nothingIsSaidInItsName(self) -> None:
        """What a client sent may stand in a reply; it ends no line there."""
        octets = Reply(550, "no \r250 OK\x00é", "5.0.0").encode()
        self.assertEqual(octets, b"550 5.0.0 no ?250 OK??\r\n")

    @given(st.text())
    def test_bounded(self, text: str) -> None:
        for line in Reply(550, text * 30, "5.0.0").encode().split(b"\r\n"):
            self.assertLessEqual(len(line) + 2, MAX_REPLY_LINE)

    def test_isError(self) -> None:
        self.assertEqual(
            [Reply(c, "").isError for c in (250, 354, 421, 550)],
            [False, False, True, True],
        )
