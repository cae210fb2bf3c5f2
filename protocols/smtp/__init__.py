"""A mail receiver that loses nothing (SMTP, RFC 5321)."""

from protocols.smtp.delivery import DiscardingDelivery, MemoryDelivery
from protocols.smtp.interfaces import Envelope, IDelivery, Message, SMTPError
from protocols.smtp.policy import Policy
from protocols.smtp.protocol import SMTPFactory, SMTPProtocol
from protocols.smtp.replies import Reply

__all__ = [
    "DiscardingDelivery",
    "Envelope",
    "IDelivery",
    "MemoryDelivery",
    "Message",
    "Policy",
    "Reply",
    "SMTPError",
    "SMTPFactory",
    "SMTPProtocol",
]
