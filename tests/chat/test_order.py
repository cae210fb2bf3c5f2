"""Accounts, and who keeps order, at the line door."""

from __future__ import annotations

import json
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat import storerows
from protocols.chat.audit import AuditLog
from protocols.chat.bans import BanError
from protocols.chat.house import MAX_BANS
from protocols.chat.storememory import MemoryStore
from tests.chat.people import Somebody, chat, keptHouse
from tests.folders import folderFor


class OrderTestCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.audit = Path(folderFor(self)) / "audit"
        self.store = MemoryStore()
        self.house = keptHouse(self.store, audit=AuditLog(str(self.audit), lambda: 0.0))
        self.factory = chat(house=self.house, rate=(1e6, 1e6))
        self.ann = Somebody(self.factory, "ann")
        self.bob = Somebody(self.factory, "bob")
        for person in (self.ann, self.bob):
            person.types("/join tea")
        self.ann.hears()

    def acts(self) -> list[str]:
        return [
            json.loads(line)["act"] for line in self.audit.read_text().split("\n")[:-1]
        ]


class AccountTests(OrderTestCase):
    def test_registerAndComeBack(self) -> None:
        """A name that has a password is its owner's only."""
        self.assertEqual(
            self.ann.types("/register open sesame"), ["* You are logged in as ann."]
        )
        self.ann.types("/quit")
        eve = Somebody(self.factory, "eve")
        self.assertEqual(
            eve.types("/nick ANN"),
            ["* The name ANN belongs to an account: log in first."],
        )
        self.assertEqual(
            eve.types("/login ann wrong"), ["* The name or password is wrong."]
        )
        eve.types("/login ann open sesame")
        self.assertEqual(eve.types("/nick ann"), ["* You are ann now."])

    def test_loginAtTheDoor(self) -> None:
        self.ann.types("/register sesame")
        self.ann.types("/quit")
        eve = Somebody(self.factory, "ann")
        self.assertEqual(eve.protocol.name, "")
        self.assertIn("* Hello, ann.", eve.types("ann sesame")[0])

    def test_mistakes(self) -> None:
        for line, said in {
            "/register": "With which password? Type /register PASSWORD.",
            "/login": "With which password? Type /login NAME PASSWORD.",
            "/login x": "The name or password is wrong.",
        }.items():
            self.assertEqual(self.ann.types(line), [f"* {said}"])
        self.ann.types("/register sesame")
        self.assertEqual(
            self.ann.types("/register other"), ["* You are logged in as ann."]
        )

    def test_withoutAccounts(self) -> None:
        ann = Somebody(chat(), "ann")
        for line in ("/register x", "/login x y"):
            self.assertEqual(ann.types(line), ["* There are no accounts here."])
        self.assertEqual(ann.types("/oper a b"), ["* Nobody keeps order here."])


class RoomOrderTests(OrderTestCase):
    def test_whoMakesARoomKeepsOrder(self) -> None:
        (said,) = self.bob.types("/kick ann")
        self.assertEqual(said, "* You are no operator of #tea.")
        self.assertEqual(self.ann.types("/kick bob loud"), ["* bob is out of #tea."])
        self.assertEqual(self.bob.hears(), ["#tea * bob was removed by ann: loud"])
        self.assertEqual(self.bob.protocol.room.name, "#lobby")
        self.ann.types("/join #lobby")
        self.bob.types("hi")
        self.assertIn("#lobby <bob> hi", self.ann.hears())
        self.assertEqual(self.acts(), ["kick"])

    def test_mute(self) -> None:
        self.ann.types("/mute bob")
        self.bob.hears()
        self.assertEqual(self.bob.types("hi"), ["* You may not speak in #tea."])
        self.ann.types("/unmute bob")
        self.bob.types("hi")
        self.assertIn("#tea <bob> hi", self.ann.hears())

    def test_op(self) -> None:
        self.assertEqual(self.ann.types("/op bob"), ["* bob keeps order in #tea."])
        self.bob.types("/deop ann")
        self.assertIn("* You are no operator of #tea.", self.ann.types("/topic mine"))

    def test_slow(self) -> None:
        self.ann.types("/set slow 10")
        self.bob.types("one")
        self.assertEqual(self.bob.types("two"), ["* #tea is slow: wait 11 s."])
        self.house.clock.advance(10)
        self.assertEqual(self.bob.types("two"), [])

    def test_doors(self) -> None:
        """A key, a limit, invitations: each keeps people out."""
        eve = Somebody(self.factory, "eve")
        for setting, said in {
            "key sesame": "#tea has a key: /join #tea KEY.",
            "limit 2": "#tea is full.",
            "invite-only on": "#tea is for those who are invited.",
            "members-only on": "#tea is for those who have logged in.",
        }.items():
            self.ann.types(f"/set {setting}")
            self.assertEqual(
                eve.types("/join #tea"), [f"* {said[:1].upper()}{said[1:]}"]
            )
            self.ann.types(f"/set {setting.split()[0]} off")
        self.ann.types("/set key sesame")
        self.assertIn("You are in #tea", eve.types("/join #tea sesame")[0])

    def test_invite(self) -> None:
        eve = Somebody(self.factory, "eve")
        self.ann.types("/set invite-only on")
        self.assertEqual(
            self.bob.types("/invite eve")[-1:], ["* You are no operator of #tea."]
        )
        self.ann.types("/invite eve")
        self.assertEqual(eve.hears(), ["#tea * ann invited eve"])
        self.assertIn("You are in #tea", eve.types("/join tea")[0])
        self.assertIn("#tea has eve in it already", self.ann.types("/invite eve")[-1])

    def test_listed(self) -> None:
        eve = Somebody(self.factory, "eve")
        self.ann.types("/set listed off")
        self.assertNotIn("#tea", "".join(eve.types("/rooms")))

    def test_mistakes(self) -> None:
        for line, said in {
            "/set": "Set what? /help set tells",
            "/set moderated maybe": "On or off? Type /set moderated on",
            "/set limit many": "How many people? 1 to",
            "/set slow 99999999": "How many seconds? 1 to",
            "/set key a,b": "A key is one word",
            "/kick eve": "Nobody in #tea is called eve",
            "/mute": "Whom? Type /mute NAME",
        }.items():
            self.assertIn(said, self.ann.types(line)[0])

    def test_founder(self) -> None:
        """Who made a room with an account keeps order there when they come back."""
        self.ann.types("/register sesame")
        self.ann.types("/join mine")
        self.ann.types("hello")
        self.ann.types("/leave")
        self.bob.types("/join mine")
        self.assertEqual(
            self.bob.types("/kick bob"), ["* You are no operator of #mine."]
        )
        self.ann.types("/join mine")
        self.assertEqual(self.ann.types("/kick bob"), ["* bob is out of #mine."])


class HouseTests(OrderTestCase):
    def test_oper(self) -> None:
        self.assertEqual(
            self.bob.types("/oper root wrong"), ["* The name or password is wrong."]
        )
        self.assertEqual(
            self.bob.types("/oper root sesame"), ["* You keep order here now."]
        )
        self.assertEqual(self.bob.types("/kick ann"), ["* ann is out of #tea."])

    def test_ban(self) -> None:
        """It ends when it ends, and is there after a restart."""
        self.assertIn(
            "only who keeps order".capitalize(), self.ann.types("/ban bob")[0]
        )
        self.ann.types("/oper root sesame")
        self.assertIn("* bob is banned.", self.ann.types("/ban bob 1h spam"))
        self.assertTrue(self.bob.transcript.disconnecting)
        self.assertEqual(
            self.ann.types("/bans")[-2:],
            ["* name bob, by ann: spam", "* 1 ban."],
        )
        eve = Somebody(self.factory, "b\u043eb")
        self.assertEqual(eve.protocol.name, "")
        joe = Somebody(self.factory, "joe")
        self.assertEqual(joe.types("/nick bob"), ["* You are banned: spam."])
        again = chat(house=keptHouse(self.store, self.house.clock))
        self.assertEqual(Somebody(again, "bob").protocol.name, "")
        self.house.clock.advance(3601)
        self.assertEqual(Somebody(again, "bob").protocol.name, "bob")
        self.assertEqual(self.acts(), ["ban"])

    def test_unban(self) -> None:
        self.ann.types("/oper root sesame")
        self.ann.types("/ban eve")
        self.assertEqual(self.ann.types("/unban eve"), ["* eve is banned no more."])
        self.assertEqual(self.ann.types("/unban eve"), ["* There is no ban of eve."])
        self.assertEqual(Somebody(self.factory, "eve").protocol.name, "eve")

    def test_mistakes(self) -> None:
        for line in ("/unban x", "/bans"):
            self.assertIn("Only who keeps order", self.ann.types(line)[0])
        self.ann.types("/oper root sesame")
        self.assertIn("Ban whom?", self.ann.types("/ban")[0])
        self.assertIn(
            "a time is written as".capitalize(), self.ann.types("/ban x 1y")[0]
        )
        with self.assertRaises(BanError):
            self.house.ban(self.ann.protocol, "", "", "")

    def test_asManyAsCanBeKept(self) -> None:
        """A ban that would be forgotten at the next start is none."""
        ann = self.ann.protocol
        self.patch(storerows, "MAX_FIELDS", 10_000)
        with self.assertRaisesRegex(BanError, "too long to be kept"):
            for number in range(MAX_BANS):
                self.house.ban(ann, f"x{number}!{'y' * 200}@*", "", "z" * 300)
        kept = dict(self.store.loadRooms())["bans"]["bans"]
        self.assertEqual(len(kept), len(self.house.bans))

    def test_hostsAreNotSeen(self) -> None:
        host = self.house.hostOf("192.0.2.7")
        self.assertRegex(host, r"^[0-9a-f]{12}\.v4$")
        self.assertEqual(host, self.house.hostOf("192.0.2.7"))
        self.assertNotEqual(host, self.house.hostOf("192.0.2.8"))
        self.assertRegex(self.house.hostOf("2001:db8::1"), r"\.v6$")
