"""A mail receiver that loses nothing (SMTP, RFC 5321)."""

from protocols.smtp.client import MailRefusedError, sendMail
from protocols.smtp.delivery import DiscardingDelivery, MemoryDelivery
from protocols.smtp.interfaces import Envelope, IDelivery, Message, SMTPError
from protocols.smtp.policy import Policy
from protocols.smtp.protocol import SMTPFactory, SMTPProtocol
from protocols.smtp.replies import Reply

__all__ = [
    "DiscardingDelivery",
    "Envelope",
    "IDelivery",
    "MailRefusedError",
    "MemoryDelivery",
    "Message",
    "Policy",
    "Reply",
    "SMTPError",
    "SMTPFactory",
    "SMTPProtocol",
    "sendMail",
]
