"""L{protocols.chat.web.responses}."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.web.responses import ALWAYS, POLICY, head, plainly, response


class ResponseTests(SynchronousTestCase):
    def test_whole(self) -> None:
        said = response(200, b"body", {"A": "b"}, now=0)
        top, _, body = said.partition(b"\r\n\r\n")
        lines = top.decode().split("\r\n")
        self.assertEqual((lines[0], body), ("HTTP/1.1 200 OK", b"body"))
        self.assertIn("Date: Thu, 01 Jan 1970 00:00:00 GMT", lines)
        self.assertIn("A: b", lines)
        self.assertIn("Content-Length: 4", lines)
        self.assertNotIn("Connection: close", lines)

    def test_onlyTheHead(self) -> None:
        """RFC 9110, sections 9.3.2 and 15.4.5."""
        self.assertTrue(
            response(200, b"xy", {}, now=0, onlyHead=True).endswith(b"\r\n\r\n")
        )
        self.assertIn(b"Length: 2", response(200, b"xy", {}, now=0, onlyHead=True))
        self.assertNotIn(b"Length", response(304, b"xy", {}, now=0, onlyHead=True))

    def test_theLast(self) -> None:
        said = response(400, *plainly(400), now=0, closes=True)
        self.assertIn(b"Connection: close\r\n", said)
        self.assertTrue(said.endswith(b"\r\n\r\n400 Bad Request\n"))

    def test_everyResponseKeepsThePageToItself(self) -> None:
        for status in (200, 304, 404, 405, 503):
            said = response(status, *plainly(status), now=0).decode()
            for name, value in ALWAYS.items():
                self.assertIn(f"\r\n{name}: {value}\r\n", said)

    def test_policy(self) -> None:
        """Nothing inline, nothing evaluated, nothing from elsewhere."""
        self.assertTrue(POLICY.startswith("default-src 'none'; "))
        for word in ("unsafe", "http:", "https:", "data:", "blob:", "*"):
            self.assertNotIn(word, POLICY)

    def test_switching(self) -> None:
        self.assertEqual(
            head(101, {"A": "b"}), b"HTTP/1.1 101 Switching Protocols\r\nA: b\r\n\r\n"
        )
