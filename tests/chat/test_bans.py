"""L{protocols.chat.bans}: who is not let in, and until when."""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.bans import (
    ACCOUNT,
    MASK,
    MAX_MASK,
    MAX_REASON,
    NAME,
    NETWORK,
    Ban,
    BanError,
    durationOf,
    kindOf,
)


class BanTests(SynchronousTestCase):
    def test_controls(self) -> None:
        """Lists of bans are shown on terminals (ECMA-48, 5)."""
        ban = Ban.of("\x1b[31mz\x9b\0", "ann", "\x1bwhy\u202e")
        self.assertEqual((ban.mask, ban.reason), ("^[[31mz\\x9b", "^[why"))

    def test_kinds(self) -> None:
        for text, kind in (
            *(("bob", NAME), ("$a:bob", ACCOUNT), ("account:bob", ACCOUNT)),
            *(
                ("192.0.2.1", NETWORK),
                ("192.0.2.0/24", NETWORK),
                ("2001:db8::/32", NETWORK),
            ),
            *(("b*", MASK), ("bob!*@*", MASK), ("*@192.0.2.1", MASK), ("b?b", MASK)),
            ("192.0.2.300", NAME),
        ):
            self.assertEqual(
                (kindOf(text), Ban.of(text, "op").kind), (kind, kind), text
            )

    def test_oneWayOfWriting(self) -> None:
        for text, mask in (
            *(
                ("b*", "b*!*@*"),
                ("u@h", "*!u@h"),
                ("$a:bob", "bob"),
                ("account:bob", "bob"),
            ),
            *(("192.0.2.9/24", "192.0.2.0/24"), ("192.0.2.9", "192.0.2.9/32")),
            *(("::ffff:192.0.2.9", "192.0.2.9/32"), ("2001:DB8::1", "2001:db8::1/128")),
        ):
            self.assertEqual(Ban.of(text, "op").mask, mask)

    def test_whatCantBe(self) -> None:
        for text, kind in (
            *(("", ""), ("$a:", ""), ("x" * (MAX_MASK + 1), ""), ("bob", NETWORK)),
            *(("bob", "nonsense"), ("\u200b", NAME)),
        ):
            with self.assertRaises(BanError):
                Ban.of(text, "op", kind=kind)
        self.assertRaises(BanError, Ban, "192.0.2.9/24", "op", kind=NETWORK)
        self.assertRaises(BanError, Ban, "bob", "op", kind="nonsense")
        self.assertEqual(len(Ban.of("bob", "op", "x" * 10_000).reason), MAX_REASON)

    def test_accountsThatAreSaidToBe(self) -> None:
        self.assertEqual(Ban.of("bob", "op", kind=ACCOUNT), Ban.of("$a:bob", "op"))

    def test_fields(self) -> None:
        ban = Ban.of("192.0.2.0/24", "op", "flood", until=7.5, since=2.0)
        again = Ban.fromFields(json.loads(json.dumps(ban.fields())))
        self.assertEqual(again, ban)
        for bad in ({}, {"mask": 5, "by": "x"}, {"mask": "a", "by": "b", "x": 1}):
            self.assertRaises(BanError, Ban.fromFields, bad)

    def test_durations(self) -> None:
        self.assertEqual(durationOf("1h30m"), 5400)
        self.assertEqual(durationOf("2w1d3s"), 15 * 86400 + 3)
        self.assertEqual(durationOf(""), None)
        for bad in ("1", "h", "-1h", "1y", "1h 2m", "9" * 5000 + "s", "\u0661h"):
            self.assertRaises(BanError, durationOf, bad)
