"""C{twistd smtp}: its options, and what it makes of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

from twisted.internet.testing import MemoryReactorClock
from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from protocols.certificates import developmentCertificate
from protocols.sasl import PasswordFileError
from protocols.smtp import DiscardingDelivery, LMTPProtocol, MemoryDelivery
from protocols.smtp.faulty import FaultyProtocol
from protocols.smtp.message import Envelope, Message
from protocols.smtp.policy import Policy, PolicyError
from protocols.smtp.retention import Retention
from protocols.smtp.store import SQLiteDelivery
from protocols.smtp.tap import Options, makeService
from protocols.testing.certificates import selfSigned
from tests.folders import folderFor


def parsed(*words: str) -> Any:
    options = Options()
    options.parseOptions(words)
    return options


def factoryOf(options: Any) -> Any:
    service: Any = makeService(options, MemoryReactorClock())
    return service.getServiceNamed("smtp").factory


class OptionsTests(SynchronousTestCase):
    def test_policy(self) -> None:
        words = "--hostname=mx.example --max-size=7 --max-recipients=100"
        factory = factoryOf(parsed(*words.split(), "--line-endings=record"))
        self.assertEqual(factory.policy, Policy("mx.example", 7, 100, "record"))
        self.assertIsInstance(factory.delivery, MemoryDelivery)

    def test_store(self) -> None:
        path = os.path.join(folderFor(self), "mail.sqlite")
        factory = factoryOf(parsed(f"--store={path}"))
        self.assertIsInstance(factory.delivery, SQLiteDelivery)
        self.successResultOf(factory.drained())

    def test_storeThatCanNotBe(self) -> None:
        """One line that names the option, and no traceback."""
        options = parsed("--store=/dev/null/mail.sqlite")
        with self.assertRaises(SystemExit) as caught:
            factoryOf(options)
        self.assertRegex(
            str(caught.exception), "^smtp: --store '/dev/null/mail.sqlite': "
        )

    def test_mistakes(self) -> None:
        for word, complaint in {
            "--max-size=0": "--max-size: expected",
            "--max-recipients=99": "--max-recipients: expected",
            "--line-endings=lax": "--line-endings: line endings are one of",
            "--hostname=mx\nexample": "--hostname: ",
            "--lmtp=tcp:x": "--lmtp: port 'x' is not",
            "--starttls=/dev/null": "--starttls: '/dev/null' holds no private key",
            "--auth=/nowhere": "--auth: ",
            "--auth=any": "--auth: logins are offered under TLS: give --starttls",
            "--pop3=tcp:7110": "--pop3: needs --auth",
            "--inbox=x": "--inbox: 'x' is not of the form",
            "--fault=RCPT": "--fault: 'RCPT': nothing happens",
            "--keep-days=0": "--keep-days: expected a number of days",
            "--require-tls": "--require-tls: needs --starttls",
            "--require-login": "--require-login: needs --auth",
        }.items():
            with self.assertRaisesRegex(UsageError, complaint):
                parsed(word)

    def test_logins(self) -> None:
        factory = factoryOf(parsed("--auth=any", "--login-in-clear"))
        self.assertIn("PLAIN", factory.authenticator.mechanisms)
        self.assertTrue(factory.policy.loginInClear)
        path = Path(folderFor(self), "passwords")
        path.write_text("ann:secret\n")
        certificate = Path(folderFor(self), "mx.pem")
        certificate.write_bytes(selfSigned("mx.example"))
        factory = factoryOf(parsed(f"--auth={path}", f"--starttls={certificate}"))
        self.assertIn("SCRAM-SHA-256", factory.authenticator.mechanisms)
        self.assertIsNotNone(factory.tls)
        factory.reload()
        path.write_text("ann\n")
        self.assertRaises(PasswordFileError, factory.reload)

    def test_developmentCertificate(self) -> None:
        with patch.dict("os.environ", XDG_DATA_HOME=folderFor(self)):
            self.assertIsNotNone(parsed("--starttls=development").tls)
            self.assertTrue(developmentCertificate().exists())

    def test_lmtp(self) -> None:
        """The delivery is closed when both have finished, and not before."""
        path = os.path.join(folderFor(self), "mail.sqlite")
        demands = ("--auth=any", "--login-in-clear", "--require-login")
        words = (f"--store={path}", "--lmtp=tcp:7024", "--lmtp=tcp:7023", *demands)
        service: Any = makeService(parsed(*words), MemoryReactorClock())
        smtp, lmtp = (service.getServiceNamed(name) for name in ("smtp", "lmtp"))
        self.assertEqual(lmtp.descriptions, ["tcp:7024", "tcp:7023"])
        self.assertIs(smtp.factory.delivery, lmtp.factory.delivery)
        self.assertIs(lmtp.factory.protocol, LMTPProtocol)
        self.assertTrue(smtp.factory.policy.requireLogin)
        self.assertFalse(lmtp.factory.policy.requireLogin)
        smtp.factory.drained()
        self.assertFalse(smtp.factory.delivery.closed)
        lmtp.factory.drained()
        self.assertTrue(smtp.factory.delivery.closed)

    def test_pop3(self) -> None:
        words = ("--pop3=tcp:7110", "--auth=any", "--login-in-clear")
        service: Any = makeService(parsed(*words), MemoryReactorClock())
        smtp, pop3 = (service.getServiceNamed(name) for name in ("smtp", "pop3"))
        self.assertIs(pop3.factory._realm._store, smtp.factory.delivery)
        self.assertEqual(pop3.descriptions, ["tcp:7110"])
        with self.assertRaisesRegex(UsageError, "--pop3: needs"):
            parsed(*words, "--store=discard")

    def test_bounds(self) -> None:
        words = ("--keep-messages=2", "--keep-octets=100", "--keep-days=0.5")
        self.assertEqual(parsed(*words).retention, Retention(2, 43200.0, 100))
        self.assertIsNone(parsed().retention)
        delivery = factoryOf(parsed("--keep-messages=1", "--inbox=a=to:*")).delivery
        for _ in range(2):
            delivery.messageReceived(Message(Envelope("", ("b@y",)), b""))
        (stored,) = delivery.find()
        self.assertEqual((stored.id, stored.inboxes), (2, ("a",)))

    def test_faults(self) -> None:
        words = ("--fault=DATA reply=451", "--fault-seed=7", "--lmtp=tcp:7024")
        service: Any = makeService(parsed(*words), MemoryReactorClock())
        for name in ("smtp", "lmtp"):
            factory = service.getServiceNamed(name).factory
            self.assertTrue(issubclass(factory.protocol, FaultyProtocol))
            self.assertEqual(factory.faults.rules[0].moment, "DATA")
        self.assertFalse(issubclass(factoryOf(parsed()).protocol, FaultyProtocol))

    def test_nothingKept(self) -> None:
        delivery = factoryOf(parsed("--store=discard")).delivery
        self.assertIsInstance(delivery, DiscardingDelivery)

    def test_policyByItself(self) -> None:
        self.assertRaises(PolicyError, Policy, maxSize=0)
