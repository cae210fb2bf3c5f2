"""L{protocols.smtp.parameters} and what the extensions add (RFC 5321, 4.1.1.11)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.extensions import STANDARD
from protocols.smtp.parameters import (
    MailParameters,
    Parameter,
    ParameterError,
    RecipientParameters,
    UnknownParameterError,
    decodeXtext,
    fieldsOf,
    readParameters,
)

MAIL = {word: known for each in STANDARD for word, known in each.mail.items()}
RCPT = {word: known for each in STANDARD for word, known in each.rcpt.items()}


def mail(text: str) -> MailParameters:
    return MailParameters(**fieldsOf(text, MAIL.get))


def rcpt(text: str) -> RecipientParameters:
    return RecipientParameters(**fieldsOf(text, RCPT.get))


class MailTests(SynchronousTestCase):
    def test_values(self) -> None:
        for text, expected in {
            "": MailParameters(),
            "SIZE=5": MailParameters(size=5),
            "size=5 body=8bitmime SMTPUTF8": MailParameters(5, "8BITMIME", True),
            "BODY=BINARYMIME": MailParameters(body="BINARYMIME"),
            "RET=hdrs ENVID=QQ+2B1+3D": MailParameters(ret="HDRS", envid="QQ+1="),
            "AUTH=<>": MailParameters(auth="<>"),
            "AUTH=e+3Dmc2@x.example": MailParameters(auth="e=mc2@x.example"),
            "REQUIRETLS": MailParameters(requireTLS=True),
        }.items():
            self.assertEqual(mail(text), expected, text)

    def test_malformed(self) -> None:
        for text in (
            *("SIZE", "SIZE=", "SIZE=-1", "SIZE=1x", "SIZE=" + "1" * 21),
            *("SIZE=1 SIZE=1", "BODY", "BODY=9BIT", "SMTPUTF8=1", "REQUIRETLS=1"),
            *("=1", "-A=1", "A=\x7f", "RET", "RET=SOME", "ENVID", "ENVID=+2b"),
            *("ENVID=+0A", "ENVID=+E9", "ENVID=" + "x" * 101, "AUTH", "AUTH=+2"),
        ):
            with self.assertRaises(ParameterError, msg=text):
                mail(text)

    def test_unknown(self) -> None:
        self.assertRaises(UnknownParameterError, mail, "SIZE=1 FOO=1")
        self.assertRaises(UnknownParameterError, mail, "NOTIFY=NEVER")


class RecipientTests(SynchronousTestCase):
    """RFC 3461, sections 4.1 and 4.2."""

    def test_values(self) -> None:
        for text, expected in {
            "NOTIFY=never": RecipientParameters(("NEVER",)),
            "NOTIFY=SUCCESS,delay": RecipientParameters(("SUCCESS", "DELAY")),
            "ORCPT=rfc822;b+2Bc@y": RecipientParameters(orcpt="rfc822;b+c@y"),
        }.items():
            self.assertEqual(rcpt(text), expected, text)

    def test_malformed(self) -> None:
        for text in (
            *("NOTIFY", "NOTIFY=NEVER,SUCCESS", "NOTIFY=SUCCESS,SUCCESS", "NOTIFY=,"),
            *("NOTIFY=SOMETIMES", "ORCPT", "ORCPT=b@y", "ORCPT=rfc822;"),
            *("ORCPT=;b@y", "ORCPT=rfc822;" + "x" * 500),
        ):
            with self.assertRaises(ParameterError, msg=text):
                rcpt(text)

    def test_unknown(self) -> None:
        self.assertRaises(UnknownParameterError, rcpt, "SIZE=1")


class OthersTests(SynchronousTestCase):
    def test_notOurs(self) -> None:
        """What a user's extension reads is found under its keyword."""
        known = {"MT-PRIORITY": Parameter(lambda value: int(value or 0))}
        fields = fieldsOf("mt-priority=3", known.get)
        self.assertEqual(MailParameters(**fields).others, {"MT-PRIORITY": 3})


class FuzzTests(SynchronousTestCase):
    @given(st.text() | st.text(alphabet="SIZEBODY=+0 ,;NOTIFYRCP", max_size=40))
    def test_onlyOneErrorEscapes(self, text: str) -> None:
        for read in (readParameters, mail, rcpt):
            try:
                read(text)
            except ParameterError as error:
                self.assertTrue(str(error))

    @given(st.text(alphabet=[chr(code) for code in range(32, 127)], min_size=1))
    def test_xtext(self, text: str) -> None:
        """Whatever can be printed comes back (RFC 3461, section 4)."""
        encoded = "".join(f"+{ord(c):02X}" if c in "+= " else c for c in text)
        self.assertEqual(decodeXtext("X", encoded), text)
