"""Reading a Maildir: from any thread, beside any mail program."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import parseaddr
from io import BytesIO
from typing import IO, Any

from protocols.smtp.maildirfolders import Entry, Folders
from protocols.smtp.maildirnames import folderOf, inboxOf
from protocols.smtp.message import Envelope
from protocols.smtp.reading import EVERYTHING, HEADER_ROOM, Query, Stored, subjectOf
from protocols.smtp.rows import COLUMNS, envelopeOf, rowOf


class MaildirReader:
    """Reads, and deletes from, a Maildir.

    A L{protocols.smtp.reading.MailStore}. What other programs have put there is
    read as well: its envelope is that of its Return-Path and Delivered-To lines.

    @param folder: its path.
    @raise FileNotFoundError: there is none.
    """

    def __init__(self, folder: str) -> None:
        self.path = folder
        self._folders = Folders(folder)
        os.listdir(self._folders.path / "new")

    def find(self, query: Query = EVERYTHING) -> list[Stored]:
        """The messages that are meant, oldest first."""
        wanted = query.inbox and inboxOf(folderOf(query.inbox))
        found = []
        for entry in self._folders.entries():
            if entry.number > query.after and (not wanted or wanted in entry.places):
                stored = self._read(entry)
                if stored is not None and query.matches(stored):
                    found.append(stored)
        return found

    def open(self, number: int) -> IO[bytes]:
        """The content of the message of that number, octet for octet.

        @raise KeyError: there is none.
        """
        for entry in self._folders.entries():
            if entry.number == number and (file := self._open(entry)):
                return file
        raise KeyError(number)

    def content(self, number: int) -> bytes:
        """The same, as octets.

        @raise KeyError: there is none.
        """
        with self.open(number) as file:
            return file.read()

    def delete(self, numbers: Iterable[int]) -> int:
        """Forget messages for good; how many there were of them."""
        meant = set(numbers)
        gone = [each for each in self._folders.entries() if each.number in meant]
        return sum(map(self._folders.remove, gone))

    def close(self) -> Any:
        """There is nothing open."""

    def _open(self, entry: Entry) -> IO[bytes] | None:
        """Its file, which a mail program may be moving; C{None} if it is gone."""
        for path in entry.places.values():
            try:
                return open(path, "rb")
            except FileNotFoundError:
                continue
        for again in self._folders.entries():
            if again.unique == entry.unique and again.places != entry.places:
                return self._open(again)
        return None

    def _read(self, entry: Entry) -> Stored | None:
        file = self._open(entry)
        if file is None:
            return None
        with file:
            start = file.read(HEADER_ROOM)
            facts = os.fstat(file.fileno())
        try:
            about = json.loads(self._folders.envelopeOf(entry.unique).read_bytes())
            envelope = read(about)
        except (OSError, ValueError, KeyError, TypeError):
            about, envelope = {}, _guessed(start, facts.st_mtime)
        named = {inboxOf(folderOf(name)): name for name in about.get("inboxes", ())}
        inboxes = tuple(sorted(named.get(place, place) for place in entry.places))
        lint = frozenset(about.get("lint", "").split())
        subject = subjectOf(start)
        return Stored(entry.number, envelope, facts.st_size, lint, inboxes, subject)


def written(
    envelope: Envelope, size: int, lint: frozenset[str], inboxes: tuple[str, ...]
) -> bytes:
    """What the file of an envelope holds: JSON."""
    facts: dict[str, Any] = dict(zip(COLUMNS, rowOf(envelope, size, lint), strict=True))
    facts.update(recipients=envelope.recipients, inboxes=inboxes)
    return json.dumps(facts).encode()


def read(about: Mapping[str, Any]) -> Envelope:
    """The envelope that L{written} wrote.

    @raise KeyError: something is missing.
    """
    return envelopeOf([about[name] for name in COLUMNS], tuple(about["recipients"]))


def _guessed(start: bytes, modified: float) -> Envelope:
    """The envelope of a message that another program has put there."""
    header = BytesHeaderParser(policy=compat32).parse(BytesIO(start))
    sender = parseaddr(str(header.get("Return-Path", "")))[1]
    to = [parseaddr(str(each))[1] for each in header.get_all("Delivered-To", ())]
    return Envelope(sender, tuple(filter(None, to)), receivedAt=modified)
