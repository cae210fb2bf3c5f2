"""C{twistd chat}: its options, and what it makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.internet.testing import MemoryReactorClock
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.strictness import StrictTransport
from protocols.chat.opening import isInUse
from protocols.chat.options import MAX_MOTD_LINE
from protocols.chat.storeschema import Lock
from protocols.chat.tap import Options, makeService
from tests.folders import folderFor


class OptionsTests(SynchronousTestCase):
    def parsed(self, *words: str) -> Any:
        options = Options()
        options.parseOptions(words)
        return options

    def test_service(self) -> None:
        options = self.parsed("--greeting=Hi\x1b!", "--room=tea")
        service: Any = makeService(options, MemoryReactorClock())
        factory = service.getServiceNamed("chat").factory
        self.assertEqual((factory.greeting, factory.firstRoom), ("Hi^[!", "#tea"))
        self.assertEqual(options.limits.maxPerPeer, 16)

    def test_mistake(self) -> None:
        with self.assertRaisesRegex(UsageError, "--room 'a b': a name does not"):
            self.parsed("--room=a b")

    def test_mistakes(self) -> None:
        folder = folderFor(self)
        long = Path(folder) / "long"
        long.write_text("x" * (MAX_MOTD_LINE + 1))
        for words, said in {
            ("--irc=tcp:x",): "--irc",
            ("--web=nothing:1",): "--web",
            ("--web-origin=chat.example",): "--web-origin: expected an origin",
            ("--motd=/nowhere/motd",): "--motd /nowhere/motd: No such file",
            (f"--motd={long}",): "at most 100 lines of 400 octets",
            ("--auth=/nowhere",): "--auth",
            ("--operators=/nowhere",): "--operators",
            ("--webirc-from=10.0.0.0/8",): "need each other",
            ("--webirc-from=x", "--webirc-password=y"): "--webirc-from",
            ("--line-rate=0",): "--line-rate",
            ("--workers=2",): "--workers: needs a --backplane",
            ("--backplane=nothing",): "--backplane",
            ("--keep-days=-1",): "--keep-days",
            ("--hosts=nobody",): "--hosts: expected account or address",
            ("--sts=x",): "--sts: expected PORT",
            ("--server-name=a b",): "--server-name: expected a name such as",
            ("--server-name=a\nb",): "--server-name: expected a name such as",
            ("--server-name=",): "--server-name: expected a name such as",
            ("--network=a b",): "--network: expected one word, not 'a b'",
            ("--network=",): "--network: expected one word",
        }.items():
            with self.assertRaisesRegex(UsageError, said):
                self.parsed(*words)

    def test_nothing(self) -> None:
        """As of a variable that is not set: the door must not stand open then."""
        for name in ("store", "auth", "operators", "audit", "backplane", "password"):
            with self.assertRaisesRegex(UsageError, f"^--{name}: it is empty$"):
                self.parsed(f"--{name}=")

    def test_texts(self) -> None:
        names = {
            "--server-name=irc.example.org": "server-name",
            "--network=Ä1": "network",
        }
        for word, name in names.items():
            self.assertEqual(self.parsed(word)[name], word.partition("=")[2])
        self.assertEqual(self.parsed("--description=a\r\nb")["description"], "a^M^Jb")

    def test_doors(self) -> None:
        """All share the rooms, and the store is closed after the last of them."""
        options = self.parsed("--irc=tcp:0", "--web=tcp:0", "--network=Net")
        service: Any = makeService(options, MemoryReactorClock())
        chat = service.getServiceNamed("chat").factory
        irc = service.getServiceNamed("irc").factory
        web = service.getServiceNamed("web").factory
        self.assertIs(chat.lobby, irc.lobby)
        self.assertIs(web.inner.lobby, irc.lobby)
        self.assertEqual(irc.network, "Net")
        closed: list[bool] = []
        self.patch(chat.records.store, "close", lambda: closed.append(True))
        for factory in (chat, irc):
            factory.drained()
        self.assertEqual(closed, [])
        web.drained()
        self.assertEqual(closed, [True])

    def test_hostsAndSts(self) -> None:
        for words, shows, policy in (
            ((), True, None),
            (("--hosts=address", "--sts=6697,0"), False, StrictTransport(6697, 0)),
        ):
            options = self.parsed("--irc=tcp:0", *words)
            service: Any = makeService(options, MemoryReactorClock())
            irc = service.getServiceNamed("irc").factory
            self.assertEqual((irc.house.showsAccounts, irc.sts), (shows, policy))

    def test_theMessageOfTheDayIsReadAgain(self) -> None:
        path = Path(folderFor(self)) / "motd"
        path.write_text("one\n")
        options = self.parsed("--irc=tcp:0", f"--motd={path}")
        service: Any = makeService(options, MemoryReactorClock())
        irc = service.getServiceNamed("irc").factory
        path.write_text("two\n")
        service.getServiceNamed("chat").factory.reload()
        self.assertEqual(irc.motd, ("two",))
        path.unlink()
        service.getServiceNamed("chat").factory.reload()
        self.assertEqual(irc.motd, ("two",))

    def test_storeThatCannotBeOpened(self) -> None:
        path = Path(folderFor(self)) / "chat"
        path.write_text("this is no database")
        options = self.parsed(f"--store={path}")
        with self.assertRaisesRegex(SystemExit, "^chat: --store .*chat: file is not"):
            makeService(options, MemoryReactorClock())
        options = self.parsed("--audit=/nowhere/audit")
        said = "^chat: --audit /nowhere/audit: No such file or directory$"
        with self.assertRaisesRegex(SystemExit, said):
            makeService(options, MemoryReactorClock())

    def test_inUse(self) -> None:
        path = str(Path(folderFor(self)) / "chat")
        self.assertFalse(isInUse(path))
        lock = Lock(path)
        self.assertTrue(isInUse(path))
        lock.release()
        self.assertFalse(isInUse(path))
        self.assertFalse(isInUse("/nowhere/chat"))
