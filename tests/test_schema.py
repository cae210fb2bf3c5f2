"""protocols.schema: options as keys, values as TOML."""

from __future__ import annotations

import sys
from typing import Any, ClassVar

from hypothesis import given
from hypothesis import strategies as st
from twisted.python import usage
from twisted.trial.unittest import SynchronousTestCase

from protocols.options import Number
from protocols.schema import (
    EXPECTED,
    Key,
    ValueTypeError,
    keysOf,
    parameterKey,
    shortly,
    showKey,
    showValue,
)

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class Plain(usage.Options):
    """Options as Twisted has them, with nothing of ours."""

    optFlags: ClassVar[list[Any]] = [["quiet", "q", "Say nothing."]]
    optParameters: ClassVar[list[Any]] = [
        ["name", "n", "nobody", "Who."],
        ["size", None, 3, "How much.", int],
        ["share", None, 0.5, "Which part.", float],
        ["file", None, None, "Where."],
    ]

    def __init__(self) -> None:
        super().__init__()
        self["peer"] = []

    def opt_peer(self, peer: str) -> None:
        """Somebody else."""
        self["peer"].append(peer)


class KeyTests(SynchronousTestCase):
    def test_whereToListenComesFirst(self) -> None:
        class Listening(Plain):
            def opt_listen(self, where: str) -> None:
                """Where."""

        self.assertEqual(next(iter(keysOf(Listening()))), "listen")

    def test_kindsComeFromTheDefaults(self) -> None:
        kinds = {key.name: key.kind for key in keysOf(Plain()).values()}
        expected = {
            "quiet": "flag",
            "name": "text",
            "size": "whole",
            "share": "number",
            "file": "any",
            "peer": "list",
        }
        self.assertEqual(kinds, expected)

    def test_aWholeNumberMayStandAsAFloatInTheTable(self) -> None:
        class Odd(usage.Options):
            optParameters: ClassVar[list[Any]] = [
                ["burst", None, 5.0, "How much.", Number("burst", "things")]
            ]

        key = keysOf(Odd())["burst"]
        self.assertEqual(key.expected, "a whole number of things, 0 or more")
        self.assertIn("\nburst = 5", key.printed())

    def test_helpAndVersionAreNoKeys(self) -> None:
        self.assertFalse({"help", "version"} & set(keysOf(Plain())))

    def test_aKeyReadFromTheClassIsTheSame(self) -> None:
        for name in ("name", "size", "share", "file"):
            self.assertEqual(parameterKey(Plain, name), keysOf(Plain())[name])

    def test_argumentsThatTheOptionsTake(self) -> None:
        keys = keysOf(Plain())
        options = Plain()
        options.parseOptions(
            [
                *keys["quiet"].arguments(True),
                *keys["name"].arguments("-x = y"),
                *keys["share"].arguments(1),
                *keys["peer"].arguments(["a", "b"]),
                *keys["file"].arguments(5),
            ]
        )
        told = [options[name] for name in ("quiet", "name", "share", "peer", "file")]
        self.assertEqual(told, [1, "-x = y", 1.0, ["a", "b"], "5"])

    def test_aFlagThatIsFalseIsNoArgument(self) -> None:
        self.assertEqual(keysOf(Plain())["quiet"].arguments(False), [])

    def test_whatEachKindTakes(self) -> None:
        nan = float("nan")
        values = [True, 1, 1.5, "a", ["a", 1], [True], [1.5], {}, nan, None]
        taken = {
            "flag": [True],
            "whole": [1],
            "number": [1, 1.5],
            "text": ["a"],
            "any": [1, 1.5, "a"],
            "list": [1, "a", ["a", 1]],
        }
        for kind in EXPECTED:
            key = Key("key", kind, None, "", EXPECTED[kind])
            self.assertEqual([each for each in values if takes(key, each)], taken[kind])


def takes(key: Key, value: object) -> bool:
    try:
        key.arguments(value)
    except ValueTypeError:
        return False
    return True


VALUES = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


class ShownTests(SynchronousTestCase):
    @given(VALUES)
    def test_whatIsShownIsTOMLOfTheSameValue(self, value: object) -> None:
        self.assertEqual(tomllib.loads(f"key = {showValue(value)}")["key"], value)

    @given(st.text())
    def test_aKeyIsBareOrQuoted(self, name: str) -> None:
        self.assertEqual(tomllib.loads(f"{showKey(name)} = 1"), {name: 1})

    def test_aBareKeyStaysBare(self) -> None:
        self.assertEqual(showKey("max-size"), "max-size")

    def test_anErrorShowsTheBeginning(self) -> None:
        self.assertEqual(shortly("abc"), '"abc"')
        self.assertEqual(shortly("a" * 99), '"' + "a" * 59 + "...")
