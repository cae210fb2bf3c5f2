"""A store in a file, and what it says in the log, for tests."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from twisted.logger import LogEvent, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.spans import Span
from protocols.chat.store import ChatStore
from tests.chat.stores import (
    ThreadClock,
    ids,
    openStore,
    outcome,
    pathFor,
)


class FileTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.clock = ThreadClock()
        self.path = pathFor(self)
        self.logged: list[LogEvent] = []
        globalLogPublisher.addObserver(self.logged.append)
        self.addCleanup(globalLogPublisher.removeObserver, self.logged.append)

    def open(self, **options: Any) -> ChatStore:
        return openStore(self, self.clock, self.path, busyTimeout=1, **options)

    def written(self) -> list[int]:
        """What another process would see."""
        with closing(sqlite3.connect(self.path)) as connection:
            return [n for (n,) in connection.execute("SELECT id FROM posting")]

    def page(self, store: ChatStore, room: str = "#a") -> list[int]:
        return ids(outcome(store.page(room, Span.latest(1000))))

    def said(self) -> list[str]:
        """The chat's events, by level and format."""
        return [
            f"{event['log_level'].name}: {event['log_format']}"
            for event in self.logged
            if event["log_namespace"].startswith("protocols.chat.store")
        ]
