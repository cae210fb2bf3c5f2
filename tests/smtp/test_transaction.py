"""The table of C{protocols.smtp.transaction} (RFC 5321, section 4.1.4)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.parameters import MailParameters
from protocols.smtp.transaction import State, Transaction

# For each state, the commands that may come.
ALLOWED = {
    State.CONNECTED: set(),
    State.GREETED: {"MAIL"},
    State.SENDER: {"RCPT"},
    State.RECIPIENTS: {"RCPT", "DATA"},
}
ANY_TIME = {"HELO", "EHLO", "RSET", "NOOP", "VRFY", "HELP", "QUIT"}


class TransactionTests(SynchronousTestCase):
    def test_table(self) -> None:
        for state, allowed in ALLOWED.items():
            transaction = Transaction(state)
            for verb in {"MAIL", "RCPT", "DATA", *ANY_TIME}:
                reply = transaction.outOfOrder(verb)
                if verb in allowed | ANY_TIME:
                    self.assertIsNone(reply, (state, verb))
                else:
                    assert reply is not None
                    self.assertEqual((reply.code, reply.enhanced), (503, "5.5.1"))

    def test_course(self) -> None:
        transaction = Transaction()
        transaction.greet()
        transaction.begin("a@x", MailParameters(size=1))
        self.assertTrue(transaction.isOpen)
        transaction.add("b@y")
        transaction.add("c@z")
        self.assertEqual(transaction.recipients, ["b@y", "c@z"])
        transaction.reset()
        self.assertEqual(transaction, Transaction(State.GREETED))

    def test_resetBeforeHello(self) -> None:
        transaction = Transaction()
        transaction.reset()
        self.assertEqual(transaction.state, State.CONNECTED)
