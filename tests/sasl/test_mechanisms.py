"""PLAIN, LOGIN and CRAM-MD5, against clients that we did not write as well."""

from __future__ import annotations

import smtplib
from base64 import b64decode, b64encode
from typing import Any

from twisted.cred.error import UnauthorizedLogin
from twisted.trial.unittest import SynchronousTestCase

from protocols.sasl import MAX_RESPONSE, Authenticator, Challenge, SASLError, portalFor
from protocols.sasl.mechanisms import CramExchange
from tests.sasl.logins import authenticator, login, outcome, passwordFile


def smtplibLogin(
    server: Authenticator, name: str, password: str = "secret", early: bool = True
) -> int:
    """The code with which the standard library's client comes out of its AUTH.

    @param early: whether it may send an initial response.
    """
    client: Any = smtplib.SMTP()
    client.user, client.password = "ann", password
    exchange = server.begin(name)

    def docmd(command: str, argument: str = "") -> tuple[int, bytes]:
        encoded = argument.partition(" ")[2] if command == "AUTH" else command
        begins = command == "AUTH" and not encoded
        try:
            found = outcome(exchange.step(None if begins else b64decode(encoded)))
        except UnauthorizedLogin:
            return 535, b""
        if isinstance(found, Challenge):
            return 334, b64encode(found.data)
        return 235, b""

    client.docmd = docmd
    method = getattr(client, "auth_" + name.lower().replace("-", "_"))
    try:
        return int(client.auth(name, method, initial_response_ok=early)[0])
    except smtplib.SMTPAuthenticationError as error:
        return error.smtp_code


class MechanismCase(SynchronousTestCase):
    name = ""

    def setUp(self) -> None:
        lines = ("ann:secret", "j\u00fcrgen:gr\u00fcn", "a b:c d")
        self.server = authenticator(passwordFile(self, *lines))

    def said(self, *responses: bytes | None) -> list[Any]:
        return login(self.server.begin(self.name), *responses)

    def refused(self, *responses: bytes | None) -> None:
        self.assertRaises(UnauthorizedLogin, self.said, *responses)

    def malformed(self, *responses: bytes | None) -> None:
        error = self.assertRaises(SASLError, self.said, *responses)
        self.assertNotIn("secret", f"{error!r} {error.__context__!r}")


class PlainTests(MechanismCase):
    """RFC 4616."""

    name = "PLAIN"

    def test_right(self) -> None:
        for response in (b"\0ann\0secret", b"ann\0ann\0secret"):
            self.assertEqual(self.said(response), ["ann"])
            self.assertEqual(self.said(None, response), [b"", "ann"])

    def test_prepared(self) -> None:
        """Section 2: SASLprep, however it was composed."""
        response = "\0j\u00fcrgen\0gru\u0308n".encode()
        self.assertEqual(self.said(response), ["j\u00fcrgen"])

    def test_wrong(self) -> None:
        self.refused(b"\0ann\0wrong")
        self.refused(b"\0bob\0secret")
        self.refused(b"\0Ann\0secret")
        self.refused(b"\0a\x07\0secret")
        self.refused(b"\0ann\0secret\x07")

    def test_asSomebodyElse(self) -> None:
        """Section 2: there is nobody who may, even with the right password."""
        self.refused(b"bob\0ann\0secret")
        self.refused(b"\x07\0ann\0secret")

    def test_malformed(self) -> None:
        for response in (
            *(b"", b"secret", b"\0secret", b"\0ann\0", b"\0\0secret", b"a\0b\0c\0"),
            *(b"\0\xff\0secret", b"\0ann\0secret\xff", b"\xff\0ann\0secret"),
        ):
            self.malformed(response)

    def test_length(self) -> None:
        """RFC 4954, section 4: 12,288 octets of base64."""
        self.assertEqual(MAX_RESPONSE, 9216)
        self.refused(b"\0ann\0".ljust(MAX_RESPONSE, b"x"))
        self.malformed(b"\0ann\0".ljust(MAX_RESPONSE + 1, b"x"))


class LoginTests(MechanismCase):
    name = "LOGIN"

    def test_right(self) -> None:
        said = [b"Username:", b"Password:", "ann"]
        self.assertEqual(self.said(None, b"ann", b"secret"), said)
        self.assertEqual(self.said(b"ann", b"secret"), said[1:])
        self.assertEqual(self.said(b"a b", b"c d")[-1], "a b")

    def test_wrong(self) -> None:
        """The name alone tells nothing."""
        self.refused(b"ann", b"wrong")
        self.refused(b"bob", b"secret")
        self.refused(b"\x07", b"secret")
        self.refused(b"ann", b"\x07")

    def test_malformed(self) -> None:
        for name in (b"", b"an\0n", b"\xff"):
            self.malformed(name)
        for password in (b"", b"secret\0", b"\xffsecret", None):
            self.malformed(b"ann", password)

    def test_nothingBehindTheEnd(self) -> None:
        self.malformed(b"ann", b"secret", b"secret")


class CramTests(MechanismCase):
    """RFC 2195."""

    name = "CRAM-MD5"

    def test_exampleOfTheRFC(self) -> None:
        """Section 2."""
        challenge = b"<1896.697170952@postoffice.reston.mci.net>"
        checker = passwordFile(self, "tim:tanstaaftanstaaf")
        exchange = CramExchange(portalFor(checker), challenge)
        said = login(exchange, None, b"tim b913a602c7eda7a495b4e6e7334d3890")
        self.assertEqual(said, [challenge, "tim"])

    def test_challenges(self) -> None:
        """Each is new."""
        asked = [self.said(None)[0] for _ in range(9)]
        self.assertEqual(len(set(asked)), 9)
        for challenge in asked:
            self.assertRegex(challenge, rb"\A<\d+\.\d+@mx\.example>\Z")

    def test_serverFirst(self) -> None:
        """RFC 4954, section 4: no initial response where the server begins."""
        self.malformed(b"ann secret")

    def test_wrong(self) -> None:
        for name in (b"ann", b"bob", b"a b", b"\x07"):
            self.refused(None, name + b" " + b"0" * 32)

    def test_malformed(self) -> None:
        digest = b"0" * 32
        for response in (
            *(b"", b"ann secret", digest, b" " + digest, b"\xff " + digest),
            *(b"ann " + digest[1:], b"ann " + b"A" * 32, b"ann " + digest + b"\n"),
        ):
            self.malformed(None, response)


class ClientTests(SynchronousTestCase):
    def test_smtplib(self) -> None:
        server = authenticator(passwordFile(self, "ann:secret"))
        for name in ("PLAIN", "LOGIN", "CRAM-MD5"):
            for early in (True, False):
                self.assertEqual(smtplibLogin(server, name, early=early), 235)
                self.assertEqual(smtplibLogin(server, name, "wrong", early), 535)

    def test_clientFirst(self) -> None:
        server: Authenticator = authenticator(passwordFile(self, "ann:secret"))
        first = {name: server.begin(name).clientFirst for name in server.mechanisms}
        self.assertEqual([name for name in first if not first[name]], ["CRAM-MD5"])
