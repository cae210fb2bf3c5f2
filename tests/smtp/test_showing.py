"""L{protocols.smtp.showing}: a terminal does not obey a mail."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.message import Envelope
from protocols.smtp.reading import Stored, subjectOf
from protocols.smtp.showing import HEADINGS, factsOf, shown, tableOf

ENVELOPE = Envelope(
    "a@x", ("b@y", "c@z"), "192.0.2.1", "c", login="ann", protocol="ESMTPA"
)
CONTENT = b"""From: =?utf-8?Q?J=C3=BCrgen?= <a@x>\r
Subject: hi\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=B\r
\r
--B\r
\r
text\x1b[31m\r
--B\r
Content-Type: application/pdf\r
Content-Disposition: attachment; filename="a\x1b.pdf"\r
\r
%PDF\r
--B--\r
"""


def stored(content: bytes) -> Stored:
    lint = frozenset(("nul", "8bit"))
    return Stored(7, ENVELOPE, len(content), lint, subject=subjectOf(content))


class ShownTests(SynchronousTestCase):
    def test_whatAPersonReads(self) -> None:
        text = shown(stored(CONTENT), CONTENT)
        for part in (
            *("envelope: a@x to b@y, c@z", "from 192.0.2.1 (c) by ESMTPA, as ann"),
            *("odd:      8bit, nul", "From: Jürgen <a@x>", "Subject: hi"),
            *("text\N{REPLACEMENT CHARACTER}[31m", ".pdf (application/pdf)]"),
        ):
            self.assertIn(part, text)

    @given(st.binary() | st.binary().map(lambda tail: CONTENT[:200] + tail))
    def test_neverObeyed(self, content: bytes) -> None:
        """Whatever comes, it is shown, and nothing of it but letters."""
        for line in (
            *shown(stored(content), content).split("\n"),
            *tableOf([stored(content)]),
        ):
            self.assertTrue(line.isprintable(), line)


class TableTests(SynchronousTestCase):
    def test_columns(self) -> None:
        long = Stored(10, Envelope("", ("b" * 60 + "@y",)), 5, subject="s")
        first, second, third = tableOf([stored(CONTENT), long])
        self.assertEqual(tuple(first.split()), HEADINGS)
        self.assertIn("b@y +1", second)
        self.assertIn("<>", third)
        self.assertIn("bbb…  5", third)
        self.assertEqual(first.index("SUBJECT"), second.index("hi"))

    def test_facts(self) -> None:
        facts = factsOf(stored(CONTENT))
        self.assertEqual(facts["recipients"], ["b@y", "c@z"])
        self.assertEqual(facts["received"], "1970-01-01T00:00:00+00:00")
