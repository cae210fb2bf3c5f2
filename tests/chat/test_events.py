"""What people at the line door are told of what happens."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.events import (
    LINES,
    Came,
    Changed,
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

ANN, BOB = Source("ann", "~a", "h"), Source("bob")


class LineTests(SynchronousTestCase):
    def test_events(self) -> None:
        for event, said in (
            (Came("#t", (ANN, BOB)), "#t * ann, bob joined"),
            (Went("#t", (ANN,)), "#t * ann left"),
            (Went("#t", (ANN,), "quit", "bye"), "#t * ann quit (bye)"),
            (Renamed("#t", ANN, "anna"), "#t * ann is now anna"),
            (TopicChanged("#t", ANN, "tea"), "#t * ann set the topic: tea"),
            (TopicChanged("#t", ANN, ""), "#t * ann removed the topic"),
            (ModesChanged("#t", ANN, "+o bob"), "#t * ann set +o bob"),
            (Kicked("#t", ANN, "bob"), "#t * bob was removed by ann"),
            (Kicked("#t", ANN, "bob", "loud"), "#t * bob was removed by ann: loud"),
            (Invited("#t", ANN, "bob"), "#t * ann invited bob"),
            (Redacted("#t", ANN, 7), "#t * ann took message 7 back"),
            (Redacted("#t", ANN, 7, "no"), "#t * ann took message 7 back: no"),
            (Presence(ANN), "* ann is here"),
            (Presence(ANN, False), "* ann has gone"),
        ):
            self.assertEqual(LINES.write(event), f"{said}\r\n".encode())

    def test_notTold(self) -> None:
        """What only programs show."""
        for event in (
            Changed("#t", ANN, "away", "lunch"),
            Posting("#t", "", "ann", kind="tags"),
            Posting("#t", "\1X\1", "ann", kind="request"),
        ):
            self.assertEqual(LINES.write(event), b"")

    def test_plain(self) -> None:
        """Whatever program it comes from, a terminal has nothing to obey."""
        for event in (
            TopicChanged("#t", ANN, "\x1b[2J\x0304red\x03"),
            Kicked("#t", ANN, "bob", "\x1b[2J\x02red"),
            Went("#t", (ANN,), "left", "\x1b[2J\x1dred"),
            ModesChanged("#t", ANN, "+k \x1b[2Jred"),
            Posting("#t", "\x1b[2J\x0fred", "ann"),
            Posting("bob", "\x1b[2J\x0fred", "ann"),
        ):
            line = LINES.write(event)
            self.assertIn(b"^[[2Jred", line)
            self.assertTrue(line[:-2].decode().isprintable())

    def test_postings(self) -> None:
        for posting, said in (
            (Posting("#t", "hi", "ann"), "#t <ann> hi"),
            (Posting("#t", "hi", "ann", kind="notice"), "#t -ann- hi"),
            (Posting("#t", "hi"), "#t * hi"),
            (Posting("bob", "hi", "ann"), "[ann to you] hi"),
            (Posting("bob", "waves", "ann", isAction=True), "[ann to you] ann waves"),
        ):
            self.assertEqual(posting.line, f"{said}\r\n".encode())

    def test_once(self) -> None:
        """Written once for everybody."""
        event = Came("#t", (ANN,))
        self.assertIs(event.line, event.line)


class SourceTests(SynchronousTestCase):
    def test_mask(self) -> None:
        """RFC 2812, 2.3.1."""
        self.assertEqual((ANN.mask, BOB.mask), ("ann!~a@h", "bob"))
