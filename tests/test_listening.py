"""L{protocols.listening}: a bad description is quoted where it is bad."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.interfaces import IStreamServerEndpoint
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactor
from twisted.trial.unittest import SynchronousTestCase

from protocols.listening import (
    BACKLOG,
    DatagramListen,
    ListenError,
    datagramListen,
    streamEndpoint,
)
from tests.folders import folderFor

GOOD_STREAMS = (
    "tcp:7007",
    "tcp:port=7007:interface=127.0.0.1",
    r"tcp:0:interface=\:\:1",
    "tcp6:65535",
    "unix:/tmp/echo.sock",
    "haproxy:tcp:7007",
)
BAD_STREAMS = {
    "tcp": "names no port",
    "tcp:": "port '' is not a number",
    "tcp:abc": "port 'abc' is not a number from 0 to 65535",
    "tcp:65536": "port '65536'",
    "tcp:-1": "port '-1'",
    "tcp:٧": "port '٧'",
    "tcp:7:interfac=1": "tcp does not know 'interfac'",
    "tcp:7:interface=::1": r"a colon within a part is written \:",
    "tcp:7:backlog=x": "'x'",
    "unix": "unix needs 'address'",
    "nonsense:1": "'nonsense' is no kind of endpoint",
    "": "'' is no kind of endpoint",
    "udp:7": "is for datagrams",
    "ssl:443:privateKey=/nonexistent.pem": "can't read '/nonexistent.pem'",
    "tls:/nonexistent": "can't read '/nonexistent'",
    "tls:/tmp:x": "port 'x'",
    "systemd:domain=INET:index=9": "no socket inherited from systemd",
}
GOOD_DATAGRAMS = {
    "udp:7": DatagramListen(7),
    "udp:port=7": DatagramListen(7),
    "udp:0:interface=127.0.0.1": DatagramListen(0, "127.0.0.1"),
    "udp:7:interface=::1": DatagramListen(7, "::1"),
    r"udp:7:interface=\:\:1": DatagramListen(7, "::1"),
}
BAD_DATAGRAMS = {
    "tcp:7": "not of the form udp:PORT:interface=ADDRESS",
    "udp": "names no port",
    "udp:65536": "port '65536'",
    "udp:7:127.0.0.1": "not known: '127.0.0.1'",
    "udp:7:backlog=5": "not known: 'backlog'",
    "udp:7:interface=localhost": "interface 'localhost' is not an IP address",
    "systemd:domain=INET:index=0": "no socket inherited from systemd",
    "systemd:domain=INET:name=echo": "no socket inherited from systemd",
    "systemd:domain=INET": "no socket inherited from systemd",
}


class StreamTests(SynchronousTestCase):
    def test_good(self) -> None:
        for text in GOOD_STREAMS:
            endpoint = streamEndpoint(None, text)
            self.assertTrue(IStreamServerEndpoint.providedBy(endpoint), text)

    def test_backlog(self) -> None:
        """Many may wait to be accepted, unless the description says how many."""
        for text, backlog in {
            "tcp:7": BACKLOG,
            "tcp:7:interface=127.0.0.1": BACKLOG,
            "tcp:7:127.0.0.1:5": 5,
            "tcp:7:backlog=5": 5,
            "unix:/tmp/x": 50,
        }.items():
            reactor = MemoryReactor()
            streamEndpoint(reactor, text).listen(Factory())
            (server,) = reactor.tcpServers + reactor.unixServers
            self.assertIn(backlog, server, text)

    def test_bad(self) -> None:
        for text, complaint in BAD_STREAMS.items():
            with self.assertRaises(ListenError, msg=text) as caught:
                streamEndpoint(None, text)
            self.assertIn(complaint, str(caught.exception))

    def test_noCertificateInTheFile(self) -> None:
        path = os.path.join(folderFor(self), "none.pem")
        with open(path, "w") as file:
            file.write("no certificate")
        with self.assertRaisesRegex(ListenError, "no key and certificate"):
            streamEndpoint(None, f"ssl:0:privateKey={path}")

    @given(st.text(alphabet="tcpudslixy:=\\07 ", max_size=30))
    def test_onlyOneErrorEscapes(self, text: str) -> None:
        for read in (lambda: streamEndpoint(None, text), lambda: datagramListen(text)):
            try:
                read()
            except ListenError as error:
                self.assertTrue(str(error))


class DatagramTests(SynchronousTestCase):
    def test_good(self) -> None:
        for text, expected in GOOD_DATAGRAMS.items():
            self.assertEqual(datagramListen(text), expected)

    def test_bad(self) -> None:
        for text, complaint in BAD_DATAGRAMS.items():
            with self.assertRaises(ListenError, msg=text) as caught:
                datagramListen(text)
            self.assertIn(complaint, str(caught.exception))
