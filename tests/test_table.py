"""protocols.table: what is where, and what to type."""

from __future__ import annotations

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.trial.unittest import SynchronousTestCase

from protocols.config import KINDS
from protocols.table import ABOUT, Row, renderTable, rowOf


class RowTests(SynchronousTestCase):
    def test_anAddressOverTCP(self) -> None:
        row = rowOf("echo", "echo[2]", IPv4Address("TCP", "127.0.0.1", 7007))
        tries = (r"printf 'hello\n' | nc -N 127.0.0.1 7007",)
        self.assertEqual(row, Row("echo[2]", "127.0.0.1:7007/tcp", "862", tries))

    def test_anAddressOverUDP(self) -> None:
        row = rowOf("udpecho", "udpecho", IPv4Address("UDP", "127.0.0.1", 7007))
        self.assertEqual(row.address, "127.0.0.1:7007/udp")
        self.assertIn("nc -u ", row.tries[0])

    def test_anIPv6AddressHasBrackets(self) -> None:
        row = rowOf("smtp", "smtp", IPv6Address("TCP", "::1", 7025))
        self.assertEqual(row.address, "[::1]:7025/tcp")
        self.assertIn("--server [::1]:7025", row.tries[0])
        self.assertIn("curl smtp://[::1]:7025 ", row.tries[1])

    def test_allAddressesAreTriedAtLoopback(self) -> None:
        for host, at in (("0.0.0.0", "127.0.0.1"), ("::", "::1")):
            row = rowOf("chat", "chat", IPv4Address("TCP", host, 7023))
            self.assertEqual(row.tries, (f"nc {at} 7023",))
            self.assertIn(host, row.address)

    def test_TLSIsTriedWithTLS(self) -> None:
        row = rowOf("echo", "echo", IPv4Address("TCP", "127.0.0.1", 7007), True)
        expected = "openssl s_client -quiet -connect 127.0.0.1:7007"
        self.assertEqual(row.tries, (expected,))

    def test_aUNIXSocketIsItsPath(self) -> None:
        row = rowOf("chat", "chat", UNIXAddress(b"/run/chat"))
        self.assertEqual(row, Row("chat", "/run/chat", "-", ("nc -NU /run/chat",)))

    def test_aKindOfAUsersOwn(self) -> None:
        row = rowOf("mine", "mine", IPv4Address("TCP", "127.0.0.1", 1))
        self.assertEqual(row, Row("mine", "127.0.0.1:1/tcp", "-", ()))

    def test_everyKindIsKnown(self) -> None:
        self.assertEqual(set(ABOUT), {*KINDS, "irc", "lmtp", "pop3", "web"})


class RenderTests(SynchronousTestCase):
    def test_columnsAreAlignedAndFurtherLinesStandBelow(self) -> None:
        rows = [
            Row("echo", "a:1/tcp", "862", ("nc",)),
            Row("b", "c", "5321", ("d", "e")),
        ]
        self.assertEqual(
            renderTable(rows),
            "service  address  RFC   to try it, type\n"
            "echo     a:1/tcp  862   nc\n"
            "b        c        5321  d\n"
            "                        e\n",
        )

    def test_aRowWithoutLinesToType(self) -> None:
        self.assertTrue(
            renderTable([Row("a", "b", "-", ())]).endswith("\na        b        -\n")
        )
