"""How a message comes in chunks (RFC 3030, section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from protocols.hooks import Hooked
from protocols.smtp import replies
from protocols.smtp.body import Chunks
from protocols.smtp.replies import Reply


@dataclass
class Chunk:
    """A chunk that is coming.

    @ivar left: octets of it that have not come yet.
    @ivar last: whether it ends the message.
    @ivar refused: whether it is thrown away; its answer was given then.
    """

    left: int
    last: bool = False
    refused: bool = False


class Chunking:
    """The part of the protocol that receives chunks.

    @ivar chunk: the one that is coming; C{None} outside of one.
    """

    chunk: Chunk | None = None

    def beginChunk(self: Any, octets: int, *, last: bool) -> Hooked:
        """BDAT was said; C{octets} of the message follow."""
        refusal = self.transaction.outOfOrder("BDAT") or self._tooLarge(octets)
        if refusal is not None:
            return self._throwAway(refusal, octets)
        chunk = Chunk(octets, last)
        if self.content is not None:
            return self._expectChunk(chunk)
        if self.factory.asked.observesContent:
            return self._askFirst(chunk)
        self._beginChunks()
        return self._expectChunk(chunk)

    def _tooLarge(self: Any, octets: int) -> Reply | None:
        before = 0 if self.content is None else self.content.size
        fits = before + octets <= self.policy.maxSize
        return None if fits else replies.MESSAGE_TOO_LARGE

    async def _askFirst(self: Any, chunk: Chunk) -> None:
        """A delivery that looks at content may refuse it before it comes."""
        hook = self.factory.asked.contentBegan
        refusal = await self.objection(hook, self.session, self.envelope())
        if refusal is not None:
            self._throwAway(refusal, chunk.left)
            return
        self._beginChunks()
        hooked = self._expectChunk(chunk)
        if hooked is not None:
            await hooked

    def _beginChunks(self: Any) -> None:
        binary = self.transaction.parameters.body == "BINARYMIME"
        longest = 0 if binary else self.policy.maxTextLine
        isKept = self.factory.asked.keepsContent
        self.beginContent(Chunks(self.policy.maxSize, longest, isKept=isKept))

    def _throwAway(self: Any, refusal: Reply, octets: int) -> None:
        """The answer is known, but the octets come all the same."""
        self.giveUp()
        self.transaction.breakOff()
        self.reply(refusal)
        if octets and not self._transport.disconnecting:
            self.chunk = Chunk(octets, refused=True)
            self.expectOctets()

    def _expectChunk(self: Any, chunk: Chunk) -> Hooked:
        self.transaction.chunk()
        self.chunk = chunk
        if chunk.left:
            self.expectOctets()
            return None
        return self._chunkEnded()

    def chunkReceived(self: Any, data: bytes) -> Hooked:
        """Octets of a chunk, and perhaps of commands behind it."""
        chunk = self.chunk
        piece = data[: chunk.left]
        chunk.left -= len(piece)
        if chunk.refused:
            self.checkPatience()
            shown = None
        else:
            self.content.take(piece)
            shown = self.show(self.content)
        if chunk.left:
            self.watchPace()
            return shown
        self.expectCommands(data[len(piece) :])
        return self._chunkEnded() if shown is None else self._endAfter(shown)

    async def _endAfter(self: Any, shown: Any) -> None:
        await shown
        hooked = self._chunkEnded()
        if hooked is not None:
            await hooked

    def _chunkEnded(self: Any) -> Hooked:
        """Each chunk has a reply (section 2); one that was thrown away had it."""
        chunk, self.chunk = self.chunk, None
        if chunk.refused:
            return None
        if not chunk.last:
            self.reply(replies.CHUNK_TAKEN)
            return None
        return self.finish()

    def loseCount(self: Any, reply: Reply) -> None:
        """A line can't be read behind which octets may follow: nobody knows how
        many.
        """
        self.forget()
        self.reply(reply)
        self.dialog = _AfterBadChunk(self)


class _AfterBadChunk:
    """What may come behind a chunk of unknown length: a command, or its octets."""

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol

    def lineReceived(self, line: bytes) -> Hooked:
        self._protocol.dialog = None
        if line.strip().upper() in (b"RSET", b"QUIT"):
            hooked: Hooked = self._protocol.lineReceived(line)
            return hooked
        self.lineLengthExceeded()
        return None

    def lineLengthExceeded(self) -> None:
        self._protocol.leave(replies.LOST_COUNT)

    def abandoned(self) -> None:
        """Nothing came behind it."""
