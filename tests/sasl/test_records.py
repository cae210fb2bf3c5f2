"""L{protocols.sasl.records}: what is kept in place of a password."""

from __future__ import annotations

from base64 import b64decode, b64encode

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.sasl import Decoys, ScramRecord, secretFor
from protocols.sasl.records import (
    MAX_ITERATIONS,
    MIN_ITERATIONS,
    readSecret,
    writeSecret,
)

SALT = b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
KEY = b"k" * 32
# Of the password and salt of RFC 7677, section 3; the keys as its exchange proves.
PENCIL = secretFor("pencil", salt=SALT)


class TextTests(SynchronousTestCase):
    def test_form(self) -> None:
        """As PostgreSQL writes it."""
        key = "[A-Za-z0-9+/]{43}="
        self.assertRegex(
            PENCIL,
            rf"\ASCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\${key}:{key}\Z",
        )
        self.assertEqual(readSecret(PENCIL), ScramRecord.derive("pencil", SALT))

    @settings(max_examples=50)
    @given(
        st.integers(MIN_ITERATIONS, MAX_ITERATIONS),
        st.binary(min_size=1, max_size=40),
        *[st.binary(min_size=32, max_size=32)] * 2,
    )
    def test_back(self, count: int, salt: bytes, stored: bytes, server: bytes) -> None:
        record = ScramRecord(count, salt, stored, server)
        self.assertEqual(readSecret(writeSecret(record)), record)

    def test_malformed(self) -> None:
        for text in (
            *("", "SCRAM-SHA-256$", PENCIL[:-6], PENCIL + "=", PENCIL + "\n"),
            *(PENCIL.replace("4096", "4095"), PENCIL.replace("4096", "99999999")),
            *(PENCIL.replace("W22", "W2"), PENCIL.replace("SHA-256", "SHA-1")),
            PENCIL.replace("W22ZaJ0SNY7soEsUEjb6gQ==", ""),
        ):
            error = self.assertRaises(ValueError, readSecret, text)
            self.assertNotIn(PENCIL[30:], str(error))

    def test_secretFor(self) -> None:
        self.assertNotEqual(secretFor("pencil"), secretFor("pencil"))
        self.assertEqual(secretFor("\u2168", salt=SALT), secretFor("IX", salt=SALT))
        self.assertTrue(readSecret(secretFor("a", iterations=5000)).isOf("a"))
        for iterations in (MIN_ITERATIONS - 1, MAX_ITERATIONS + 1):
            self.assertRaises(ValueError, secretFor, "a", iterations=iterations)
        for password in ("", "\x07"):
            self.assertRaises(ValueError, secretFor, password)
        self.assertRaises(ValueError, secretFor, "a", salt=b"")


class RecordTests(SynchronousTestCase):
    def test_isOf(self) -> None:
        record = ScramRecord.derive("pencil", SALT)
        self.assertEqual([record.isOf("pencil"), record.isOf("Pencil")], [True, False])

    def test_lengths(self) -> None:
        for salt, stored, server in (
            (b"", KEY, KEY),
            (SALT, KEY[1:], KEY),
            (SALT, KEY, KEY + b"k"),
        ):
            self.assertRaises(ValueError, ScramRecord, 4096, salt, stored, server)

    def test_nothingSecretIsShown(self) -> None:
        record = ScramRecord(4096, b"s" * 16, KEY, KEY)
        self.assertEqual(repr(record), "ScramRecord(iterations=4096)")


class DecoyTests(SynchronousTestCase):
    """RFC 5802, section 9."""

    def test_alwaysTheSame(self) -> None:
        decoys = Decoys()
        self.assertEqual(decoys.recordFor("eve"), decoys.recordFor("eve"))
        self.assertNotEqual(decoys.saltFor("eve"), decoys.saltFor("eva"))
        self.assertNotEqual(decoys.saltFor("eve"), Decoys().saltFor("eve"))
        self.assertEqual(Decoys(KEY).recordFor("eve"), Decoys(KEY).recordFor("eve"))

    def test_likeOthers(self) -> None:
        record = Decoys(iterations=5000).recordFor("eve")
        self.assertEqual((record.iterations, len(record.salt)), (5000, len(SALT)))
        self.assertEqual(len(b64encode(record.salt)), 24)

    def test_keyIsNotShown(self) -> None:
        self.assertNotIn("kkk", repr(Decoys(KEY)))
