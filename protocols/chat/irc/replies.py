"""How an answer goes out: at once, or together with the others under its label."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from protocols.chat.irc.numerics import ERRORS
from protocols.chat.irc.wire import escaped, written
from protocols.chat.outgoing import OutgoingQueue
from protocols.chat.people import Person
from protocols.chat.text import styled


class Replies(OutgoingQueue, Person):
    """The part of the protocol that answers.

    @ivar capabilities: what the client has asked for.
    @ivar subscribed: keys of metadata that it wants to be told of.
    @ivar openBatch: what it says in several lines, as long as that is not whole.
    """

    factory: Any
    capabilities: frozenset[str] = frozenset()
    _collected: list[bytes] | None = None
    _batches = 0
    _label = ""
    openBatch: Any = None
    subscribed: frozenset[str] = frozenset()

    @property
    def nick(self) -> str:
        """What the client is called in answers; C{*} as long as it has no name."""
        return self.name or "*"

    @property
    def followsChanges(self) -> bool:  # type: ignore[override]
        """See L{Person}."""
        return "extended-monitor" in self.capabilities

    def has(self, capability: str) -> bool:
        """Whether the client has asked for that."""
        return capability in self.capabilities

    def send(self, line: bytes) -> None:
        """Send an answer, behind what was said in the client's rooms before.

        @param line: nothing is what the client's capabilities leave of some.
        """
        if not line:
            return
        if self._collected is not None:
            self._collected.append(line)
            return
        if self.name:
            self.factory.lobby.flush(self)
        self.deliver(line)

    def numeric(self, number: str, *params: str) -> None:
        """Answer with a number; the client's name is put in front."""
        self.fromServer(number, self.nick, *params)

    def error(self, number: str, *params: str, text: str = "") -> None:
        """Answer with an error's number and what it says."""
        self.numeric(number, *map(_word, params), text or ERRORS[number])

    def fromServer(self, command: str, *params: str) -> None:
        """Answer with a command; what a client sent may stand in it."""
        if not "".join((command, *params)).isprintable():
            command, *params = map(shown, (command, *params))  # type: ignore[assignment]
        self.send(written(self.factory.server, command, *params))

    def fail(self, command: str, code: str, *params: str, kind: str = "FAIL") -> None:
        """A standard reply (IRCv3): C{FAIL}, C{WARN} or C{NOTE}."""
        *words, text = params
        self.fromServer(kind, _word(command), code, *map(_word, words), text)

    def notice(self, text: str) -> None:
        """The server says something to the client."""
        self.fromServer("NOTICE", self.nick, text)

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is sent within is written at once; nothing else may be, meanwhile."""
        outer, self._collected = self._collected, []
        try:
            yield
        finally:
            lines, self._collected = self._collected, outer
            if lines:
                self.send(b"".join(lines))

    @contextmanager
    def batch(self, kind: str, *params: str) -> Iterator[None]:
        """What is sent within is one batch, if the client knows batches.

        @param kind: empty for no batch.
        """
        if not (kind and self.has("batch")):
            yield
            return
        outer, self._collected = self._collected, []
        try:
            yield
        finally:
            lines, self._collected = self._collected, outer
            for line in self._batched(lines, kind, *params):
                self.send(line)

    def labelBegins(self, label: str) -> None:
        """Collect answers until L{labelEnds}."""
        if label and self.has("labeled-response"):
            self._collected, self._label = [], label

    def labelLater(self) -> None:
        """The answer to this label comes with a later command."""
        self._collected = None

    def labelEnds(self) -> None:
        """Send what was collected: one answer, several as a batch, or ACK."""
        lines, self._collected = self._collected, None
        if lines is None:
            return
        tag = f"label={escaped(self._label)}"
        if not lines:
            lines = [written(self.factory.server, "ACK")]
        elif len(lines) > 1 or _isSeveral(lines[0]):
            lines = self._batched(lines, "labeled-response")
        lines[0] = tagged(lines[0], tag)
        for line in lines:
            self.send(line)

    def _batched(self, lines: list[bytes], kind: str, *params: str) -> list[bytes]:
        self._batches += 1
        name = f"{self._batches}"
        server = self.factory.server
        tag = f"batch={name}"
        each = [line + b"\r\n" for whole in lines for line in whole.split(b"\r\n")[:-1]]
        return [
            written(server, "BATCH", f"+{name}", kind, *params),
            *[line if line[:7] == b"@batch=" else tagged(line, tag) for line in each],
            written(server, "BATCH", f"-{name}"),
        ]


def _isSeveral(lines: bytes) -> bool:
    """Whether these are more than one message, and not one in a batch of its own."""
    first, _, rest = lines.partition(b"\r\n")
    return bool(rest) and b" BATCH +" not in first


def _word(text: str) -> str:
    """What a client has sent, as a parameter that is not the last one."""
    return text.lstrip(":").partition(" ")[0] or "*"


def shown(text: str) -> str:
    """A parameter without controls; one of nothing else is a parameter still."""
    return styled(text) or ("*" if text else "")


def tagged(line: bytes, tag: str) -> bytes:
    """A message with one more tag."""
    if line.startswith(b"@"):
        return b"@" + tag.encode() + b";" + line[1:]
    return b"@" + tag.encode() + b" " + line
