"""Whatever clients send, nobody meets a traceback, and the rooms stay in order."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.irc.commands import COMMANDS
from protocols.chat.names import key
from tests.chat.irc.clients import Client, irc, lineMember, withAccounts

WORDS = (
    *(
        "#tea",
        "#two",
        "#TEA",
        "#",
        "ann",
        "bob",
        "eve",
        "lee",
        "BOB",
        "nobody",
        "*",
        "0",
    ),
    *(
        "+o",
        "-o",
        "+b",
        "+bk",
        "-k",
        "+l",
        "+imnst",
        "-imnst",
        "+v",
        "+eI",
        "+iB",
        "@#tea",
    ),
    *(":", ":a b", ":\1ACTION x\1", ":\1X\1", "a,b", "#tea,#two", "ann,bob", "x" * 200),
    *("LS", "REQ", "END", "302", "LATEST", "BETWEEN", "TARGETS", "msgid=1", "msgid=9"),
    *(
        "timestamp=2023-11-14T22:13:20Z",
        "10",
        "-1",
        "\u00b2",
        "\u0663",
        "\u202e",
        "in=#tea",
    ),
    *(
        ":in=#tea;text=a",
        "%tcuihsnfdlaor,1",
        "*!*@*",
        "$a:x",
        "$m:x",
        "C<5",
        "!x*",
        "S",
    ),
    *("*", "SET", "GET", "SUB", "SYNC", "CLEAR", "url", "+1", "-1", "draft/multiline"),
    *("+", "-", "L", "PLAIN", "AGFubgBwZW5jaWw=", "SCRAM-SHA-256", "pencil", ":secure"),
)
CAPS = (
    ":batch labeled-response echo-message message-tags sasl setname away-notify"
    " chghost draft/multiline draft/metadata-3 draft/event-playback"
)
# Who is banned from everywhere can't go on.
VERBS = sorted(set(COMMANDS) - {"QUIT", "WEBIRC", "KLINE", "DLINE"})


def inOrder(test: Any, lobby: Any) -> None:
    """Names, rooms and ranks say the same of everybody."""
    for place, person in lobby.people.items():
        test.assertEqual(key(person.name), place)
        for where, room in person.rooms.items():
            test.assertIs(lobby.rooms[where], room)
            test.assertIs(room.members[place], person)
    sessions = list(lobby.people.values())
    test.assertEqual(len(set(map(id, sessions))), len(sessions))
    for where, room in lobby.rooms.items():
        test.assertEqual(key(room.name), where)
        test.assertTrue(room.members or room.isKept, where)
        for place, member in room.members.items():
            test.assertIs(lobby.people[place], member)
            test.assertIs(member.rooms[where], room)
        test.assertLessEqual(set(room.ranks), set(room.members.values()))
        test.assertTrue(all(room.ranks.values()))


class OctetTests(SynchronousTestCase):
    @settings(max_examples=60, deadline=None)
    @given(st.binary(max_size=300))
    def test_octets(self, data: bytes) -> None:
        factory = irc()
        client, ann = Client(factory), Client(factory, "ann")
        for each in (client, ann):
            each.say(data + b"\r\n")
            each.hears()
            each.say(b"".join(bytes((octet, 10)) for octet in data[:40]))
            each.hears()
        inOrder(self, factory.lobby)
        self.assertEqual(self.flushLoggedErrors(), [])


class CommandTests(SynchronousTestCase):
    """Three clients and somebody at the line door say whatever there is to say."""

    def test_commands(self) -> None:
        for seed in range(12):
            self.converse(Random(seed))

    def converse(self, random: Random) -> None:
        factory: Any = withAccounts()
        clients = [Client(factory, name) for name in ("ann", "bob", "eve")]
        clients[0].says(f"CAP REQ {CAPS}")
        lee = lineMember(factory, "lee")
        clients[2].protocol.isOperator = True
        for number in range(150):
            line = self.line(random)
            client = random.choice(clients)
            client.say(f"{line}\r\n".encode())
            if random.random() < 0.1:
                lee.types(
                    random.choice(("hi", "/me x", "/join #two", "/leave", "/nick l"))
                )
            if random.random() < 0.5:
                client.advance(random.choice((0, 0, 0.5)))
            clients = [self.there(each, factory, number) for each in clients]
            inOrder(self, factory.lobby)
            self.assertEqual(self.flushLoggedErrors(), [], line)
        for client in clients:
            client.reset()
        lee.reset()
        inOrder(self, factory.lobby)
        self.assertEqual((factory.lobby.people, factory.unregistered), ({}, 0))

    def line(self, random: Random) -> str:
        words = [random.choice(WORDS) for _ in range(random.randint(0, 5))]
        tags = random.choice(("", "", "@label=x ", "@+a=b;c ", "@batch=1 "))
        return f"{tags}{random.choice(VERBS)} {' '.join(words)}"

    def there(self, client: Client, factory: Any, number: int) -> Client:
        """The same client, or another for one that was hung up on."""
        if not client.transcript.disconnecting:
            return client
        return Client(factory, f"new{number}")

    def test_answersAreMessages(self) -> None:
        """Each line that is written is one of IRC, with a command and a source."""
        random = Random(7)
        factory: Any = withAccounts()
        ann = Client(factory, "ann")
        for _ in range(400):
            for line in ann.says(self.line(random)):
                self.assertRegex(line, r"^(@\S+ )?(:\S+ )?([A-Z]+|[0-9]{3})( |$)")
                self.assertNotIn("  ", line.partition(" :")[0], line)
            if ann.transcript.disconnecting:
                ann = Client(factory, f"a{random.random()}".replace(".", ""))
