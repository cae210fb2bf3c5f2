"""The lean reactor under the name of the one it takes the place of."""

from __future__ import annotations

from protocols.lean.reactor import LeanReactor


class EPollReactor(LeanReactor):
    """For Twisted's own tests: see L{tests.lean.twistedtests}."""
