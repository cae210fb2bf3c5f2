"""Accounts and a store of one's own, as C{docs/chat.md} shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.chat.people import Somebody
from tests.chat.stores import ThreadClock
from tests.chat.test_docs import shown
from tests.folders import folderFor


class OwnHouseTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.diary = Path(folderFor(self), "diary.txt")
        self.clock = ThreadClock()
        makeFactory: Any = shown()["makeFactory"]
        self.factory = makeFactory(self.clock, self.diary)

    def test_accounts(self) -> None:
        """Who is in the list comes in with their password, and nobody else so."""
        bob = Somebody(self.factory, "bob")
        self.assertEqual(
            bob.types("/login ann wrong"), ["* The name or password is wrong."]
        )
        self.assertIn("elsewhere", bob.types("/register x")[0])
        self.assertEqual(
            bob.types("/login ann sesame"), ["* You are logged in as ann."]
        )

    def test_store(self) -> None:
        bob = Somebody(self.factory, "bob")
        bob.types("hello")
        bob.types("/me waves")
        self.assertEqual(
            self.diary.read_text(), "#lobby bob: hello\n#lobby bob: waves\n"
        )
        self.assertEqual(len(bob.types("/history")), 3)
