"""The services of one file, and what becomes of them when the file changes."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from twisted.application.service import IService, MultiService
from twisted.logger import Logger

from protocols.config import ConfigError, ServiceConfig, SuiteConfig
from protocols.options import ListenOptions
from protocols.process import servicesBelow

# Keys that a reload takes over; every other one needs a restart.
LIMIT_KEYS = frozenset({row[0] for row in ListenOptions.optParameters} | {"exempt"})


class DataDirError(SystemExit):
    """Data can not be kept where it should; the text is one line for the user."""


class SuiteService(MultiService):
    """Every service that a file names, in one.

    @param read: Reads and checks the file; called again at each reload.
    @param reactor: For the services; None for the one of the process.
    @ivar config: The file as it was when the services were made.
    @raise ConfigError: The file can not be used.
    @raise SystemExit: What it names can not be had.
    """

    log = Logger()

    def __init__(self, read: Callable[[], SuiteConfig], reactor: Any = None) -> None:
        super().__init__()
        self.setName("suite")
        self._read = read
        self.config = read()
        if self.config.keepsIn is not None:
            makeDataDir(self.config.keepsIn)
        self._made: dict[str, tuple[ServiceConfig, IService]] = {}
        for config in self.config.services:
            service: Any = config.makeService(reactor)
            service.setName(config.name)
            service.setServiceParent(self)
            self._made[config.name] = (config, service)

    def made(self) -> Iterator[tuple[ServiceConfig, IService]]:
        """Each table of the file with its service, in the order of the file."""
        yield from self._made.values()

    def reload(self) -> None:
        """Read the file again and go by its limits.

        A file that can not be used changes nothing, and the log says why.  What
        only a restart can change is logged, and stays as it was.
        """
        try:
            config = self._read()
        except ConfigError as error:
            self.log.error("{reason}; all stays as it was", reason=str(error))
            return
        fresh = {each.name: each for each in config.services}
        for name in sorted(fresh.keys() ^ self._made.keys()):
            self._needsRestart(name, "the table")
        for name, (old, service) in self._made.items():
            if name in fresh:
                self._update(old, fresh[name], service)
        self.log.info("{file} was read again", file=config.file)

    def _update(self, old: ServiceConfig, new: ServiceConfig, service: Any) -> None:
        changed = {key for key in new.options if new.options[key] != old.options[key]}
        for key in sorted(changed - LIMIT_KEYS):
            self._needsRestart(old.name, key)
        options: Any = new.options
        for each in servicesBelow(service):
            if hasattr(each, "setLimits"):
                each.setLimits(options.limits)

    def _needsRestart(self, name: str, key: str) -> None:
        self.log.warn(
            "{name}: {key} has changed: restart to use it", name=name, key=key
        )


def makeDataDir(path: str) -> None:
    """See to it that there is a directory that we can write to.

    @raise DataDirError: There is not.
    """
    directory = Path(path)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        writable = os.access(directory, os.W_OK | os.X_OK)
        reason = "" if writable else os.strerror(errno.EACCES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
    if reason:
        raise DataDirError(
            f"{directory} can not be written: {reason}: choose another with --data-dir"
        )
