"""What C{docs/testing-mail.md} shows, done."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.smtpinbox import SMTPInbox
from tests.smtp.pages import DOCS, shownOn

PAGE = DOCS / "testing-mail.md"


class PageTests(SynchronousTestCase):
    def test_eachTest(self) -> None:
        names = shownOn(PAGE)
        tests = [name for name in names if name.startswith("test_")]
        self.assertEqual(len(tests), 2)
        for name in tests:
            with SMTPInbox() as inbox:
                names[name](inbox)

    def test_withoutPytest(self) -> None:
        self.assertEqual(shownOn(PAGE)["checkWelcome"](), "Welcome")
