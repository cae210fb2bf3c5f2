"""L{protocols.sasl.passwordfile}: who is known, and what is shown of it."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import md5
from pathlib import Path
from typing import Any

from twisted.cred.credentials import (
    IUsernameHashedPassword,
    IUsernamePassword,
    UsernamePassword,
)
from twisted.cred.error import UnauthorizedLogin
from twisted.internet.testing import MemoryReactorClock
from twisted.mail.pop3 import APOPCredentials
from twisted.trial.unittest import SynchronousTestCase

from protocols.sasl import (
    IScramCredentials,
    PasswordFile,
    PasswordFileError,
    ScramRecord,
    secretFor,
)
from protocols.sasl.credentials import CramCredentials
from tests.folders import folderFor
from tests.sasl.logins import authenticator, login, outcome, passwordFile, scramLogin

SECRET = secretFor("pencil", iterations=5000)


class FileTests(SynchronousTestCase):
    def test_interfaces(self) -> None:
        """A digest can be checked only with the password itself."""
        plain = passwordFile(self, "ann:secret").credentialInterfaces
        mixed = passwordFile(self, "ann:secret", f"bob:{SECRET}").credentialInterfaces
        self.assertEqual(mixed, (IScramCredentials, IUsernamePassword))
        self.assertEqual(set(plain) - set(mixed), {IUsernameHashedPassword})

    def test_reload(self) -> None:
        path = Path(folderFor(self), "passwords")
        path.write_text("ann:old\n")
        checker = PasswordFile(path)
        server = authenticator(checker)
        path.write_text("ann:new\n")
        self.assertEqual(login(server.begin("PLAIN"), b"\0ann\0old"), ["ann"])
        checker.reload()
        self.assertEqual(login(server.begin("PLAIN"), b"\0ann\0new"), ["ann"])
        self.assertEqual(scramLogin(server, b"ann", b"new"), "ann")
        path.write_text("ann\n")
        self.assertRaises(PasswordFileError, checker.reload)
        self.assertEqual(login(server.begin("PLAIN"), b"\0ann\0new"), ["ann"])

    def test_digestOfNothing(self) -> None:
        """A name that had a password, and now has a secret, has no digest."""
        path = Path(folderFor(self), "passwords")
        path.write_text("ann:old\n")
        checker = PasswordFile(path)
        path.write_text(f"ann:{SECRET}\n")
        checker.reload()
        for password in (b"old", b"", b"\0", b"pencil"):
            digest = CramCredentials(b"ann", b"", b"")
            digest.checkPassword = password.__eq__  # type: ignore[method-assign]
            asked = checker.requestAvatarId(digest)
            self.assertRaises(UnauthorizedLogin, outcome, asked)

    def test_unreadable(self) -> None:
        path = Path(folderFor(self), "passwords")
        error = self.assertRaises(PasswordFileError, PasswordFile, path)
        self.assertIn("No such file", str(error))
        path.write_bytes(b"\xef\xbb\xbfann:secret\nbob:\xff\n")
        error = self.assertRaises(PasswordFileError, PasswordFile, path)
        self.assertEqual(str(error), "line 2: it is not UTF-8")
        self.assertNotIn("secret", repr(error.__context__))

    def test_secretsAreNotShown(self) -> None:
        shown = repr(passwordFile(self, "ann:secret", f"bob:{SECRET}"))
        self.assertRegex(shown, r"\A<PasswordFile '.*passwords', 2 names>\Z")

    def test_decoys(self) -> None:
        """The salts of unknown names outlast a restart, if they are to."""

        def asked(name: bytes, **keywords: Any) -> bytes:
            server = authenticator(passwordFile(self, f"ann:{SECRET}", **keywords))
            first = b"n,,n=%b,r=x" % name
            found = outcome(server.begin("SCRAM-SHA-256").step(first))
            return bytes(found.data.split(b",", 1)[1])

        self.assertEqual(asked(b"eve", decoyKey=b"k"), asked(b"eve", decoyKey=b"k"))
        self.assertNotEqual(asked(b"eve"), asked(b"eve"))
        self.assertTrue(asked(b"eve").endswith(b",i=5000"))


class LoginTests(SynchronousTestCase):
    def asks(self, checker: PasswordFile, name: bytes, password: bytes) -> Any:
        return checker.requestAvatarId(UsernamePassword(name, password))

    def test_passwords(self) -> None:
        for lines in (("ann:pencil",), ("ann:pencil", f"bob:{SECRET}")):
            checker = passwordFile(self, *lines)
            self.assertEqual(outcome(self.asks(checker, b"ann", b"pencil")), b"ann")
            for name, password in (
                *((b"ann", b"x"), (b"eve", b"pencil"), (b"eve", b""), (b"", b"")),
                *((b"ann", b"\xff"), (b"\xff", b"pencil"), (b"ann", b"")),
            ):
                asked = self.asks(checker, name, password)
                self.assertRaises(UnauthorizedLogin, outcome, asked)

    def test_apop(self) -> None:
        """Credentials of Twisted's POP3, which are digests too."""
        checker = passwordFile(self, "ann:pencil")
        for password, name in ((b"pencil", b"ann"), (b"pen", b"ann"), (b"", b"eve")):
            digest: Any = md5(b"<1@x>" + password).hexdigest()
            asked = checker.requestAvatarId(APOPCredentials(b"<1@x>", name, digest))
            if password == b"pencil":
                self.assertEqual(outcome(asked), b"ann")
            else:
                self.assertRaises(UnauthorizedLogin, outcome, asked)

    def test_sameWorkForAll(self) -> None:
        """Where a secret is derived for one, one is for everybody."""
        derived: list[int] = []
        derive = ScramRecord.derive

        def counted(password: str, salt: bytes, iterations: int) -> ScramRecord:
            derived.append(iterations)
            return derive(password, salt, iterations)

        checker = passwordFile(self, "ann:pencil", f"bob:{SECRET}")
        self.patch(ScramRecord, "derive", staticmethod(counted))
        for name in (b"ann", b"bob", b"eve", b"\xff"):
            self.failureResultOf(self.asks(checker, name, b"x"), UnauthorizedLogin)
        self.assertEqual(derived, [5000] * 4)


class ThreadTests(SynchronousTestCase):
    def test_derivedInThePool(self) -> None:
        """With a reactor, its own thread derives nothing."""
        waiting: list[Callable[[], None]] = []

        class Pool:
            def callInThreadWithCallback(
                self, done: Any, function: Any, *args: Any
            ) -> None:
                waiting.append(lambda: done(True, function(*args)))

        class Reactor(MemoryReactorClock):
            def getThreadPool(self) -> Pool:
                return Pool()

            def callFromThread(self, function: Any, *args: Any) -> None:
                function(*args)

        checker = passwordFile(self, f"ann:{SECRET}", reactor=Reactor())
        asked = checker.requestAvatarId(UsernamePassword(b"ann", b"pencil"))
        self.assertNoResult(asked)
        waiting.pop()()
        self.assertEqual(outcome(asked), b"ann")
