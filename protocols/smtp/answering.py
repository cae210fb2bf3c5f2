"""How a command is answered: at once, or when a policy has made up its mind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from inspect import iscoroutine
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from protocols.hooks import Hooked, waitFor
from protocols.kernel import queuedInput, socketTransport
from protocols.smtp import replies
from protocols.smtp.policy import MAX_ERRORS, Policy
from protocols.smtp.replies import Reply


class Answering:
    """The part of the protocol that says something.

    @ivar errors: replies of 500 and above since a message was taken last.
    @ivar draining: whether the server is stopping.
    @ivar greeted: whether the client has had its greeting.
    """

    errors = 0
    draining = False
    greeted = False
    factory: Any
    _transport: Any

    @property
    def policy(self) -> Policy:
        """The receiver's limits."""
        policy: Policy = self.factory.policy
        return policy

    @property
    def inHand(self: Any) -> bool:
        """Whether a message is on its way, so that we stop behind it."""
        return self.receiving or self.transaction.isOpen

    def reply(self, reply: Reply) -> None:
        """Answer the command, or hang up on a client that makes only errors."""
        if reply.code >= 500:
            self.errors += 1
            if self.errors > MAX_ERRORS:
                self.leave(replies.TOO_MANY_ERRORS)
                return
        if not self.greeted and (reply := self._greetingOr(reply)).isError:
            self.leave(reply)
            return
        self._transport.write(reply.encode())
        if self.draining and not self.inHand:
            self.leave(replies.STOPPING)

    def leave(self: Any, reply: Reply) -> None:
        """Say a last word and close; a 421 names the host (section 4.2.3)."""
        self.draining = False
        if reply.code == 421:
            reply = replace(reply, text=f"{self.policy.hostname} {reply.text}")
        self._transport.write(reply.encode())
        self.loseConnection()

    def ask(
        self,
        hook: Callable[..., Any],
        args: tuple[object, ...],
        usual: Reply,
        accepted: Callable[[Any], None] | None = None,
    ) -> Hooked:
        """Ask a policy or the delivery, and answer the command with what it says.

        @param usual: the reply when it says no other.
        @param accepted: is called before a reply that is no error, with the value
            that was returned; C{None} for a reply, or nothing.
        """
        answer = hook(*args)
        if isinstance(answer, Deferred) or iscoroutine(answer):
            return waitFor(answer).addCallback(self._answer, usual, accepted)
        self._answer(answer, usual, accepted)
        return None

    def begin(self: Any) -> None:
        """Greet the client, unless somebody objects."""
        hook = self.factory.asked.validateConnection
        try:
            asked = self.ask(hook, (self.session,), self.greeting())
            if asked is not None:
                self.holdFor(asked)
        except Exception:  # noqa: BLE001 - a user's hook may raise anything
            self.hookFailed(Failure())

    def _greetingOr(self: Any, reply: Reply) -> Reply:
        """The first reply; a client that has spoken already is no mail client
        (RFC 5321, section 4.3.1).
        """
        self.greeted = True
        early = self.policy.isStrict and (self.pipelined or self._spokeFirst())
        return replies.NOT_YET_ASKED if early else reply

    def _spokeFirst(self) -> bool:
        inner = socketTransport(self._transport)
        return inner is self._transport and queuedInput(inner.socket) > 0

    def _answer(
        self, answer: Any, usual: Reply, accepted: Callable[[Any], None] | None
    ) -> None:
        isReply = isinstance(answer, Reply)
        reply = answer if isReply else usual
        if accepted is not None and not reply.isError:
            accepted(None if isReply else answer)
        self.reply(reply)
