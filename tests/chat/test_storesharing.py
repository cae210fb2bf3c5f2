"""L{protocols.chat.storesharing}: several processes, and one file."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat import opening, options, storesharing
from protocols.chat.options import Options
from protocols.chat.spans import Span
from protocols.chat.store import ChatStore
from protocols.chat.storeflushing import FLUSH_AFTER
from protocols.chat.storeinterface import StoreError
from protocols.chat.storepruning import PRUNE_EVERY, SLICE_PAUSE
from protocols.chat.storeretention import Retention
from protocols.chat.storerows import RESERVED
from protocols.chat.storeschema import InUseError, Lock
from protocols.chat.storesharing import SharedLock, machine, whyNotShared
from tests.chat.storefiles import FileTestCase
from tests.chat.stores import ids, outcome, posting
from tests.folders import folderFor

PLACE = "unix:/run/redis/0"

MOUNTS = r"""22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /srv/far rw - nfs4 host:/export rw
31 30 8:2 / /srv/far/near rw - xfs /dev/sdb1 rw
32 22 0:41 / /srv/two\040words rw - fuse.sshfs host:/ rw
33 22 0:42 / /srv/over rw - ext4 /dev/sdc1 rw
34 22 0:43 / /srv/over rw - cifs //host/share rw
"""


class Case(FileTestCase):
    """Stores of several processes, which are one here."""

    def shared(self, **more: Any) -> ChatStore:
        return self.open(sharedBy=PLACE, **more)

    def both(self) -> tuple[ChatStore, ChatStore]:
        return self.shared(), self.shared()

    def check(self) -> None:
        """The file is whole, and so is its index of words."""
        with closing(sqlite3.connect(self.path)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchall()
            self.assertEqual(found, [("ok",)])
            connection.execute(
                "INSERT INTO word (word, rank) VALUES ('integrity-check', 1)"
            )


class TogetherTests(Case):
    def test_once(self) -> None:
        """All write what all receive; it is there once, and both find it."""
        one, other = self.both()
        for number in range(1, 8):
            one.append(posting(number, f"word{number}"))
            if number < 6:
                other.append(posting(number, f"word{number}"))
            outcome((one if number % 2 else other).flush())
        self.clock.advance(FLUSH_AFTER)
        self.assertEqual(self.written(), list(range(1, 8)))
        for store in (one, other):
            self.assertEqual(self.page(store), list(range(1, 8)))
            self.assertEqual(ids(outcome(store.search(["#a"], "word3"))), [3])
        self.check()

    def test_whoIsKilled(self) -> None:
        """What it had not written, whoever else has heard it writes."""
        one, other = self.both()
        for store in (one, other):
            store.append(posting(1))
        self.clock.isSlow = True
        self.clock.advance(FLUSH_AFTER)
        self.assertEqual(self.written(), [])
        self.clock._work.popleft()
        self.clock.doWork()
        self.assertEqual(self.written(), [1])
        self.assertEqual(other.lastKept(), 0)
        self.assertEqual(self.shared().lastKept(), 1)

    def test_redacted(self) -> None:
        """Whoever writes it, it is gone in the end."""
        one, other = self.both()
        one.append(posting(1))
        one.redact(1)
        outcome(one.flush())
        other.append(posting(1))
        other.redact(1)
        self.assertEqual(self.page(other), [])
        outcome(other.flush())
        self.assertEqual(self.written(), [])
        self.assertEqual(self.shared().lastKept(), 1)
        self.check()

    def test_rooms(self) -> None:
        """What one saves the other finds; and so do marks and accounts."""
        one, other = self.both()
        one.saveRoom("#tea", {"topic": "x"})
        one.setReadMarker("ann", "#tea", 5.0)
        other.setReadMarker("ann", "#tea", 3.0)
        for store in (one, other):
            outcome(store.flush())
        self.assertEqual(other.room("#TEA"), ("#tea", {"topic": "x"}))
        self.assertEqual(outcome(other.readMarker("ann", "#tea")), 5.0)
        self.assertEqual(one.secretKey(), other.secretKey())

    def test_idsAreNotGivenTwice(self) -> None:
        one, other = self.both()
        self.assertEqual(one.highestId(), 0)
        self.assertEqual(other.highestId(), RESERVED)

    def test_manyWait(self) -> None:
        """A full disk for one, while the other has written: nothing is lost."""
        one, other = self.both()
        with closing(sqlite3.connect(self.path, isolation_level=None)) as lock:
            lock.execute("BEGIN IMMEDIATE")
            for store in (one, other):
                store._threads._connect = store._glance._connect
                for number in range(1, 4):
                    store.append(posting(number))
                self.assertRaises(StoreError, outcome, store.flush())
        self.clock.advance(1)
        self.assertEqual(self.written(), [1, 2, 3])
        self.check()


class PruningTests(Case):
    def test_oneDoesIt(self) -> None:
        """Who has begun; another one when that has ended."""
        kept = Retention(2, 0, 0)
        one, other = self.shared(retention=kept), self.shared(retention=kept)
        self.clock.advance(SLICE_PAUSE)
        self.assertTrue(one._turn and one._turn.isOurs())
        self.assertFalse(other._turn and other._turn.isOurs())
        for number in range(1, 5):
            other.append(posting(number))
        outcome(other.flush())
        self.clock.advance(PRUNE_EVERY)
        self.assertEqual(self.written(), [3, 4])
        outcome(one.close())
        for number in range(5, 7):
            other.append(posting(number))
        outcome(other.flush())
        self.clock.advance(PRUNE_EVERY)
        self.assertEqual(self.written(), [5, 6])
        self.check()


class LockTests(Case):
    def setUp(self) -> None:
        super().setUp()
        self.patch(storesharing, "PAUSE", 0)

    def refused(self, **more: Any) -> str:
        return str(self.assertRaises(StoreError, self.open, **more))

    def test_aloneOrTogether(self) -> None:
        alone = self.open()
        self.assertIn("has it open, for itself", self.refused(sharedBy=PLACE))
        outcome(alone.close())
        one, other = self.both()
        self.assertIn("another process has it open", self.refused())
        self.assertTrue(opening.isInUse(self.path))
        outcome(one.close())
        self.assertIn("another process has it open", self.refused())
        outcome(other.close())
        outcome(self.open().close())

    def test_anotherChat(self) -> None:
        """It would give the same numbers to other words."""
        store = self.shared()
        said = self.refused(sharedBy="redis:6379/1")
        self.assertIn(f"meet at another place have it open: {PLACE}", said)
        outcome(store.close())
        outcome(self.open(sharedBy="redis:6379/1").close())

    def test_anotherMachine(self) -> None:
        """Where locks reach farther than memory."""
        store = self.shared()
        self.patch(storesharing, "machine", lambda: "another")
        self.assertIn("another machine has it open", self.refused(sharedBy=PLACE))
        outcome(store.close())

    def test_theFirstMakesTheTables(self) -> None:
        """Nobody comes in until it says so; then nobody can have it alone."""
        os.makedirs(os.path.dirname(self.path))
        first = SharedLock(self.path, PLACE)
        self.assertRaises(InUseError, SharedLock, self.path, PLACE, 2)
        first.share()
        second = SharedLock(self.path, PLACE)
        second.share()
        self.assertRaises(InUseError, Lock, self.path)
        first.release()
        second.release()

    def test_overtaken(self) -> None:
        """Between having it alone and together somebody else may have it."""
        os.makedirs(os.path.dirname(self.path))
        first = SharedLock(self.path, PLACE, 2)
        fcntl.flock(first._file, fcntl.LOCK_UN)
        other = SharedLock(self.path, "elsewhere")
        self.assertRaises(InUseError, first.share)
        other.share()
        self.assertRaises(InUseError, first.share)
        for each in (first, other):
            each.release()


class PlaceTests(SynchronousTestCase):
    """Where processes can share a file."""

    def setUp(self) -> None:
        self.mounts = Path(folderFor(self)) / "mounts"
        self.mounts.write_text(MOUNTS)

    def test_fileSystems(self) -> None:
        for path, kind in {
            "/srv/chat.db": "",
            "/srv/farther/chat.db": "",
            "/srv/far/chat.db": "nfs4",
            "/srv/far/near/chat.db": "",
            "/srv/two words/chat.db": "fuse.sshfs",
            "/srv/over/chat.db": "cifs",
        }.items():
            why = whyNotShared(path, str(self.mounts))
            self.assertEqual(why.partition(" ")[0], kind, path)

    def test_unknown(self) -> None:
        """Where it can't be told, it is believed."""
        self.mounts.write_text("what is this")
        for mounts in (str(self.mounts), "/nowhere/mounts"):
            self.assertEqual(whyNotShared("/srv/far/chat.db", mounts), "")

    def test_here(self) -> None:
        self.assertEqual(whyNotShared(str(self.mounts)), "")
        self.assertTrue(machine())
        self.patch(storesharing, "_BOOT", "/nowhere/boot")
        self.assertTrue(machine())

    def test_workers(self) -> None:
        """Told by the first process, before any worker is there."""
        self.patch(options, "whyNotShared", lambda path: f"{path} is far away")
        words = ("--workers=2", f"--backplane={PLACE}", "--store=sqlite:/x")
        with self.assertRaisesRegex(UsageError, "--workers: --store /x: /x is far"):
            Options().parseOptions(words)

    def test_farAway(self) -> None:
        """One process may have a file there, for itself."""
        path = str(Path(folderFor(self)) / "chat.db")
        self.patch(opening, "whyNotShared", lambda path: "far away")
        from tests.chat.stores import ThreadClock

        store: Any = opening.openStore(path, ThreadClock(), Retention(), PLACE)
        self.assertRaises(InUseError, Lock, path)
        self.assertIsNone(store._turn)
        outcome(store.page("#a", Span.latest(1)))
        outcome(store.close())
