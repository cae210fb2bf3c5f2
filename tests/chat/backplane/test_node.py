"""Nodes that are one chat: what one says and does, the other's people see."""

from __future__ import annotations

from tests.chat.backplane.nodes import Client, Place, Talker, TwoNodes


class LineTests(TwoNodes):
    def setUp(self) -> None:
        super().setUp()
        self.ann = Talker(self.one.lines, "ann")
        self.bob = Talker(self.two.lines, "bob")
        self.ann.hears()

    def test_words(self) -> None:
        self.assertEqual(self.ann.types("hello"), [])
        self.assertEqual(self.bob.hears(), ["#lobby <ann> hello"])
        self.bob.types("/me waves")
        self.assertEqual(self.ann.hears(), ["#lobby * bob waves"])

    def test_numbersAreTheSame(self) -> None:
        self.ann.types("hello")
        self.bob.types("well")
        pages = [
            place.lobby.room("#lobby").history.last(9)  # type: ignore[union-attr]
            for place in (self.one, self.two)
        ]
        self.assertEqual([each.text for each in pages[0]], ["hello", "well"])
        self.assertEqual(pages[0], pages[1])
        self.assertLess(pages[0][0].id, pages[0][1].id)

    def test_inPrivate(self) -> None:
        self.assertEqual(self.ann.types("/msg bob psst"), ["[you to bob] psst"])
        self.assertEqual(self.bob.hears(), ["[ann to you] psst"])
        talks = self.successResultOf(self.two.store.talks("ann"))
        self.assertEqual(talks, [])
        ann = self.two.lobby.find("ann")
        assert ann is not None
        place = self.two.house.records.talk(ann, "bob")
        self.assertIn("psst", str(self.two.store._rings[place].last(1)))  # type: ignore[attr-defined]

    def test_comingAndGoing(self) -> None:
        cid = Talker(self.two.lines, "cid")
        self.assertEqual(self.ann.hears(), ["#lobby * cid joined"])
        cid.types("/nick dan")
        self.assertEqual(self.ann.hears(), ["#lobby * cid is now dan"])
        cid.types("/join #b")
        cid.types("/quit")
        self.assertEqual(self.ann.hears(), ["#lobby * dan quit"])
        self.assertIsNone(self.one.lobby.room("#b"))
        self.assertAlike()

    def test_topic(self) -> None:
        self.bob.types("/join #b", "/topic birds")
        self.assertIn("* You are in #b, with bob.", self.ann.types("/join #b"))
        self.assertAlike()
        room = self.one.lobby.room("#b")
        assert room is not None
        self.assertEqual(room.topic.text, "birds")
        self.bob.hears()
        self.bob.types("/topic bees")
        self.assertEqual(self.ann.hears(), ["#b * bob set the topic: bees"])

    def test_kicked(self) -> None:
        self.bob.types("/join #b")
        self.ann.types("/join #b")
        self.bob.hears()
        self.bob.types("/kick ann noise")
        self.assertEqual(self.ann.hears(), ["#b * ann was removed by bob: noise"])
        self.assertAlike()

    def test_away(self) -> None:
        self.bob.types("/away tea")
        self.assertIn("* bob is away: tea", self.ann.types("/msg bob hey"))
        self.assertAlike()

    def test_aNameIsOneSessions(self) -> None:
        cid = Talker(self.one.lines, "bоb")
        self.assertEqual(
            cid.types("BOB"), ["* The name BOB is taken; which other name?"]
        )
        self.ann.types("/nick bob")
        self.assertAlike()

    def test_twoAtOnce(self) -> None:
        """Exactly one gets it, and all nodes agree who."""
        cids = [Talker(place.lines, "") for place in (self.one, self.two)]
        for cid in cids:
            cid.say(b"cid\n")
        heard = [cid.hears() for cid in cids]
        self.assertIn("* Somebody else has the name cid. Bye.", heard[1])
        self.assertIn("* Hello, cid. Type /help for what you can do.", heard[0])
        self.assertAlike()
        self.assertEqual(sorted(self.one.lobby.people), ["ann", "bob", "cid"])

    def test_whoStartsLater(self) -> None:
        self.bob.types("/join #b", "/topic birds", "hello")
        self.two = Place(self.bus, "three").begin()
        self.assertAlike()
        dan = Talker(self.two.lines, "dan")
        heard = dan.types("/join #b")
        self.assertIn("#b <bob> hello", " ".join(heard))
        self.ann.types("/join #b", "hi")
        self.assertEqual(dan.hears(), ["#b * ann joined", "#b <ann> hi"])


class IRCTests(TwoNodes):
    def setUp(self) -> None:
        super().setUp()
        self.ann = Client(self.one.irc, "ann")
        self.bob = Client(self.two.irc, "bob")
        for client in (self.ann, self.bob):
            client.types("JOIN #a")
        self.ann.hears()

    def test_echoHasTheNumber(self) -> None:
        """What comes back to who said it is what the others see."""
        echo = self.ann.types("PRIVMSG #a :hello")
        self.assertEqual(len(echo), 1)
        self.assertIn("msgid=", echo[0])
        self.assertEqual(self.bob.hears(), echo)

    def test_inPrivate(self) -> None:
        echo = self.ann.types("PRIVMSG bob :psst")
        self.assertIn("msgid=", echo[0])
        self.assertEqual(self.bob.hears(), echo)

    def test_resume(self) -> None:
        """CHATHISTORY AFTER goes on at any node."""
        first = self.ann.types("PRIVMSG #a :one")[0]
        number = first.partition("msgid=")[2].split()[0]
        self.bob.types("PRIVMSG #a :two")
        cid = Client(self.two.irc, "cid")
        cid.types("JOIN #a")
        page = cid.types(f"CHATHISTORY AFTER #a msgid={number} 10")
        self.assertEqual([each.rpartition(":")[2] for each in page[1:-1]], ["two"])

    def test_modes(self) -> None:
        self.ann.types("MODE #a +mk word", "MODE #a +v bob")
        heard = self.bob.hears()
        self.assertIn("MODE #a +mk word", heard[0])
        self.assertIn("MODE #a +v bob", heard[1])
        self.assertAlike()
        self.assertIn("msgid", self.bob.types("PRIVMSG #a :may I?")[0])
        self.bob.types("PART #a", "JOIN #a word")
        self.assertAlike()

    def test_operatorsOnly(self) -> None:
        self.bob.types("PRIVMSG @#a :psst")
        self.assertIn("PRIVMSG @#a psst", self.ann.hears()[0].replace(":psst", "psst"))

    def test_invited(self) -> None:
        self.ann.types("MODE #a +i")
        cid = Client(self.two.irc, "cid")
        self.assertIn(" 473 ", cid.types("JOIN #a")[0])
        self.ann.types("INVITE cid #a")
        self.assertIn("INVITE cid", cid.hears()[0])
        cid.types("JOIN #a")
        self.assertAlike()

    def test_kicked(self) -> None:
        self.ann.types("KICK #a bob :out")
        heard = self.bob.hears()
        self.assertEqual([each for each in heard if "KICK" in each], heard)
        self.assertAlike()

    def test_quit(self) -> None:
        self.ann.types("QUIT :tea")
        self.assertIn("QUIT :Quit: tea", self.bob.hears()[0])
        self.assertAlike()

    def test_part(self) -> None:
        self.ann.types("PART #a :tea")
        self.assertIn("PART #a tea", self.bob.hears()[0].replace(":tea", "tea"))
        self.assertAlike()
