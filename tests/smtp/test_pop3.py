"""L{protocols.smtp.pop3} without sockets: its bounds. Clients: tests/live/test_pop3."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.sasl import AnyChecker
from protocols.smtp import MemoryDelivery
from protocols.smtp.pop3 import IDLE_TIMEOUT, MAX_COMMAND, POP3Factory
from protocols.testing import Conversation


class BoundTests(SynchronousTestCase):
    def setUp(self) -> None:
        factory = POP3Factory(
            MemoryDelivery(), [AnyChecker()], clock=Clock(), loginInClear=True
        )
        self.conversation = Conversation(factory)
        self.conversation.heard()

    def test_idle(self) -> None:
        """RFC 1939, section 3: ten minutes, counted anew from each command."""
        self.conversation.advance(IDLE_TIMEOUT - 1)
        self.conversation.say(b"CAPA\r\n")
        self.conversation.advance(IDLE_TIMEOUT - 1)
        self.assertFalse(self.conversation.transcript.disconnecting)
        self.conversation.advance(1)
        self.assertTrue(self.conversation.transcript.disconnecting)

    def test_length(self) -> None:
        for more, ended in {0: False, 1: True}.items():
            self.setUp()
            line = b"X".ljust(MAX_COMMAND + more, b"x") + b"\r\n"
            self.conversation.say(line)
            self.assertEqual(self.conversation.transcript.disconnecting, ended)
