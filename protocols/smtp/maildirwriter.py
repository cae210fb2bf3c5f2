"""The thread that writes a Maildir, and syncs its folders once for all who wait."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from secrets import token_hex
from typing import IO, Any

from twisted.python.failure import Failure

from protocols.smtp.maildirfolders import ENVELOPES, Folders, sync
from protocols.smtp.maildirnames import Names
from protocols.smtp.maildirreader import written
from protocols.smtp.message import Message
from protocols.smtp.writer import GroupWriter, Job


class Letter:
    """A message on its way into the Maildir: copied, named, placed, synced.

    @ivar number: which it has got.
    """

    number = 0

    def __init__(
        self, folders: Folders, message: Message, inboxes: tuple[str, ...]
    ) -> None:
        self._folders = folders
        self._size = message.size
        self._inboxes = inboxes
        self._about = written(message.envelope, message.size, message.lint, inboxes)
        self._temporary = token_hex(16)
        self._unique = ""

    def copy(self, source: IO[bytes]) -> None:
        """Write the content.

        @raise OSError: it can't be written.
        @raise ValueError: C{source} was closed meanwhile.
        """
        self._folders.write("tmp", self._temporary, source, self._size)

    def name(self, names: Names, now: float) -> None:
        """Number it, when nobody can come before it any more; write its envelope.

        @raise OSError: it can't be written.
        """
        self.number, self._unique = names.next(now, self._size)
        name = self._folders.envelopeOf(self._unique).name
        self._folders.write(ENVELOPES, name, BytesIO(self._about), len(self._about))

    def place(self) -> set[Path]:
        """Let it be seen; the folders to be synced then."""
        return self._folders.place(self._temporary, self._unique, self._inboxes)

    def undo(self) -> None:
        """Nothing of it stays."""
        self._folders.discard(self._temporary)
        if self._unique:
            self._folders.undo(self._unique, self._inboxes)


class MaildirWriter(GroupWriter):
    """Runs jobs whose C{write} gives a L{Letter} to be placed, or C{None}.

    @param afterwards: is called when a group is kept.
    """

    def __init__(
        self,
        folders: Folders,
        call: Callable[..., object],
        afterwards: Callable[[], None],
    ) -> None:
        self._folders = folders
        self._afterwards = afterwards
        super().__init__(_unconnected, call)

    def _written(self, group: list[Job]) -> list[Any]:
        """A fault is that of one message, until the folders are synced."""
        letters = [_tried(job, job.write, None) for job in group]
        sync(self._folders.path / ENVELOPES)
        touched: set[Path] = set()
        for place, (job, letter) in enumerate(zip(group, letters, strict=True)):
            if isinstance(letter, Letter):
                placed = _tried(job, letter.place)
                if isinstance(placed, Failure):
                    letters[place] = placed
                else:
                    touched |= placed
        for folder in touched:
            sync(folder)
        self._keepInBounds()
        return [getattr(letter, "number", letter) for letter in letters]

    def _keepInBounds(self) -> None:
        """What can't be deleted now is deleted another time."""
        try:
            self._afterwards()
        except OSError as error:
            self.log.warn("Old mail can't be deleted: {error}", error=error)


def _tried(job: Job, function: Callable[..., Any], *args: object) -> Any:
    try:
        return function(*args)
    except Exception:  # noqa: BLE001 - whoever waits has to be answered
        job.undo()
        return Failure()


def _unconnected() -> Any:
    """A folder has no connection."""
