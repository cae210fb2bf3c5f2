"""The client, against our own server."""

from __future__ import annotations

from twisted.internet.defer import CancelledError, Deferred
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat import ChatFactory
from protocols.chat import conversation as conversationModule
from protocols.chat.client import (
    ChatClient,
    ChatClosedError,
    Heard,
    ReplyTimeoutError,
)
from protocols.chat.conversation import heardIn
from protocols.testing import runningInThread
from tests.chat.clients import Case


class TalkTests(Case):
    def setUp(self) -> None:
        super().setUp()
        self.ann, self.bob = (self.clientOf(name) for name in ("ann", "bob"))
        self.assertEqual(self.resultOf(self.ann.connect()), "#lobby")
        self.assertEqual(self.resultOf(self.bob.connect()), "#lobby")
        for client, notices in (
            (self.ann, ["Welcome.", "Hello, ann.", "bob joined"]),
            (self.bob, ["Welcome.", "Hello, bob."]),
        ):
            for notice in notices:
                heard = self.resultOf(client.message())
                self.assertTrue(heard.text.startswith(notice), heard)

    def heardBy(self, client: ChatClient) -> Heard:
        heard: Heard = self.resultOf(client.message(timeout=1))
        return heard

    def test_say(self) -> None:
        for text in ("hello", "/etc/passwd", "//", "naïve 名前"):
            self.resultOf(self.ann.say(text))
            self.assertEqual(self.heardBy(self.bob), Heard(text, "ann", "#lobby"))

    def test_act(self) -> None:
        self.resultOf(self.ann.act("waves"))
        self.assertEqual(self.heardBy(self.bob), Heard("ann waves", "", "#lobby"))

    def test_private(self) -> None:
        self.resultOf(self.ann.private("BOB", "psst"))
        heard = self.heardBy(self.bob)
        self.assertEqual((heard, heard.isPrivate), (Heard("psst", "ann"), True))
        self.assertEqual(
            self.refusalOf(self.ann.private("eve", "x")), "Nobody here is called eve."
        )

    def test_rooms(self) -> None:
        self.assertEqual(self.resultOf(self.ann.join("tea")), "#tea")
        self.assertEqual(self.resultOf(self.ann.join("#lobby")), "#lobby")
        self.resultOf(self.ann.leave("tea"))
        self.resultOf(self.ann.leave())
        self.assertEqual(self.heardBy(self.bob), Heard("ann left", "", "#lobby"))
        self.assertIn("no room", self.refusalOf(self.ann.leave()))
        self.assertIn("space", self.refusalOf(self.ann.join("a b")))

    def test_manyAtATime(self) -> None:
        """Each gets its own answer, and leaving says where one talks then."""
        asked = [self.ann.join("tea"), self.ann.leave(), self.ann.join("coffee")]
        started = [Deferred.fromCoroutine(each) for each in asked]
        for _ in asked:
            self.endpoint.pump()
        self.assertEqual(
            [self.successResultOf(each) for each in started], ["#tea", None, "#coffee"]
        )

    def test_rename(self) -> None:
        self.assertEqual(self.resultOf(self.ann.rename("anna")), "anna")
        self.assertEqual(self.ann.name, "anna")
        self.assertIn("taken", self.refusalOf(self.ann.rename("BOB")))
        self.assertEqual(self.ann.name, "anna")

    def test_saidInVain(self) -> None:
        """What the server says about a line is no answer to the next command."""
        for _ in range(4):
            self.resultOf(self.ann.say("spam"))
        self.assertEqual(self.resultOf(self.ann.join("tea")), "#tea")
        self.assertIn("You have said that", self.heardBy(self.ann).text)

    def test_nothingToHear(self) -> None:
        """One may give up waiting, and wait again; nothing is lost by it."""
        waiting = self.start(self.bob.message(timeout=3))
        self.clock.advance(3)
        self.failureResultOf(waiting).trap(ReplyTimeoutError)
        waiting = self.start(self.bob.message())
        waiting.cancel()
        self.failureResultOf(waiting).trap(CancelledError)
        waiting = self.start(self.bob.message())
        self.resultOf(self.ann.say("hello"))
        self.assertEqual(self.successResultOf(waiting).text, "hello")

    def test_boundedInbox(self) -> None:
        self.patch(conversationModule, "MAX_KEPT", 3)
        for number in range(5):
            self.resultOf(self.ann.say(f"{number}"))
        self.assertEqual(self.bob.missed, 2)
        self.assertEqual([self.heardBy(self.bob).text for _ in range(3)], list("234"))

    def test_notALine(self) -> None:
        """Nobody can smuggle in a second line, or one that is refused anyway."""
        for wrong in (
            self.ann.say("a\n/quit"),
            self.ann.say(""),
            self.ann.say("x" * 8193),
            self.ann.act("a\r"),
            self.ann.join("a\nb"),
            self.ann.private("bob\n", "x"),
        ):
            self.refusalOf(wrong, ValueError)
        self.assertRaises(ValueError, self.clientOf, "a\nb")

    def test_close(self) -> None:
        self.resultOf(self.ann.close())
        self.resultOf(self.ann.close())
        self.assertEqual(self.heardBy(self.bob), Heard("ann quit", "", "#lobby"))
        for late in (self.ann.say("x"), self.ann.message(), self.ann.join("x")):
            self.refusalOf(late, ChatClosedError)
        self.assertEqual(self.resultOf(self.ann.connect()), "#lobby")
        self.refusalOf(self.ann.connect(), RuntimeError)

    def test_theServerStops(self) -> None:
        waiting = self.start(self.ann.message())
        for pair in self.endpoint.pairs:
            pair.server.drainRequested()
        self.endpoint.pump()
        self.assertIn("stopping", self.successResultOf(waiting).text)
        self.assertIn("stopping", self.refusalOf(self.ann.message(), ChatClosedError))
        self.refusalOf(self.ann.say("x"), ChatClosedError)
        self.resultOf(self.ann.close())

    def test_abort(self) -> None:
        waiting = self.start(self.ann.message())
        self.ann.abort()
        self.ann.abort()
        self.failureResultOf(waiting).trap(ChatClosedError)
        self.assertTrue(self.endpoint.pairs[0].clientTransport.aborted)


class HeardTests(SynchronousTestCase):
    def test_kinds(self) -> None:
        for line, heard in {
            "#tea <ann> <bob> hi": Heard("<bob> hi", "ann", "#tea"),
            "#tea * bob joined": Heard("bob joined", "", "#tea"),
            "[ann to you] psst": Heard("psst", "ann"),
            "* Bye.": Heard("Bye."),
            "* #tea <ann> no": Heard("#tea <ann> no"),
        }.items():
            self.assertEqual(heardIn(line), heard)


class SocketTests(SynchronousTestCase):
    """The same on sockets, in a reactor's thread."""

    def test_wholeLife(self) -> None:
        factory = ChatFactory()
        with runningInThread(factory) as running:
            factory.clock = running.reactor
            addresses = [(running.host, running.port)]

            async def talk() -> Heard:
                async with ChatClient(running.reactor, addresses, "ann") as ann:
                    async with ChatClient(running.reactor, addresses, "bob") as bob:
                        await ann.private("bob", "psst")
                        heard = await bob.message(10)
                        while not heard.isPrivate:
                            heard = await bob.message(10)
                        return heard

            self.assertEqual(running.call(talk), Heard("psst", "ann"))
