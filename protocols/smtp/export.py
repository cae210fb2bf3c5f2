"""Mail that was kept, as files that other programs read."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from shutil import copyfileobj, rmtree
from time import asctime, gmtime
from typing import IO, Any

from protocols.smtp.reading import Stored

# A line that mbox would take for the beginning of a message (mboxrd).
_FROM = re.compile(rb"^(>*From )", re.MULTILINE)


class ExportError(Exception):
    """Nothing was exported; the text is one line."""


def exportMail(form: str, store: Any, messages: Iterable[Stored], target: str) -> int:
    """Write messages to C{target}, which must not exist yet.

    It is there whole or not at all.

    @param form: C{mbox}, C{maildir} or C{eml}.
    @param store: a L{protocols.smtp.reading.MailStore}.
    @param target: a file for mbox, a folder for the others.
    @return: how many they were.
    @raise ExportError: C{target} is there, or can't be written.
    """
    if os.path.lexists(target):
        raise ExportError(f"{target!r} is there already")
    draft = f"{target}.{os.getpid()}.part"
    try:
        count = FORMS[form](Path(draft), store, messages)
        os.rename(draft, target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExportError(f"can't write {target!r}: {reason}") from None
    finally:
        _remove(draft)
    return count


def _mbox(path: Path, store: Any, messages: Iterable[Stored]) -> int:
    """mboxrd: C{From } at the beginning of a line is quoted, and so is what looks
    quoted. Lines end with LF, as they do in such files.
    """
    every = list(messages)
    with open(path, "xb") as file:
        for stored in every:
            sender = stored.envelope.sender.replace(" ", "_") or "MAILER-DAEMON"
            when = asctime(gmtime(stored.envelope.receivedAt))
            file.write(f"From {sender} {when}\n".encode())
            with store.open(stored.id) as content:
                text = content.read().replace(b"\r\n", b"\n")
            file.write(_FROM.sub(rb">\1", text))
            file.write(b"\n" if text.endswith(b"\n") else b"\n\n")
        _sync(file)
    return len(every)


def _maildir(path: Path, store: Any, messages: Iterable[Stored]) -> int:
    for name in ("tmp", "new", "cur"):
        (path / name).mkdir(parents=True)
    return _files(path / "new", "{time}.{id}.txprotocols", store, messages)


def _eml(path: Path, store: Any, messages: Iterable[Stored]) -> int:
    path.mkdir()
    return _files(path, "{id}.eml", store, messages)


def _files(folder: Path, pattern: str, store: Any, messages: Iterable[Stored]) -> int:
    """A file for each, octet for octet."""
    every = list(messages)
    for stored in every:
        time = int(stored.envelope.receivedAt)
        name = pattern.format(id=stored.id, time=time)
        with store.open(stored.id) as content, open(folder / name, "xb") as file:
            copyfileobj(content, file)
            _sync(file)
    return len(every)


def _sync(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _remove(path: str) -> None:
    if os.path.isdir(path):
        rmtree(path, ignore_errors=True)
    elif os.path.exists(path):
        os.unlink(path)


FORMS: dict[str, Callable[[Path, Any, Iterable[Stored]], int]] = {
    "mbox": _mbox,
    "maildir": _maildir,
    "eml": _eml,
}
