"""L{protocols.chat.web.opening}: RFC 6455, section 4.2."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.web.opening import (
    Opening,
    asksForWebSocket,
    checkOrigin,
    mayOpen,
    openingFor,
)
from protocols.chat.web.requests import RequestError, parseRequest
from tests.chat.web.browsers import ACCEPTED, head, opening


def opened(octets: bytes, origins: tuple[str, ...] = ()) -> Opening:
    return openingFor(parseRequest(octets.split(b"\r\n")[:-2]), origins)


class OpeningTests(SynchronousTestCase):
    def statusOf(self, **fields: str) -> int:
        error = self.assertRaises(RequestError, opened, opening(**fields))
        return int(error.status)

    def test_accepted(self) -> None:
        """Sections 1.3 and 4.2.2."""
        response = opened(opening()).response.decode()
        self.assertTrue(response.startswith("HTTP/1.1 101 "))
        self.assertIn(f"\r\nSec-WebSocket-Accept: {ACCEPTED}\r\n", response)
        self.assertNotIn("Extensions", response)

    def test_theFirstSubprotocolThatWeSpeak(self) -> None:
        """IRCv3 "WebSocket"."""
        for asked, spoken in {
            "text.ircv3.net": "text.ircv3.net",
            "x, binary.ircv3.net, text.ircv3.net": "binary.ircv3.net",
            "mqtt": "",
            "": "",
        }.items():
            found = opened(opening(Sec_WebSocket_Protocol=asked))
            self.assertEqual(found.subprotocol, spoken)
            said = b"Sec-WebSocket-Protocol" in found.response
            self.assertEqual(said, bool(spoken))

    def test_malformed(self) -> None:
        """Section 4.2.1."""
        for fields in (
            {"Connection": "keep-alive"},
            {"Sec_WebSocket_Key": ""},
            {"Sec_WebSocket_Key": "c2hvcnQ="},
            {"Sec_WebSocket_Key": "not base64, nor 16 octets"},
            {"Sec_WebSocket_Key": "\xe9" * 24},
        ):
            self.assertEqual(self.statusOf(**fields), 400, fields)

    def test_methodAndVersionOfHTTP(self) -> None:
        for first in (b"POST /ws HTTP/1.1", b"GET /ws HTTP/1.0"):
            said = opening().replace(b"GET /ws HTTP/1.1", first)
            self.assertEqual(self.assertRaises(RequestError, opened, said).status, 400)

    def test_anotherVersion(self) -> None:
        """Section 4.4."""
        self.assertEqual(self.statusOf(Sec_WebSocket_Version="8"), 426)

    def test_anotherSitesPage(self) -> None:
        """Section 10.2."""
        evil = opening(Origin="https://evil.test")
        error = self.assertRaises(RequestError, opened, evil)
        self.assertEqual(error.status, 403)
        self.assertTrue(opened(evil, ("https://evil.test",)).response)

    def test_asks(self) -> None:
        def asks(octets: bytes) -> bool:
            return asksForWebSocket(parseRequest(octets.split(b"\r\n")[:-2]))

        self.assertTrue(asks(opening(Upgrade="h2c, WebSocket")))
        self.assertFalse(asks(head()))
        self.assertFalse(asks(head(Upgrade="h2c")))


class OriginTests(SynchronousTestCase):
    def test_sameHost(self) -> None:
        self.assertTrue(mayOpen("http://chat.test", "chat.test", ()))
        self.assertTrue(mayOpen("https://Chat.Test:8443", "chat.test:8443", ()))
        self.assertTrue(mayOpen("http://[::1]:80", "[::1]:80", ()))

    def test_noBrowser(self) -> None:
        self.assertTrue(mayOpen(None, "chat.test", ()))

    def test_others(self) -> None:
        for origin in (
            *("null", "", "http://chat.test:81", "https://chat.test.evil.test"),
            *("https://evil.test", "file://chat.test", "chat.test", "http://[evil"),
            "http://user@chat.test",
        ):
            self.assertFalse(mayOpen(origin, "chat.test", ("https://a.test",)), origin)

    def test_allowed(self) -> None:
        self.assertTrue(mayOpen("https://A.test", "chat.test", ("https://a.test",)))
        self.assertTrue(mayOpen("null", "chat.test", ("*",)))

    @given(st.text(max_size=40), st.text(max_size=20))
    def test_nothingIsRaised(self, origin: str, host: str) -> None:
        self.assertIn(mayOpen(origin, host, ()), (True, False))

    def test_check(self) -> None:
        self.assertEqual(checkOrigin("https://Chat.example/"), "https://chat.example")
        self.assertEqual(checkOrigin("http://c.example:81"), "http://c.example:81")
        self.assertEqual(checkOrigin("*"), "*")
        for text in ("chat.example", "https://", "https://a/b", "", "ftp://a", "http:"):
            self.assertRaises(ValueError, checkOrigin, text)
