"""REGISTER (IRCv3's account-registration)."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from tests.chat.irc.clients import Client, commands, irc, withAccounts


class RegisterTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory = withAccounts()
        self.ann = Client(self.factory, "ann")

    def fails(self, client: Client, line: str, code: str) -> None:
        (found,) = client.says(line)
        self.assertIn(f" FAIL REGISTER {code} ", found)

    def test_success(self) -> None:
        """Section "SUCCESS", and one is logged in."""
        lines, mask = self.ann.says("REGISTER * * pencil"), "ann!~a@ann.account"
        self.assertEqual(
            lines[:2],
            [
                ":irc.example REGISTER SUCCESS ann :The account was made",
                f":irc.example 900 ann {mask} ann :You are now logged in as ann",
            ],
        )
        self.assertEqual(self.ann.protocol.account, "ann")
        self.fails(self.ann, "REGISTER ann * other", "ALREADY_AUTHENTICATED")

    def test_beforeConnect(self) -> None:
        """The capability's value: also before registration is complete."""
        bob = Client(self.factory)
        said = " ".join(bob.says("CAP LS 302"))
        self.assertIn("draft/account-registration=before-connect", said)
        bob.says("NICK bob", "USER b 0 * :b")
        self.assertEqual(commands(bob.says("REGISTER bob * x"))[0], "REGISTER")
        self.assertEqual(commands(bob.says("CAP END"))[0], "001")

    def test_nameIsHeldAtOnce(self) -> None:
        self.ann.says("REGISTER ann * pencil", "NICK other")
        bob = Client(self.factory, "bob")
        self.assertEqual(commands(bob.says("NICK Ann")), ["433"])
        self.assertEqual(commands(self.ann.says("NICK Ann")), ["NICK"])

    def test_refused(self) -> None:
        self.fails(self.ann, "REGISTER bob * x", "ACCOUNT_NAME_MUST_BE_NICK")
        self.fails(self.ann, "REGISTER ann * :", "UNACCEPTABLE_PASSWORD")
        self.assertEqual(commands(self.ann.says("REGISTER ann *")), ["461"])
        self.fails(Client(self.factory), "REGISTER * * x", "BAD_ACCOUNT_NAME")

    def test_exists(self) -> None:
        self.ann.says("REGISTER * * pencil", "QUIT")
        other = Client(self.factory)
        other.says("CAP LS", "NICK ann", "USER a 0 * :a")
        self.fails(other, "REGISTER * * guess", "ACCOUNT_EXISTS")

    def test_takenMeanwhile(self) -> None:
        """The name of somebody who is here is not for another to have."""
        other = Client(self.factory)
        other.says("CAP LS", "NICK bob", "USER o 0 * :o")
        Client(self.factory, "bob")
        self.fails(other, "REGISTER * * x", "ACCOUNT_EXISTS")

    def test_tooMany(self) -> None:
        """From one network in a short time."""
        for number in range(4):
            client = Client(self.factory, f"n{number}")
            lines = client.says("REGISTER * * pencil")
        self.assertIn(" FAIL REGISTER TEMPORARILY_UNAVAILABLE n3 :too many", lines[0])

    def test_noAccounts(self) -> None:
        client = Client(irc(), "ann")
        self.fails(client, "REGISTER * * x", "TEMPORARILY_UNAVAILABLE")

    def test_goneMeanwhile(self) -> None:
        clock: Any = self.factory.clock
        clock.isSlow = True
        self.ann.say(b"REGISTER * * pencil\r\n")
        self.ann.reset()
        clock.doWork()
        self.assertEqual(self.ann.hears(), [])
