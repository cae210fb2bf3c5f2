"""What C{docs/smtp.md} shows, done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp import interfaces
from protocols.smtp.tap import Options
from protocols.testing import converse
from tests.folders import folderFor
from tests.smtp.conversations import DATA, EHLO, ENVELOPE, answers, factoryWith
from tests.smtp.pages import DOCS, shownOn

PAGE = DOCS / "smtp.md"


def shown() -> dict[str, Any]:
    """The names that the page's Python makes."""
    return shownOn(PAGE)


class PageTests(SynchronousTestCase):
    def test_delivery(self) -> None:
        factory = factoryWith(shown()["NoSpam"]())
        bad, good = b"a lottery\r\n.\r\n", b"a letter\r\n.\r\n"
        heard = answers(
            EHLO, ENVELOPE, DATA, bad, ENVELOPE, DATA, good, factory=factory
        )
        self.assertEqual([heard[4], heard[-1]], ["550 5.7.1", "250 2.0.0"])

    def test_recipients(self) -> None:
        factory = factoryWith(shown()["OurDomain"]())
        more = b"RCPT TO:<c@z.example>\r\nRCPT TO:<Postmaster>\r\n"
        heard = answers(EHLO, ENVELOPE, more, factory=factory)
        self.assertEqual(heard[2:], ["250 2.1.5", "550 5.1.2", "250 2.1.5"])

    def test_verb(self) -> None:
        factory = factoryWith()
        factory.protocol = shown()["Timed"]
        heard = answers(EHLO, b"XTIME\r\nXTIME x\r\n", factory=factory)
        self.assertEqual(heard, ["250", "250 2.0.0", "501 5.5.4"])
        self.assertIn(b"-HELP\r\n250 XTIME\r\n", converse(factory, EHLO).written)
        mail = ENVELOPE.replace(b"x.example>", b"x.example> XBEFORE=7")
        answers(EHLO, mail, DATA, b".\r\n", factory=factory)
        (message,) = factory.delivery.messages
        self.assertEqual(message.envelope.parameters.others, {"XBEFORE": 7.0})

    def test_logins(self) -> None:
        path = Path(folderFor(self), "passwords")
        path.write_text("ann:secret\n")
        factory = factoryWith(loginInClear=True)
        factory.authenticator = shown()["authenticatorOf"](str(path))
        heard = answers(EHLO, b"AUTH PLAIN AGFubgBzZWNyZXQ=\r\n", factory=factory)
        self.assertEqual(heard[-1], "235 2.7.0")

    def test_addons(self) -> None:
        """The page names each add-on."""
        for name in interfaces.__all__:
            if name.startswith("I") and name not in ("IDelivery", "IStored"):
                self.assertIn(f"`{name}`", PAGE.read_text())

    def test_options(self) -> None:
        """The page names each option that is the receiver's own."""
        flags = Options.__dict__["optFlags"]
        for name, *_ in (
            *Options.__dict__["optParameters"],
            *flags,
            ["lmtp"],
            ["inbox"],
            ["fault"],
        ):
            self.assertIn(f"| `--{name}` |", PAGE.read_text())
