"""C{twistd smtp}: its options, and what it makes of them."""

from __future__ import annotations

import os
from typing import Any

from twisted.internet.testing import MemoryReactorClock
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp import MemoryDelivery
from protocols.smtp.policy import Policy, PolicyError
from protocols.smtp.store import SQLiteDelivery
from protocols.smtp.tap import Options, makeService
from tests.folders import folderFor


def parsed(*words: str) -> Any:
    options = Options()
    options.parseOptions(words)
    return options


def factoryOf(options: Any) -> Any:
    service: Any = makeService(options, MemoryReactorClock())
    return service.getServiceNamed("smtp").factory


class OptionsTests(SynchronousTestCase):
    def test_policy(self) -> None:
        words = "--hostname=mx.example --max-size=7 --max-recipients=100"
        factory = factoryOf(parsed(*words.split(), "--line-endings=record"))
        self.assertEqual(factory.policy, Policy("mx.example", 7, 100, "record"))
        self.assertIsInstance(factory.delivery, MemoryDelivery)

    def test_store(self) -> None:
        path = os.path.join(folderFor(self), "mail.sqlite")
        factory = factoryOf(parsed(f"--store={path}"))
        self.assertIsInstance(factory.delivery, SQLiteDelivery)
        self.successResultOf(factory.drained())

    def test_storeThatCanNotBe(self) -> None:
        """One line that names the option, and no traceback."""
        options = parsed("--store=/dev/null/mail.sqlite")
        with self.assertRaises(SystemExit) as caught:
            factoryOf(options)
        self.assertRegex(
            str(caught.exception), "^smtp: --store '/dev/null/mail.sqlite': "
        )

    def test_mistakes(self) -> None:
        for word, complaint in {
            "--max-size=0": "--max-size: expected",
            "--max-recipients=99": "--max-recipients: expected",
            "--line-endings=lax": "--line-endings: line endings are one of",
            "--hostname=mx\nexample": "--hostname: ",
        }.items():
            with self.assertRaisesRegex(UsageError, complaint):
                parsed(word)

    def test_policyByItself(self) -> None:
        self.assertRaises(PolicyError, Policy, maxSize=0)
