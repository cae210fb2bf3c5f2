"""protocols.suite.service: one file, all its services, and its limits anew."""

from __future__ import annotations

from typing import Any

from twisted.internet.testing import MemoryReactorClock
from twisted.logger import LogPublisher
from twisted.trial.unittest import SynchronousTestCase

from protocols.config import ConfigError, SuiteConfig, parseConfig
from protocols.process import servicesBelow
from protocols.service import StreamService
from protocols.suite.service import SuiteService

KINDS = {"echo": "protocols.tcpecho.tap"}
TWO = "[[echo]]\nlisten = 'tcp:1'\n[[echo]]\nlisten = 'tcp:2'\nmax-connections = 5\n"


class SuiteServiceTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.text = TWO
        self.reactor: Any = MemoryReactorClock()
        self.events: list[Any] = []
        log = type(SuiteService.log)("suite", observer=LogPublisher(self.events.append))
        self.patch(SuiteService, "log", log)
        self.suite = SuiteService(self.read, self.reactor)

    def read(self) -> SuiteConfig:
        return parseConfig(self.text, kinds=KINDS)

    def reload(self, text: str) -> list[str]:
        """What the log says of a reload with another file, but that it was read."""
        self.text = text
        self.events.clear()
        self.suite.reload()
        said = [each["log_format"].format(**each) for each in self.events]
        return [each for each in said if each != "suite.toml was read again"]

    def limitsOf(self, place: int) -> Any:
        _, service = list(self.suite.made())[place]
        streams = [
            each for each in servicesBelow(service) if type(each) is StreamService
        ]
        (stream,) = streams
        (guard,) = stream.guards
        return guard.limits

    def test_everyTableIsAServiceOfItsName(self) -> None:
        names = [(config.name, each.name) for config, each in self.suite.made()]
        self.assertEqual(names, [("echo[1]", "echo[1]"), ("echo[2]", "echo[2]")])
        self.assertEqual(len(list(self.suite)), 2)

    def test_allListenWithTheirOwnLimits(self) -> None:
        self.suite.startService()
        self.assertEqual([each[0] for each in self.reactor.tcpServers], [1, 2])
        self.assertEqual(self.limitsOf(0).maxConnections, 1000)
        self.assertEqual(self.limitsOf(1).maxConnections, 5)

    def test_aFileThatCanNotBeUsedIsAnError(self) -> None:
        self.text = "[echo]\nmax-connections = -1"
        self.assertRaises(ConfigError, SuiteService, self.read, self.reactor)

    def test_aReloadTakesNewLimits(self) -> None:
        self.suite.startService()
        self.assertEqual(self.reload(TWO + "max-per-peer = 2\n"), [])
        self.assertEqual(self.limitsOf(0).maxPerPeer, 50)
        self.assertEqual(self.limitsOf(1).maxPerPeer, 2)
        self.assertEqual(self.limitsOf(1).maxConnections, 5)
        self.assertEqual(self.reload(TWO.replace("5", "6")), [])
        self.assertEqual(self.limitsOf(1).maxPerPeer, 50)
        self.assertEqual(self.limitsOf(1).maxConnections, 6)

    def test_aReloadIsLogged(self) -> None:
        self.reload(TWO)
        self.assertEqual([each["file"] for each in self.events], ["suite.toml"])

    def test_aReloadOfABadFileChangesNothing(self) -> None:
        self.suite.startService()
        (said,) = self.reload(TWO.replace("5", "'many'"))
        self.assertEqual(
            said,
            "suite.toml: echo[2].max-connections: expected a whole number of "
            'connections, 0 or more, got "many"; all stays as it was',
        )
        self.assertEqual(self.limitsOf(1).maxConnections, 5)

    def test_aReloadTellsWhatNeedsARestartEachTime(self) -> None:
        self.suite.startService()
        text = TWO.replace("tcp:1", "tcp:3") + "drain-timeout = 3\n"
        expected = [
            "echo[1]: listen has changed: restart to use it",
            "echo[2]: drain-timeout has changed: restart to use it",
        ]
        self.assertEqual(self.reload(text), expected)
        self.assertEqual(self.reload(text), expected)
        self.assertEqual(len(self.reactor.tcpServers), 2)

    def test_aReloadTellsOfTablesThatCameAndWent(self) -> None:
        (went,) = self.reload(TWO + "[[echo]]")
        self.assertEqual(went, "echo[3]: the table has changed: restart to use it")
        self.assertEqual(len(self.reload("[echo]")), 3)
