"""CERT, SASL EXTERNAL and 276 (RFC 4422, appendix A; modern.ircdocs.horse)."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import fail
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.gateways import Gateways
from protocols.chat.irc.login import MAX_FAILED
from protocols.chat.storeinterface import StoreError
from tests.chat.certificates import fingerprint, shows
from tests.chat.irc.clients import Client, commands, irc, only, withAccounts
from tests.chat.irc.test_gateways import NETWORKS
from tests.chat.irc.test_login import PLAIN, base64
from tests.chat.stores import outcome

ANN, BOB = fingerprint("ann"), fingerprint("bob")


class CertificateTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = withAccounts()
        accounts: Any = self.factory.accounts
        outcome(accounts.register("Ann", "pencil"))
        outcome(accounts._store.addCertificate("ann", ANN, 0.0, 9))

    def opened(self, name: str = "ann") -> Client:
        """Somebody who is about to log in, and came with a certificate."""
        client: Client = shows(Client(self.factory), name)
        client.says("CAP LS 302", "CAP REQ sasl", "NICK ann", "USER a 0 * :Ann")
        return client

    def ann(self, caps: str = "sasl") -> Client:
        """Somebody who has logged in so, and is in."""
        client = self.opened()
        client.says(f"CAP REQ :{caps}", "AUTHENTICATE EXTERNAL", "AUTHENTICATE +")
        client.says("CAP END")
        assert client.protocol.account == "Ann"
        return client


class ExternalTests(CertificateTestCase):
    def login(self, client: Client, said: str = "+") -> list[str]:
        lines = client.says("AUTHENTICATE EXTERNAL")
        self.assertEqual(lines, ["AUTHENTICATE +"])
        return client.says(f"AUTHENTICATE {said}")

    def test_offered(self) -> None:
        """sasl-3.2: to who came with a certificate, and nobody else."""
        said = " ".join(self.opened().says("CAP LS 302"))
        self.assertIn("sasl=EXTERNAL,SCRAM-SHA-256,PLAIN", said)
        for client in (self.opened(""), Client(self.factory)):
            said = " ".join(client.says("CAP LS 302"))
            self.assertIn("sasl=SCRAM-SHA-256,PLAIN", said)

    def test_loggedIn(self) -> None:
        client = self.opened()
        first, last = self.login(client)
        self.assertRegex(
            first, r"^:\S+ 900 \* \*!~a@\S+ Ann :You are now logged in as Ann$"
        )
        self.assertEqual(last, ":irc.example 903 * :SASL authentication successful")
        self.assertEqual(commands(client.says("CAP END"))[0], "001")
        self.assertEqual(client.protocol.name, "ann")

    def test_octetByOctet(self) -> None:
        client = shows(Client(self.factory), "ann")
        said = ("CAP REQ sasl", "NICK ann", "USER a 0 * :Ann")
        said += ("AUTHENTICATE EXTERNAL", "AUTHENTICATE +", "CAP END")
        for octet in "".join(f"{line}\r\n" for line in said).encode():
            client.say(bytes((octet,)))
        self.assertEqual(
            commands(client.hears())[:5], ["CAP", "+", "900", "903", "001"]
        )

    def test_sameName(self) -> None:
        """Appendix A.1: who names the account gets it."""
        for name in (b"Ann", b"ann"):
            lines = self.login(self.opened(), base64(name))
            self.assertEqual(commands(lines)[:2], ["900", "903"])

    def test_anotherName(self) -> None:
        client = self.opened()
        for said in (base64(b"bob"), base64(b"a\0b"), base64(b"\xff")):
            self.assertEqual(commands(self.login(client, said)), ["904"])
        self.assertEqual(client.protocol.account, "")

    def test_withoutOne(self) -> None:
        """908 says what there is instead."""
        lines = self.opened("").says("AUTHENTICATE EXTERNAL")
        self.assertEqual(commands(lines), ["908", "904"])
        self.assertNotIn("EXTERNAL", lines[0])
        self.assertIn("EXTERNAL", self.opened().says("AUTHENTICATE FOO")[0])

    def test_nobodysCertificate(self) -> None:
        """904, as for a wrong password, and counted like one."""
        client = self.opened("bob")
        for _ in range(MAX_FAILED):
            lines = self.login(client)
            self.assertEqual(commands(lines)[0], "904")
        self.assertEqual(lines[-1], "ERROR :Closing link: Too many failed logins")

    def test_afterwards(self) -> None:
        """account-notify tells the others, as after any login."""
        ann, bob = Client(self.factory, "anna", "sasl"), Client(self.factory, "bob")
        bob.says("CAP REQ account-notify", "JOIN #tea")
        shows(ann, "ann").says("JOIN #tea")
        self.assertEqual(commands(self.login(ann))[:2], ["900", "903"])
        self.assertRegex(only(bob.hears(), "ACCOUNT"), "^:anna!~a@.* ACCOUNT Ann$")

    def test_gateway(self) -> None:
        """Who comes by a gateway has not shown the gateway's certificate."""
        self.factory.gateways = Gateways(NETWORKS, "sesame")
        client = shows(Client(self.factory), "ann")
        client.says("WEBIRC sesame web host 192.0.2.9 :secure", "CAP LS 302")
        lines = client.says("CAP REQ sasl", "AUTHENTICATE EXTERNAL")
        self.assertEqual(commands(lines)[1:], ["908", "904"])


class CertTests(CertificateTestCase):
    def says(self, client: Client, *lines: str) -> list[str]:
        """The texts of notices."""
        found = client.says(*lines)
        self.assertEqual(set(commands(found)), {"NOTICE"}, found)
        return [line.split(" ", 3)[3].removeprefix(":") for line in found]

    def test_addListDelete(self) -> None:
        ann = self.ann()
        self.assertEqual(
            self.says(ann, f"CERT ADD {BOB}", "CERT LIST", f"CERT DEL {ANN}"),
            [
                f"{BOB} logs in to Ann from now on.",
                "Ann has 2 of 10 certificates.",
                f"{ANN} (this connection)",
                BOB,
                f"{ANN} is no longer Ann's.",
            ],
        )

    def test_ofThisConnection(self) -> None:
        """Who has logged in by a password adds the certificate that they show."""
        bob = shows(Client(self.factory, "bob", "sasl"), "bob")
        bob.says("AUTHENTICATE PLAIN", f"AUTHENTICATE {PLAIN}")
        said = self.says(bob, "CERT ADD")
        self.assertEqual(said, [f"{BOB} logs in to Ann from now on."])

    def test_refused(self) -> None:
        eve = Client(self.factory, "eve")
        self.assertIn("Log in first", self.says(eve, "CERT ADD")[0])
        self.assertIn("add, list or drop", self.says(eve, "CERT SELL")[0].lower())
        eve.says("REGISTER * * pencil")
        self.assertIn("without a certificate", self.says(eve, "CERT ADD")[0])
        self.assertIn("another account's", self.says(eve, f"CERT ADD {ANN}")[0])
        self.assertIn("no such certificate", self.says(eve, f"CERT DEL {ANN}")[0])
        self.assertIn("64 hexadecimal digits", self.says(eve, "CERT ADD 12")[0])
        self.assertEqual(commands(eve.says("CERT")), ["461"])
        self.assertEqual(commands(Client(self.factory).says("CERT LIST")), ["451"])

    def test_service(self) -> None:
        """As people know it from other networks."""
        ann = self.ann()
        listed = ["Ann has 1 of 10 certificates.", f"{ANN} (this connection)"]
        said = "PRIVMSG NickServ :CERT LIST"
        for line in ("NS CERT LIST", "NICKSERV :cert list", said):
            self.assertEqual(self.says(ann, line), listed)
        twice = self.says(ann, "PRIVMSG nickserv,NICKSERV :CERT LIST")
        self.assertEqual(twice, listed * 2)
        self.assertEqual(ann.says("NOTICE NickServ :CERT LIST"), [])
        self.assertIn("CERT ADD", self.says(ann, "NS HELP")[0])

    def test_label(self) -> None:
        """labeled-response: what is waited for is the answer all the same."""
        ann = self.ann("sasl labeled-response batch")
        (line,) = ann.says(f"@label=x CERT DEL {ANN}")
        self.assertTrue(line.startswith("@label=x :irc.example NOTICE ann :"), line)

    def test_faultOfTheStore(self) -> None:
        ann = self.ann()
        store = self.factory.records.store
        self.patch(store, "certificates", lambda name: fail(StoreError("disk")))
        self.assertIn("can't be kept just now", self.says(ann, "CERT LIST")[0])

    def test_noAccounts(self) -> None:
        said = self.says(Client(irc(), "ann"), "CERT ADD")
        self.assertEqual(said, ["There are no accounts here"])


class WhoisTests(CertificateTestCase):
    def test_fingerprint(self) -> None:
        """276: for oneself and for operators."""
        ann, bob = self.ann(), Client(self.factory, "bob")
        text = f":irc.example 276 ann ann :has client certificate fingerprint {ANN}"
        self.assertEqual(only(ann.says("WHOIS ann"), "276"), text)
        self.assertNotIn("276", commands(bob.says("WHOIS ann")))
        bob.protocol.isOperator = True
        self.assertIn(ANN, only(bob.says("WHOIS ann"), "276"))
        self.assertNotIn("276", commands(bob.says("WHOIS bob")))
