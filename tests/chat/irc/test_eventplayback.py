"""What happened, in CHATHISTORY (IRCv3's chathistory, draft/event-playback)."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import fail
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.chronicle import MAX_TAGS, Chronicle, beside
from protocols.chat.lobby import Lobby
from protocols.chat.records import Records
from protocols.chat.room import Room
from protocols.chat.storeinterface import StoreError
from protocols.chat.storememory import MemoryStore
from tests.chat.irc.clients import Client, commands, inRoom, irc, lineDoorOf
from tests.chat.people import Somebody

CAPS = "batch draft/chathistory message-tags"
PLAYBACK = f"{CAPS} draft/event-playback"


class EventTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.factory: Any = irc()
        (self.ann,) = inRoom(self.factory, "ann", caps=f"{PLAYBACK} echo-message")
        (self.bob,) = inRoom(self.factory, "bob", caps=CAPS)
        self.ann.says("PRIVMSG #tea :1", "TOPIC #tea :green tea", "PRIVMSG #tea :2")
        self.ann.says("MODE #tea +mv bob")
        self.bob.hears()

    def page(self, words: str, client: Any = None) -> list[str]:
        """The lines of a page, without the batch."""
        client = client or self.ann
        client.hears()
        lines = client.says(f"CHATHISTORY {words}")
        self.assertEqual(commands([lines[0], lines[-1]]), ["BATCH", "BATCH"])
        return [line.partition(";")[2] for line in lines[1:-1]]

    def test_asItWas(self) -> None:
        """ "The msgid tag MUST be the msgid tag as originally sent"."""
        self.assertEqual(
            self.page("LATEST #tea * 10"),
            [
                "msgid=1 :ann!~a@host PRIVMSG #tea :1",
                "msgid=2 :ann!~a@host TOPIC #tea :green tea",
                "msgid=3 :ann!~a@host PRIVMSG #tea :2",
                "msgid=4 :ann!~a@host MODE #tea +mv bob",
            ],
        )

    def test_live(self) -> None:
        """The same ids that were told when it happened."""
        (own,) = self.ann.says("TOPIC #tea :x")
        self.assertEqual(own, "@msgid=5 :ann!~a@host TOPIC #tea x")
        self.assertEqual(self.bob.hears(), [own])

    def test_kick(self) -> None:
        """With its reason, or without one."""
        inRoom(self.factory, "eve")
        for client in (self.ann, self.bob):
            client.hears()
        (own,) = self.ann.says("KICK #tea bob :too late")
        self.assertEqual(own, "@msgid=5 :ann!~a@host KICK #tea bob :too late")
        self.assertEqual(self.bob.hears(), [own])
        self.ann.says("KICK #tea eve")
        lines = self.page("LATEST #tea * 2")
        self.assertTrue(lines[0].endswith(" KICK #tea bob :too late"))
        self.assertTrue(lines[1].endswith(" KICK #tea eve ann"))

    def test_notAskedFor(self) -> None:
        """ "MUST NOT send any lines other than PRIVMSG and NOTICE"."""
        lines = self.page("LATEST #tea * 10", self.bob)
        self.assertEqual([line[-1] for line in lines], ["1", "2"])

    def test_pages(self) -> None:
        """Words and other things count alike, whatever the page is counted from."""
        for words, ids in (
            ("LATEST #tea * 3", "234"),
            ("LATEST #tea msgid=2 10", "34"),
            ("BEFORE #tea msgid=4 2", "23"),
            ("AFTER #tea msgid=1 2", "23"),
            ("AROUND #tea msgid=2 3", "123"),
            ("BETWEEN #tea msgid=1 msgid=4 9", "23"),
            ("BETWEEN #tea msgid=4 msgid=1 1", "3"),
            ("AFTER #tea timestamp=2023-11-14T22:13:19.000Z 2", "12"),
            ("AFTER #tea timestamp=2023-11-14T22:13:21.000Z 2", ""),
            ("AROUND #tea timestamp=2023-11-14T22:13:20.000Z 3", "12"),
        ):
            found = "".join(line[6] for line in self.page(words))
            self.assertEqual(found, ids, words)

    def test_tags(self) -> None:
        """A TAGMSG that is to stay; others are gone when they have been told."""
        for words in ("", "+draft/persist", "+x=1;+draft/persist"):
            self.ann.says(f"@{words} TAGMSG #tea" if words else "TAGMSG #tea")
        much = "x" * MAX_TAGS
        self.ann.says(f"@+draft/persist;+x={much} TAGMSG #tea")
        lines = [line for line in self.page("LATEST #tea * 10") if "TAGMSG" in line]
        self.assertEqual(
            lines,
            [
                "msgid=6;+draft/persist :ann!~a@host TAGMSG #tea",
                "msgid=7;+x=1;+draft/persist :ann!~a@host TAGMSG #tea",
            ],
        )

    def test_tagsInPrivate(self) -> None:
        """For both, and nobody else; as each of them saw it."""
        self.bob.says("CAP REQ draft/event-playback")
        self.ann.says("@+draft/persist TAGMSG bob", "PRIVMSG bob :hello")
        for client, other in ((self.ann, "bob"), (self.bob, "ann")):
            lines = self.page(f"LATEST {other} * 10", client)
            self.assertEqual(len(lines), 2)
            self.assertTrue(lines[0].endswith(" TAGMSG bob"))

    def test_otherDoors(self) -> None:
        """What happens is no line of what was said there, for whom it is a line."""
        lee = Somebody(lineDoorOf(self.factory, firstRoom="#tea"), "lee")
        said = [line for line in lee.types("/history 10") if "<ann>" in line]
        self.assertEqual(len(said), 2)
        self.assertNotIn("green tea", "".join(lee.types("/search green")))

    def test_fault(self) -> None:
        """Section "MESSAGE_ERROR"; what went wrong in one of two is enough."""
        store = self.factory.records.store
        self.patch(store, "page", lambda *_: fail(StoreError("disk")))
        (line,) = self.ann.says("CHATHISTORY LATEST #tea * 10")
        self.assertIn(" FAIL CHATHISTORY MESSAGE_ERROR LATEST #tea :", line)


class ChronicleTests(SynchronousTestCase):
    def test_closed(self) -> None:
        """Where others number what is said, nothing is kept, and it is not offered."""

        class Shared(Room):
            pass

        lobby = Lobby(lambda function: None)
        lobby.roomKind = Shared
        chronicle = Chronicle(lobby, Records(MemoryStore(), lobby))
        self.assertEqual((chronicle.isOpen, lobby.roomKind), (False, Shared))
        factory = irc()
        factory.house.chronicle = chronicle
        offered = factory.capabilitiesFor(Client(factory).protocol)
        self.assertNotIn("draft/event-playback", offered)
        self.assertNotIn("draft/metadata-3", offered)

    def test_places(self) -> None:
        """However a room's name is written; and no talk is called like that."""
        self.assertEqual(beside("#Tea"), beside("#tea"))
        self.assertEqual(beside("ann|bob"), "!ann|bob!")
