"""Nobody becomes operator of a room of others because those can't be reached."""

from __future__ import annotations

from tests.chat.backplane.nodes import Client, Place, Talker
from tests.chat.backplane.test_sharing import Case


class TakeoverTests(Case):
    def setUp(self) -> None:
        super().setUp()
        self.ann = Client(self.one.irc, "ann")
        self.ann.types("JOIN #tea", "PRIVMSG #tea :hello")

    def ranks(self, client: Client, room: str = "#tea") -> list[str]:
        """Who is in a room, with their signs."""
        line = client.types(f"NAMES {room}")[-2]
        return sorted(line.partition(f" {room} ")[2].lstrip(":").split())

    def goAlone(self) -> Place:
        """The backplane goes, and a node starts that has never seen it."""
        self.bus.stop()
        alone = Place(self.bus, "late", isReserving=True).begin()
        self.later(20)
        return alone

    def meet(self) -> None:
        self.bus.start()
        self.later(20)

    def test_inASplit(self) -> None:
        """A node gives nobody a rank in a room that it remembers; in one that it has
        forgotten with its people, they have it no longer than it is alone."""
        self.ann.types("JOIN #kept", "TOPIC #kept :x")
        self.goAlone()
        eve = Client(self.two.irc, "eve")
        eve.types("JOIN #tea", "JOIN #kept")
        self.assertEqual(self.ranks(eve, "#kept"), ["eve"])
        self.meet()
        for room in ("#kept", "#tea"):
            self.assertEqual(self.ranks(eve, room), ["@ann", "eve"])
            self.assertEqual(self.ranks(self.ann, room), ["@ann", "eve"])

    def test_ownRooms(self) -> None:
        """Who makes a room then that nobody had keeps order in it, also later."""
        alone = self.goAlone()
        eve, bob = Client(self.two.irc, "eve"), Client(alone.irc, "bob")
        for client in (eve, bob):
            client.types(f"JOIN #{client.protocol.name}")
        self.meet()
        for client in (eve, bob):
            name = client.protocol.name
            self.assertEqual(self.ranks(client, f"#{name}"), [f"@{name}"])

    def test_whoStartsAlone(self) -> None:
        """A node that has known nothing of the room: as if they gave it back."""
        alone = self.goAlone()
        eve, bob = Client(alone.irc, "eve"), Client(alone.irc, "bob")
        eve.types("JOIN #tea")
        bob.types("JOIN #tea")
        self.assertEqual(self.ranks(eve), ["@eve", "bob"])
        self.meet()
        for client in (eve, bob):
            told = [line for line in client.hears() if " MODE #tea " in line]
            self.assertEqual(len(told), 1, told)
            self.assertTrue(told[0].endswith(" MODE #tea -o eve"), told)
        self.assertEqual(self.ranks(eve), ["@ann", "bob", "eve"])
        self.assertEqual(self.ranks(self.ann), ["@ann", "bob", "eve"])
        self.assertIn(" 482 ", eve.types("MODE #tea +i")[-1])

    def test_emptyRoom(self) -> None:
        """Its key was not asked for; who was first is nothing more there."""
        self.ann.types("JOIN #shut", "MODE #shut +k word", "PART #shut")
        eve = Client(self.goAlone().irc, "eve")
        eve.types("JOIN #shut")
        self.meet()
        self.assertEqual(self.ranks(eve, "#shut"), ["eve"])

    def test_founder(self) -> None:
        """Who made the room with an account keeps order, wherever they are."""
        cid = Talker(self.one.lines, "cid")
        cid.types("/register pencil", "/join #cid", "hello", "/quit")
        eve = Client(self.goAlone().irc, "eve")
        eve.types("JOIN #cid")
        eve.protocol.account = "cid"
        self.meet()
        self.assertEqual(self.ranks(eve, "#cid"), ["@eve"])
