"""IRCv3's labeled-response and echo-message, over a backplane."""

from __future__ import annotations

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.backplane.labels import ECHO_WAIT
from protocols.chat.backplane.local import LocalBus
from tests.chat.backplane.nodes import Client, Place, settle


class Labelling(Client):
    capabilities = "echo-message message-tags batch labeled-response"


class LabelTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.bus = LocalBus(Clock())
        self.one, self.two = (
            Place(self.bus, name, isReserving=True).begin() for name in ("one", "two")
        )
        self.ann = Labelling(self.one.irc, "ann")
        self.bob = Labelling(self.two.irc, "bob")
        for client in (self.ann, self.bob):
            client.types("JOIN #a")
        self.ann.hears()

    def later(self, seconds: float) -> None:
        for _ in range(int(seconds * 2)):
            self.bus.clock.advance(0.5)
        settle(self.bus.clock)

    def test_one(self) -> None:
        """The echo is the answer to the label, with its number."""
        [echo] = self.ann.types("@label=1 PRIVMSG #a :hello")
        self.assertIn("label=1;", echo)
        self.assertIn("msgid=", echo)
        self.assertTrue(echo.endswith(" PRIVMSG #a :hello"), echo)
        [heard] = self.bob.hears()
        self.assertEqual(echo.replace("label=1;", ""), heard)

    def test_several(self) -> None:
        """Two targets are a batch; so is an echo with another answer."""
        lines = self.ann.types("@label=2 PRIVMSG #a,bob :hello")
        self.assertIn("BATCH +", lines[0])
        self.assertEqual(
            [line.rpartition(":")[2] for line in lines[1:-1]], ["hello"] * 2
        )
        self.bob.types("AWAY :tea")
        lines = self.ann.types("@label=3 PRIVMSG bob :hello")
        self.assertEqual(len(lines), 4)
        self.assertIn(" 301 ann bob ", " ".join(lines))

    def test_severalLines(self) -> None:
        """A message of several lines (draft/multiline) is answered as a whole."""
        self.ann.types("CAP REQ :draft/multiline")
        lines = self.ann.types(
            "@label=a BATCH +1 draft/multiline #a",
            *("@batch=1 PRIVMSG #a :one", "@batch=1 PRIVMSG #a :two", "BATCH -1"),
        )
        self.assertEqual(len(lines), 4)
        self.assertIn("label=a;", lines[0])
        self.assertEqual(len(self.bob.hears()), 2)

    def test_order(self) -> None:
        """What comes behind it is answered behind it; what has no label is not."""
        lines = self.ann.types("@label=4 NOTICE #a :one", "PING x", "PRIVMSG #a :two")
        said = [line.rpartition(" ")[2].lstrip(":") for line in lines]
        self.assertEqual(said, ["one", "x", "two"])
        self.assertIn("label=4", lines[0])
        self.assertNotIn("label", lines[2])

    def test_refused(self) -> None:
        self.assertIn("403", self.ann.types("@label=5 PRIVMSG #no :x")[0])
        self.assertIn("label=6 ", self.ann.types("@label=6 PING y")[0])

    def test_alone(self) -> None:
        """Without the backplane it is told after the time of grace, and is answered."""
        self.bus.stop()
        self.assertEqual(self.ann.types("@label=7 PRIVMSG #a :hello"), [])
        self.later(2)
        heard = [line for line in self.ann.hears() if "hello" in line]
        self.assertEqual(len(heard), 1)
        self.assertIn("label=7", heard[0])
        [again] = self.ann.types("@label=8 PRIVMSG #a :well")
        self.assertIn("label=8", again)

    def test_notTooLong(self) -> None:
        """What does not come back is acknowledged, and nothing waits for it."""
        self.bus.soon = lambda: None  # type: ignore[method-assign]
        self.assertEqual(self.ann.types("@label=9 PRIVMSG #a :hello", "PING z"), [])
        self.later(ECHO_WAIT)
        lines = self.ann.hears()
        self.assertTrue(lines[0].endswith("ACK"), lines)
        self.assertIn("PONG", lines[1])
        self.one.backplane.handOut()
        [echo] = self.ann.hears()
        self.assertNotIn("label", echo)

    def test_goneMeanwhile(self) -> None:
        self.ann.say(b"@label=1 PRIVMSG #a :hello\r\n")
        self.ann.reset()
        settle(self.bus.clock)
        self.assertIn("hello", self.bob.hears()[0])
