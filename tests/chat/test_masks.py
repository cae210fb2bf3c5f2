"""Masks (RFC 2812, 2.5)."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.masks import matches, wholeMask

TEXTS = st.text("ab*?", max_size=8)


class MatchTests(SynchronousTestCase):
    def test_matches(self) -> None:
        for mask, text in (
            ("", ""),
            ("*", ""),
            ("**", "ab"),
            ("a?c", "abc"),
            ("*!*@*.example", "ann!a@h.example"),
            ("ANN!*", "ann!a@h"),
            ("a*b*c", "aXbXbYc"),
            ("*a", "aaa"),
        ):
            self.assertTrue(matches(mask, text), (mask, text))

    def test_doesNot(self) -> None:
        for mask, text in (
            ("", "a"),
            ("?", ""),
            ("a", "ab"),
            ("*a", "ab"),
            ("a*b", "a"),
            ("[a]", "a"),
            (".", "a"),
        ):
            self.assertFalse(matches(mask, text), (mask, text))

    @given(TEXTS, st.text("ab", max_size=8))
    def test_asARegularExpression(self, mask: str, text: str) -> None:
        pattern = "".join(
            {"*": ".*", "?": "."}.get(each, re.escape(each)) for each in mask
        )
        self.assertEqual(matches(mask, text), bool(re.fullmatch(pattern, text)))

    def test_bounded(self) -> None:
        """Many stars, which a regular expression would try for hours."""
        self.assertFalse(matches("*a" * 60 + "b", "a" * 400))


class WholeMaskTests(SynchronousTestCase):
    def test_whole(self) -> None:
        for mask, whole in (
            ("ann", "ann!*@*"),
            ("a@h", "*!a@h"),
            ("ann!a", "ann!a@*"),
            ("ann!a@h", "ann!a@h"),
            ("!@", "*!*@*"),
            ("", "*!*@*"),
            ("h.example", "h.example!*@*"),
        ):
            self.assertEqual(wholeMask(mask), whole)
