"""The Echo Protocol over UDP (RFC 862)."""

from __future__ import annotations

from collections.abc import Iterable
from socket import SO_RCVBUF, SOL_SOCKET
from typing import Any

from twisted.internet.error import MessageLengthError
from twisted.internet.protocol import DatagramProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

from protocols.hooks import Hooked, waitFor
from protocols.metrics import Metrics
from protocols.peers import networkOf
from protocols.rate import BucketTable
from protocols.udpecho.sources import SourceRules

# The largest IP packet is 65,535 octets (RFC 791, section 3.1), with 20 of IP
# and 8 of UDP. Room for one more shows a datagram that was cut.
MAX_PAYLOAD = 65507
MAX_READ = 65536

# Datagrams a second that one source is answered, and at once. A person's ping
# sends one a second and a loss probe some hundreds.
RATE = 1000.0
BURST = 2000.0

# Sources remembered, twice over: 5.6 MiB when full (measured).
MAX_SOURCES = 16384

# Answers of hooks that may be waited for at the same time.
MAX_WAITING = 1024

Address = tuple[str, int]


class EchoDatagramProtocol(DatagramProtocol):
    """Sends each datagram back to where it says that it comes from (RFC 862).

    Override L{echoed} to send something else back. What is dropped, and why, is
    counted in C{metrics} as C{dropped.REASON}: the rules of
    L{protocols.udpecho.sources}, C{rate} for a source that sends too much,
    C{waiting} when too many hooks wait, C{hook} for one that failed, C{send}
    when the kernel would not take the answer.

    @param rate: datagrams a second for each source (an IPv4 address, an IPv6
        /64), above 0.
    @param burst: datagrams at once for each source, 1 or more.
    @param maxSources: sources with a bucket of their own, 1 or more.
    @param allowedPorts: source ports below 1024 that are answered.
    @param receiveBuffer: octets of the socket's receive buffer; 0 leaves it.
    @param metrics: counts C{received}, C{echoed} and C{dropped.REASON}.
    @ivar clock: an C{IReactorTime}; set by the service.
    """

    log = Logger()
    noisy = False
    maxPacketSize = MAX_READ

    def __init__(
        self,
        *,
        rate: float = RATE,
        burst: float = BURST,
        maxSources: int = MAX_SOURCES,
        allowedPorts: Iterable[int] = (),
        receiveBuffer: int = 0,
        metrics: Metrics | None = None,
        clock: Any = None,
    ) -> None:
        self.clock = clock
        self.metrics = Metrics() if metrics is None else metrics
        self._buckets = BucketTable(rate, burst, maxSources)
        self._allowedPorts = frozenset(allowedPorts)
        self._receiveBuffer = receiveBuffer
        self._waiting = 0

    def echoed(self, data: bytes, address: Address) -> bytes | Hooked:
        """What goes back for one datagram.

        @param data: 0 to 65,507 octets.
        @param address: host and port that it claims to come from.
        @return: a datagram, C{None} for none, or a Deferred or coroutine of one.
        """
        return data

    def startProtocol(self) -> None:
        """The port is open: make the rules for it, and size its buffer.

        What goes to a socket directly is spared the transport's look at the
        address, which the kernel has given us a moment ago.
        """
        transport: Any = self.transport
        self._rules = SourceRules(transport.getHost().port, self._allowedPorts)
        sock = getattr(transport, "socket", None)
        inRuns = getattr(transport, "answersInRuns", False)
        self._send = transport.write if sock is None or inRuns else sock.sendto
        if self._receiveBuffer and sock is not None:
            self._resize(sock)

    def datagramReceived(self, datagram: bytes, addr: Any) -> None:
        """Answer it, unless a rule or the source's rate is against it."""
        host, port = addr
        self.metrics.count("received")
        reason = self._rules.refusal(host, port)
        if reason is None and len(datagram) > MAX_PAYLOAD:
            reason = "size"
        if reason is None and not self._buckets.take(
            networkOf(host), self.clock.seconds()
        ):
            reason = "rate"
        if reason is None:
            self._ask(datagram, addr)
        else:
            self.metrics.count(f"dropped.{reason}")

    def _ask(self, datagram: bytes, address: Address) -> None:
        try:
            answer = self.echoed(datagram, address)
            if isinstance(answer, bytes):
                self._answer(answer, address)
            elif answer is not None:
                self._wait(answer, address)
        except Exception:  # noqa: BLE001 - a user's hook may raise anything
            self._failed(Failure())

    def _wait(self, answer: Any, address: Address) -> None:
        if self._waiting >= MAX_WAITING:
            self.metrics.count("dropped.waiting")
            if hasattr(answer, "close"):
                answer.close()
            return
        self._waiting += 1
        waiting = waitFor(answer)
        waiting.addCallback(self._answerLater, address)
        waiting.addErrback(self._failed).addBoth(self._waited)

    def _waited(self, result: object) -> None:
        self._waiting -= 1

    def _answerLater(self, answer: bytes | None, address: Address) -> None:
        if answer is not None and self.transport is not None:
            self._answer(answer, address)

    def _answer(self, answer: bytes, address: Address) -> None:
        """Send; the kernel may have no room or know no way, and that is UDP."""
        try:
            self._send(answer, address)
        except (OSError, MessageLengthError):
            self.metrics.count("dropped.send")
        else:
            self.metrics.count("echoed")

    def _failed(self, failure: Failure) -> None:
        self.metrics.count("dropped.hook")
        self.log.failure("{who!r}.echoed failed", failure, who=type(self))

    def _resize(self, sock: Any) -> None:
        """Ask for a buffer. Linux doubles what is asked, and has a limit."""
        sock.setsockopt(SOL_SOCKET, SO_RCVBUF, self._receiveBuffer)
        granted = sock.getsockopt(SOL_SOCKET, SO_RCVBUF)
        if granted < self._receiveBuffer:
            self.log.warn(
                "the kernel grants a receive buffer of {granted} octets, not "
                "{asked}: see net.core.rmem_max",
                granted=granted,
                asked=self._receiveBuffer,
            )
