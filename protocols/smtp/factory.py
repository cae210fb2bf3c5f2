"""Makes mail receivers that share a delivery, a policy and what else they need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.protocol import Factory

from protocols.backoff import LoginBackoff
from protocols.smtp import replies
from protocols.smtp.asking import Asked
from protocols.smtp.policy import Policy
from protocols.smtp.protocol import SMTPProtocol
from protocols.smtp.replies import Reply


class SMTPFactory(Factory):
    """Makes L{SMTPProtocol}s that share a delivery and a policy.

    @param delivery: an L{protocols.smtp.interfaces.IDelivery}, perhaps with
        add-ons.
    @param clock: an C{IReactorTime}; set by the service if C{None}.
    @param policy: the receiver's limits; any of them may be given by its name
        instead, such as C{maxSize=1000}.
    @param tls: for STARTTLS: a L{protocols.starttls.RenewableContext}, or
        anything whose C{options} Twisted's C{startTLS} takes; without it
        STARTTLS is not offered.
    @param authenticator: a L{protocols.sasl.Authenticator}; without it AUTH is
        not offered.
    @param reloads: are called when the service reads its files anew (SIGHUP), such
        as C{reload} of a L{protocols.sasl.PasswordFile}.
    @ivar faults: L{protocols.smtp.faults.FaultRules}, for a protocol that goes by
        them (L{protocols.smtp.faulty}).
    @ivar backoff: who has failed to log in too often.
    """

    protocol = SMTPProtocol
    noisy = False
    faults: Any = None

    def __init__(
        self,
        delivery: Any,
        *,
        clock: Any = None,
        policy: Policy | None = None,
        tls: Any = None,
        authenticator: Any = None,
        reloads: Sequence[Callable[[], object]] = (),
        **limits: Any,
    ) -> None:
        self.delivery = delivery
        self.asked = Asked(delivery)
        self.clock = clock
        self.policy = Policy(**limits) if policy is None else policy
        self.tls = tls
        self.authenticator = authenticator
        self._reloads = tuple(reloads)
        self.backoff = LoginBackoff()

    def lastWord(self, reason: str) -> bytes:
        """What a client that can't be served is told (RFC 5321, section 3.8)."""
        if reason == "draining":
            return replies.STOPPING.encode()
        text = f"{self.policy.hostname} Too many connections; try again later"
        return Reply(421, text, "4.7.0").encode()

    def reload(self) -> None:
        """Read certificates and passwords anew."""
        for read in self._reloads:
            read()
        if self.tls is not None:
            self.tls.renew()

    def drained(self) -> Any:
        """The last connection has ended: the delivery may close."""
        return getattr(self.delivery, "close", lambda: None)()
