"""Several processes of one machine that have the chat's file together. Pure.

They are one chat over a backplane, which gives each posting its number; so whoever
receives it writes it, and the number keeps it from being there twice. SQLite does
the rest: what one process commits is one whole for the others.

What it can't do: its WAL is memory that processes share (SQLite, "Write-Ahead
Logging", 1), so they are on one machine, and the file is on a disk of that machine.
"""

from __future__ import annotations

import fcntl
import os
import platform
import re
from time import sleep

from protocols.chat.storeschema import InUseError, Lock

# Milliseconds that a thread waits for its turn to write: each of 16 processes
# writes for some milliseconds, twenty times a second, and one prunes for 50.
SHARED_BUSY_TIMEOUT = 5000

# How often, and with how many seconds between, somebody is waited for who opens the
# file at the same time: that takes tens of milliseconds.
TRIES = 100
PAUSE = 0.02

# Of a lock's file, what is read: a machine and a place.
MAX_TAG = 1000

# File systems on which locks or shared memory are another machine's, or nobody's.
_NETWORKED = re.compile(
    "9p|afs|beegfs|ceph|cifs|coda|gfs2|glusterfs|gpfs|lustre|nfs4?|ocfs2|prl_fs|smb3"
    "|smbfs|vboxsf|virtiofs|vmhgfs|fuse[.](sshfs|gluster|ceph|rclone|s3|vmhgfs|smb).*"
)
_MOUNTS = "/proc/self/mountinfo"
_BOOT = "/proc/sys/kernel/random/boot_id"


def whyNotShared(path: str, mounts: str = _MOUNTS) -> str:
    """Why processes can't share a file there; nothing if they can.

    @param mounts: a file as proc_pid_mountinfo(5) describes it. Where there is
        none it is not known, and believed.
    """
    kind = _fileSystemOf(os.path.realpath(path), mounts)
    if _NETWORKED.fullmatch(kind):
        return f"{kind} is no local disk, and processes can share a file only on one"
    return ""


def _fileSystemOf(path: str, mounts: str) -> str:
    """The kind of the one mounted last of those with the longest name."""
    longest, found = "", ""
    try:
        with open(mounts, encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                words, _, kind = line.partition(" - ")
                point = _unescaped(words.split()[4])
                isAbove = f"{path}/".startswith(f"{point.rstrip('/')}/")
                if isAbove and len(point) >= len(longest):
                    longest, found = point, kind.split()[0]
    except (OSError, IndexError):
        return ""
    return found


def _unescaped(point: str) -> str:
    """Blanks and the like stand there as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), point)


def machine() -> str:
    """What no other machine is called, nor this one after it has started again."""
    try:
        with open(_BOOT, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return platform.node()


class SharedLock:
    """Keeps a file for the processes of one chat, on one machine.

    The first one has it alone until it calls L{share}, for it may have to make the
    tables; and says in the lock's file who may come. See L{Lock}, which keeps them
    all out, and is kept out by them.

    @param chat: where the processes meet; without secrets.
    @raise InUseError: somebody else has it.
    @raise OSError: it can't be locked.
    """

    def __init__(self, path: str, chat: str, tries: int = TRIES) -> None:
        self._tag = f"{machine()} {chat}"[:MAX_TAG].encode()
        self._tries = tries
        self._file = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if self._lock(fcntl.LOCK_EX, fcntl.LOCK_SH) == fcntl.LOCK_EX:
                os.ftruncate(self._file, 0)
                os.pwrite(self._file, self._tag, 0)
            self._check()
        except BaseException:
            self.release()
            raise

    def share(self) -> None:
        """Let the others come in.

        @raise InUseError: somebody else has it, after all.
        """
        self._lock(fcntl.LOCK_SH)
        self._check()

    def release(self) -> None:
        """Not to be locked any more."""
        os.close(self._file)

    def _lock(self, *kinds: int) -> int:
        """Have the first kind that can be had."""
        for _ in range(self._tries):
            for kind in kinds:
                try:
                    fcntl.flock(self._file, kind | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                return kind
            sleep(PAUSE)
        raise InUseError("another process has it open, for itself")

    def _check(self) -> None:
        """Whether those who have it are this chat's."""
        there = os.pread(self._file, MAX_TAG, 0)
        if there == self._tag:
            return
        where, _, chat = there.decode(errors="replace").partition(" ")
        if where != machine():
            raise InUseError("another machine has it open")
        raise InUseError(f"processes that meet at another place have it open: {chat}")


class Turn:
    """Whose turn it is to prune: who had it first has it until its end.

    @param path: of the file.
    """

    def __init__(self, path: str) -> None:
        self._path = f"{path}.pruning"
        self._lock: Lock | None = None

    def isOurs(self) -> bool:
        """Whether it is this process's."""
        if self._lock is None:
            try:
                self._lock = Lock(self._path)
            except (InUseError, OSError):
                return False
        return True

    def release(self) -> None:
        """Let another one."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None
