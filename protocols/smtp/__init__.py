"""A mail receiver that loses nothing (SMTP, RFC 5321).

The client, L{protocols.smtp.client}, is not imported here: Twisted's sender, which
it uses, installs the reactor, and C{twistd --reactor} wants to do that itself.
"""

from protocols.smtp.delivery import DiscardingDelivery, MemoryDelivery
from protocols.smtp.extension import Extension
from protocols.smtp.factory import SMTPFactory
from protocols.smtp.interfaces import IDelivery, SMTPError
from protocols.smtp.lmtp import LMTPProtocol
from protocols.smtp.message import Envelope, Message
from protocols.smtp.policy import Policy
from protocols.smtp.protocol import SMTPProtocol
from protocols.smtp.replies import Reply

__all__ = [
    "DiscardingDelivery",
    "Envelope",
    "Extension",
    "IDelivery",
    "LMTPProtocol",
    "MemoryDelivery",
    "Message",
    "Policy",
    "Reply",
    "SMTPError",
    "SMTPFactory",
    "SMTPProtocol",
]
