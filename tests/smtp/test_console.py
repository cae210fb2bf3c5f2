"""C{protocols mail}: what is said, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

from twisted.trial.unittest import SynchronousTestCase

from protocols.__main__ import main
from protocols.smtp.message import Envelope, Message
from protocols.smtp.reading import Query, StoreError
from protocols.smtp.store import SQLiteDelivery
from protocols.smtp.watching import waitForNext
from tests.folders import folderFor
from tests.smtp.queues import ThreadCalls

ROOT = Path(__file__).parents[2]
CONTENT = b"Subject: %b\r\n\r\n\xe9\0\r\n"


class ConsoleCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = folderFor(self)
        self.path = os.path.join(self.folder, "mail.sqlite")
        self.calls = ThreadCalls()
        self.store = SQLiteDelivery(self.path, self.calls)
        self.addCleanup(self.store.close)
        for name in (b"one", b"two", b"three"):
            self.deliver(name)

    def deliver(self, subject: bytes) -> None:
        to = f"{subject.decode()}@y"
        message = Message(Envelope("a@x", (to,)), CONTENT % subject)
        done = self.store.messageReceived(message)
        self.calls.makeUntil(done)

    def mail(self, *words: str) -> tuple[int, str, str]:
        """The exit status, and what was said where."""
        out, error = TextIOWrapper(BytesIO(), "utf-8"), StringIO()
        with redirect_stdout(out), redirect_stderr(error):
            try:
                status = main(["mail", "--store", self.path, *words])
            except SystemExit as end:
                status = int(str(end.code))
        out.flush()
        self.octets = out.buffer.getvalue()  # type: ignore[attr-defined]
        return status, self.octets.decode(errors="replace"), error.getvalue()


class ReadingTests(ConsoleCase):
    def test_list(self) -> None:
        status, out, _ = self.mail("list")
        self.assertEqual((status, len(out.splitlines())), (0, 4))
        status, out, _ = self.mail("list", "--subject", "T", "--after", "2", "--json")
        (facts,) = map(json.loads, out.splitlines())
        self.assertEqual((status, facts["id"]), (0, 3))
        self.assertEqual(self.mail("list", "--to", "nobody"), (1, "", ""))

    def test_show(self) -> None:
        status, out, _ = self.mail("show", "2")
        self.assertEqual(status, 0)
        self.assertIn("Subject: two", out)

    def test_raw(self) -> None:
        self.assertEqual(self.mail("raw", "2")[0], 0)
        self.assertEqual(self.octets, CONTENT % b"two")

    def test_export(self) -> None:
        target = os.path.join(self.folder, "out")
        words = ("export", "--format", "eml", "--output", target, "--to", "two@*")
        self.assertEqual(self.mail(*words)[:2], (0, f"1 exported to {target}\n"))
        self.assertEqual(Path(target, "2.eml").read_bytes(), CONTENT % b"two")
        self.assertIn("is there already", self.mail(*words)[2])

    def test_delete(self) -> None:
        self.assertEqual(self.mail("delete", "2", "9"), (0, "1 deleted\n", ""))
        self.assertEqual(self.mail("delete", "2")[0], 1)
        self.assertEqual(self.mail("delete", "--to", "one@*")[1], "1 deleted\n")
        self.assertEqual([stored.id for stored in self.store.find()], [3])
        self.assertEqual(self.mail("delete", "--all")[1], "1 deleted\n")


class MistakeTests(ConsoleCase):
    """One line that names what is wrong, and no traceback."""

    def test_mistakes(self) -> None:
        for words, complaint in {
            ("raw", "9"): "there is no message 9",
            ("show", "9"): "there is no message 9",
            ("raw", "x"): "argument ID: invalid int value: 'x'",
            ("delete",): "delete: which?",
            ("delete", "1", "--all"): "delete: which?",
            ("list", "--after", "x"): "--after",
            ("export",): "--output",
            ("export", "--format", "doc", "--output", "x"): "--format",
            ("hello",): "'hello'",
            (): "COMMAND",
        }.items():
            status, _, error = self.mail(*words)
            self.assertEqual(status, 2, words)
            self.assertIn(complaint, error)
            self.assertNotIn("Traceback", error)

    def test_store(self) -> None:
        self.path = os.path.join(self.folder, "none")
        self.assertIn("is there any mail yet?", self.mail("list")[2])
        Path(self.path).write_bytes(b"not a database" * 100)
        status, _, error = self.mail("list")
        self.assertEqual((status, error.count("\n")), (2, 1))
        self.assertIn("not a database", error)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "none-wal")))

    def test_faultWhileReading(self) -> None:
        with patch(
            "protocols.smtp.reader.SQLiteReader.find", side_effect=OSError(5, "x")
        ):
            status, _, error = self.mail("list")
        self.assertEqual((status, error.count("\n")), (2, 1))

    def test_noPasswordIsShown(self) -> None:
        """A store that goes away while it is read is named without its URL."""
        for fault in (StoreError("the server is away"), OSError(5, "x")):
            store = Mock()
            store.find.side_effect = fault
            self.path = "postgresql://ann:secret@127.0.0.1/mail"
            with patch("protocols.smtp.console.openReader", return_value=store):
                status, _, error = self.mail("list")
            self.assertEqual((status, error.count("\n")), (2, 1))
            self.assertNotIn("secret", error)

    def test_interrupted(self) -> None:
        find = "protocols.smtp.reader.SQLiteReader.find"
        with patch(find, side_effect=KeyboardInterrupt):
            self.assertEqual(self.mail("list")[0], 130)

    def test_brokenPipe(self) -> None:
        """C{protocols mail raw 1 | head -c 0}."""
        for number in range(5):
            self.deliver(b"x" * 60_000 + b"%d" % number)
        words = [
            sys.executable,
            "-m",
            "protocols",
            "mail",
            "--store",
            self.path,
            "list",
        ]
        running = subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert running.stdout is not None
        running.stdout.close()
        _, error = running.communicate(timeout=30)
        self.assertEqual((running.returncode, error), (0, b""))


class WaitTests(ConsoleCase):
    def test_there(self) -> None:
        status, out, _ = self.mail("wait", "--to", "two@*", "--json")
        self.assertEqual((status, json.loads(out)["id"]), (0, 2))

    def test_otherStores(self) -> None:
        """What does not count its commits is looked at each time."""
        looks = iter([[], [], ["mail"]])

        class Store:
            def find(self, query: Query) -> Any:
                return next(looks)

        with patch("protocols.smtp.watching.time.sleep"):
            found: Any = waitForNext(Store(), Query(), 30.0)
        self.assertEqual(found, "mail")

    def test_none(self) -> None:
        status, out, error = self.mail("wait", "--to", "x", "--timeout", "0.01")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("none within 0.01 s", error)

    def test_comes(self) -> None:
        """It is looked for only when somebody has committed."""
        looked: list[int] = []
        find, sleeps = self.store.find, iter(range(100))

        def sleep(seconds: float) -> None:
            if next(sleeps) == 3:
                self.deliver(b"four")

        def counted(query: Query) -> Any:
            looked.append(1)
            return find(query)

        with patch("protocols.smtp.watching.time.sleep", sleep):
            with patch.object(self.store, "find", counted):
                stored = waitForNext(self.store, Query(subject="four"), 30.0)
        assert stored is not None
        self.assertEqual((stored.id, len(looked)), (4, 2))
