"""The IRC door of the chat: the same rooms, for every IRC client."""

from protocols.chat.irc.command import Command
from protocols.chat.irc.factory import IRCFactory
from protocols.chat.irc.protocol import IRCProtocol
from protocols.chat.irc.wire import Message, MessageError

__all__ = ["Command", "IRCFactory", "IRCProtocol", "Message", "MessageError"]
