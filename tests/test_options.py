"""L{protocols.options}: a mistake is named by its option, and nothing runs."""

from __future__ import annotations

from typing import Any

from twisted.python.usage import UsageError
from twisted.trial.unittest import SynchronousTestCase

from protocols.options import DatagramOptions, ListenOptions, Number

SOMETHING = "protocols.options.Number"


class Streams(ListenOptions):
    defaultListen = "tcp:7007:interface=127.0.0.1"
    defaultProtocol = SOMETHING
    limitDefaults = {"max-per-peer": 16}


class Datagrams(DatagramOptions):
    defaultListen = "udp:7007:interface=127.0.0.1"
    defaultProtocol = SOMETHING


def parsed(options: Any, *words: str) -> Any:
    options.parseOptions(words)
    return options


class StreamOptionsTests(SynchronousTestCase):
    def test_defaults(self) -> None:
        options = parsed(Streams())
        self.assertEqual(options["listen"], ["tcp:7007:interface=127.0.0.1"])
        self.assertIs(options["protocol"], Number)
        self.assertEqual(options.limits.maxPerPeer, 16)
        self.assertEqual(options.limits.maxConnections, 1000)

    def test_everyLimit(self) -> None:
        words = (
            "--max-connections=7 --max-per-peer=6 --idle-timeout=5.5 --lifetime=4"
            " --accept-rate=3 --exempt=10.0.0.0/8 --exempt=::1"
        )
        limits = parsed(Streams(), *words.split()).limits
        self.assertEqual((limits.maxConnections, limits.maxPerPeer), (7, 6))
        self.assertEqual((limits.idleTimeout, limits.lifetime), (5.5, 4))
        self.assertEqual(limits.acceptRate, 3)
        self.assertEqual(limits.exempt, ("10.0.0.0/8", "::1"))

    def test_listenMoreThanOnce(self) -> None:
        options = parsed(Streams(), "--listen", "tcp:1", "--listen", "unix:/tmp/x")
        self.assertEqual(options["listen"], ["tcp:1", "unix:/tmp/x"])

    def test_mistakes(self) -> None:
        for words, complaint in {
            "--listen tcp:x": "--listen: port 'x' is not a number",
            "--max-connections many": "--max-connections: expected a whole number",
            "--max-per-peer -1": "--max-per-peer: expected a whole number",
            "--idle-timeout inf": "--idle-timeout: expected a number of seconds",
            "--lifetime nan": "--lifetime: expected a number of seconds, 0 or more",
            "--exempt all": "--exempt: expected networks in CIDR notation",
            "--protocol no.such.thing": "--protocol: no 'no.such.thing'",
            "--protocol protocols.options.DRAIN_TIMEOUT": "is not a class",
            "--drain-timeout soon": "--drain-timeout: expected a number",
        }.items():
            with self.assertRaises(UsageError, msg=words) as caught:
                parsed(Streams(), *words.split())
            self.assertIn(complaint, str(caught.exception))

    def test_helpExplainsEveryOption(self) -> None:
        """With its unit and its default."""
        text = " ".join(str(Streams()).split())
        for words in (
            "--max-per-peer=",
            "[default: 16]",
            "Seconds without an octet",
            "[default: tcp:7007:interface=127.0.0.1]",
            "Network in CIDR notation",
        ):
            self.assertIn(words, text)


class DatagramOptionsTests(SynchronousTestCase):
    def test_default(self) -> None:
        self.assertEqual(parsed(Datagrams())["listen"], [Datagrams.defaultListen])

    def test_mistake(self) -> None:
        with self.assertRaisesRegex(UsageError, "--listen: 'tcp:7' is not of the form"):
            parsed(Datagrams(), "--listen", "tcp:7")


class NumberTests(SynchronousTestCase):
    def test_range(self) -> None:
        number = Number("size", "octets", 1, 10)
        self.assertEqual([number("1"), number(10)], [1, 10])
        for bad in ("0", "11", "1.5", "", "x"):
            with self.assertRaisesRegex(
                UsageError,
                f"--size: expected a whole number of octets, 1 to 10, got '{bad}'",
            ):
                number(bad)
