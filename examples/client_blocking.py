"""Have some words echoed: with a socket that blocks.

``python examples/client_blocking.py 127.0.0.1 7007 hello world``
"""

from __future__ import annotations

import socket
import sys

TIMEOUT = 10.0


def echo(host: str, port: int, words: list[str]) -> list[str]:
    """One word after the other, each whole before the next."""
    echoes = []
    with socket.create_connection((host, port), TIMEOUT) as server:
        for word in words:
            sent = word.encode()
            server.sendall(sent)
            back = b""
            while len(back) < len(sent):
                piece = server.recv(len(sent) - len(back))
                if not piece:
                    raise ConnectionError("the server has closed")
                back += piece
            echoes.append(back.decode())
    return echoes


if __name__ == "__main__":
    print(*echo(sys.argv[1], int(sys.argv[2]), sys.argv[3:]))
