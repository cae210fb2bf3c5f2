"""Only CRLF.CRLF ends a message (RFC 5321, sections 2.3.8 and 4.1.1.4).

What looks like the end to another server must not be one here, and what follows
it must not be a second message: one reply, whatever comes.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from tests.smtp.conversations import everyCut

HEAD = b"Subject: t\r\n\r\nbody"
SECOND = b"MAIL FROM:<c@z.example>\r\nRCPT TO:<d@z.example>\r\nDATA\r\nsmuggled"
END = b"\r\n.\r\n"

# What is no end, by its line ends alone.
LOOK_ALIKES = (
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\n.\r",
    b"\r.\n",
    b"\n\r.\n\r",
    b"\r\n.\r\r\n",
)
# Octets that others take for line ends or skip, and that are text here.
TEXT = (
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\x0b.\x0b",
    b"\x85.\x85",
    b"\r\n .\r\n",
    b"\r\n. \r\n",
)


class SmugglingTests(SynchronousTestCase):
    def test_strict(self) -> None:
        """The message is refused, once, and nothing is kept of it."""
        for sequence in LOOK_ALIKES:
            said, kept = everyCut(HEAD + sequence + SECOND + END)
            self.assertEqual((said, kept), (["550 5.5.2"], []), sequence)

    def test_record(self) -> None:
        """The message is taken whole, with what was to be smuggled as its text."""
        for sequence in LOOK_ALIKES:
            data = HEAD + sequence + SECOND
            said, kept = everyCut(data + END, lineEndings="record")
            self.assertEqual(said, ["250 2.0.0"], sequence)
            self.assertEqual(kept, [unstuffed(data)], sequence)

    def test_text(self) -> None:
        for sequence in TEXT:
            data = HEAD + sequence + SECOND
            said, kept = everyCut(data + END)
            self.assertEqual((said, kept), (["250 2.0.0"], [unstuffed(data)]), sequence)

    def test_bareCRBeforeAGenuineEnd(self) -> None:
        r"""C{\r\r\n.\r\n} ends the message, whose fault is the CR alone."""
        said, kept = everyCut(HEAD + b"\r" + END + b"NOOP\r\nRSET\r\n")
        self.assertEqual((said, kept), (["550 5.5.2", "250 2.0.0", "250 2.0.0"], []))

    def test_bareCRBothTimes(self) -> None:
        r"""C{\r\r\n.\r\r\n} is not even an end."""
        said, kept = everyCut(HEAD + b"\r\r\n.\r\r\n" + SECOND + END)
        self.assertEqual((said, kept), (["550 5.5.2"], []))


def unstuffed(data: bytes) -> bytes:
    """Section 4.5.2, as it is written there: line by line."""
    lines = (data + b"\r\n").split(b"\r\n")
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in lines)
