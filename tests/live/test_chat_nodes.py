"""What somebody does at one node of the chat holds at the other."""

from __future__ import annotations

from pathlib import Path

from tests.live.redisserver import Peer
from tests.live.test_chat_redis import Case

# Names that two want at the same time.
RACES = 10


class NodesTests(Case):
    def test_loginAtAnotherNode(self) -> None:
        """An account made at one is there at the other, at once."""
        ann = self.line("1", "ann")
        ann.say("/register pencil")
        ann.waitFor("You are logged in as ann")
        ann.say("/quit")
        ann.waitFor("Bye")
        thief = Peer(self.door("lines", "2"))
        self.addCleanup(thief.close)
        thief.say("ann")
        thief.waitFor("PASSWORD")
        thief.say("ann wrong")
        thief.waitFor("password is wrong")
        thief.say("ann pencil")
        thief.waitFor("Hello, ann")

    def test_bannedAtAnotherNode(self) -> None:
        """A ban at one sends people of the other away; it survives Redis."""
        operators = Path(self.redis.folder, "operators")
        operators.write_text("root:pencil\n")
        self.node("3", "--operators", str(operators))
        ann, bob = self.line("3", "ann"), self.line("2", "bob")
        cid = self.irc("2", "cid")
        ann.say("/oper root pencil", "/ban bob 1h flood")
        ann.waitFor("bob is banned")
        bob.waitFor("You are banned. Bye")
        self.redis.kill()
        self.redis.start()
        ann.say("/ban cid")
        cid.waitFor("ERROR .*You are banned")
        again = Peer(self.door("lines", "2"))
        self.addCleanup(again.close)
        again.say("bob")
        again.waitFor("banned: flood")
        dan = self.line("2", "dan")
        ann.say("/unban bob", "he may come")
        dan.waitFor("<ann> he may come")
        again.say("bob")
        again.waitFor("Hello, bob")

    def test_renamesRace(self) -> None:
        """Of two who take a name at once one has it, the other keeps their own."""
        ann, bob = self.irc("1", "ann"), self.irc("2", "bob")
        names = {"ann", "bob"}
        for number in range(RACES):
            wanted = f"name{number}"
            for each in (ann, bob):
                each.say(f"NICK {wanted}")
            found = [
                each.waitFor(rf"(?: 433 (\w+) | NICK :?){wanted}\b")
                for each in (ann, bob)
            ]
            losers = [each[1] for each in found if each[1]]
            self.assertEqual(len(losers), 1, found)
            self.assertIn(losers[0], names)
            names = {losers[0], wanted}
            ann, bob = (ann, bob) if found[0][1] else (bob, ann)
        for node in ("1", "2"):
            peer = self.irc(node, f"late{node}")
            peer.say(f"ISON {' '.join(f'name{n}' for n in range(RACES))} ann bob")
            line = peer.waitFor(" 303 ").string
            self.assertEqual(set(line.rpartition(":")[2].split()), names)
