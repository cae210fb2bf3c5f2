"""L{protocols.smtp.client}, against the receiver."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import Any

from twisted.trial.unittest import SynchronousTestCase
from zope.interface import implementer

from protocols.connecting import ConnectFailedError, ReplyTimeoutError
from protocols.smtp import IDelivery, MemoryDelivery, SMTPError, SMTPFactory
from protocols.smtp.client import MailRefusedError, sendMail
from protocols.testing import runningInThread

CONTENT = b"Subject: hi\r\n\r\n.dot\r\nbye\r\n"
MAIL = ("a@x.example", ["b@y.example", "c@z.example"], CONTENT)


@implementer(IDelivery)
class Refusing:
    """Refuses each message with the next code, and takes the rest."""

    def __init__(self, *codes: int) -> None:
        self.codes = list(codes)
        self.taken = 0

    def messageReceived(self, message: Any) -> None:
        if self.codes:
            code = self.codes.pop(0)
            raise SMTPError(code, f"{code // 100}.7.1", "not this one")
        self.taken += 1


class ClientTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.stack = ExitStack()
        self.addCleanup(self.stack.close)

    def serving(self, delivery: Any) -> Any:
        factory = SMTPFactory(delivery, hostname="mx.example")
        return self.stack.enter_context(runningInThread(factory))

    def send(self, running: Any, *before: Any, **options: Any) -> Any:
        servers = [*before, (running.host, running.port)]
        options = {"backoff": 0.001, **options}
        return running.call(
            lambda: sendMail(running.reactor, servers, *MAIL, **options), timeout=30
        )

    def test_sent(self) -> None:
        delivery = MemoryDelivery()
        self.assertEqual(self.send(self.serving(delivery)), 2)
        (message,) = delivery.messages
        self.assertEqual(message.content, CONTENT)
        self.assertEqual(message.envelope.recipients, ("b@y.example", "c@z.example"))

    def test_fallsOver(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            nobody = closed.getsockname()
        delivery = MemoryDelivery()
        self.assertEqual(self.send(self.serving(delivery), nobody), 2)

    def test_triesAgainWhatMayPass(self) -> None:
        delivery = Refusing(451, 452)
        self.send(self.serving(delivery))
        self.assertEqual(delivery.taken, 1)

    def test_refusedForGood(self) -> None:
        delivery = Refusing(554)
        with self.assertRaises(MailRefusedError) as caught:
            self.send(self.serving(delivery))
        self.assertEqual(caught.exception.code, 554)
        self.assertIn("not this one", caught.exception.text)
        self.assertEqual(delivery.taken, 0)

    def test_refusedEachTime(self) -> None:
        with self.assertRaises(MailRefusedError) as caught:
            self.send(self.serving(Refusing(451, 451, 451)))
        self.assertTrue(caught.exception.isTemporary)

    def test_nobodyThere(self) -> None:
        running = self.serving(MemoryDelivery())
        with socket.create_server(("127.0.0.1", 0)) as closed:
            nobody = closed.getsockname()
        with self.assertRaises(ConnectFailedError):
            running.call(
                lambda: sendMail(running.reactor, [nobody], *MAIL, backoff=0.001)
            )

    def test_silentServer(self) -> None:
        running = self.serving(MemoryDelivery())
        with socket.create_server(("127.0.0.1", 0)) as silent:
            where = silent.getsockname()
            with self.assertRaises(ReplyTimeoutError):
                running.call(
                    lambda: sendMail(
                        running.reactor, [where], *MAIL, timeout=0.1, attempts=1
                    )
                )
