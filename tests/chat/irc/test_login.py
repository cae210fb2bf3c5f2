"""AUTHENTICATE (IRCv3's sasl-3.1 and sasl-3.2; RFC 4616, RFC 5802)."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from typing import Any

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.trial.unittest import SynchronousTestCase

from protocols.backoff import FAILURES_AT_ONCE
from protocols.chat.irc.login import CHUNK, MAX_FAILED
from protocols.sasl import Authenticator, portalFor
from tests.chat.irc.clients import Client, commands, irc, only, withAccounts
from tests.chat.stores import outcome
from tests.sasl.logins import proofOf


def base64(octets: bytes) -> str:
    return b64encode(octets).decode()


PLAIN = base64(b"\0Ann\0pencil")


class LoginTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = withAccounts()
        accounts: Any = self.factory.accounts
        outcome(accounts.register("Ann", "pencil"))
        self.client = self.opened()

    def opened(self) -> Client:
        """Somebody who is about to log in."""
        client = Client(self.factory)
        client.says("CAP LS 302", "CAP REQ sasl", "NICK ann", "USER a 0 * :Ann")
        return client

    def begin(self, mechanism: str = "PLAIN") -> None:
        self.assertEqual(
            self.client.says(f"AUTHENTICATE {mechanism}"), ["AUTHENTICATE +"]
        )


class PlainTests(LoginTestCase):
    """RFC 4616."""

    def test_offered(self) -> None:
        """sasl-3.2: the mechanisms are the capability's value."""
        said = " ".join(self.client.says("CAP LS 302")).replace(":", " ")
        self.assertIn(" sasl=SCRAM-SHA-256,PLAIN ", said.replace(",LOGIN", "") + " ")

    def test_loggedIn(self) -> None:
        self.begin()
        self.assertEqual(
            self.client.says(f"AUTHENTICATE {PLAIN}"),
            [
                ":irc.example 900 * *!~a@Ann.account Ann :You are now logged in as Ann",
                ":irc.example 903 * :SASL authentication successful",
            ],
        )
        self.assertEqual(commands(self.client.says("CAP END"))[0], "001")
        self.assertEqual(self.client.protocol.account, "Ann")

    def test_nameIsHeld(self) -> None:
        """A name with an account is for who has logged in; others may choose again."""
        self.assertEqual(commands(self.client.says("CAP END")), ["433"])
        self.assertEqual(commands(self.client.says("NICK anna"))[0], "001")
        self.assertEqual(commands(self.client.says("NICK Ann")), ["433"])

    def test_afterwards(self) -> None:
        """sasl-3.1: also who is registered logs in; account-notify tells others."""
        ann = Client(self.factory, "anna", "sasl")
        bob = Client(self.factory, "bob", "account-notify extended-join account-tag")
        for client in (ann, bob):
            client.says("JOIN #tea")
        ann.says("AUTHENTICATE PLAIN", f"AUTHENTICATE {PLAIN}")
        self.assertEqual(bob.hears()[-1], ":anna!~a@host ACCOUNT Ann")
        ann.says("PRIVMSG #tea :hi")
        self.assertIn("@account=Ann :anna!~a@Ann.account PRIVMSG #tea :hi", bob.hears())

    def test_twice(self) -> None:
        """sasl-3.1: 907."""
        self.begin()
        self.client.says(f"AUTHENTICATE {PLAIN}")
        self.assertEqual(commands(self.client.says("AUTHENTICATE PLAIN")), ["907"])

    def test_wrong(self) -> None:
        """904 each time; then the connection is closed."""
        wrong = base64(b"\0ann\0pencils")
        for number in range(MAX_FAILED):
            self.begin()
            lines = self.client.says(f"AUTHENTICATE {wrong}")
            self.assertEqual(commands(lines)[0], "904", number)
        self.assertEqual(lines[-1], "ERROR :Closing link: Too many failed logins")
        self.assertEqual(self.client.protocol.account, "")

    def test_wrongFromOneNetwork(self) -> None:
        """Who guesses from new connections has to wait as well."""
        wrong = base64(b"\0ann\0pencils")
        for _ in range(FAILURES_AT_ONCE):
            self.client = self.opened()
            self.begin()
            self.client.says(f"AUTHENTICATE {wrong}", "QUIT")
        self.client = self.opened()
        (line,) = self.client.says("AUTHENTICATE PLAIN")
        self.assertIn(" 904 * :Too many logins were refused", line)
        self.client.advance(3600)
        self.client = self.opened()
        self.begin()

    def test_chunks(self) -> None:
        """sasl-3.1: 400 octets mean that more comes; a plus, that nothing does."""
        accounts: Any = self.factory.accounts
        for length, name in ((295, "bob"), (400, "bobby")):
            password = "x" * length
            outcome(accounts.register(name, password))
            text = base64(f"\0{name}\0{password}".encode())
            chunks = [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]
            chunks += ["+"] if len(chunks[-1]) == CHUNK else []
            self.assertEqual(len(chunks), 2)
            self.client = self.opened()
            self.begin()
            self.assertEqual(self.client.says(f"AUTHENTICATE {chunks[0]}"), [])
            lines = self.client.says(f"AUTHENTICATE {chunks[1]}")
            self.assertEqual(commands(lines), ["900", "903"])


class BadExchangeTests(LoginTestCase):
    def test_abort(self) -> None:
        """sasl-3.1: 906, and one may begin again."""
        self.assertEqual(commands(self.client.says("AUTHENTICATE *")), ["906"])
        self.begin()
        self.assertEqual(commands(self.client.says("AUTHENTICATE *")), ["906"])
        self.begin()
        self.assertIn("903", commands(self.client.says(f"AUTHENTICATE {PLAIN}")))

    def test_tooLong(self) -> None:
        """sasl-3.1: 905."""
        self.begin()
        line = f"AUTHENTICATE {'A' * (CHUNK + 1)}"
        self.assertEqual(commands(self.client.says(line)), ["905"])
        self.begin()

    def test_tooMuch(self) -> None:
        """What is kept of chunks is bounded."""
        self.begin()
        for _ in range(100):
            if found := self.client.says(f"AUTHENTICATE {'A' * CHUNK}"):
                break
        self.assertEqual(commands(found), ["904"])
        self.begin()

    def test_noBase64(self) -> None:
        for said in ("!!!", "AAA", "=", "\u00e9", "AA\r=="):
            self.begin()
            self.assertEqual(
                commands(self.client.says(f"AUTHENTICATE {said}")), ["904"]
            )

    def test_noPlain(self) -> None:
        """RFC 4616, 2: two NULs; the account that is asked for is one's own."""
        for octets in (b"", b"ann", b"\0\0", b"a\0b\0c\0d", b"bob\0ann\0pencil"):
            self.client = self.opened()
            self.begin()
            said = base64(octets) or "+"
            self.assertEqual(
                commands(self.client.says(f"AUTHENTICATE {said}")), ["904"]
            )

    def test_unknown(self) -> None:
        """sasl-3.1: 908 says which there are."""
        lines = self.client.says("AUTHENTICATE FOO")
        self.assertEqual(commands(lines), ["908", "904"])
        self.assertIn("SCRAM-SHA-256", lines[0])

    def test_notAsked(self) -> None:
        """Without the capability there is nothing."""
        client = Client(self.factory)
        self.assertEqual(commands(client.says("AUTHENTICATE PLAIN")), ["904"])
        self.assertEqual(commands(client.says("AUTHENTICATE")), ["461"])

    def test_goneMeanwhile(self) -> None:
        """Who has gone is not told, and nothing is logged."""
        clock: Any = self.factory.clock
        clock.isSlow = True
        self.begin()
        self.client.say(f"AUTHENTICATE {PLAIN}\r\n".encode())
        self.client.reset()
        clock.doWork()
        self.assertEqual(self.client.hears(), [])
        self.assertEqual(self.factory.unregistered, 0)

    def test_faultOfTheStore(self) -> None:
        """It is not the client's: logged, and not counted against it."""

        def fault(name: str) -> Any:
            raise RuntimeError("disk")

        self.patch(self.factory.accounts._store, "account", fault)  # type: ignore[union-attr]
        self.begin()
        self.assertEqual(commands(self.client.says(f"AUTHENTICATE {PLAIN}")), ["904"])
        self.assertEqual(self.client.protocol.failedLogins, 0)
        self.assertEqual(len(self.flushLoggedErrors(RuntimeError)), 1)


class ScramTests(LoginTestCase):
    """SCRAM-SHA-256 (RFC 5802, 5; RFC 7677)."""

    def answer(self, said: bytes) -> bytes:
        (line,) = self.client.says(f"AUTHENTICATE {base64(said) or '+'}")
        self.assertTrue(line.startswith("AUTHENTICATE "), line)
        return b64decode(line.partition(" ")[2])

    def test_loggedIn(self) -> None:
        self.begin("SCRAM-SHA-256")
        first = b"n,,n=ann,r=abc"
        last, verifier = proofOf(first, self.answer(first), b"pencil")
        self.assertEqual(self.answer(last), verifier)
        self.assertEqual(commands(self.client.says("AUTHENTICATE +")), ["900", "903"])
        self.assertEqual(self.client.protocol.account, "Ann")

    def test_wrong(self) -> None:
        self.begin("scram-sha-256")
        first = b"n,,n=ann,r=abc"
        last, _ = proofOf(first, self.answer(first), b"pencils")
        line = only(self.client.says(f"AUTHENTICATE {base64(last)}"), "904")
        self.assertIn("SASL authentication failed", line)


class CramTests(SynchronousTestCase):
    """CRAM-MD5 (RFC 2195), in which the server begins."""

    def test_loggedIn(self) -> None:
        checker: Any = InMemoryUsernamePasswordDatabaseDontUse(ann=b"pencil")
        mechanisms = Authenticator(portalFor(checker), mechanisms=("CRAM-MD5",))
        client = Client(irc(authenticator=mechanisms), "ann", "sasl")
        (line,) = client.says("AUTHENTICATE CRAM-MD5")
        asked = b64decode(line.removeprefix("AUTHENTICATE "))
        answer = b"ann " + hmac.new(b"pencil", asked, "md5").hexdigest().encode()
        lines = client.says(f"AUTHENTICATE {base64(answer)}")
        self.assertEqual(commands(lines)[:2], ["900", "903"])
        self.assertIn(" ann!~a@ann.account ann :You are now logged in", lines[0])
