"""L{protocols.chat.backplane.places}: where a backplane is."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane.places import (
    MAX_SECRET,
    Place,
    PlaceError,
    placeOf,
)
from tests.folders import folderFor


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
            ("unix:/a?user=u", Place(path="/a", user="u")),
            ("rediss://h", Place("h", isSecure=True)),
            (
                "rediss://u@h:7/1?ca=/c%26&certificate=/k",
                Place(
                    *("h", 7, "", 1, "u"),
                    isSecure=True,
                    authorities="/c&",
                    certificate="/k",
                ),
            ),
            ("redis://h?password-file=/p", Place("h", passwordFile="/p")),
            (
                "redis://h?user=u&password-env=P",
                Place("h", user="u", passwordVariable="P"),
            ),
            ("tcp:h:7?db=3", Place(endpoint="tcp:h:7", database=3)),
            ("tls:h:7:trustRoots=/c", Place(endpoint="tls:h:7:trustRoots=/c")),
        ):
            self.assertEqual(placeOf(text), place, text)

    def test_whatCantBe(self) -> None:
        for text in (
            *("", "redis:", "redis://", "http://h", "h:6379", "redis://h:x"),
            *("redis://h/x", "redis://h/-1", "redis://h/9999999", "redis://h?a=b"),
            *("unix:a", "unix:", "unix:/a?db=x", "redis://h:99999", "redis://[::1"),
            *("redis://h/³", "redis://h?db=3", "redis://h?ca=/c", "unix:/a?ca=/c"),
            *("redis://h?user=", "ftp://h", "udp:h", "tcp:", "redis://h#x"),
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

    def test_secret(self) -> None:
        """It is read when it is needed, so it may be changed meanwhile."""
        path = Path(folderFor(self), "secret")
        place = placeOf(f"unix:/a?password-file={path}")
        for octets, why in (
            (None, "No such file"),
            (b"", "there is no password"),
            (b"\n", "there is no password"),
            (b"x" * (MAX_SECRET + 1), "there is no password"),
            (b"\xff", "it is no text"),
        ):
            if octets is not None:
                path.write_bytes(octets)
            error = self.assertRaises(PlaceError, place.secret)
            self.assertIn(why, str(error))
        for word in ("one", "two"):
            path.write_text(f"{word}\nrest")
            self.assertEqual(place.secret(), word)
        self.assertEqual(placeOf("redis://:w@h").secret(), "w")

    def test_environment(self) -> None:
        place = placeOf("tcp:h:7?password-env=CHAT_SECRET")
        self.assertRaises(PlaceError, place.secret)
        self.patch(os, "environ", {"CHAT_SECRET": "word"})
        self.assertEqual(place.secret(), "word")
        self.assertEqual(place.shown, "tcp:h:7/0")

    @given(st.text(max_size=40))
    def test_onlyOneErrorEscapes(self, text: str) -> None:
        for prefix in ("", "redis://", "unix:/", "rediss://h?", "tcp:"):
            with contextlib.suppress(PlaceError):
                self.assertIsInstance(placeOf(prefix + text), Place)
