"""Large contents, each in a file of its own beside the store.

A file is whole and on the disk, its folder too, before the commit that names it;
so a name in the store is always that of a whole file. What a crash leaves behind
is named nowhere, and is swept up later.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import IO

# Octets that are copied at once: the reactor's thread goes on meanwhile, and so
# much memory is taken however large the content is.
PIECE = 1 << 18

# Seconds after which a file that nothing names is nobody's: no commit takes as
# long, of whichever process.
ABANDONED = 3600.0


class BodyFiles:
    """A folder of contents.

    @param folder: made when the first comes; for its owner alone.
    """

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    def newName(self) -> str:
        """A name that no file has."""
        return token_hex(16)

    def keep(self, name: str, source: IO[bytes], size: int) -> None:
        """Copy C{source} to the disk.

        @param size: octets that it has.
        @raise OSError: it can't be written.
        @raise ValueError: C{source} was closed meanwhile, or is shorter.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(
            self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600
        )
        with open(descriptor, "wb", buffering=0) as file:
            while piece := source.read(PIECE):
                file.write(piece)
            if file.tell() != size:
                raise ValueError("the content is not whole")
            os.fsync(descriptor)
        self._syncFolder()

    def open(self, name: str) -> IO[bytes]:
        """The content of that name.

        @raise FileNotFoundError: there is none.
        """
        return open(self._folder / name, "rb")

    def delete(self, name: str) -> None:
        """Remove a content; one that is not there is no mistake."""
        with suppress(OSError):
            (self._folder / name).unlink()

    def sweep(self, isNamed: Callable[[str], bool], now: float) -> int:
        """Remove what nothing names and is old; how many there were.

        @param isNamed: whether the store names a file.
        @param now: seconds since 1970.
        """
        swept = 0
        for path in self._files():
            with suppress(OSError):
                old = now - path.stat().st_mtime > ABANDONED
                if old and not isNamed(path.name):
                    path.unlink()
                    swept += 1
        return swept

    def _files(self) -> list[Path]:
        try:
            return list(self._folder.iterdir())
        except OSError:
            return []

    def _syncFolder(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
