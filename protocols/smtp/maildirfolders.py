"""A Maildir on the disk: how a message comes into it and goes again.

A message is written whole to C{tmp}, is on the disk, and then gets its name in
C{new} by a rename, which is there or is not; so who reads sees no part of one.
Its envelope is a file of its own in C{envelopes}, on the disk before that.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from protocols.smtp.maildirnames import folderOf, inboxOf, numberOf, uniqueOf

# Seconds after which a file in tmp is nobody's (D. J. Bernstein, "Using maildir
# format": 36 hours).
ABANDONED = 36 * 3600.0

# Octets that are copied at once, see L{protocols.smtp.bodyfiles.PIECE}.
PIECE = 1 << 18

ENVELOPES = "envelopes"

# New is made last and looked at first: where it is, the others are.
_PARTS = ("tmp", "cur", "new")


@dataclass
class Entry:
    """A message in a Maildir.

    @ivar unique: its unique name.
    @ivar number: from that; higher for one that came later.
    @ivar size: octets of its content.
    @ivar places: its file, in each inbox where it is.
    """

    unique: str
    number: int
    size: int
    places: dict[str, Path] = field(default_factory=dict)


class Folders:
    """A Maildir with an inbox in each subfolder, and the first in itself.

    @param folder: its path.
    """

    def __init__(self, folder: str) -> None:
        self.path = Path(folder)

    def make(self) -> None:
        """Make what is not there of it, for its owner alone.

        @raise OSError: it can't be made.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in (*_PARTS, ENVELOPES):
            (self.path / part).mkdir(mode=0o700, exist_ok=True)
        sync(self.path)

    def write(self, part: str, name: str, source: IO[bytes], size: int) -> None:
        """Copy C{source} to the disk, into C{tmp} or L{ENVELOPES}.

        @param size: octets that it has.
        @raise OSError: it can't be written.
        @raise ValueError: C{source} was closed meanwhile, or is shorter.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with open(os.open(self.path / part / name, flags, 0o600), "wb") as file:
            while piece := source.read(PIECE):
                file.write(piece)
            if file.tell() != size:
                raise ValueError("the content is not whole")
            file.flush()
            os.fsync(file.fileno())

    def place(self, temporary: str, unique: str, inboxes: Iterable[str]) -> set[Path]:
        """Give what is in C{tmp} its name in each inbox.

        @return: the folders that have to be synced before it is kept.
        @raise OSError: it can't be.
        """
        source = self.path / "tmp" / temporary
        targets = [self._makeInbox(inbox) / "new" for inbox in inboxes]
        for target in targets[1:]:
            os.link(source, target / unique)
        source.rename(targets[0] / unique)
        return set(targets)

    def discard(self, temporary: str) -> None:
        """Remove from C{tmp} what came to nothing."""
        with suppress(OSError):
            (self.path / "tmp" / temporary).unlink()

    def remove(self, entry: Entry) -> bool:
        """Remove a message; whether it was there."""
        there = False
        for path in entry.places.values():
            with suppress(FileNotFoundError):
                path.unlink()
                there = True
        with suppress(OSError):
            self.envelopeOf(entry.unique).unlink()
        return there

    def undo(self, unique: str, inboxes: Iterable[str]) -> None:
        """Remove a message that came to nothing, whatever there is of it."""
        for inbox in inboxes:
            with suppress(OSError):
                (self.path / folderOf(inbox) / "new" / unique).unlink()
        with suppress(OSError):
            self.envelopeOf(unique).unlink()

    def envelopeOf(self, unique: str) -> Path:
        """Where the envelope of a message is."""
        return self.path / ENVELOPES / f"{unique}.json"

    def entries(self) -> list[Entry]:
        """All messages, by their numbers."""
        found: dict[str, Entry] = {}
        for folder in ("", *self._subfolders()):
            # New first: what moves to cur meanwhile is seen twice, not missed.
            for part in ("new", "cur"):
                for path, facts in _files(self.path / folder / part):
                    unique = uniqueOf(path.name)
                    if unique not in found:
                        number = numberOf(unique, facts.st_mtime_ns)
                        found[unique] = Entry(unique, number, facts.st_size)
                    found[unique].places[inboxOf(folder)] = path
        return _apart(found.values())

    def sweep(self, now: float) -> None:
        """Remove what was abandoned: parts in tmp, envelopes of no message.

        @param now: seconds since 1970.
        """
        there = {entry.unique for entry in self.entries()}
        old = now - ABANDONED
        for path, facts in _files(self.path / ENVELOPES):
            if facts.st_mtime < old and path.name.removesuffix(".json") not in there:
                path.unlink(missing_ok=True)
        for folder in ("", *self._subfolders()):
            for path, facts in _files(self.path / folder / "tmp"):
                if facts.st_mtime < old:
                    path.unlink(missing_ok=True)

    def _makeInbox(self, inbox: str) -> Path:
        """The folder of an inbox.

        What it is in is not made anew: where it has gone, so has the disk.
        """
        folder = self.path / folderOf(inbox)
        if folder != self.path and not (folder / "new").is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)
            # Maildir++ marks a subfolder so.
            (folder / "maildirfolder").touch(mode=0o600)
            for part in _PARTS:
                (folder / part).mkdir(mode=0o700, exist_ok=True)
            sync(folder)
            sync(self.path)
        return folder

    def _subfolders(self) -> Iterator[str]:
        for name in sorted(os.listdir(self.path)):
            if len(name) > 1 and name[0] == "." and (self.path / name / "new").is_dir():
                yield name


def sync(folder: Path) -> None:
    """Have the names in a folder on the disk.

    @raise OSError: it can't be.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Files, and what is known of each."""
    with suppress(FileNotFoundError), os.scandir(folder) as found:
        for each in found:
            with suppress(FileNotFoundError):
                if not each.name.startswith(".") and each.is_file():
                    yield Path(each.path), each.stat()


def _apart(entries: Iterable[Entry]) -> list[Entry]:
    """Sorted, and no number twice, however others have named theirs."""
    ordered = sorted(entries, key=lambda entry: (entry.number, entry.unique))
    last = 0
    for entry in ordered:
        entry.number = last = max(last + 1, entry.number)
    return ordered
