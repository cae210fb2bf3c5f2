"""The same octets in every cut: a stream has no borders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from protocols.testing.conversation import Transcript, converse

# Most octets of a segment in a random cut that is meant to be fine: a command
# of a text protocol has a few dozen, so this falls into every part of it.
FINE = 8


def everySplit(
    makeFactory: Callable[[], Any],
    data: bytes,
    *,
    cuts: int = 20,
    seed: int = 0,
    end: bool = False,
) -> Transcript:
    """Say C{data} whole, byte by byte, and cut at random; each time to a new
    factory. What the server does has to be the same.

    @param cuts: how many random cuts are tried. Every other one is fine, with
        segments of up to L{FINE} octets; the rest has a few long ones.
    @param seed: of the random numbers; the same cuts each time.
    @param end: whether the peer half-closes (FIN) behind C{data}.
    @return: the transcript.
    @raise AssertionError: it isn't; names the cut and the first difference.
    """
    expected = converse(makeFactory(), data, end=end)
    for name, segments in _cutUp(data, cuts, Random(seed)):
        found = converse(makeFactory(), segments, end=end)
        if found != expected:
            raise AssertionError(_difference(name, segments, expected, found))
    return expected


def _cutUp(data: bytes, cuts: int, random: Random) -> Iterator[tuple[str, list[bytes]]]:
    yield "byte by byte", [data[i : i + 1] for i in range(len(data))]
    for number in range(cuts):
        longest = FINE if number % 2 else max(FINE, len(data) // 2)
        yield f"random cut {number}", _segments(data, longest, random)


def _segments(data: bytes, longest: int, random: Random) -> list[bytes]:
    segments = []
    start = 0
    while start < len(data):
        stop = start + random.randint(1, longest)
        segments.append(data[start:stop])
        start = stop
    return segments


def _difference(
    name: str, segments: list[bytes], expected: Transcript, found: Transcript
) -> str:
    sizes = ", ".join(str(len(segment)) for segment in segments[:20])
    sizes += ", ..." if len(segments) > 20 else ""
    return f"{name} (segments of {sizes} octets): {_how(expected, found)}"


def _how(expected: Transcript, found: Transcript) -> str:
    for name in ("disconnecting", "aborted"):
        whole, cut = getattr(expected, name), getattr(found, name)
        if expected.written == found.written and whole != cut:
            return f"{name} is {cut}, and {whole} when said whole"
    at = _firstDifference(expected.written, found.written)
    around = slice(max(0, at - 20), at + 20)
    return (
        f"octet {at} of what was written differs: "
        f"{found.written[around]!r}, and {expected.written[around]!r} when said whole"
    )


def _firstDifference(one: bytes, other: bytes) -> int:
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return at
    return min(len(one), len(other))
