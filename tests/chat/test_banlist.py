"""L{protocols.chat.banlist}: who is meant by many bans."""

from __future__ import annotations

import json
from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.banlist import BanList, Whom
from protocols.chat.bans import (
    Ban,
    BanError,
)
from protocols.chat.events import Source

ANN = Source("Ann", "annie", "host.example", "annacc")
ADDRESS = "192.0.2.77"

TEXTS = (
    *("ann", "bob", "a*", "*!*@h", "$a:annacc", "$a:a*"),
    *("192.0.2.0/24", "192.0.0.0/24", "192.0.2.77", "::/0"),
)


class WhomTests(SynchronousTestCase):
    def check(self, expected: bool, *texts: str, source: Source = ANN) -> None:
        for text in texts:
            ban, bans = Ban.of(text, "op"), BanList()
            self.assertEqual(Whom(source, ADDRESS).isMeantBy(ban), expected, text)
            bans.add(ban, 0)
            found = bans.matching(source, ADDRESS, 0)
            self.assertEqual(found, ban if expected else None, text)

    def test_names(self) -> None:
        """Also with letters that look like others (UTS 39)."""
        self.check(True, "ann", "ANN", "\u0430nn", "a*", "?nn", "*N!*@*")
        self.check(False, "anne", "bob", "a", "an?n")

    def test_accounts(self) -> None:
        self.check(True, "$a:annacc", "$a:ANNACC", "$a:ann*", "$a:*")
        self.check(False, "$a:ann", "$a:b*")
        self.check(False, "$a:*", "$a:ann", source=Source("ann"))

    def test_networks(self) -> None:
        self.check(True, ADDRESS, "192.0.2.0/24", "0.0.0.0/0", "::ffff:192.0.2.77")
        self.check(False, "192.0.2.78", "192.0.3.0/24", "::/0", "2001:db8::/32")

    def test_masks(self) -> None:
        """User and host too; the address that others may not see is one."""
        self.check(True, "*!annie@*", "*@HOST.example", "*!*@*.example", "ann!a*e@h*")
        self.check(True, f"*!*@{ADDRESS}", "*!*@192.0.2.*", "*!*@192.0.2.64/26")
        self.check(False, "bob!*@*", "*!ann@*", "*!*@example", "*!*@192.0.2.0/28")
        self.check(False, "ann!annie@host", "*!*@2001:db8::/32")

    def test_addresses(self) -> None:
        bans = BanList()
        for text in ("2001:db8::/64", "198.51.100.0/24"):
            bans.add(Ban.of(text, "op"), 0)
        for address, meant in (
            *(
                ("2001:db8::5", True),
                ("2001:db8:0:1::5", False),
                ("fe80::1%eth0", False),
            ),
            *(("::ffff:198.51.100.9", True), ("198.51.100.9", True), ("", False)),
            *(("/run/chat.sock", False),),
        ):
            found = bans.matching(ANN, address, 0)
            self.assertEqual(found is not None, meant, address)

    def test_stars(self) -> None:
        """A mask of many stars takes no longer than its length makes it."""
        mask = "*".join("a" * 100) + "b"
        source = Source("a" * 32, "a" * 100, "a" * 253)
        began = perf_counter()
        self.assertFalse(Whom(source).isMeantBy(Ban.of(f"*!*@{mask}", "op")))
        self.assertLess(perf_counter() - began, 0.5)


class BanListTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.bans = BanList(most=4, maxPatterns=2)

    def add(self, text: str, until: float | None = None, now: float = 0) -> Ban:
        ban = Ban.of(text, "op", until=until)
        self.bans.add(ban, now)
        return ban

    def test_ends(self) -> None:
        for text in ("ann", "*!annie@*", "192.0.2.0/24"):
            ban = self.add(text, until=10)
            self.assertEqual(self.bans.matching(ANN, ADDRESS, 9.9), ban)
            self.assertEqual(self.bans.matching(ANN, ADDRESS, 10), None)
            self.assertEqual(self.bans.active(9.9), [ban])
            self.assertEqual(self.bans.active(10), [])
        self.assertEqual(len(self.bans), 0)

    def test_anotherOneOfTheSame(self) -> None:
        self.add("ann", until=5)
        longer = self.add("ANN", until=50)
        self.assertEqual(self.bans.active(0), [longer])
        self.assertEqual(self.bans.matching(ANN, "", 10), longer)

    def test_remove(self) -> None:
        for text in ("ann", "$a:annacc", "192.0.2.0/24", "*!annie@*"):
            ban = self.add(text)
            self.assertEqual(self.bans.remove(text.upper().replace("$A", "$a")), ban)
            self.assertEqual(self.bans.remove(text), None)
            self.assertEqual(self.bans.matching(ANN, ADDRESS, 0), None)
        self.assertRaises(BanError, self.bans.remove, "")

    def test_networksOfOneLength(self) -> None:
        first, second = self.add("192.0.2.0/24"), self.add("198.51.100.0/24")
        self.bans.remove(second.mask)
        self.assertEqual(self.bans.matching(ANN, ADDRESS, 0), first)

    def test_bounds(self) -> None:
        """Those that are over make room."""
        self.add("a*", until=5)
        self.add("b*")
        self.assertRaises(BanError, self.add, "c*")
        self.add("c*", now=5)
        self.add("bob", until=7, now=5)
        self.add("192.0.2.1", now=5)
        self.assertRaises(BanError, self.add, "eve", None, 6)
        self.add("BOB", until=8, now=6)
        self.add("eve", now=8)
        self.assertEqual(len(self.bans), 4)

    def test_fields(self) -> None:
        kept = [self.add("ann"), self.add("*!annie@*", until=9), self.add("10.0.0.0/8")]
        self.add("eve", until=5)
        again = BanList()
        again.load(json.loads(json.dumps(self.bans.fields())), 7)
        self.assertEqual(again.active(7), kept)
        self.assertRaises(BanError, BanList().load, [{"mask": "x"}], 0)

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["add", "remove"]),
                st.sampled_from(TEXTS),
                st.integers(0, 9),
            ),
            max_size=30,
        )
    )
    def test_asEachByItself(self, steps: list[tuple[str, str, int]]) -> None:
        """To look up finds what comparing with each would find."""
        bans, kept = BanList(), dict[str, Ban]()
        for now, (step, text, length) in enumerate(steps):
            if step == "add":
                kept[text] = Ban.of(text, "op", until=float(now + length))
                bans.add(kept[text], now)
            else:
                kept.pop(text, None)
                bans.remove(text)
            meant = [
                ban
                for ban in kept.values()
                if not ban.hasEnded(now) and Whom(ANN, ADDRESS).isMeantBy(ban)
            ]
            found = bans.matching(ANN, ADDRESS, now)
            self.assertEqual(found is None, not meant)
            self.assertTrue(found is None or found in meant)
