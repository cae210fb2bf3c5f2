"""C{twistd udpecho}: its options, and what it makes of them."""

from __future__ import annotations

from typing import Any

from twisted.internet.testing import MemoryReactorClock
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from protocols.udpecho.tap import Options, makeService


class OptionsTests(SynchronousTestCase):
    def parsed(self, *words: str) -> Any:
        options = Options()
        options.parseOptions(words)
        return options

    def test_service(self) -> None:
        options = self.parsed(
            "--rate=7", "--burst=8", "--allow-port=53", "--allow-port=7"
        )
        service: Any = makeService(options, MemoryReactorClock())
        protocol = service.getServiceNamed("udpecho").protocol
        self.assertEqual(protocol._allowedPorts, {53, 7})
        self.assertEqual(options["listen"], ["udp:7007:interface=127.0.0.1"])

    def test_mistakes(self) -> None:
        for word, complaint in {
            "--rate=0": "--rate: expected",
            "--burst=0": "--burst: expected",
            "--allow-port=1024": "--allow-port: expected",
            "--receive-buffer=-1": "--receive-buffer: expected",
            "--listen=tcp:7": "--listen: 'tcp:7' is not of the form",
        }.items():
            with self.assertRaisesRegex(UsageError, complaint):
                self.parsed(word)
