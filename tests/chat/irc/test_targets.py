"""CHATHISTORY TARGETS (IRCv3's chathistory): rooms and talks."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from twisted.internet.defer import fail
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.accounts import Accounts
from protocols.chat.irc.welcome import MAX_PAGE
from protocols.chat.storeinterface import StoreError
from protocols.sasl.records import MIN_ITERATIONS
from tests.chat.irc.clients import (
    Client,
    commands,
    houseOf,
    inRoom,
    irc,
    lineMember,
    withAccounts,
)
from tests.chat.storefiles import FileTestCase
from tests.chat.stores import outcome

CAPS = "batch draft/chathistory message-tags server-time"
START, END = "timestamp=2023-11-14T00:00:00Z", "timestamp=2023-11-15T00:00:00Z"


class TargetsTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory: Any = withAccounts()
        self.ann, self.bob = inRoom(self.factory, "ann", "bob", caps=CAPS)

    def say(self, client: Any, target: str) -> None:
        """Something, a second after the last one."""
        client.advance(1)
        client.says(f"PRIVMSG {target} :hello")

    def targets(self, words: str = f"{START} {END} 10", client: Any = None) -> str:
        client = client or self.ann
        client.hears()
        first, *lines, last = client.says(f"CHATHISTORY TARGETS {words}")
        self.assertRegex(first, r" BATCH \+[0-9]+ draft/chathistory-targets$")
        self.assertEqual(commands([last]), ["BATCH"])
        return " ".join(line.split(" ")[4] for line in lines)


class OrderTests(TargetsTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.eve = Client(self.factory, "eve", CAPS)
        for client, target in (
            *((self.bob, "#tea"), (self.bob, "ann")),
            *((self.ann, "eve"), (self.eve, "bob")),
        ):
            self.say(client, target)

    def test_byTime(self) -> None:
        """The place whose last word is the oldest comes first; with its time."""
        self.assertEqual(self.targets(), "#tea bob eve")
        self.say(self.bob, "#tea")
        self.assertEqual(self.targets(), "bob eve #tea")
        lines = self.ann.says(f"CHATHISTORY TARGETS {START} {END} 1")
        self.assertTrue(lines[1].endswith("TARGETS bob 2023-11-14T22:13:22.000Z"))

    def test_limit(self) -> None:
        """As for BETWEEN: those next to the first time."""
        self.assertEqual(self.targets(f"{START} {END} 2"), "#tea bob")
        self.assertEqual(self.targets(f"{END} {START} 2"), "bob eve")
        for limit in ("", "0", "x", "99999999999"):
            self.assertEqual(self.targets(f"{START} {END} {limit}"), "#tea bob eve")

    def test_between(self) -> None:
        """The last word of each counts, and the times do not belong to it."""
        at = "timestamp=2023-11-14T22:13:2"
        self.assertEqual(self.targets(f"{at}1.000Z {END} 9"), "bob eve")
        self.assertEqual(self.targets(f"{START} {at}3.000Z 9"), "#tea bob")
        self.say(self.bob, "#tea")
        self.assertEqual(self.targets(f"{START} {at}3.000Z 9"), "bob")

    def test_milliseconds(self) -> None:
        """A time that was told does not belong to it, whatever was left out of it."""
        self.bob.advance(0.0004)
        self.say(self.bob, "#tea")
        self.assertEqual(self.targets(f"timestamp=2023-11-14T22:13:25.000Z {END}"), "")

    def test_nobodyElses(self) -> None:
        """Talks of others are not there, nor rooms that one is not in."""
        self.assertEqual(self.targets(client=self.eve), "ann bob")

    def test_fault(self) -> None:
        """Section "MESSAGE_ERROR"."""
        store = self.factory.records.store
        self.patch(store, "talks", lambda *_: fail(StoreError("disk")))
        (line,) = self.ann.says(f"CHATHISTORY TARGETS {START} {END} 1")
        self.assertIn(" FAIL CHATHISTORY MESSAGE_ERROR TARGETS :", line)


class WhoTests(TargetsTestCase):
    """By which name a talk is listed: one that can be asked for."""

    def ask(self, name: str) -> int:
        """How many messages there are with somebody."""
        return len(self.ann.says(f"CHATHISTORY LATEST {name} * 10")) - 2

    def test_accountThatIsAway(self) -> None:
        for client in (self.ann, self.bob):
            client.says("REGISTER * * pencil")
        self.say(self.bob, "ann")
        self.say(self.ann, "bob")
        self.bob.says("QUIT")
        self.assertEqual(self.targets(), "bob")
        self.assertEqual(self.ask("bob"), 2)

    def test_otherName(self) -> None:
        """Who is here is listed as they are called now."""
        self.bob.says("REGISTER * * pencil")
        self.say(self.bob, "ann")
        self.bob.says("NICK rob")
        self.assertEqual(self.targets(), "rob")
        self.assertEqual(self.ask("rob"), 1)

    def test_sessionThatIsOver(self) -> None:
        """Whoever has the name then is somebody else."""
        self.say(self.bob, "ann")
        self.assertEqual(self.targets(), "bob")
        self.bob.says("QUIT")
        Client(self.factory, "bob")
        self.assertEqual(self.targets(), "")

    def test_signBetweenTwoNames(self) -> None:
        """A name with the sign that stands between two is nobody else's talk."""
        pipe = Client(self.factory, "ann|x", CAPS)
        for client in (self.ann, self.bob, pipe):
            client.says("REGISTER * * pencil")
        self.say(pipe, "bob")
        self.assertEqual(self.targets(), "")
        self.assertEqual(self.ask("x|bob"), 0)
        self.assertEqual(self.targets(client=pipe), "bob")
        pipe.says("QUIT")
        self.assertEqual(self.targets(client=self.bob), "ann|x")

    def test_lineDoor(self) -> None:
        """A talk with somebody at the line door."""
        lee = lineMember(self.factory, "lee")
        lee.clock.advance(1)
        lee.types("/msg ann hello")
        self.assertEqual(self.targets(), "lee")

    def test_bound(self) -> None:
        """Of very many talks the last ones."""
        for number in range(MAX_PAGE + 3):
            other = Client(self.factory, f"n{number}")
            other.advance(1)
            other.says("PRIVMSG ann :x")
        self.assertEqual(len(self.targets(f"{START} {END} 1000").split()), MAX_PAGE)


class FileTests(FileTestCase):
    """With a store on the disk: talks and events are there after a restart."""

    def begin(self) -> Any:
        store = self.open()
        accounts = Accounts(store, self.clock, iterations=MIN_ITERATIONS)
        house = houseOf(self.clock, store, accounts=accounts, isKept=True)
        return irc(clock=self.clock, house=house)

    def client(self, factory: Any, name: str, isNew: bool) -> Any:
        client = Client(factory)
        client.says(f"CAP REQ :{CAPS} sasl draft/event-playback")
        client.says(f"NICK {name}", f"USER {name} 0 * :x")
        if isNew:
            client.says("REGISTER * * pencil")
        else:
            secret = b64encode(f"\0{name}\0pencil".encode()).decode()
            client.says("AUTHENTICATE PLAIN", f"AUTHENTICATE {secret}")
        client.says("CAP END", "JOIN #tea")
        return client

    def test_restart(self) -> None:
        factory = self.begin()
        ann, bob = (self.client(factory, name, True) for name in ("ann", "bob|x"))
        ann.says("TOPIC #tea :green", "PRIVMSG #tea :1")
        bob.clock.advance(1)
        bob.says("PRIVMSG ann :2", "@+draft/persist TAGMSG ann")
        outcome(factory.records.store.close())
        factory = self.begin()
        ann = self.client(factory, "ann", False)
        lines = ann.says(f"CHATHISTORY TARGETS {START} {END} 10")
        self.assertEqual(
            [line.split(" ")[4] for line in lines[1:-1]], ["#tea", "bob|x"]
        )
        lines = ann.says(
            "CHATHISTORY LATEST #tea * 10", "CHATHISTORY LATEST bob|x * 10"
        )
        kinds = [word for word in commands(lines) if word != "BATCH"]
        self.assertEqual(kinds, ["TOPIC", "PRIVMSG", "PRIVMSG", "TAGMSG"])
