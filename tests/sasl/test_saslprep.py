"""L{protocols.sasl.saslprep}: RFC 4013."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.sasl.saslprep import MAX_TEXT, PreparationError, prepare, prepared


class PrepareTests(SynchronousTestCase):
    def test_examples(self) -> None:
        """Section 3."""
        for text, ready in {
            "I\u00adX": "IX",
            "user": "user",
            "USER": "USER",
            "\u00aa": "a",
            "\u2168": "IX",
        }.items():
            self.assertEqual(prepare(text), ready)
        for text in ("\u0007", "\u06271"):
            self.assertRaises(PreparationError, prepare, text)

    def test_mapped(self) -> None:
        """Section 2.1; what is mapped to nothing goes before the spaces."""
        self.assertEqual(prepare("a\u00a0b\u3000c"), "a b c")
        self.assertEqual(prepare("a\u200bb\ufeffc"), "abc")

    def test_composed(self) -> None:
        """Section 2.2."""
        self.assertEqual(prepare("gru\u0308n"), "gr\u00fcn")

    def test_prohibited(self) -> None:
        """Section 2.3, one of each table."""
        for strange in "\0\x7f\x85\ue000\ufdd0\ufffd\u2ff0\u200e\U000e0001":
            self.assertRaises(PreparationError, prepare, f"a{strange}b")

    def test_directions(self) -> None:
        """Section 2.4."""
        self.assertEqual(prepare("\u0627\u0628"), "\u0627\u0628")
        self.assertEqual(prepare("\u06271\u0628"), "\u06271\u0628")
        for text in ("\u0627a\u0628", "1\u0627", "\u06271"):
            self.assertRaises(PreparationError, prepare, text)

    def test_newLetters(self) -> None:
        """Section 2.5: what Unicode 3.2 did not have is let through."""
        self.assertEqual(prepare("\U0001f511"), "\U0001f511")

    def test_lengths(self) -> None:
        for text in ("", "\u00ad", "\u00e9" * (MAX_TEXT + 1)):
            self.assertRaises(PreparationError, prepare, text)
        for text in ("\u00e9" * MAX_TEXT, "a" * 5000):
            self.assertEqual(prepare(text), text)

    def test_octets(self) -> None:
        self.assertEqual(prepared(b"\xc2\xaa"), "a")
        self.assertIsNone(prepared(b"\xff"))
        self.assertIsNone(prepared(b""))

    @given(st.text(max_size=20))
    def test_oneErrorAndNoSecretInIt(self, text: str) -> None:
        """And what is ready stays as it is."""
        try:
            ready = prepare(text)
        except PreparationError as error:
            self.assertTrue(len(text) < 3 or text not in str(error))
        else:
            self.assertEqual(prepare(ready), ready)
