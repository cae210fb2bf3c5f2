"""Chats in processes of their own: to start them, and what they used up."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from chatclient import EXAMPLE, IRC, LINES, Door
from measure import HERE, MissingError, pin

HOST = "127.0.0.1"

# Seconds that a server has to start.
STARTING = 20.0

# Without limits on what is said how fast, nor on connections from one place.
NGIRCD = """\
[Global]
Name = chat.localhost
Info = chat
Listen = {host}
Ports = {port}
ServerUID = nobody
ServerGID = nogroup
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
"""
INSPIRCD = """\
<config format="xml">
<server name="chat.localhost" description="chat" network="chat" id="001">
<admin name="admin" nick="admin" email="admin@localhost">
<bind address="{host}" port="{port}" type="clients">
<connect allow="*" timeout="60" pingfreq="3600" recvq="1M" softsendq="50M"
 hardsendq="100M" threshold="100000000" commandrate="100000000" fakelag="no"
 localmax="100000" globalmax="100000" limit="100000" resolvehostnames="no"
 useident="no" maxconnwarn="no">
<performance somaxconn="1024" softlimit="100000" clonesonconnect="no">
"""


class Kind(NamedTuple):
    """A server that is compared.

    @ivar coming: how many may come at once; more than its backlog have to wait for
        seconds until they are let in.
    """

    door: Door
    coming: int = 256


KINDS = {
    "documented": Kind(EXAMPLE),
    "asyncio": Kind(EXAMPLE),
    "line": Kind(LINES),
    "lean-line": Kind(LINES),
    "irc": Kind(IRC),
    "lean-irc": Kind(IRC),
    "ngircd": Kind(IRC, 8),
    "inspircd": Kind(IRC),
}


def program(name: str) -> str:
    """Where a program is.

    @raise MissingError: it is not installed.
    """
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise MissingError(f"{name} is not installed")
    return found


def _command(name: str, port: int, folder: str) -> list[str]:
    path = Path(folder) / f"{name}.conf"
    if name == "ngircd":
        path.write_text(NGIRCD.format(host=HOST, port=port))
        return [program(name), "-n", "-f", str(path)]
    if name == "inspircd":
        path.write_text(INSPIRCD.format(host=HOST, port=port))
        asRoot = ["--runasroot"] if os.geteuid() == 0 else []
        return [program(name), "--nofork", "--nopid", *asRoot, f"--config={path}"]
    return [sys.executable, str(HERE / "chatpeers.py"), name, str(port)]


class ChatServer:
    """A chat on the first core.

    @ivar door: how one gets in.
    @ivar coming: how many may come at once.
    @raise MissingError: it is not installed, or does not start.
    """

    def __init__(self, name: str, folder: str) -> None:
        with socket.create_server((HOST, 0)) as server:
            self.port: int = server.getsockname()[1]
        self.door, self.coming = KINDS[name].door, KINDS[name].coming
        self._process = subprocess.Popen(
            _command(name, self.port, folder),
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: pin(0),
        )
        self._waitForIt(name)

    def cpu(self) -> float:
        """Seconds of CPU that all its threads have used so far."""
        used = 0
        for task in Path(f"/proc/{self._process.pid}/task").iterdir():
            used += int((task / "schedstat").read_text().split()[0])
        return used / 1e9

    def memory(self, field: str = "VmRSS") -> int:
        """Octets of memory: C{VmRSS}, or C{VmHWM}, the most of it so far."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(field))
        return int(line.split()[1]) * 1024

    def forgetPeak(self) -> None:
        """Let C{VmHWM} begin anew."""
        Path(f"/proc/{self._process.pid}/clear_refs").write_text("5")

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()

    def _waitForIt(self, name: str) -> None:
        end = time.perf_counter() + STARTING
        while time.perf_counter() < end and self._process.poll() is None:
            with suppress(OSError), socket.create_connection((HOST, self.port), 1):
                return
            time.sleep(0.05)
        self.stop()
        raise MissingError(f"{name} does not start")


@contextmanager
def chats(names: Sequence[str]) -> Iterator[dict[str, ChatServer]]:
    """Servers by name; whoever is not installed is named and left out."""
    servers: dict[str, ChatServer] = {}
    with TemporaryDirectory() as folder:
        try:
            Path(folder).chmod(0o755)
            for name in names:
                try:
                    servers[name] = ChatServer(name, folder)
                except MissingError as missing:
                    print(f"skipped: {name}: {missing}", file=sys.stderr)
            yield servers
        finally:
            for server in servers.values():
                server.stop()
