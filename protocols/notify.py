"""Tell systemd how the service is: C{sd_notify}'s protocol, in one datagram.

Source: the manual page sd_notify(3), "Notes" and "Well-known assignments".
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping


def notifySystemd(*states: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Send assignments such as C{READY=1}.

    @return: whether there was somebody to tell: C{NOTIFY_SOCKET} is set and its
        socket took the datagram. That nobody listens is no error of ours.
    """
    path = environment.get("NOTIFY_SOCKET", "")
    if not path.startswith(("/", "@")):
        return False
    address = "\0" + path[1:] if path.startswith("@") else path
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        try:
            sender.sendto("\n".join(states).encode(), address)
        except OSError:
            return False
    return True


def reloading() -> str:
    """What systemd wants to hear when a reload begins: state and moment.

    systemd compares the moment, microseconds of CLOCK_MONOTONIC, with the one
    at which it sent the signal, so the reactor's own clock won't do.
    """
    return f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}"
