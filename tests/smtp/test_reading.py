"""L{protocols.smtp.reading}: which messages are meant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.message import Envelope
from protocols.smtp.reading import HEADER_ROOM, Query, Stored, subjectOf

STORED = Stored(
    7,
    Envelope("Ann@x.example", ("bob@y.example", "c@z.example")),
    100,
    inboxes=("inbox", "tests"),
    subject="Grüße aus Köln",
)


class QueryTests(SynchronousTestCase):
    def test_matches(self) -> None:
        for query, meant in (
            (Query(), True),
            (Query(to="bob@y.example"), True),
            (Query(to="BOB@*"), True),
            (Query(to="b?b@y.example"), True),
            (Query(to="bob"), False),
            (Query(sender="ann@*"), True),
            (Query(sender="bob@*"), False),
            (Query(subject="grüsse"), True),
            (Query(subject="Bonn"), False),
            (Query(inbox="tests"), True),
            (Query(inbox="other"), False),
            (Query(after=6), True),
            (Query(after=7), False),
            (Query(to="c@z.example", sender="ann@*", after=1), True),
            (Query(to="c@z.example", sender="bob@*"), False),
        ):
            self.assertEqual(query.matches(STORED), meant, query)


class SubjectTests(SynchronousTestCase):
    def test_subjects(self) -> None:
        for start, subject in {
            b"": "",
            b"From: a\r\n\r\nSubject: no\r\n": "",
            b"Subject: one\r\n two\r\nTo: b\r\n\r\n": "one two",
            b"subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\n": "Grüße",
            b"Subject: =?x-none?Q?a?=\r\n\r\n": "=?x-none?Q?a?=",
            b"X: " + b"y" * HEADER_ROOM + b"\r\nSubject: late\r\n\r\n": "",
        }.items():
            self.assertEqual(subjectOf(start), subject, start[:40])

    @given(st.binary() | st.binary().map(lambda tail: b"Subject: =?" + tail))
    def test_nothingEscapes(self, start: bytes) -> None:
        self.assertEqual(subjectOf(start), " ".join(subjectOf(start).split()))
