"""L{protocols.workerlogs}: a worker's events in the log of the first process."""

from __future__ import annotations

import io
import json
from typing import Any

from twisted.logger import Logger, LogLevel, formatEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from protocols.logs import JSONLinesObserver, jsonLine
from protocols.workerlogs import eventOf


class EventTests(SynchronousTestCase):
    def told(self, level: str, text: str, **fields: Any) -> dict[str, Any]:
        """What a worker tells of an event."""
        stream = io.StringIO()
        observer = JSONLinesObserver(stream, "debug")
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        getattr(Logger("some.place"), level)(text, **fields)
        told: dict[str, Any] = json.loads(stream.getvalue())
        return told

    def test_itsOwnFieldsAndTheNumber(self) -> None:
        told = self.told("warn", "{service}: {n} {{left}}", service="echo", n=3)
        event = eventOf(told, 2)
        self.assertEqual(formatEvent(event), "worker 2: echo: 3 {left}")
        self.assertEqual(event["log_level"], LogLevel.warn)
        self.assertEqual(event["log_namespace"], "some.place")
        line = json.loads(jsonLine(event))
        self.assertEqual((line["worker"], line["service"], line["n"]), (2, "echo", 3))
        self.assertEqual(line["time"], told["time"])

    def test_bracesOfStrangers(self) -> None:
        """What stands in a text is not looked at again."""
        told = self.told("info", "{said}", said="{worker} {0} {log_time")
        self.assertEqual(
            formatEvent(eventOf(told, 1)), "worker 1: {worker} {0} {log_time"
        )

    def test_traceback(self) -> None:
        try:
            raise ValueError("what has failed")
        except ValueError:
            told = self.told("failure", "Oh")
        self.flushLoggedErrors(ValueError)
        text = formatEvent(eventOf(told, 1))
        self.assertTrue(text.startswith("worker 1: Oh\nTraceback"))
        self.assertIn("ValueError: what has failed", text)

    def test_withoutATime(self) -> None:
        told = json.loads(jsonLine({"log_format": "old", "log_level": LogLevel.info}))
        self.assertEqual(formatEvent(eventOf(told, 1)), "worker 1: old")
