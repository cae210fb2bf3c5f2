"""Clients of a chat with every bad habit: see C{chatfuzz.py}."""

from __future__ import annotations

import asyncio
import base64
import random
import socket
import ssl
import struct
from contextlib import suppress

from fuzzchecks import Broken, Witness, lineProblem
from fuzzwords import CAPABILITIES, IRC, LINE, ODD, WILD, Speaker

HOST = "127.0.0.1"

# Commands of one client, octets of the buffer of who reads slowly, and seconds
# that an answer may take.
MOST = 60
SMALL = 2048
PATIENCE = 8.0

_RESET = struct.pack("ii", 1, 0)

# Of WebSockets: an opcode, with and without an end of the message, and what has
# bits that mean nothing.
OPENINGS = (0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x88, 0x89, 0x8A, 0x09, 0xC1, 0x83)
JUNK = (
    *(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", b"GET /../../etc/passwd HTTP/1.1\r\n\r\n"),
    *(
        b"GET /%00%ff HTTP/1.0\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nx",
    ),
    *(b"\x16\x03\x01\x02\0\x01\0", b"\r\n\r\n\r\n", b"GET  HTTP/9.9\r\n\r\n"),
    *(b"HEAD /chat.js HTTP/1.1\r\nHost: h\r\nRange: bytes=9-1\r\n\r\n", b"X" * 70_000),
    b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 3000 + b"\r\n",
    b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: h\r\n\r\nffffffffff\r\n",
)


class Client:
    """Somebody who comes, says things, and goes in some way.

    @param context: of TLS; C{None} for none.
    """

    isIRC = True

    def __init__(
        self,
        choose: random.Random,
        number: int,
        port: int,
        broken: Broken,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.choose, self.port, self.broken = choose, port, broken
        self.context = context
        self.speaker = Speaker(choose, f"u{number}")
        self.witness = Witness(broken)
        self.answered = asyncio.Event()
        self.gone = False
        self.isSlow = choose.random() < 0.08
        self.doing = b""

    async def run(self) -> None:
        """All of it."""
        with suppress(OSError, EOFError, ssl.SSLError, asyncio.IncompleteReadError):
            await self._connect()
            reading = asyncio.ensure_future(self._read())
            try:
                await self.talk()
                await self._end()
            finally:
                reading.cancel()
                with suppress(asyncio.CancelledError, OSError, EOFError):
                    await reading
                self.writer.transport.abort()

    async def _connect(self) -> None:
        connection = socket.socket()
        connection.setblocking(False)
        if self.isSlow:
            # It is none any more if the server has ended it.
            connection and connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL
            )
        loop = asyncio.get_running_loop()
        await loop.sock_connect(connection, (HOST, self.port))
        address = ".".join(str(self.choose.randrange(256)) for _ in range(3))
        header = f"PROXY TCP4 10.{address} 127.0.0.1 1 2\r\n"
        await loop.sock_sendall(connection, header.encode())
        name = HOST if self.context else None
        self.reader, self.writer = await asyncio.open_connection(
            sock=connection, ssl=self.context, server_hostname=name, limit=1 << 20
        )

    async def talk(self) -> None:
        """Say everything."""
        raise NotImplementedError

    def heard(self, line: bytes) -> None:
        """A line came."""
        if b" PONG " in line and line.endswith(b" fuzz-end\r\n"):
            self.answered.set()
        self.witness.hear(line)

    async def _read(self) -> None:
        try:
            while line := await self.nextLine():
                self.heard(line)
                if self.isSlow:
                    await asyncio.sleep(0.05)
        finally:
            self.gone = True
            self.answered.set()

    async def nextLine(self) -> bytes:
        """What comes next; empty at the end."""
        line = await self.reader.readline()
        return line if line.endswith(b"\n") else b""

    async def send(self, octets: bytes) -> None:
        """Send them, in pieces."""
        self.doing = octets
        while octets and not self.gone:
            cut = self.choose.choice((len(octets), len(octets), 1, 7, 100))
            self.writer.write(octets[:cut])
            octets = octets[cut:]
            await asyncio.wait_for(self.writer.drain(), PATIENCE)
            if self.choose.random() < 0.2:
                await asyncio.sleep(0)

    async def _end(self) -> None:
        how = self.choose.randrange(5)
        if how == 0 and self.writer.can_write_eof():
            self.writer.write_eof()
            await asyncio.sleep(0.05)
        elif how == 1:
            connection = self.writer.get_extra_info("socket")
            if connection is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        elif how == 2:
            await self.send(self.speaker.line(IRC)[:20])


class Steady(Client):
    """Someone with a good client, all of whose labels have to be answered."""

    async def talk(self) -> None:
        self.isSlow = False
        name = self.speaker.name
        wanted = " ".join(c for c in CAPABILITIES if self.choose.random() < 0.8)
        wanted = f"{wanted} batch labeled-response message-tags"
        first = f"CAP LS 302\r\nCAP REQ :{wanted}\r\nNICK {name}\r\nUSER u 0 * :r\r\n"
        await self.send(f"{first}CAP END\r\nJOIN #lobby,#tea\r\n".encode())
        for number in range(self.choose.randrange(MOST)):
            if self.gone:
                return
            await self.send(self._labelled(number))
            if self.choose.random() < 0.1:
                await asyncio.sleep(0.02)
        await self.send(b"PING fuzz-end\r\n")
        await asyncio.wait_for(self.answered.wait(), PATIENCE)
        if not self.gone:
            self.witness.finish()

    def _labelled(self, number: int) -> bytes:
        line = self.speaker.line(IRC).replace(b"\r", b"").replace(b"\n", b"")
        if not line.isascii() or len(line) > 500 or not line[:1].isalpha():
            return line + b"\r\n"
        if line.startswith(b"BATCH"):
            return line + b"\r\n"
        self.witness.labels[f"L{number}"] = line
        return b"@label=L%d %s\r\n" % (number, line)


class Wild(Client):
    """Someone who says anything, at any time."""

    async def talk(self) -> None:
        if self.choose.random() < 0.8:
            name = self.speaker.name.encode()
            await self.send(b"NICK %s\r\nUSER u 0 * :r\r\nJOIN #lobby\r\n" % name)
        # Its labels are anything.
        self.witness.countsLabels = False
        for _ in range(self.choose.randrange(MOST)):
            if self.gone:
                return
            tags = self.speaker.tags() if self.choose.random() < 0.2 else b""
            end = self.choose.choice((b"\r\n", b"\r\n", b"\n", b"\r\r\n", b"\0\r\n"))
            await self.send(tags + self.speaker.line(WILD) + end)


class Typist(Client):
    """Someone at the line door."""

    async def talk(self) -> None:
        if self.choose.random() < 0.9:
            await self.send(self.speaker.name.encode() + b"\r\n")
        for _ in range(self.choose.randrange(12)):
            telnet = self.choose.choice((b"", b"", b"\xff\xfb\x01"))
            end = self.choose.choice((b"\r\n", b"\n", b"\r\0", b"\n\n"))
            await self.send(telnet + self.speaker.line(LINE) + end)
        await asyncio.sleep(self.choose.random() / 2)

    def heard(self, line: bytes) -> None:
        if problem := lineProblem(line):
            self.broken.tell(problem, line)


class Browser(Wild):
    """Someone on a WebSocket, with frames of every kind."""

    async def talk(self) -> None:
        if self.choose.random() < 0.3:
            await self.send(self.choose.choice((*JUNK, *ODD)))
            return
        kind = self.choose.choice(("text.ircv3.net", "binary.ircv3.net", "x"))
        key = base64.b64encode(self.choose.randbytes(16)).decode()
        fields = ("Host: h", "Upgrade: websocket", "Connection: Upgrade")
        more = ("Sec-WebSocket-Version: 13", f"Sec-WebSocket-Protocol: {kind}")
        lines = ("GET /ws HTTP/1.1", *fields, f"Sec-WebSocket-Key: {key}", *more)
        await self.send("\r\n".join((*lines, "", "")).encode())
        for line in (f"NICK {self.speaker.name}", "USER u 0 * :r", "JOIN #lobby"):
            await self.send(self._frame(0x81, line.encode()))
        for _ in range(self.choose.randrange(MOST)):
            if self.gone:
                return
            odd = self.choose.random() < 0.03
            opening = self.choose.choice(OPENINGS) if odd else 0x81
            await self.send(self._frame(opening, self.speaker.line(WILD)))

    def _frame(self, opening: int, text: bytes) -> bytes:
        if opening == 0x81 and self.choose.random() < 0.2:
            half = self.choose.randrange(len(text) + 1)
            return self._frame(0x01, text[:half]) + self._frame(0x80, text[half:])
        size = len(text)
        long = struct.pack(">BH", 0xFE, size) if size < 65536 else b"\xff" + bytes(8)
        head = bytes((opening,)) + (bytes((0x80 | size,)) if size < 126 else long)
        mask = self.choose.randbytes(4)
        masked = bytes(each ^ mask[n % 4] for n, each in enumerate(text))
        return head + mask + masked

    async def nextLine(self) -> bytes:
        first = await self.reader.readexactly(1)
        if first == b"H":
            while (await self.reader.readline()).strip():
                pass
            first = await self.reader.readexactly(1)
        (size,) = await self.reader.readexactly(1)
        if size > 125:
            longer = 2 if size == 126 else 8
            size = int.from_bytes(await self.reader.readexactly(longer), "big")
        return first + await self.reader.readexactly(size)

    def heard(self, line: bytes) -> None:
        if line[0] in (0x81, 0x82):
            self.witness.hear(line[1:] + b"\r\n")
