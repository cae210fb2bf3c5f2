"""L{protocols.chat.audit}: what operators have done."""

from __future__ import annotations

import json
import os
import stat
from typing import Any

from twisted.logger import LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.audit import MAX_TEXT, AuditLog
from tests.folders import folderFor

NOW = 1_772_366_400.25


class AuditTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.path = os.path.join(folderFor(self), "audit.jsonl")
        self.logged: list[LogEvent] = []
        globalLogPublisher.addObserver(self.logged.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.logged.append)

    def open(self, path: str | None = None) -> AuditLog:
        log = AuditLog(self.path if path is None else path, lambda: NOW)
        self.addCleanup(log.close)
        return log

    def lines(self, path: str | None = None) -> list[dict[str, Any]]:
        with open(path or self.path, encoding="ascii") as file:
            return [json.loads(line) for line in file]

    def test_lines(self) -> None:
        log = self.open()
        log.record("ann", "ban", "*!*@192.0.2.7", "#a", "flood", until=None)
        log.record("bob", "topic", room="#a", old="x")
        self.assertEqual(
            self.lines(),
            [
                {
                    "time": "2026-03-01T12:00:00.250Z",
                    "by": "ann",
                    "act": "ban",
                    "whom": "*!*@192.0.2.7",
                    "room": "#a",
                    "reason": "flood",
                    "until": None,
                },
                {
                    "time": "2026-03-01T12:00:00.250Z",
                    "by": "bob",
                    "act": "topic",
                    "whom": "",
                    "room": "#a",
                    "reason": "",
                    "old": "x",
                },
            ],
        )

    def test_events(self) -> None:
        """The log has them too, with their fields; with no file, it alone."""
        self.open("").record("ann", "kick", "bob", "#a", "why not")
        event = self.logged[-1]
        self.assertEqual(event["log_namespace"], "protocols.chat.audit.AuditLog")
        self.assertEqual((event["by"], event["act"]), ("ann", "kick"))
        self.assertIn('"whom": "bob"', event["line"])
        self.assertFalse(os.path.exists(self.path))

    def test_oneLineEach(self) -> None:
        """Whatever a stranger has for a name."""
        log = self.open()
        log.record("ann", "kick", "a\r\nb\x1b[2J\u2028\ud800", reason="x" * 9999)
        (line,) = self.lines()
        self.assertEqual(line["whom"], "a\r\nb\x1b[2J\u2028\ud800")
        self.assertEqual(len(line["reason"]), MAX_TEXT)
        with open(self.path, "rb") as file:
            self.assertNotIn(b"\x1b", file.read())

    def test_rotated(self) -> None:
        log = self.open()
        log.record("ann", "one")
        os.rename(self.path, self.path + ".1")
        log.record("ann", "two")
        log.reload()
        log.record("ann", "three")
        old = [line["act"] for line in self.lines(self.path + ".1")]
        self.assertEqual(old, ["one", "two"])
        self.assertEqual([line["act"] for line in self.lines()], ["three"])

    def test_appendedTo(self) -> None:
        for act in ("one", "two"):
            self.open().record("ann", act)
        self.assertEqual([line["act"] for line in self.lines()], ["one", "two"])
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)

    def test_reloadThatFails(self) -> None:
        """What was open stays so."""
        log = self.open()
        os.rename(self.path, self.path + ".1")
        os.mkdir(self.path)
        self.assertRaises(OSError, log.reload)
        log.record("ann", "one")
        self.assertEqual(len(self.lines(self.path + ".1")), 1)

    def test_noPlace(self) -> None:
        missing = os.path.join(self.path, "missing")
        self.assertRaises(OSError, AuditLog, missing, lambda: NOW)

    def test_full(self) -> None:
        """The act is in the log, and so is that the file has not got it."""
        if not os.path.exists("/dev/full"):
            self.skipTest("there is no /dev/full")
        self.open("/dev/full").record("ann", "one")
        self.assertEqual(self.logged[-2]["act"], "one")
        self.assertIn("No space left", self.logged[-1]["why"])

    def test_closed(self) -> None:
        log = self.open()
        log.close()
        log.close()
        log.record("ann", "one")
        self.assertEqual(self.lines(), [])
