"""C{twistd chat}: its options, and what it makes of them."""

from __future__ import annotations

from typing import Any

from twisted.internet.testing import MemoryReactorClock
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.tap import Options, makeService


class OptionsTests(SynchronousTestCase):
    def parsed(self, *words: str) -> Any:
        options = Options()
        options.parseOptions(words)
        return options

    def test_service(self) -> None:
        options = self.parsed("--greeting=Hi\x1b!", "--room=tea")
        service: Any = makeService(options, MemoryReactorClock())
        factory = service.getServiceNamed("chat").factory
        self.assertEqual((factory.greeting, factory.firstRoom), ("Hi^[!", "#tea"))
        self.assertEqual(options.limits.maxPerPeer, 16)

    def test_mistake(self) -> None:
        with self.assertRaisesRegex(UsageError, "--room 'a b': a name does not"):
            self.parsed("--room=a b")
