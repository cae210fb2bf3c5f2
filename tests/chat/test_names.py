"""Names that can't be told apart are one name."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.names import NameRefusedError, checkName, checkRoom, key


class KeyTests(SynchronousTestCase):
    def test_sameNames(self) -> None:
        for one, other in (
            ("bob", "BOB"),
            ("bob", "b\u043eb"),
            ("bob", "bob\u200b"),
            ("bob", "ｂｏｂ"),
            ("bob", "b0b"),
            ("bob", "bob\ufe0f"),
            ("straße", "STRASSE"),
            ("ﬁn", "fin"),
            ("café", "cafe\u0301"),
        ):
            self.assertEqual(key(one), key(other), (one, other))

    def test_differentNames(self) -> None:
        keys = {
            key(name) for name in ("ann", "anna", "bob", "жук", "名前", "café", "cafe")
        }
        self.assertEqual(len(keys), 7)

    @given(st.text(max_size=20))
    def test_stable(self, name: str) -> None:
        self.assertEqual(key(key(name)), key(name))
        self.assertEqual(key(name.upper().lower()), key(name.upper()))


class NameTests(SynchronousTestCase):
    def test_good(self) -> None:
        for name in ("bob", "Ann-Marie", "жук", "名前", "x" * 32, "_", "o'neil"[:1]):
            self.assertEqual(checkName(name), name)

    def test_refused(self) -> None:
        for name, why in {
            "": "at least one character",
            "\r\nroot": "invisible",
            "a b": "a space",
            "x" * 500: "at most 32",
            "#x": "does not begin with #",
            "*": "does not contain the sign *",
            ":x": "does not begin with :",
            "NickServ": "reserved",
            "r\u043e\u043et": "reserved",
            "bob\u200b": "invisible",
            "\u202ebob": "invisible",
            "<bob>": "contain the sign <",
            "a,b": "contain a comma",
            "b\ufffdb": "contain octets that are no UTF-8",
            "\x1b[2J": "invisible",
            "a\x07b": "invisible",
            "a\u00a0b": "invisible",
            "\u0301": "begins with",
            "\u3164": "invisible",
            "bob\ufe0f": "invisible",
            "bob\u034f": "invisible",
            "bob\u2800": "invisible",
        }.items():
            with self.assertRaises(NameRefusedError, msg=repr(name)) as caught:
                checkName(name)
            self.assertIn(why, str(caught.exception))

    @given(st.text(max_size=40))
    def test_onlyOneErrorEscapes(self, name: str) -> None:
        for check in (checkName, checkRoom):
            try:
                self.assertTrue(key(check(name)))
            except NameRefusedError as error:
                self.assertTrue(str(error))


class RoomNameTests(SynchronousTestCase):
    def test_withOrWithoutItsSign(self) -> None:
        self.assertEqual([checkRoom("tea"), checkRoom("#tea")], ["#tea", "#tea"])

    def test_refused(self) -> None:
        for name in ("", "#", "a b", "x\n", "y" * 33):
            self.assertRaises(NameRefusedError, checkRoom, name)
