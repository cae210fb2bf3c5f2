"""Conversations with a mail receiver, for tests."""

from __future__ import annotations

from random import Random
from typing import Any

from twisted.internet.task import Clock

from protocols.smtp import MemoryDelivery, SMTPFactory
from protocols.testing import Conversation, converse

EHLO = b"EHLO client.example\r\n"
ENVELOPE = b"MAIL FROM:<a@x.example>\r\nRCPT TO:<b@y.example>\r\n"
DATA = b"DATA\r\n"


def factoryWith(delivery: Any = None, **limits: Any) -> SMTPFactory:
    """A factory whose name is C{mx.example}, with a clock of its own."""
    delivery = MemoryDelivery() if delivery is None else delivery
    return SMTPFactory(delivery, clock=Clock(), hostname="mx.example", **limits)


def replies(written: bytes) -> list[str]:
    """The replies, multi-line ones as their last line."""
    lines = written.decode("ascii").split("\r\n")[:-1]
    return [line for line in lines if line[3:4] == " "]


def codes(written: bytes) -> list[str]:
    """Code and, if there is one, enhanced code of each reply."""
    return [
        " ".join(reply.split()[: 2 if _hasEnhanced(reply) else 1])
        for reply in replies(written)
    ]


def _hasEnhanced(reply: str) -> bool:
    words = reply.split()
    return (
        len(words) > 1
        and words[1][:2] in ("2.", "4.", "5.")
        and words[1][2:3].isdigit()
    )


def answers(*segments: bytes, factory: Any = None, end: bool = False) -> list[str]:
    """The codes that answer these segments, after the greeting."""
    written = converse(factory or factoryWith(), segments, end=end).written
    return codes(written)[1:]


def inData(factory: Any = None) -> Conversation:
    """A conversation in which DATA has just been answered 354."""
    conversation = Conversation(factory or factoryWith())
    for segment in (EHLO, ENVELOPE, DATA):
        conversation.say(segment)
    assert codes(conversation.heard())[-1] == "354"
    return conversation


def everyCut(
    data: bytes, *, seed: int = 0, **limits: Any
) -> tuple[list[str], list[Any]]:
    """Send C{data} after 354: whole, byte by byte and cut at random.

    @return: codes that answer it, and the messages; the same for each cut.
    """
    random = Random(seed)
    cuts = [[data], [data[i : i + 1] for i in range(len(data))]]
    for _ in range(20):
        places = sorted(random.sample(range(len(data)), min(len(data), 6)))
        cuts.append(
            [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]
        )
    outcomes = [_outcome(cut, limits) for cut in cuts]
    for cut, outcome in zip(cuts, outcomes, strict=True):
        assert outcome == outcomes[0], f"{cut}: {outcome}, and whole {outcomes[0]}"
    return outcomes[0]


def _outcome(segments: list[bytes], limits: Any) -> tuple[list[str], list[Any]]:
    delivery = MemoryDelivery()
    conversation = inData(factoryWith(delivery, **limits))
    for segment in segments:
        conversation.say(segment)
    return codes(conversation.heard()), [m.content for m in delivery.messages]
