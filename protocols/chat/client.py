"""A client of the chat's line door, to be awaited."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeVar
from unicodedata import normalize

from twisted.internet.defer import Deferred, DeferredLock

from protocols.chat.conversation import (
    SAID_IN_VAIN,
    ChatClosedError,
    ChatConnection,
    ChatConnectionFactory,
    ChatRefusedError,
    Heard,
)
from protocols.chat.protocol import MAX_LINE
from protocols.closing import ClosingClient
from protocols.connecting import (
    ATTEMPTS,
    CONNECT_TIMEOUT,
    Address,
    ConnectFailedError,
    ReplyTimeoutError,
    connectAny,
    withTimeout,
)

__all__ = [
    "ChatClient",
    "ChatClosedError",
    "ChatRefusedError",
    "ConnectFailedError",
    "Heard",
    "ReplyTimeoutError",
]

_T = TypeVar("_T")

# Seconds for an answer. Twenty lines over the burst wait four seconds at the
# server (protocols.chat.floods); a lost segment or two is in it as well.
REPLY_TIMEOUT = 30.0

_ENTERED = re.compile(r"\* You (?:are in|talk to) (#\S+?)(?:, .*| now\.)")
_HELLO = re.compile(r"\* Hello, .*")
_REPEATED = re.compile(r"\* You have said that")
_LEFT = re.compile(r"\* You have left .*")
_RENAMED = re.compile(r"\* You are (\S+) now\.")
_SENT = re.compile(r"\[you to (\S+)\] .*", re.DOTALL)


class ChatClient(ClosingClient):
    """One person in a chat, at the first address that answers::

        async with ChatClient(reactor, [("127.0.0.1", 7023)], "ann") as ann:
            await ann.say("hello")
            heard = await ann.message(timeout=60)

    Several calls may wait at a time; they are answered in their order. The
    server lets so much through at once (C{protocols.chat.floods}) and then slows
    the connection down; nothing is lost by that.

    @param reactor: where it connects, and its clock.
    @param addresses: hosts and ports, or client endpoints (for TLS and UNIX).
    @param name: the name to ask for.
    @param connectTimeout: seconds for each attempt to connect.
    @param replyTimeout: seconds from each command to its answer.
    @param retrying: C{attempts}, C{backoff}, C{maxBackoff} and C{jitter}, as
        C{protocols.connecting.connectAny} takes them.
    @ivar name: the person's, as the server has it.
    """

    def __init__(
        self,
        reactor: Any,
        addresses: Sequence[Address],
        name: str,
        *,
        connectTimeout: float = CONNECT_TIMEOUT,
        replyTimeout: float = REPLY_TIMEOUT,
        attempts: int = ATTEMPTS,
        **retrying: Any,
    ) -> None:
        self.name = normalize("NFC", _oneLine(name))
        self._reactor = reactor
        self._addresses = addresses
        self._replyTimeout = replyTimeout
        self._connecting = {
            "connectTimeout": connectTimeout,
            "attempts": attempts,
            **retrying,
        }
        self._turns = DeferredLock()
        self._connection: ChatConnection | None = None

    async def connect(self) -> str:
        """Connect and say the name; after L{close} it may be called again.

        @return: the room that one is in now.
        @raise ConnectFailedError: no address took us.
        @raise ChatRefusedError: the name can't be, or is taken.
        @raise ChatClosedError: the server had no place.
        @raise ReplyTimeoutError: it did not ask for a name, or not take it.
        @raise RuntimeError: an earlier connection has not been closed.
        """
        if self._connection is not None:
            raise RuntimeError("close the connection that there is first")
        connection = self._connection = await connectAny(
            self._reactor,
            ChatConnectionFactory(self._reactor),
            self._addresses,
            **self._connecting,
        )
        try:
            await self._within(connection.question, "the question for the name")
            return (await self._ask(self.name, _ENTERED, _HELLO))[1]
        except BaseException:
            self.abort()
            raise

    async def join(self, room: str) -> str:
        """Join a room, or talk to one that was joined before.

        @return: the room's name, with its C{#}.
        @raise ChatRefusedError: it can't be; so for each command below.
        @raise ChatClosedError: there is no connection; so for each as well.
        @raise ReplyTimeoutError: no answer in time, and the connection has been
            aborted: a late one would be taken for the next; so for each as well.
        """
        return (await self._ask(f"/join {_oneLine(room)}", _ENTERED))[1]

    async def leave(self, room: str = "") -> None:
        """Leave a room; the one that is talked to if C{room} is empty."""
        line = f"/leave {_oneLine(room)}".strip()
        await self._ask(line, _LEFT, _REPEATED)  # being in no room is an answer

    async def rename(self, name: str) -> str:
        """Take another name; returns it as the server has it."""
        self.name = (await self._ask(f"/nick {_oneLine(name)}", _RENAMED))[1]
        return self.name

    async def private(self, name: str, text: str) -> None:
        """Tell C{text} to one person; returns when the server has passed it on."""
        await self._ask(f"/msg {_oneLine(name)} {_oneLine(text)}", _SENT)

    async def say(self, text: str) -> None:
        """Say C{text} to the room; returns when it has been written.

        The server does not confirm it. Should it refuse, L{message} tells.

        @raise ValueError: it is empty, more than a line, or too long a one.
        @raise ChatClosedError: there is no connection.
        """
        text = _oneLine(text)
        self._send(f"/{text}" if text.startswith("/") else text)

    async def act(self, text: str) -> None:
        """Say what one does (C{/me}); as L{say}."""
        self._send(f"/me {_oneLine(text)}")

    async def message(self, timeout: float | None = None) -> Heard:
        """The next thing that is heard; what came before is kept, see C{Heard}.

        @param timeout: seconds to wait, without limit if C{None}.
        @raise ReplyTimeoutError: nothing came; one may ask again.
        @raise ChatClosedError: nothing more will come.
        """
        heard = self._connected.next()
        if timeout is None:
            return await heard
        return await withTimeout(self._reactor, timeout, heard, "a message")

    @property
    def missed(self) -> int:
        """Messages dropped because nobody asked for them for too long."""
        return self._connected.missed

    def _endOf(self, connection: ChatConnection) -> Deferred[None]:
        """Say C{/quit}, and wait until the server has closed."""
        return connection.quit()

    @property
    def _connected(self) -> ChatConnection:
        if self._connection is None:
            raise ChatClosedError("not connected")
        return self._connection

    def _send(self, line: str) -> None:
        self._connected.send(_fitting(line))

    async def _ask(
        self,
        line: str,
        expected: re.Pattern[str],
        beside: re.Pattern[str] = SAID_IN_VAIN,
    ) -> re.Match[str]:
        """Send a line and wait for its answer, after those asked before."""
        octets = _fitting(line)
        await self._turns.acquire()
        try:
            answer = self._connected.ask(octets, expected, beside)
            return await self._within(answer, "an answer")
        finally:
            self._turns.release()

    async def _within(self, deferred: Deferred[_T], what: str) -> _T:
        return await withTimeout(self._reactor, self._replyTimeout, deferred, what)


def _oneLine(text: str) -> str:
    if any(character in text for character in "\r\n\0"):
        raise ValueError(f"not one line: {text[:40]!r}")
    return text


def _fitting(line: str) -> bytes:
    """A line's octets.

    @raise ValueError: there are none, or too many.
    """
    octets = line.encode()
    if not line.strip() or len(octets) > MAX_LINE:
        raise ValueError(f"a line has 1 to {MAX_LINE} octets, not {len(octets)}")
    return octets
