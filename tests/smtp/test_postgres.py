"""The PostgreSQL store without a server: transactions and faults."""

from __future__ import annotations

from typing import Any

from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.postgresschema import (
    DELETE,
    INSERT,
    LOCK,
    NOTIFY,
    OLDEST,
    SELECT,
    SETTINGS,
    TOTAL,
)
from protocols.smtp.retention import Retention
from protocols.smtp.rows import COLUMNS
from protocols.smtp.writer import Job
from tests.smtp.queues import ThreadCalls

try:
    import psycopg

    from protocols.smtp.postgreslistening import Listening
    from protocols.smtp.postgresreader import connect
    from protocols.smtp.postgresurl import PostgresURL
    from protocols.smtp.postgreswriter import (
        MAX_DELETED,
        OutcomeError,
        PostgresTidying,
        PostgresWriter,
    )
except ImportError:
    skip = "psycopg is not installed"


class SQLTests(SynchronousTestCase):
    def test_placesForEverything(self) -> None:
        """A value for each column, the content, recipients and inboxes."""
        self.assertEqual(INSERT.count("%s"), len(COLUMNS) + 2)
        self.assertEqual(INSERT.count("%b"), 1)
        self.assertEqual(SELECT.count("%s"), 3)


class Connection:
    """Like one of psycopg; notes what is said to it.

    @param faults: what is raised for a statement, one each time; an
        C{OperationalError} closes it too.
    """

    statusmessage = "COMMIT"

    def __init__(self, said: list[Any], faults: dict[str, list[Exception]]) -> None:
        self.said = said
        self.faults = faults
        self.closed = False

    def execute(self, statement: str, values: Any = None) -> Any:
        self.said.append((statement, values) if values else statement)
        if self.faults.get(statement):
            fault = self.faults[statement].pop(0)
            self.closed = type(fault) is psycopg.OperationalError
            raise fault
        return self

    def close(self) -> None:
        self.closed = True


class ConnectTests(SynchronousTestCase):
    def test_notAsWeNeedIt(self) -> None:
        """Nothing stays open."""
        fault = psycopg.errors.InsufficientPrivilege("no")
        made = Connection([], {SETTINGS: [fault]})
        self.patch(psycopg, "connect", lambda **said: made)
        self.assertRaises(psycopg.Error, connect, PostgresURL("postgresql:///mail"))
        self.assertTrue(made.closed)


class WriterTests(SynchronousTestCase):
    """Which faults are whose, and what is tried again."""

    def setUp(self) -> None:
        self.said: list[Any] = []
        self.faults: dict[str, list[Exception]] = {}
        self.connected = 0
        self.calls = ThreadCalls()
        self.answers: list[Any] = []
        self.writer = PostgresWriter(
            self.connect,
            self.calls.callFromThread,
            PostgresTidying(Retention(), self.calls),
            "us",
        )
        self.addCleanup(self.writer.close)

    def connect(self) -> Connection:
        self.connected += 1
        return Connection(self.said, self.faults)

    def write(self, *statements: str) -> list[Any]:
        """The answers to a group of which each writes a statement.

        Its number is the place of that in the group, from 1 on.
        """
        self.said.clear()
        answers: list[Any] = []
        jobs = [
            Job(lambda c, s=text, n=n: c.execute(s) and n, answers.append)
            for n, text in enumerate(statements, 1)
        ]

        def first(connection: object) -> None:
            """While this one is written, the others come."""
            for job in jobs:
                self.writer.put(job)
            self.said.clear()

        self.writer.put(Job(first, lambda _: None))
        self.calls.makeOne()
        while len(answers) < len(jobs):
            self.calls.makeOne()
        return answers

    def test_oneTransaction(self) -> None:
        self.assertEqual(self.write("a", "b"), [1, 2])
        group = ["BEGIN", LOCK, "a", "b", (NOTIFY, ("us 1 2",)), "COMMIT"]
        self.assertEqual(self.said[-len(group) :], group)

    def test_goneSinceTheLast(self) -> None:
        """It was not committed: it is tried once more, on a new connection."""
        self.faults["b"] = [psycopg.OperationalError("gone")]
        self.assertEqual(self.write("a", "b"), [1, 2])
        self.assertEqual(self.connected, 2)

    def test_goneForGood(self) -> None:
        self.faults["b"] = [psycopg.OperationalError("gone")]
        connected = self.connect

        def connect() -> Any:
            if self.connected:
                raise psycopg.OperationalError("still gone")
            return connected()

        self.writer._connect = connect
        for answer in self.write("a", "b"):
            answer.trap(psycopg.OperationalError)
            self.assertEqual(str(answer.value), "still gone")

    def test_goneInTheCommit(self) -> None:
        """Nobody knows whether it was kept: it is not written twice by us."""
        self.write("first")

        def lose(connection: Any) -> int:
            self.faults["COMMIT"] = [psycopg.OperationalError("gone")]
            return 1

        answers: list[Any] = []
        self.writer.put(Job(lose, answers.append))
        self.calls.makeOne()
        answers[0].trap(psycopg.OperationalError)
        self.assertEqual(self.connected, 1)
        self.assertEqual(self.write("c"), [1])
        self.assertEqual(self.connected, 2)

    def test_oneIsAtFault(self) -> None:
        """The others are kept, each by itself."""
        fault = psycopg.errors.UntranslatableCharacter("no such letter")
        for raised in (fault, UnicodeEncodeError("utf-8", "\ud800", 0, 1, "no")):
            self.faults["b"] = [raised, raised]
            answers = self.write("a", "b", "c")
            self.assertEqual((answers[0], answers[2]), (1, 3))
            self.assertIsInstance(answers[1], Failure)

    def test_theServerIsAtFault(self) -> None:
        """Then nobody is tried alone."""
        self.faults["b"] = [psycopg.errors.DiskFull("no space")]
        for answer in self.write("a", "b", "c"):
            answer.trap(psycopg.errors.DiskFull)
        self.assertEqual(self.said.count("BEGIN"), 1)

    def test_theServerFailsMeanwhile(self) -> None:
        """While each is tried alone: the rest need not."""
        fault = psycopg.errors.UntranslatableCharacter("no such letter")
        full = psycopg.errors.DiskFull("no space")
        self.faults["b"] = [fault, full]
        answers = self.write("a", "b", "c")
        self.assertEqual(answers[0], 1)
        for answer in answers[1:]:
            answer.trap(psycopg.errors.DiskFull)

    def test_commitThatIsNone(self) -> None:
        """A server that rolls back says so, and no error."""
        self.patch(Connection, "statusmessage", "ROLLBACK")
        for answer in self.write("a"):
            answer.trap(OutcomeError)


class TidyingTests(SynchronousTestCase):
    def test_asked(self) -> None:
        """Many are looked at only when the oldest has to go."""
        asked: list[Any] = []

        class Rows:
            def execute(self, statement: str, values: Any = ()) -> Any:
                asked.append((statement, *values))
                return [(5, 50)] if statement == TOTAL else self

            def fetchall(self) -> list[Any]:
                _, limit = asked[-1]
                return [(number, 0.0, 10) for number in range(1, 6)][:limit]

        for most, gone in ((5, []), (3, [1, 2])):
            asked.clear()
            tidying = PostgresTidying(Retention(most), ThreadCalls())
            tidying.beforeCommit(Rows())
            tidying.afterCommit()
            expected = [(TOTAL,), (OLDEST, 1)]
            if gone:
                expected += [(OLDEST, MAX_DELETED), (DELETE, gone)]
            self.assertEqual(asked, expected)


class ListeningTests(SynchronousTestCase):
    def test_toldOnce(self) -> None:
        """A server that is away is told of once, however often it is tried."""
        told: list[str] = []
        calls = ThreadCalls()

        def connect() -> Any:
            calls.callFromThread(lambda: None)
            raise psycopg.OperationalError("away")

        def explained(error: BaseException) -> str:
            told.append(str(error))
            return "it is away"

        self.patch(Listening, "_ends", lambda self, timeout: calls.seconds() > 0)
        listening = Listening(connect, lambda: None, lambda text: None, explained)
        for _ in range(3):
            calls.makeOne()
        calls.advance(1)
        listening.close()
        self.assertEqual(told, ["away"])
