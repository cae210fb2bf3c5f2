"""LMTP (RFC 2033): mail from a server of the house, with an answer a recipient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from protocols.hooks import Hooked
from protocols.smtp import replies
from protocols.smtp.commands import Command, ehlo
from protocols.smtp.interfaces import SMTPError
from protocols.smtp.message import Envelope, Message, Session
from protocols.smtp.protocol import SMTPProtocol
from protocols.smtp.replies import Reply

_HELLO = Command(ehlo, "needed", last=True, junk=True)
_OTHERS = {
    verb: command
    for verb, command in SMTPProtocol.commands.items()
    if verb not in ("HELO", "EHLO")
}


class LMTPProtocol(SMTPProtocol):
    """Receives mail by LMTP.

    LHLO takes the place of HELO and EHLO (section 4.1), and behind the end of a
    message there is a reply for each recipient that was accepted, in their order
    (section 4.2), so that one full mailbox is not everybody's trouble: see
    L{protocols.smtp.interfaces.IRecipientDelivery}.
    """

    commands: ClassVar[dict[str, Command]] = {"LHLO": _HELLO, **_OTHERS}

    def greeting(self) -> Reply:
        """The first reply."""
        return Reply(220, f"{self.policy.hostname} LMTP")

    def newSession(self, transport: Any) -> Session:
        """As of SMTP, and of LMTP."""
        return replace(super().newSession(transport), lmtp=True)

    def refuse(self, refusal: Reply, envelope: Envelope) -> None:
        """The same to each recipient."""
        self._replyToEach([refusal] * len(envelope.recipients))

    def handOver(self, message: Message) -> Hooked:
        """Ask the delivery, for each recipient if it can."""
        return self._handOver(message)

    async def _handOver(self, message: Message) -> None:
        recipients = message.envelope.recipients
        try:
            answers = await self._answers(message)
        except SMTPError as error:
            answers = [error.reply] * len(recipients)
        except Exception:  # noqa: BLE001 - a user's hook may raise anything
            self.log.failure("A delivery failed")
            answers = [replies.TEMPORARY_FAILURE] * len(recipients)
        finally:
            message.close()
        if not all(reply.isError for reply in answers):
            self.mailTaken()
        self._replyToEach(answers)

    async def _answers(self, message: Message) -> list[Reply]:
        count = len(message.envelope.recipients)
        if self.factory.asked.answersForEach:
            found = self.factory.asked.messageReceivedForEach(message)
            each = await found if hasattr(found, "__await__") else found
        else:
            found = self.factory.delivery.messageReceived(message)
            answer = await found if hasattr(found, "__await__") else found
            each = [answer] * count
        if len(each) != count:
            raise ValueError(f"{len(each)} answers for {count} recipients")
        return [_replyOf(answer) for answer in each]

    def _replyToEach(self, answers: Sequence[Reply]) -> None:
        for reply in answers[:-1]:
            self._transport.write(reply.encode())
        self.reply(answers[-1])


def _replyOf(answer: Any) -> Reply:
    """What a recipient's answer is in words."""
    if isinstance(answer, SMTPError):
        return answer.reply
    return answer if isinstance(answer, Reply) else replies.OK
