"""The browser door of the chat: a page, and the lines of IRC over WebSockets.

The dialect is IRC's, as the IRCv3 specification "WebSocket" has it; so web IRC
clients of others come in by the same door.
"""

from protocols.chat.web.forwarded import checkNetwork
from protocols.chat.web.opening import checkOrigin
from protocols.chat.web.protocol import SOCKET_PATH, WebFactory, WebProtocol

__all__ = ["SOCKET_PATH", "WebFactory", "WebProtocol", "checkNetwork", "checkOrigin"]
