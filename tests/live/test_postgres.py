"""L{protocols.smtp.postgres} with a server of its own, for hosts that share it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

from zope.interface.verify import verifyObject

from protocols.smtp.inboxes import Inboxes
from protocols.smtp.interfaces import IDelivery, IStored, SMTPError
from protocols.smtp.maildir import LARGE
from protocols.smtp.message import Message
from protocols.smtp.reading import Query, Stored
from protocols.smtp.retention import Retention
from tests.live.postgreshosts import BIG, SMALL, Host, PostgresCase
from tests.live.postgresserver import PASSWORD
from tests.live.servers import TIMEOUT
from tests.smtp.test_keeping import ENVELOPE

try:
    from protocols.smtp.postgres import MAX_CONTENT, TIDY_EVERY
    from protocols.smtp.postgresreader import PostgresReader
    from protocols.smtp.postgresurl import PostgresError
    from protocols.smtp.postgreswatching import waitForNext
except ImportError:
    skip = "psycopg is not installed"


class KeepingTests(PostgresCase):
    def test_everythingComesBack(self) -> None:
        host = self.host()
        for interface in (IDelivery, IStored):
            verifyObject(interface, host.delivery)
        every = bytes(range(256))
        long = b"X: " + b"x" * 9000 + b"\r\nSubject: long\r\n\r\n"
        for content in (SMALL, BIG, b"", every, long):
            message = Message(ENVELOPE, content, lint=frozenset(("nul", "8bit")))
            number = host.numberOf(host.delivery.messageReceived(message))
            stored = host.delivery.find()[-1]
            self.assertEqual((stored.id, stored.envelope), (number, ENVELOPE))
            self.assertEqual((stored.size, stored.lint), (len(content), message.lint))
            self.assertEqual(host.delivery.content(number), content)
        found = [stored.subject for stored in host.delivery.find()]
        self.assertEqual(found, ["small", "big", "", "", "long"])

    def test_reading(self) -> None:
        host = self.host(inboxes=Inboxes.fromTexts(["{}=login:*"]))
        first, second = host.deliver(), host.deliver(BIG, login="ann")
        reader = PostgresReader(self.server.url)
        found = [each.inboxes for each in reader.find()]
        self.assertEqual(found, [("inbox",), ("ann",)])
        for query in (Query(inbox="ann"), Query(after=first), Query(subject="BIG")):
            self.assertEqual([each.id for each in reader.find(query)], [second])
        self.assertEqual(reader.delete([first, first, 999]), 1)
        self.assertRaises(KeyError, reader.open, first)
        with reader.open(second) as file:
            self.assertEqual(file.read(), BIG)
        self.assertEqual(reader.last(), second)
        self.assertIsNone(reader.close())

    def test_count(self) -> None:
        """The sums are right also when others delete."""
        host = self.host(retention=Retention(maxMessages=3))
        numbers = [host.deliver() for _ in range(5)]
        self.assertEqual([each.id for each in host.delivery.find()], numbers[2:])
        PostgresReader(self.server.url).delete(numbers[2:4])
        numbers += [host.deliver() for _ in range(2)]
        self.assertEqual([each.id for each in host.delivery.find()], numbers[4:])

    def test_age(self) -> None:
        """Also when nothing new comes."""
        host = self.host(retention=Retention(maxAge=100.0))
        for _ in range(2):
            last = host.deliver(receivedAt=host.calls.seconds())
            host.calls.advance(TIDY_EVERY)
        host.close()
        self.assertEqual([each.id for each in host.delivery.find()], [last])

    def test_oneThatCantBeKept(self) -> None:
        """It harms nobody beside it (text of PostgreSQL has no NUL)."""
        host = self.host()
        every = [host.send(helo=helo) for helo in ("a", "b\0", "c")]
        numbers = [host.numberOf(done) for done in every]
        self.assertEqual([bool(number) for number in numbers], [True, False, True])
        self.assertEqual(len(host.delivery.find()), 2)

    def test_tooLarge(self) -> None:
        message = Message(ENVELOPE, b"", size=MAX_CONTENT + 1)
        host = self.host()
        with self.assertRaises(SMTPError) as caught:
            host.delivery.messageReceived(message)
        self.assertEqual(caught.exception.reply.code, 552)

    def test_clientThatLeaves(self) -> None:
        host = self.host()
        done = host.delivery.messageReceived(Message(ENVELOPE, BIG, size=len(BIG) + 1))
        self.assertEqual(host.numberOf(done), 0)
        self.assertEqual(host.delivery.find(), [])


class StartTests(PostgresCase):
    def test_atOnce(self) -> None:
        """Hosts that make the tables at the same time."""
        with ThreadPoolExecutor(4) as pool:
            made = list(pool.map(PostgresReader, [self.server.url] * 4))
        self.assertEqual([each.find() for each in made], [[]] * 4)

    def test_newer(self) -> None:
        PostgresReader(self.server.url)
        self.execute("UPDATE protocols_mail.version SET number = 99")
        with self.assertRaisesRegex(PostgresError, "newer"):
            PostgresReader(self.server.url)

    def test_encoding(self) -> None:
        self.execute("CREATE DATABASE old TEMPLATE template0 ENCODING 'LATIN1'")
        with self.assertRaisesRegex(PostgresError, "LATIN1"):
            PostgresReader(self.server.urlOf("old"))

    def test_passwordIsNotTold(self) -> None:
        for url in (self.server.urlOf("none"), self.server.urlOf("postgres", "wr0ng")):
            with self.assertRaises(PostgresError) as caught:
                PostgresReader(url)
            said = f"{caught.exception!r} {caught.exception.__context__!r}"
            for secret in (PASSWORD, "wr0ng", "%40"):
                self.assertNotIn(secret, said)

    def test_schemaThatIsGiven(self) -> None:
        self.execute("CREATE SCHEMA protocols_mail")
        self.assertEqual(PostgresReader(self.server.url).find(), [])

    def test_durable(self) -> None:
        """Whatever is usual in the database."""
        host = self.host()
        for usual, ours in (("off", "on"), ("remote_apply", "remote_apply")):
            self.execute(f"ALTER ROLE mail SET synchronous_commit = {usual}")
            with PostgresReader(self.server.url).connected() as connection:
                shown = connection.execute("SHOW synchronous_commit").fetchone()
            self.assertEqual(shown, (ours,))
        self.execute("ALTER ROLE mail RESET synchronous_commit")
        self.assertTrue(host.deliver())


class HostsTests(PostgresCase):
    """Several, at the same time."""

    def test_writeAtOnce(self) -> None:
        hosts = [self.host(), self.host()]
        content = b"Subject: %d\r\n\r\n"
        sent = [(n, hosts[n % 2], hosts[n % 2].send(content % n)) for n in range(200)]
        numbers = {host.numberOf(done): n for n, host, done in sent}
        self.assertNotIn(0, numbers)
        for host in hosts:
            found = {each.id: int(each.subject) for each in host.delivery.find()}
            self.assertEqual(found, numbers)

    def test_waitAcross(self) -> None:
        here, there = self.host(), self.host()
        waiting = here.delivery.arrivals.waitFor(Query(subject="big"))
        for text in ("", "who knows"):
            self.execute(f"NOTIFY protocols_mail, '{text}'")
        numbers = [there.deliver(content) for content in (SMALL, BIG)]
        here.calls.makeUntil(waiting)
        stored = self.successResultOf(waiting)
        self.assertEqual(stored.id, numbers[1])
        self.assertEqual(stored, here.delivery.find()[1])

    def test_waitInTheCommand(self) -> None:
        host, reader = self.host(), PostgresReader(self.server.url)
        self.assertIsNone(waitForNext(reader, Query(), 0.0))
        self.assertIsNone(waitForNext(reader, Query(), 0.01))
        looked, find = Event(), reader.find

        def looking(query: Query) -> list[Stored]:
            found = find(query)
            looked.set()
            return found

        self.patch(reader, "find", looking)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(waitForNext, reader, Query(subject="big"), TIMEOUT)
            self.assertTrue(looked.wait(TIMEOUT))
            host.deliver()
            number = host.deliver(BIG)
            stored = waiting.result()
        assert stored is not None
        self.assertEqual(stored.id, number)


class CrashTests(PostgresCase):
    """The server is killed, and comes again."""

    def test_nothingIsLost(self) -> None:
        """Every 250 is there afterwards, and what got a 452 may be sent again."""
        hosts = [self.host(), self.host()]
        kept: dict[int, int] = {}
        refused = self.sendAll(hosts, range(20), kept)
        refused += self.sendAll(hosts, range(20, 320), kept, killAt=150)
        self.assertGreaterEqual(len(refused), 150)
        self.server.start()
        self.assertEqual(self.sendAll(hosts, refused, kept), [])
        self.assertEqual(set(kept.values()), set(range(320)))
        every = {each.id: int(each.subject) for each in hosts[0].delivery.find()}
        self.assertEqual({number: every[number] for number in kept}, kept)
        for number, n in every.items():
            self.assertEqual(hosts[1].delivery.content(number), self.contentOf(n))
        for failure in self.flushLoggedErrors():
            self.assertNotIn(PASSWORD, str(failure))

    def sendAll(
        self, hosts: list[Host], which: Any, kept: dict[int, int], killAt: int = -1
    ) -> list[int]:
        """Those that were refused; the rest is C{kept}, by number.

        @param killAt: how many are on their way when the server is killed.
        """
        sent = []
        for place, n in enumerate(which):
            if place == killAt:
                self.server.kill()
            host = hosts[n % 2]
            sent.append((n, host, host.send(self.contentOf(n))))
        numbers = {n: host.numberOf(done) for n, host, done in sent}
        kept.update({number: n for n, number in numbers.items() if number})
        return [n for n, number in numbers.items() if not number]

    def contentOf(self, n: int) -> bytes:
        return b"Subject: %d\r\n\r\n" % n + b"x" * (LARGE + 1 if n % 50 == 0 else n)

    def test_idleMeanwhile(self) -> None:
        """A host that did not notice goes on as if nothing had been; and hears."""
        here, there = self.host(), self.host()
        here.deliver()
        there.deliver()
        waiting = here.delivery.arrivals.waitFor(Query(subject="big"))
        self.server.kill()
        self.server.start()
        number = there.deliver(BIG)
        self.assertTrue(number)
        here.calls.makeUntil(waiting)
        self.assertEqual(self.successResultOf(waiting).id, number)
