"""Each bound of the browser door, by what a stranger sends; and odd requests.

The kernel's part (who does not read, and SIGTERM) is in C{tests/live/}.
"""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.web.closing import CLOSE_TIME
from protocols.chat.web.frames import (
    CLOSE,
    CONTINUATION,
    MAX_FRAGMENTS,
    MAX_MESSAGE,
    PING,
    POLICY,
    PROTOCOL_ERROR,
    TEXT,
    TOO_BIG,
)
from protocols.chat.web.protocol import HEAD_TIME
from protocols.chat.web.requests import MAX_FIELDS
from protocols.chat.web.websocket import CONTROL_BURST
from protocols.testing import Advance, converse
from tests.chat.web.browsers import Browser, factoryFor, head, masked, opening, text
from tests.chat.web.test_protocol import asked, statuses


class WebSocketTests(SynchronousTestCase):
    def closedWith(self, *octets: bytes) -> int:
        """The code of the close that answers; nothing comes behind it."""
        browser = Browser()
        for each in octets:
            browser.say(each)
        kind, payload = browser.frames()[-1]
        self.assertEqual(kind, CLOSE)
        browser.say(text("more"))
        self.assertEqual(browser.frames(), [])
        browser.advance(2 * CLOSE_TIME)
        self.assertTrue(browser.transport.disconnecting or browser.transport.aborted)
        self.assertEqual(browser.clock.getDelayedCalls(), [])
        return int.from_bytes(payload[:2], "big")

    def test_aLongMessage(self) -> None:
        """RFC 6455, section 7.4.1; the length alone is enough."""
        self.assertEqual(self.closedWith(text("x" * (MAX_MESSAGE + 1))), TOO_BIG)
        length = MAX_MESSAGE + 1
        said = b"\x81\xfe" + length.to_bytes(2, "big")
        self.assertEqual(self.closedWith(said), TOO_BIG)

    def test_asLongAsItMayBe(self) -> None:
        browser = Browser()
        browser.say(text("x" * MAX_MESSAGE))
        self.assertEqual(browser.frames(), [(TEXT, b"you said " + b"x" * MAX_MESSAGE)])

    def test_aLengthThatNobodyHas(self) -> None:
        """Section 5.2: the first bit is 0. One less is only too much."""
        huge = b"\x81\xff" + (1 << 63).to_bytes(8, "big")
        self.assertEqual(self.closedWith(huge), PROTOCOL_ERROR)
        large = b"\x81\xff" + ((1 << 63) - 1).to_bytes(8, "big")
        self.assertEqual(self.closedWith(large), TOO_BIG)

    def test_noMask(self) -> None:
        """Section 5.1."""
        self.assertEqual(self.closedWith(b"\x81\x02hi"), PROTOCOL_ERROR)

    def test_fragmentsWithoutEnd(self) -> None:
        first = masked(TEXT, b"a", last=False)
        more = masked(CONTINUATION, b"", last=False)
        said = [first, *[more] * (MAX_FRAGMENTS - 1)]
        self.assertEqual(self.closedWith(*said), TOO_BIG)
        large = masked(CONTINUATION, b"x" * (MAX_MESSAGE // 4), last=False)
        self.assertEqual(self.closedWith(first, *[large] * 4), TOO_BIG)

    def test_pings(self) -> None:
        """At once, and one a second."""
        said = [masked(PING)] * (int(CONTROL_BURST) + 1)
        self.assertEqual(self.closedWith(*said), POLICY)
        browser = Browser()
        for _ in range(200):
            browser.say(masked(PING))
            browser.advance(1)
        self.assertFalse(browser.transport.disconnecting)


class HandshakeTests(SynchronousTestCase):
    def test_anotherSite(self) -> None:
        for origin in ("https://evil.example", "null", "http://chat.test.evil.example"):
            self.assertEqual(asked(opening(Origin=origin)), ([403], True))

    def test_slowly(self) -> None:
        """One time for the whole head, however often something comes."""
        octets = opening()
        script: list[bytes | Advance] = []
        for at in range(len(octets)):
            script += [octets[at : at + 1], Advance(HEAD_TIME / 50)]
        self.assertEqual(asked(*script), ([408], True))

    def test_manyFields(self) -> None:
        fields = b"".join(b"X-%d: y\r\n" % number for number in range(MAX_FIELDS))
        said = opening().removesuffix(b"\r\n") + fields + b"\r\n"
        self.assertEqual(asked(said), ([431], True))

    def test_compressionIsNotAgreedOn(self) -> None:
        """RFC 7692, section 5: what was not agreed on may not be used."""
        browser = Browser(Sec_WebSocket_Extensions="permessage-deflate")
        self.assertNotIn(b"extensions", browser.response.lower())
        browser.say(masked(TEXT, b"x", reserved=0x40))
        kind, payload = browser.frames()[-1]
        self.assertEqual((kind, payload[:2]), (CLOSE, b"\x03\xea"))


class RequestTests(SynchronousTestCase):
    def test_rangesAndCodings(self) -> None:
        """RFC 9110, sections 14.2 and 12.5.3: a server need not have them."""
        plain = converse(factoryFor(), head()).written
        for fields in (
            {"Range": "bytes=0-1"},
            {"Range": "bytes=9-", "If_Range": '"x"'},
            {"Accept_Encoding": "gzip, br"},
            {"Accept": "application/json"},
        ):
            self.assertEqual(converse(factoryFor(), head(**fields)).written, plain)

    def test_cached(self) -> None:
        """Kept, and asked for each time: all files are of one version."""
        said = converse(factoryFor(), head("GET /a.js HTTP/1.1")).written
        self.assertIn(b"Cache-Control: no-cache\r\n", said)
        self.assertRegex(said, rb'ETag: "[0-9a-f]{32}"\r\n')
        missing = converse(factoryFor(), head("GET /b HTTP/1.1")).written
        self.assertIn(b"Cache-Control: no-store\r\n", missing)

    def test_refusals(self) -> None:
        for first, status, ends in (
            ("GET /none HTTP/1.1", 404, False),
            ("HEAD /none HTTP/1.1", 404, False),
            ("GET /../setup.cfg HTTP/1.1", 404, False),
            ("GET /%2e%2e/app.js HTTP/1.1", 404, False),
            ("PUT / HTTP/1.1", 405, True),
            ("OPTIONS * HTTP/1.1", 405, True),
            ("CONNECT chat.test:80 HTTP/1.1", 400, True),
            ("GET /ws HTTP/1.1", 426, True),
        ):
            self.assertEqual(asked(head(first)), ([status], ends), first)

    def test_noBodyIsARequest(self) -> None:
        """RFC 9112, section 11.2: what could be read in two ways ends it all."""
        inside = head("GET /a.js HTTP/1.1")
        length = {"Content_Length": str(len(inside))}
        chunked = {"Transfer_Encoding": "chunked"}
        for fields in (
            length,
            chunked,
            {**length, **chunked},
            {"Transfer_Encoding": "identity, chunked"},
            {"Content_Length": "+0"},
            {"Content_Length": "0, 0"},
            {"Content_Length": "0x0"},
        ):
            found = asked(head("POST / HTTP/1.1", **fields) + inside)
            self.assertEqual((len(found[0]), found[1]), (1, True), fields)
            self.assertIn(found[0][0], (400, 413), fields)

    def test_whatIsNoLineEndIsNone(self) -> None:
        """Section 2.2: a lone CR; and section 5.1: a space before the colon."""
        for said in (
            b"GET / HTTP/1.1\r\nHost: a\rX: y\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 9\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n Content-Length: 9\r\n\r\n",
        ):
            self.assertEqual(asked(said + head()), ([400], True), said)

    def test_manyInOneConnection(self) -> None:
        """Answered one by one; each has its time, and so has the next."""
        script = [part for _ in range(50) for part in (head(), Advance(HEAD_TIME - 1))]
        self.assertEqual(asked(*script), ([200] * 50, False))
        self.assertEqual(asked(*script, Advance(1)), ([200] * 50, True))

    def test_inOneSegment(self) -> None:
        self.assertEqual(asked(head() * 500), ([200] * 500, False))

    def test_theFieldsOfAProxyAreNotBelieved(self) -> None:
        """Unless it is one of ours: see C{test_forwarded}."""
        written = converse(factoryFor(), head(X_Forwarded_Host="evil.example")).written
        self.assertNotIn(b"evil", written)
        self.assertEqual(statuses(written), [200])
