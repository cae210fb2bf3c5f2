"""L{protocols.chat.backplane.parts}: rooms in parts."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane.parts import KnownParts, Pending, fieldsFrom, partsOf

FIELDS: dict[str, Any] = {
    "created": 1.0,
    "founder": "ann",
    "topic": ["birds", "ann", 2.0],
    "flags": "mnt",
    "key": "",
    "limit": 3,
    "slow": 0.0,
    "lists": {"b": {"x!*@*": ["ann", 3.0]}},
}
WORDS = st.text("abc", min_size=1, max_size=3)
MASKS = st.dictionaries(WORDS, st.tuples(WORDS, st.floats(0, 9)).map(list), min_size=1)


class PartsTests(SynchronousTestCase):
    def test_parts(self) -> None:
        """Each thing that can be another by itself is a part."""
        self.assertEqual(
            partsOf("#a", FIELDS, True),
            {
                "base": ["#a", 1.0, "ann"],
                "kept": True,
                "topic": ["birds", "ann", 2.0],
                "set limit": 3,
                "flag m": True,
                "flag n": True,
                "flag t": True,
                "mask b x!*@*": ["ann", 3.0],
            },
        )

    @given(
        st.fixed_dictionaries(
            {
                "created": st.floats(0, 9),
                "founder": st.text(max_size=3),
                "topic": st.just(["", "", 0.0]) | st.just(["x", "ann", 1.0]),
                "flags": st.sets(st.sampled_from("imnst")).map(sorted).map("".join),
                "key": st.text(max_size=3),
                "limit": st.integers(0, 9),
                "slow": st.floats(0, 9),
                "lists": st.dictionaries(st.sampled_from("beI"), MASKS),
            }
        )
    )
    def test_thereAndBack(self, fields: dict[str, Any]) -> None:
        found = fieldsFrom(partsOf("#a", fields, False), FIELDS)
        self.assertEqual({**found, "flags": "".join(sorted(found["flags"]))}, fields)

    def test_whatAreNoParts(self) -> None:
        for parts in ({}, {"base": 1}, {"base": [1]}, {"base": [1, 2, 3], "mask b": 1}):
            self.assertRaises(ValueError, fieldsFrom, parts, FIELDS)


class PendingTests(SynchronousTestCase):
    def test_count(self) -> None:
        pending = Pending()
        pending.sent("a")
        pending.sent("a")
        pending.came("a")
        self.assertIn("a", pending)
        pending.came("a")
        pending.came("never sent")
        self.assertNotIn("a", pending)
        self.assertNotIn("never sent", pending)

    def test_lost(self) -> None:
        pending = Pending()
        pending.sent("a")
        self.assertEqual(pending.takeAll(), {"a"})
        self.assertEqual(pending.takeAll(), set())


class KnownTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.known = KnownParts()
        self.known.taken("#a", {"topic": 1, "flag m": True})

    def test_onlyWhatIsAnother(self) -> None:
        changes = self.known.told("#a", {"topic": 2, "flag n": True})
        self.assertEqual(changes, {"topic": 2, "flag n": True, "flag m": None})
        self.assertEqual(self.known.told("#a", {"topic": 2, "flag n": True}), {})

    def test_overtaken(self) -> None:
        """What we have said has a higher number, until it has come back."""
        changes = self.known.told("#a", {"topic": 2, "flag m": True})
        new = self.known.taken("#a", {"topic": 3, "flag n": True})
        self.assertEqual(new, {"flag n": True})
        self.known.came("#a", changes)
        self.assertEqual(self.known.taken("#a", {"topic": 3}), {"topic": 3})

    def test_lost(self) -> None:
        """What may not have arrived is told again, what else was done holds."""
        self.known.told("#a", {"topic": 2, "flag m": True})
        self.known.lost()
        here = {"#a": {"topic": 2, "flag m": True, "flag i": True}, "#b": {"topic": 9}}
        noted = {"#a": {"topic": 1, "key": "x"}, "#c": {"topic": 5}}
        self.known.found(noted, here)
        now = {"topic": 2, "key": "x", "flag i": True}
        self.assertEqual(here, {"#a": now, "#b": {"topic": 9}})
        changes = self.known.told("#a", now)
        self.assertEqual(changes, {"topic": 2, "flag i": True})

    def test_firstMeeting(self) -> None:
        """What others say of a room holds, whatever it was in our own store."""
        known, here = KnownParts(), {"#a": {"topic": 2, "flag m": True}}
        known.found({"#a": {"topic": 1}}, here)
        self.assertEqual(here, {"#a": {"topic": 1}})
