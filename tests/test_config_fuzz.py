"""protocols.config: whatever stands in the file, only ConfigError comes out."""

from __future__ import annotations

from typing import Any, ClassVar

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.config import ConfigError, parseConfig
from protocols.options import ListenOptions, Number
from protocols.schema import showKey, showValue


class Options(ListenOptions):
    """What a service of ours has, with something of its own."""

    defaultListen = "tcp:7099:interface=127.0.0.1"
    defaultProtocol = "twisted.internet.protocol.Protocol"
    optParameters: ClassVar[list[Any]] = [
        ["max-size", None, 1024, "Largest thing.", Number("max-size", "octets", 1)],
        ["motto", None, "so be it", "What is said."],
    ]


KINDS = {"fake": __name__, "other": __name__}
NAMES = st.sampled_from(
    ["fake", "other", "data-dir", "listen", "enabled", "max-size", "motto", "help"]
)
ATOMS = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(),
    st.dates(),
    st.sampled_from(
        ["tcp:0", "tcp6:0", "ssl:1", "unix:", "systemd:domain=INET:index=0"]
    ),
)
TREES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


class FuzzTests(SynchronousTestCase):
    def attempt(self, text: str) -> None:
        try:
            parseConfig(text, kinds=KINDS)
        except ConfigError as error:
            self.assertTrue(str(error).startswith("suite.toml: "))

    @settings(deadline=None)
    @given(st.dictionaries(NAMES, TREES))
    def test_onlyConfigErrorEscapesAnyTree(self, tree: dict[str, Any]) -> None:
        self.attempt(
            "".join(f"{showKey(k)} = {showValue(v)}\n" for k, v in tree.items())
        )

    @settings(deadline=None)
    @given(st.dictionaries(NAMES, ATOMS))
    def test_onlyConfigErrorEscapesAnyTable(self, table: dict[str, Any]) -> None:
        lines = (f"{showKey(k)} = {showValue(v)}\n" for k, v in table.items())
        self.attempt("[fake]\n" + "".join(lines))

    @given(st.text())
    def test_onlyConfigErrorEscapesAnyText(self, text: str) -> None:
        self.attempt(text)
