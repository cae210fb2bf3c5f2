"""protocols.logfile: it can be rotated, and holds the last event too."""

from __future__ import annotations

import json
import os
import sys
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.internet.testing import MemoryReactorClock
from twisted.logger import Logger, LogPublisher
from twisted.trial.unittest import SynchronousTestCase

from protocols.logfile import LogFileService


class LogFileTests(SynchronousTestCase):
    def setUp(self) -> None:
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = str(Path(directory.name) / "log.jsonl")
        self.publisher = LogPublisher()
        self.log = Logger("mine", observer=self.publisher)
        self.reactor: Any = MemoryReactorClock()
        self.service = self.serviceAt(self.path)

    def serviceAt(self, where: str) -> LogFileService:
        service = LogFileService(where, self.reactor, self.publisher)
        self.addCleanup(service.close)
        return service

    def endReactor(self) -> None:
        for trigger, args, kwargs in self.reactor.triggers["after"]["shutdown"]:
            trigger(*args, **kwargs)

    def texts(self, path: str | None = None) -> list[str]:
        lines = Path(path or self.path).read_text("utf-8").splitlines()
        return [json.loads(line)["text"] for line in lines]

    def test_eventsFromTheStartOnAreAppended(self) -> None:
        Path(self.path).write_text('{"text": "old"}\n')
        self.log.info("too early")
        self.service.startService()
        self.log.info("first")
        self.assertEqual(self.texts(), ["old", "first"])

    def test_whatIsToldWhileServicesDrainIsInTheFile(self) -> None:
        self.service.startService()
        self.service.stopService()
        self.log.info("drained")
        self.endReactor()
        self.log.info("too late")
        self.assertEqual(self.texts(), ["drained"])

    def test_startingAgainDoesNotTellTwice(self) -> None:
        self.service.startService()
        self.service.startService()
        self.log.info("once")
        self.assertEqual(self.texts(), ["once"])

    def test_aReloadGoesOnInANewFile(self) -> None:
        self.service.startService()
        self.log.info("first")
        os.rename(self.path, self.path + ".1")
        self.log.info("second")
        self.service.reload()
        self.log.info("third")
        self.assertEqual(self.texts(self.path + ".1"), ["first", "second"])
        self.assertEqual(self.texts(), ["third"])

    def test_aReloadThatFailsKeepsTheOldFile(self) -> None:
        self.service.startService()
        os.rename(self.path, self.path + ".1")
        os.mkdir(self.path)
        self.assertRaises(OSError, self.service.reload)
        self.log.info("still here")
        self.assertEqual(self.texts(self.path + ".1"), ["still here"])

    def test_aFileThatCanNotBeOpenedEndsTheStart(self) -> None:
        for where in (os.path.dirname(self.path), "\0"):
            error = self.assertRaises(SystemExit, self.serviceAt(where).startService)
            self.assertTrue(str(error.code).startswith("--log-json: "))

    def test_aDashIsStandardOutputWhichStaysOpen(self) -> None:
        stream = StringIO()
        self.patch(sys, "stdout", stream)
        service = self.serviceAt("-")
        service.startService()
        service.reload()
        self.log.info("told")
        self.endReactor()
        self.assertEqual(json.loads(stream.getvalue())["text"], "told")
