"""L{protocols.chat.web.protocol}: the page over HTTP (RFC 9110, RFC 9112)."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.web.protocol import HEAD_TIME
from protocols.chat.web.requests import MAX_FIELDS, MAX_HEAD, MAX_LINE
from protocols.testing import Advance, Conversation, converse, everySplit
from tests.chat.web.browsers import factoryFor, head, opening


def statuses(octets: bytes) -> list[int]:
    """Of all responses, one behind the other."""
    parts = octets.split(b"HTTP/1.1 ")
    return [int(part[:3]) for part in parts[1:]]


def asked(*script: Any) -> tuple[list[int], bool]:
    """The statuses, and whether the connection was closed."""
    transcript = converse(factoryFor(), script)
    return statuses(transcript.written), transcript.disconnecting


class PageTests(SynchronousTestCase):
    def test_page(self) -> None:
        said = converse(factoryFor(), head())
        top, _, body = said.written.partition(b"\r\n\r\n")
        self.assertEqual((body, said.disconnecting), (b"<p>page", False))
        for line in (
            *(b"HTTP/1.1 200 OK", b"Content-Type: text/html; charset=utf-8"),
            *(b"Content-Length: 7", b"Cache-Control: no-cache"),
            *(b"X-Content-Type-Options: nosniff", b"Referrer-Policy: no-referrer"),
        ):
            self.assertIn(line, top.split(b"\r\n"))

    def test_severalInOneConnection(self) -> None:
        said = head() + b"\r\n" + head("HEAD /a.js HTTP/1.1") + head("GET /b HTTP/1.1")
        transcript = everySplit(factoryFor, said)
        self.assertEqual(statuses(transcript.written), [200, 200, 404])
        self.assertFalse(transcript.disconnecting)

    def test_head(self) -> None:
        """RFC 9110, section 9.3.2: as with GET, without the content."""
        got = converse(factoryFor(), head()).written
        self.assertEqual(
            converse(factoryFor(), head("HEAD / HTTP/1.1")).written,
            got.removesuffix(b"<p>page"),
        )

    def test_notModified(self) -> None:
        """RFC 9110, section 13.1.2."""
        tag = factoryFor().files["/"].fields["ETag"]
        for said, status in {
            tag: 304,
            f'"x", W/{tag}': 304,
            "*": 304,
            '"x"': 200,
        }.items():
            written = converse(factoryFor(), head(If_None_Match=said)).written
            self.assertEqual(statuses(written), [status], said)
            self.assertEqual(written.endswith(b"<p>page"), status == 200)

    def test_oldClients(self) -> None:
        self.assertEqual(asked(b"GET / HTTP/1.0\r\n\r\n"), ([200], True))

    def test_close(self) -> None:
        self.assertEqual(asked(head(Connection="close") + head()), ([200], True))

    def test_halfClosed(self) -> None:
        transcript = converse(factoryFor(), head(), end=True)
        self.assertEqual(statuses(transcript.written), [200])
        self.assertTrue(transcript.disconnecting)


class RefusedTests(SynchronousTestCase):
    def test_paths(self) -> None:
        for path in (
            "/x",
            "/../a.js",
            "//a.js",
            "/%61.js",
            "/index.html",
            "/A.JS",
            "*",
        ):
            self.assertEqual(asked(head(f"GET {path} HTTP/1.1")), ([404], False), path)

    def test_methods(self) -> None:
        for method in ("POST", "PUT", "OPTIONS", "get", "BREW"):
            written = converse(factoryFor(), head(f"{method} / HTTP/1.1")).written
            self.assertEqual(statuses(written), [405], method)
            self.assertIn(b"\r\nAllow: GET, HEAD\r\n", written)

    def test_malformed(self) -> None:
        """The connection ends: what follows can't be trusted."""
        said = b"GET / HTTP/1.1\r\nHost : a\r\n\r\n" + head()
        transcript = everySplit(factoryFor, said)
        self.assertEqual(statuses(transcript.written), [400])
        self.assertTrue(transcript.disconnecting)

    def test_bodies(self) -> None:
        said = head("POST / HTTP/1.1", Content_Length="30") + head()
        self.assertEqual(asked(said), ([413], True))

    def test_longLines(self) -> None:
        target = b"GET /" + b"x" * MAX_LINE
        self.assertEqual(asked(target), ([414], True))
        field = b"GET / HTTP/1.1\r\nA: " + b"x" * MAX_LINE
        self.assertEqual(asked(field), ([431], True))

    def test_largeHeads(self) -> None:
        lines = [b"A: " + b"x" * 1000] * (MAX_HEAD // 1000 + 1)
        said = b"GET / HTTP/1.1\r\n" + b"".join(line + b"\r\n" for line in lines)
        self.assertEqual(asked(said), ([431], True))

    def test_manyFields(self) -> None:
        said = b"GET / HTTP/1.1\r\n" + b"A:\r\n" * MAX_FIELDS
        self.assertEqual(asked(said), ([431], True))

    def test_aFieldShortOfTheBounds(self) -> None:
        said = b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A:\r\n" * (MAX_FIELDS - 2)
        self.assertEqual(asked(said + b"\r\n"), ([200], False))

    def test_noLineEnd(self) -> None:
        """What a peer sends for ever is not kept."""
        conversation = Conversation(factoryFor())
        for _ in range(100):
            conversation.say(b"x" * 65536)
        self.assertTrue(conversation.transport.disconnecting)


class TimeTests(SynchronousTestCase):
    def test_nothing(self) -> None:
        self.assertEqual(asked(Advance(HEAD_TIME - 0.1)), ([], False))
        self.assertEqual(asked(Advance(HEAD_TIME)), ([], True))

    def test_aHeadThatNeverEnds(self) -> None:
        """A line now and then does not win time."""
        slowly = [step for _ in range(9) for step in (b"A: b\r\n", Advance(2))]
        said = (b"GET / HTTP/1.1\r\n", *slowly)
        self.assertEqual(asked(*said), ([], False))
        self.assertEqual(asked(*said, Advance(2)), ([408], True))

    def test_eachRequestHasItsOwn(self) -> None:
        some = [step for _ in range(9) for step in (Advance(HEAD_TIME - 1), head())]
        self.assertEqual(asked(*some), ([200] * 9, False))
        self.assertEqual(asked(*some, Advance(HEAD_TIME)), ([200] * 9, True))


class PressureTests(SynchronousTestCase):
    def test_whoDoesNotReadIsNotAnswered(self) -> None:
        """The responses that wait are bounded, however much is asked for."""
        factory = factoryFor()
        conversation = Conversation(factory)
        transport = conversation.transport
        for _ in range(3000):
            transport.deliver(head())
        self.assertLess(transport.unread, 70_000)
        self.assertGreater(transport.held, 0)
        self.assertEqual(len(statuses(conversation.heard())), 3000)


_PARTS = st.sampled_from(
    (
        b"GET ",
        b"/",
        b" HTTP/1.1",
        b"\r\n",
        b"\r\n\r\n",
        b"Host: a",
        b":",
        head(),
        opening(),
    )
)


class NoiseTests(SynchronousTestCase):
    """Whatever comes, it is answered or refused, and nothing of ours fails."""

    @given(st.lists(_PARTS | st.binary(max_size=40), max_size=20))
    def test_requests(self, parts: list[bytes]) -> None:
        converse(factoryFor(), parts)
        self.assertEqual(self.flushLoggedErrors(), [])

    @given(st.lists(st.binary(max_size=40), max_size=10))
    def test_frames(self, parts: list[bytes]) -> None:
        converse(factoryFor(), [opening(), *parts])
        self.assertEqual(self.flushLoggedErrors(), [])


class EndTests(SynchronousTestCase):
    def test_drained(self) -> None:
        conversation = Conversation(factoryFor())
        conversation.do(conversation.protocol.drainRequested)
        self.assertTrue(conversation.transport.disconnected)

    def test_idle(self) -> None:
        conversation = Conversation(factoryFor())
        conversation.do(conversation.protocol.idledOut)
        self.assertTrue(conversation.transport.disconnected)

    def test_lastWord(self) -> None:
        word = factoryFor().lastWord("draining")
        self.assertTrue(word.startswith(b"HTTP/1.1 503 Service Unavailable\r\n"))
        self.assertIn(b"\r\nRetry-After: 10\r\n", word)
        self.assertIn(b"\r\nConnection: close\r\n", word)

    def test_reload(self) -> None:
        told: list[str] = []
        factory = factoryFor()
        factory.reload()
        factory.inner.reload = lambda: told.append("reload")
        factory.reload()
        self.assertEqual(told, ["reload"])

    def test_aFaultOfOurs(self) -> None:
        factory = factoryFor()
        factory.now = lambda: 1 // 0
        self.assertTrue(converse(factory, head()).aborted)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
