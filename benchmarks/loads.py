"""What the benchmarks do to a server; each load returns the work it got done."""

from __future__ import annotations

import select
import socket
import time

HOST = "127.0.0.1"
TIMEOUT = 30.0

# So long does a load go on, in seconds: long against the kernel's accounting
# of CPU time, short enough for many rounds.
LASTING = 0.7


def pingPong(port: int, connections: int = 50, size: int = 64) -> float:
    """Small messages to and fro on many connections: echoes."""
    clients = [
        socket.create_connection((HOST, port), TIMEOUT) for _ in range(connections)
    ]
    poller = select.epoll()
    byNumber = {client.fileno(): client for client in clients}
    for client in clients:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        poller.register(client, select.EPOLLIN)
        client.sendall(b"x" * size)
    echoes = _untilTime(poller, byNumber)
    poller.close()
    for client in clients:
        client.close()
    return echoes


def _untilTime(poller: select.epoll, clients: dict[int, socket.socket]) -> float:
    echoes, end = 0, time.perf_counter() + LASTING
    while time.perf_counter() < end:
        for number, _ in poller.poll(TIMEOUT):
            data = clients[number].recv(65536)
            clients[number].sendall(data)
            echoes += 1
    return echoes


def stream(port: int, mebibytes: int = 256) -> float:
    """One connection with as much under way as fits: MiB."""
    block = bytes(1 << 18)
    with socket.create_connection((HOST, port), TIMEOUT) as client:
        client.setblocking(False)
        unsent, unread = mebibytes << 20, mebibytes << 20
        while unread:
            readable, writable, _ = select.select(
                [client], [client] if unsent else [], [], TIMEOUT
            )
            if writable:
                unsent -= client.send(block[: min(unsent, len(block))])
            if readable:
                unread -= len(client.recv(1 << 20))
    return mebibytes


def datagrams(port: int, size: int = 64, underWay: int = 64) -> float:
    """Datagrams to and fro, so many under way at a time: echoes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect((HOST, port))
        client.settimeout(TIMEOUT)
        payload = bytes(size)
        for _ in range(underWay):
            client.send(payload)
        echoes, end = 0, time.perf_counter() + LASTING
        while time.perf_counter() < end:
            client.recv(65536)
            client.send(payload)
            echoes += 1
        for _ in range(underWay):
            client.recv(65536)
    return echoes
