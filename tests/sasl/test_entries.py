"""L{protocols.sasl.entries}: the lines of a password file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.sasl import PasswordFileError, secretFor
from protocols.sasl.entries import readEntries
from protocols.sasl.records import readSecret

SECRET = secretFor("pencil", salt=b"salt")


class EntryTests(SynchronousTestCase):
    def test_lines(self) -> None:
        lines = ("# people", "  # more", "", "  ", "ann: a:b \r", f"bob:{SECRET}")
        entries = readEntries("\n".join(lines))
        self.assertEqual(list(entries), ["ann", "bob"])
        self.assertEqual(entries["ann"].password, " a:b ")
        self.assertEqual(entries["bob"].record, readSecret(SECRET))

    def test_prepared(self) -> None:
        """RFC 4013: names and passwords as they are compared."""
        (name, entry), *_ = readEntries("gru\u0308n:\u2168").items()
        self.assertEqual((name, entry.password), ("gr\u00fcn", "IX"))

    def test_malformed(self) -> None:
        for line in (
            *("eve", "eve:", ":tiger", "e\x07ve:tiger", "eve:tig\x07er", "ann:tiger"),
            *("eve:SCRAM-SHA-256$tiger", f"eve:{SECRET}A", "eve:tiger\x85"),
        ):
            text = f"ann:leopard\n\n{line}\n"
            error = self.assertRaises(PasswordFileError, readEntries, text)
            self.assertRegex(str(error), r"\Aline 3: [a-z]")
            for secret in ("tiger", "leopard", SECRET[20:]):
                self.assertNotIn(secret, str(error))

    def test_secretsAreNotShown(self) -> None:
        for entry in readEntries(f"ann:tiger\nbob:{SECRET}").values():
            self.assertEqual(repr(entry), "Entry()")

    @given(st.text(st.sampled_from("ab:#\r\n \x07\u00ad$S")))
    def test_oneError(self, text: str) -> None:
        try:
            entries = readEntries(text)
        except PasswordFileError as error:
            self.assertRegex(str(error), r"\Aline \d+: ")
        else:
            self.assertTrue(all(entry.password for entry in entries.values()))
