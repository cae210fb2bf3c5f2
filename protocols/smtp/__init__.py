"""A mail receiver that loses nothing (SMTP, RFC 5321).

The client, L{protocols.smtp.client}, is not imported here: Twisted's sender, which
it uses, installs the reactor, and C{twistd --reactor} wants to do that itself.
"""

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
