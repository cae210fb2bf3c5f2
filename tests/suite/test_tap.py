"""protocols.suite.tap: what the command line of C{twistd suite} comes to."""

from __future__ import annotations

import re
import sys
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.application.service import IService, MultiService
from twisted.internet.testing import MemoryReactorClock
from twisted.python import usage
from twisted.trial.unittest import SynchronousTestCase

from protocols.config import KINDS, parseConfig, renderDefaults
from protocols.suite.service import SuiteService
from protocols.suite.tap import Options, makeService


class SuiteTapTests(SynchronousTestCase):
    def setUp(self) -> None:
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.out = StringIO()
        self.patch(sys, "stdout", self.out)

    def file(self, text: str) -> str:
        path = self.directory / "suite.toml"
        path.write_text(text)
        return str(path)

    def parsed(self, *arguments: str) -> Options:
        options = Options()
        options.parseOptions(arguments)
        return options

    def ended(self, *arguments: str) -> Any:
        return self.assertRaises(SystemExit, Options().parseOptions, arguments).code

    def test_withoutAFileThereIsOneOfEach(self) -> None:
        services = self.parsed().readConfig().services
        self.assertEqual([each.kind for each in services], list(KINDS))

    def test_theFileSaysWhatThereIs(self) -> None:
        options = self.parsed("--config", self.file("[echo]"))
        self.assertEqual(
            [each.kind for each in options.readConfig().services], ["echo"]
        )

    def test_theDataDirectoryGivenGoesBeforeTheFiles(self) -> None:
        path = self.file('data-dir = "/file"\n[echo]')
        given = self.parsed("--config", path, "--data-dir", "/given").readConfig()
        self.assertEqual(given.shared["data-dir"], "/given")
        self.assertEqual(
            self.parsed("--config", path).readConfig().shared["data-dir"], "/file"
        )

    def test_aFileThatCanNotBeUsedIsAUsageError(self) -> None:
        path = self.file("[echo]\nlissten = 1")
        error = self.assertRaises(usage.UsageError, self.parsed, "--config", path)
        expected = f"{path}: echo.lissten: is not a known key; did you mean listen?"
        self.assertEqual(str(error), expected)

    def test_checkingSaysThatAllIsWell(self) -> None:
        path = self.file("[echo]")
        self.assertEqual(self.ended("--check-config", "--config", path), 0)
        self.assertEqual(self.out.getvalue(), f"{path}: 1 services, no errors\n")

    def test_checkingSaysWhatIsWrong(self) -> None:
        path = self.file("")
        status = self.ended("--check-config", "--config", path)
        self.assertTrue(status.startswith(f"{path}: no service"))
        self.assertEqual(self.out.getvalue(), "")

    def test_printingIsAFileThatLoads(self) -> None:
        self.assertEqual(self.ended("--print-config"), 0)
        self.assertEqual(self.out.getvalue(), renderDefaults())
        printed = parseConfig(self.out.getvalue()).services
        for one, other in zip(
            printed, self.parsed().readConfig().services, strict=False
        ):
            self.assertEqual((one.name, one.options), (other.name, other.options))
        self.assertEqual(len(printed), len(KINDS))

    def test_theExamplesOfTheDocumentationLoad(self) -> None:
        page = Path(__file__).parents[2] / "docs" / "configuration.md"
        blocks = re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        names = [[each.name for each in parseConfig(one).services] for one in blocks]
        self.assertEqual(names, [["echo", "smtp"], ["echo[1]", "echo[2]"]])

    def test_theServiceIsTheSuite(self) -> None:
        options = self.parsed("--config", self.file("[echo]"))
        service: Any = makeService(options, MemoryReactorClock())
        self.assertTrue(IService.providedBy(service))
        (suite,) = service
        self.assertIsInstance(suite, SuiteService)

    def test_theLogBeginsBeforeTheServices(self) -> None:
        log = str(self.directory / "log.jsonl")
        options = self.parsed("--config", self.file("[echo]"), "--log-json", log)
        service: Any = makeService(options)
        self.assertIsInstance(service, MultiService)
        self.assertEqual([each.name for each in service], ["log", "suite"])
