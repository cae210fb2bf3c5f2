"""What the benchmarks do to a server; the client is in C, so as not to be the brake."""

from __future__ import annotations

from loadclient import Load, LoadError, connected

SMALL = Load(connections=50)
ONE = Load()
ONE_AWAKE = Load(awake=True)
PAGES = Load(connections=50, size=4096)
BULK = Load(size=65536, underWay=8)
MANY = Load(connections=1000)
FAN_OUT = Load("fan", connections=20)
FAN_OUT_FOUR = Load("fan", connections=20, underWay=4)
DATAGRAMS = Load("datagrams", underWay=64)
SOURCES = Load("datagrams", connections=32, underWay=2)

# Messages that may be lost of a million: a datagram may be, any other not.
LOSS = {"datagrams": 1000}


def messages(load: Load, port: int) -> float:
    """Do it; how many messages were answered.

    @raise LoadError: answers were lost, wrong or missing.
    """
    with connected(load, port) as client:
        figures = client.run()
    if figures.errors * 1_000_000 > LOSS.get(load.mode, 0) * figures.messages:
        raise LoadError(f"{figures.errors} errors for {figures.messages} messages")
    return figures.messages


def pingPong(port: int) -> float:
    """Small messages to and fro on 50 connections: echoes."""
    return messages(SMALL, port)


def stream(port: int) -> float:
    """One connection with much under way: MiB."""
    return messages(BULK, port) * BULK.size / (1 << 20)


def datagrams(port: int) -> float:
    """Small datagrams to and fro, 64 under way: echoes."""
    return messages(DATAGRAMS, port)
