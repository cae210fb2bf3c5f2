"""L{protocols.chat.backplane.places}: where a backplane is."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane.places import Place, PlaceError, placeOf


class PlaceTests(SynchronousTestCase):
    def test_places(self) -> None:
        for text, place in (
            ("redis://localhost", Place("localhost")),
            ("redis://localhost/", Place("localhost")),
            ("redis://h:7/3", Place("h", 7, database=3)),
            ("redis://[::1]:7", Place("::1", 7)),
            ("redis://:w%40rd@h", Place("h", password="w@rd")),
            ("redis://u:w@h", Place("h", user="u", password="w")),
            ("unix:/a/b", Place(path="/a/b")),
            ("unix:/a/b?db=2", Place(path="/a/b", database=2)),
        ):
            self.assertEqual(placeOf(text), place, text)

    def test_whatCantBe(self) -> None:
        for text in (
            *("", "redis:", "redis://", "http://h", "h:6379", "redis://h:x"),
            *("redis://h/x", "redis://h/-1", "redis://h/9999999", "redis://h?a=b"),
            *("unix:a", "unix:", "unix:/a?db=x", "redis://h:99999", "redis://[::1"),
            "redis://h/³",
        ):
            self.assertRaises(PlaceError, placeOf, text)

    def test_noPasswordIsShown(self) -> None:
        place = placeOf("redis://me:geheim@h:1/2")
        self.assertEqual(place.shown, "h:1/2")
        self.assertNotIn("geheim", repr(place))
        self.assertEqual(placeOf("unix:/a?db=1").shown, "unix:/a/1")

    def test_noPasswordIsInAnError(self) -> None:
        error = self.assertRaises(PlaceError, placeOf, "redis://:geheim@h/x")
        self.assertNotIn("geheim", str(error))

    @given(st.text(max_size=40))
    def test_onlyOneErrorEscapes(self, text: str) -> None:
        for prefix in ("", "redis://", "unix:/"):
            with contextlib.suppress(PlaceError):
                self.assertIsInstance(placeOf(prefix + text), Place)
