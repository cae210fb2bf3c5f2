"""How a worker is started: a fresh Python, which finds what it needs open."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from protocols.listening import parseDescription
from protocols.workersockets import SharedPort
from protocols.workertask import FIRST_DESCRIPTOR, Task

MODULE = "protocols.workerprocess"

# What systemd tells the first process, and not who is started by it.
_NOT_FOR_WORKERS = {
    *("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"),
    *("LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"),
}


class Launch:
    """Starts workers, each with its number.

    @param tapname: of the C{IServiceMaker} whose service they run.
    @param arguments: the command line of that service.
    @param folder: where it was given.
    @param count: how many workers there are.
    @param reactor: an C{IReactorProcess}; workers have one of its kind.
    """

    def __init__(
        self,
        tapname: str,
        arguments: Sequence[str],
        folder: str,
        count: int,
        reactor: Any,
    ) -> None:
        self._tapname = tapname
        self._arguments = list(arguments)
        self._folder = folder
        self.count = count
        self._reactor = reactor

    def taskOf(
        self, number: int, ports: Sequence[SharedPort]
    ) -> tuple[Task, dict[int, int | str]]:
        """The task of a worker, and its descriptors, as C{spawnProcess} wants them."""
        names = systemdNames([port.key for port in ports])
        channel = FIRST_DESCRIPTOR + len(names)
        descriptors: dict[int, int | str] = {0: "w", 1: "r", 2: "r", channel: "r"}
        sockets: dict[str, list[int]] = {}
        for port in ports:
            if _isFromSystemd(port.key):
                place = FIRST_DESCRIPTOR + systemdPlace(port.key, names)
            else:
                place = max(descriptors) + 1
                sockets.setdefault(port.key, []).append(place)
            descriptors[place] = port.descriptorOf(number)
        return self._task(number, channel, sockets, names), descriptors

    def _task(
        self,
        number: int,
        channel: int,
        sockets: dict[str, list[int]],
        systemd: list[str],
    ) -> Task:
        return Task(
            number=number,
            count=self.count,
            tapname=self._tapname,
            arguments=self._arguments,
            reactor=type(self._reactor).__module__,
            path=sys.path,
            folder=self._folder,
            pythonPath=os.environ.get("PYTHONPATH"),
            channel=channel,
            sockets=sockets,
            systemd=systemd,
        )

    def start(self, protocol: Any, descriptors: Mapping[int, int | str]) -> None:
        """Start a worker, whose task is C{protocol.task}."""
        task = protocol.task
        shown = [self._tapname, f"{task.number}/{task.count}"]
        self._reactor.spawnProcess(
            protocol,
            sys.executable,
            [sys.executable, "-m", MODULE, *shown],
            env=environmentOf(os.environ),
            childFDs=dict(descriptors),
        )


def environmentOf(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a worker: it finds modules where we do."""
    kept = {
        name: value
        for name, value in environment.items()
        if name not in _NOT_FOR_WORKERS
    }
    return {**kept, "PYTHONPATH": os.pathsep.join(sys.path)}


def systemdNames(keys: Sequence[str]) -> list[str]:
    """Names of sockets from systemd, by place, so that descriptions which speak of
    an index or of a name mean what they mean to us.
    """
    asked = [parseDescription(key).named for key in keys if _isFromSystemd(key)]
    indexes = [int(named["index"]) for named in asked if "index" in named]
    names = ["unknown"] * (max(indexes) + 1 if indexes else 0)
    return names + [named["name"] for named in asked if "name" in named]


def systemdPlace(key: str, names: Sequence[str]) -> int:
    """Where among C{names} the socket of a description is."""
    named = parseDescription(key).named
    return int(named["index"]) if "index" in named else names.index(named["name"])


def _isFromSystemd(key: str) -> bool:
    return key.startswith("systemd:")
