"""L{protocols.smtp.inboxes}: rules, names, and what fits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.inboxes import MAX_NAME, InboxError, Inboxes, InboxRule, safeName
from protocols.smtp.message import Envelope

ENVELOPE = Envelope(
    "a@x.example",
    ("Bob@y.example", "eve@z.example"),
    login="Ann",
    listener="127.0.0.1:7025",
)


class RuleTests(SynchronousTestCase):
    def test_fits(self) -> None:
        for rules, names in (
            ((), ("inbox",)),
            (("tests=to:*@y.example",), ("inbox", "tests")),
            (("tests=to:*@*",), ("tests",)),
            (("{}=to:bob@*",), ("bob@y.example", "inbox")),
            (("{}=login:*",), ("ann",)),
            (("{}=login:bob",), ("inbox",)),
            (("local=listener:127.0.0.1:*",), ("local",)),
            (("Tests=to:e?e@*", "all=login:ann"), ("all", "tests")),
            (("a=to:*", "b=to:*"), ("a",)),
        ):
            self.assertEqual(Inboxes.fromTexts(rules).of(ENVELOPE), names, rules)

    def test_nobody(self) -> None:
        inboxes = Inboxes.fromTexts(["{}=login:*"])
        self.assertEqual(inboxes.of(Envelope("", ("b@y",))), ("inbox",))
        self.assertEqual(inboxes.of(Envelope("", ())), ("inbox",))

    def test_malformed(self) -> None:
        for text in (
            *("", "tests", "tests=", "=to:*", "tests=to:", "tests=from:*"),
            *("a b=to:*", "a/b=to:*", "..=to:*", "x" * (MAX_NAME + 1) + "=to:*"),
        ):
            error = self.assertRaises(InboxError, InboxRule.read, text)
            self.assertIn(repr(text), str(error))

    @given(st.text())
    def test_onlyOneErrorEscapes(self, text: str) -> None:
        try:
            self.assertTrue(InboxRule.read(text).name)
        except InboxError as error:
            self.assertTrue(str(error))


class NameTests(SynchronousTestCase):
    @given(st.text())
    def test_safe(self, text: str) -> None:
        """Whatever somebody logs in as is a name, and no path."""
        name = safeName(text)
        self.assertTrue(0 < len(name) <= MAX_NAME)
        self.assertNotIn("/", name)
        self.assertNotIn(name, (".", ".."))
        self.assertTrue(name.isprintable() or not name.isascii())
