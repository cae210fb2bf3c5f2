"""Hosts that share a mailbox in PostgreSQL, for the tests of it."""

from __future__ import annotations

import atexit
from contextlib import closing
from functools import cache
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from protocols.smtp.maildir import LARGE
from protocols.smtp.message import Envelope, Message
from tests.live.postgresserver import Server, programs
from tests.smtp.queues import ThreadCalls

try:
    import psycopg

    from protocols.smtp.postgres import PostgresDelivery
except ImportError:
    pass

SMALL = b"Subject: small\r\n\r\nx\r\n"
BIG = b"Subject: big\r\n\r\n" + b"0123456789\r\n" * (LARGE // 10)


class Host:
    """One of those who share the mailbox."""

    def __init__(self, url: str, **options: Any) -> None:
        self.calls = ThreadCalls()
        self.delivery = PostgresDelivery(url, self.calls, **options)

    def send(self, content: bytes = SMALL, **facts: Any) -> Deferred[Any]:
        envelope = Envelope("a@x.example", ("b@y.example",), **facts)
        return self.delivery.messageReceived(Message(envelope, content))

    def deliver(self, content: bytes = SMALL, **facts: Any) -> int:
        """The number of a message that was kept."""
        return self.numberOf(self.send(content, **facts))

    def numberOf(self, done: Deferred[Any]) -> int:
        """What is said of a message; 0 if it was refused."""
        replies: list[Any] = []
        self.calls.makeUntil(done.addBoth(replies.append))
        if isinstance(replies[0], Failure):
            reply = replies[0].value.reply
            assert (reply.code, reply.enhanced) == (452, "4.3.1"), reply
            return 0
        return int(replies[0].text.rpartition(" ")[2])

    def close(self) -> None:
        self.calls.makeUntil(self.delivery.close())


@cache
def theServer() -> Server:
    """One for all tests, since to make it takes a second."""
    folder = programs()
    if folder is None:
        raise SkipTest("PostgreSQL is not installed")
    server = Server(folder)
    atexit.register(server.close)
    return server


class PostgresCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.server = theServer()
        self.execute("DROP SCHEMA IF EXISTS protocols_mail CASCADE")

    def execute(self, statement: str, database: str = "postgres") -> None:
        url = self.server.urlOf(database)
        with closing(psycopg.connect(url, autocommit=True)) as connection:
            connection.execute(statement)

    def host(self, **options: Any) -> Host:
        host = Host(self.server.url, **options)
        self.addCleanup(host.close)
        return host
