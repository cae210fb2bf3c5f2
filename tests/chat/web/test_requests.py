"""L{protocols.chat.web.requests}: RFC 9112."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from protocols.chat.web.requests import MAX_LINE, Request, RequestError, parseRequest

HOST = b"Host: chat.test"


def parsed(*lines: bytes) -> Request:
    return parseRequest([lines[0], HOST, *lines[1:]])


def statusOf(*lines: bytes) -> int:
    try:
        parseRequest(lines)
    except RequestError as error:
        return error.status
    return 200


class RequestTests(SynchronousTestCase):
    def test_whole(self) -> None:
        request = parsed(b"GET /a.js?x=1 HTTP/1.1", b"Accept:  a/b \t", b"X:")
        self.assertEqual(
            (request.method, request.path, request.minor), ("GET", "/a.js", 1)
        )
        self.assertEqual([request.field("accept"), request.field("x")], ["a/b", ""])
        self.assertEqual(request.field("none"), "")

    def test_absoluteForm(self) -> None:
        """Section 3.2.2: a server must take it."""
        targets = (b"http://chat.test/a?b", b"HTTPS://chat.test", b"http://c?x", b"*")
        paths = [parsed(b"GET %b HTTP/1.1" % target).path for target in targets]
        self.assertEqual(paths, ["/a", "/", "/", "*"])

    def test_listsInSeveralFields(self) -> None:
        """RFC 9110, section 5.3."""
        request = parsed(b"GET / HTTP/1.1", b"Connection: a, ,b", b"connection: C")
        self.assertEqual(request.tokens("connection"), ["a", "b", "C"])

    def test_staysOpen(self) -> None:
        """Section 9.3."""
        stays = [
            parsed(b"GET / HTTP/1.1").staysOpen,
            parsed(b"GET / HTTP/1.1", b"Connection: Close").staysOpen,
            parsed(b"GET / HTTP/1.0").staysOpen,
            parsed(b"GET / HTTP/1.0", b"Connection: Keep-Alive").staysOpen,
        ]
        self.assertEqual(stays, [True, False, False, True])

    def test_laterMinorVersions(self) -> None:
        """RFC 9110, section 2.5: the highest that we know of the same major."""
        self.assertEqual(parsed(b"GET / HTTP/1.9").minor, 1)


class RefusedTests(SynchronousTestCase):
    def test_requestLines(self) -> None:
        """Section 3."""
        for line in (
            *(b"GET /", b"GET  / HTTP/1.1", b" GET / HTTP/1.1", b"GET / HTTP/1.1 "),
            *(b"GET / HTTP/11", b"G(T / HTTP/1.1", b"GET x HTTP/1.1", b"\x16\x03\x01"),
            *(b"GET /\t HTTP/1.1", b"GET /\xe9 HTTP/1.1", b"get / http/1.1"),
        ):
            self.assertEqual(statusOf(line, HOST), 400, line)

    def test_fields(self) -> None:
        """Section 5: no folding, no space before the colon, nothing unseen."""
        for field in (
            b" folded",
            b"A : b",
            b"no colon",
            b": b",
            b"A: \0",
            b"A: a\rB: b",
        ):
            self.assertEqual(statusOf(b"GET / HTTP/1.1", HOST, field), 400, field)

    def test_oneHost(self) -> None:
        """Section 3.2."""
        self.assertEqual(statusOf(b"GET / HTTP/1.1"), 400)
        self.assertEqual(statusOf(b"GET / HTTP/1.1", HOST, HOST), 400)
        self.assertEqual(statusOf(b"GET / HTTP/1.0"), 200)

    def test_versions(self) -> None:
        """RFC 9110, section 15.6.6."""
        self.assertEqual(statusOf(b"GET / HTTP/2.0", HOST), 505)

    def test_bodies(self) -> None:
        """None is read, so none may be mistaken for a request (section 11.2)."""
        for field in (b"Content-Length: 1", b"Transfer-Encoding: chunked"):
            self.assertEqual(statusOf(b"POST / HTTP/1.1", HOST, field), 413)
        nothing = (b"GET / HTTP/1.1", HOST, b"Content-Length: 0")
        self.assertEqual(statusOf(*nothing), 200)
        self.assertEqual(statusOf(*nothing, b"Content-Length: 0"), 400)

    @given(st.lists(st.binary(max_size=60), min_size=1, max_size=6))
    def test_nothingElseIsRaised(self, lines: list[bytes]) -> None:
        self.assertIn(statusOf(*lines), (200, 400, 413, 505))

    def test_linear(self) -> None:
        """The worst line is read like any other."""
        for line in (b"A:" + b" " * MAX_LINE, b"A: x" + b" \t" * 4000 + b"x"):
            self.assertEqual(statusOf(b"GET / HTTP/1.1", HOST, *[line] * 90), 200)
