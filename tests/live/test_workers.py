"""C{--workers}: processes that share ports, supervised, drained, reloaded."""

from __future__ import annotations

import os
import re
import signal
import socket
from contextlib import ExitStack
from threading import Thread

from twisted.trial.unittest import SynchronousTestCase

from tests.live.servers import TIMEOUT, twistd
from tests.live.workerprocesses import (
    LISTEN,
    LOOPBACK,
    SERVE,
    UDP_LISTEN,
    echoes,
    endsWithin,
    receive,
    serving,
    watched,
)

# If each comes to one of two workers by chance, all come to the same one in one
# of 2**39 runs.
ENOUGH = 40
TWO_MEGABYTES = 2_000_000


class ServeTests(SynchronousTestCase):
    def test_allWorkersServeOnePort(self) -> None:
        with serving("echo", LISTEN, "--workers=2") as server:
            for _ in range(ENOUGH):
                with server.connect() as client:
                    self.assertTrue(echoes(client))
            ends = r"worker (\d): echo: 127.0.0.1 ended"
            by = [server.process.waitFor(ends)[1] for _ in range(ENOUGH)]
            self.assertEqual(set(by), {"1", "2"})

    def test_datagrams(self) -> None:
        with serving("udpecho", UDP_LISTEN, "--workers=2") as server:
            for _ in range(ENOUGH):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                    client.settimeout(TIMEOUT)
                    client.sendto(b"hello", (LOOPBACK, server.port))
                    self.assertEqual(client.recv(100), b"hello")
            server.process.send(signal.SIGUSR1)
            counts = [
                int(
                    server.process.waitFor(r"worker \d: udpecho: .*'received': (\d+)")[
                        1
                    ]
                )
                for _ in range(2)
            ]
            self.assertEqual(sum(counts), ENOUGH)
            self.assertNotIn(0, counts)


class DeathTests(SynchronousTestCase):
    def test_anotherComes(self) -> None:
        """kill -9 of one: the connections of the others stay, and so does every
        connection made meanwhile, to whichever worker it falls.
        """
        with serving("echo", LISTEN, "--workers=2") as server, ExitStack() as stack:
            before = [stack.enter_context(server.connect()) for _ in range(ENOUGH)]
            for client in before:
                self.assertTrue(echoes(client))
            os.kill(server.workers[1], signal.SIGKILL)
            during = [stack.enter_context(server.connect()) for _ in range(ENOUGH)]
            server.process.waitFor(r"Worker 1 ended after .* \(signal 9\)")
            born = server.process.waitFor(r"Worker 1 is process (\d+)")
            self.assertNotEqual(int(born[1]), server.workers[1])
            for client in during:
                self.assertTrue(echoes(client), "one made meanwhile is lost")
            ended = [client for client in before if not self.lives(client)]
            self.assertTrue(0 < len(ended) < ENOUGH, len(ended))

    def lives(self, client: socket.socket) -> bool:
        try:
            return echoes(client)
        except OSError:
            return False

    def test_noWorkerOutlivesTheFirstProcess(self) -> None:
        with ExitStack() as stack:
            server = stack.enter_context(serving("echo", LISTEN, "--workers=2"))
            pids = server.workers.values()
            ends = [stack.enter_context(watched(pid)) for pid in pids]
            stack.enter_context(server.connect())
            server.process.send(signal.SIGKILL)
            for end in ends:
                self.assertTrue(endsWithin(end), "a worker is left")


class EndTests(SynchronousTestCase):
    def test_whatWasTakenArrivesWhole(self) -> None:
        """SIGTERM under load: each client gets every octet."""
        data = os.urandom(TWO_MEGABYTES)
        with serving("echo", LISTEN, "--workers=2") as server, ExitStack() as stack:
            clients = [stack.enter_context(server.connect()) for _ in range(6)]
            senders = [Thread(target=each.sendall, args=(data,)) for each in clients]
            for sender in senders:
                sender.start()
            firsts = [receive(client, 1) for client in clients]
            server.process.send(signal.SIGTERM)
            for first, client in zip(firsts, clients, strict=True):
                rest = receive(client, TWO_MEGABYTES - 1)
                self.assertTrue(first + rest == data, "octets are missing")
                self.assertEqual(client.recv(1), b"")
            for sender in senders:
                sender.join(TIMEOUT)
            self.assertEqual(server.process.ended(), 0)

    def test_deadline(self) -> None:
        """Who does not end in time is cut, and it is one deadline for all."""
        words = ("echo", LISTEN, "--workers=2", "--drain-timeout=0.2")
        with serving(*words) as server, ExitStack() as stack:
            for _ in range(4):
                self.keepBusy(stack.enter_context(server.connect()))
            server.process.send(signal.SIGTERM)
            self.assertEqual(server.process.ended(), 0)
            self.assertIn("(aborted)", server.said())

    def test_secondSignalEndsAtOnce(self) -> None:
        words = ("echo", LISTEN, "--workers=2", "--drain-timeout=3600")
        with serving(*words) as server, server.connect() as client:
            self.keepBusy(client)
            server.process.send(signal.SIGTERM)
            server.process.waitFor("Port .* Closed")
            server.process.send(signal.SIGTERM)
            self.assertEqual(server.process.ended(), 0)
            self.assertIn("(aborted)", server.said())

    def test_whoHangsIsKilled(self) -> None:
        words = ("echo", LISTEN, "--workers=2", "--drain-timeout=0")
        with serving(*words) as server:
            os.kill(server.workers[2], signal.SIGSTOP)
            server.process.send(signal.SIGTERM)
            self.assertEqual(server.process.ended(), 0)

    def test_aSignalToAllIsNoSecondOne(self) -> None:
        """As systemd and terminals send it: the first process and the workers."""
        words = ("echo", LISTEN, "--workers=2", "--drain-timeout=3600")
        with serving(*words) as server, server.connect() as client:
            data = os.urandom(TWO_MEGABYTES)
            sender = Thread(target=client.sendall, args=(data,))
            sender.start()
            first = receive(client, 1)
            for number in (signal.SIGTERM, signal.SIGINT):
                for pid in server.workers.values():
                    os.kill(pid, number)
            server.process.send(signal.SIGTERM)
            self.assertTrue(first + receive(client, TWO_MEGABYTES - 1) == data)
            sender.join(TIMEOUT)
            server.process.ended()
            self.assertNotIn("(aborted)", server.said())

    def keepBusy(self, client: socket.socket) -> None:
        """Send more than all buffers hold, without reading."""

        def send() -> None:
            try:
                client.sendall(bytes(100_000_000))
            except OSError:
                return

        sender = Thread(target=send)
        sender.start()
        self.addCleanup(sender.join, TIMEOUT)
        self.addCleanup(client.close)
        self.assertEqual(receive(client, 1), b"\0")


class StartTests(SynchronousTestCase):
    def test_usageErrors(self) -> None:
        """Told once, by the first process; no worker is started."""
        for text in ("0", "-1", "x", "1.5", "257", ""):
            with twistd("echo", LISTEN, f"--workers={text}") as server:
                server.ended()
            said = "".join(server.said)
            expected = "--workers: expected a whole number of processes, 1 to 256"
            self.assertEqual(said.count(expected), 1, said)
            self.assertNotIn("Traceback", said)
            self.assertNotIn("Worker", said)

    def test_fewerConnectionsThanWorkers(self) -> None:
        words = ("echo", LISTEN, "--workers=3", "--max-connections=2")
        with twistd(*words) as server:
            server.ended()
        self.assertIn("--max-connections: expected one for each", "".join(server.said))

    def test_takenPort(self) -> None:
        """Even by another that would share it."""
        with serving("echo", LISTEN, "--workers=2") as first:
            listen = f"--listen=tcp:{first.port}:interface={LOOPBACK}"
            for workers in ("1", "2"):
                with twistd("echo", listen, f"--workers={workers}") as second:
                    self.assertEqual(second.ended(), 1)
                said = "".join(second.said)
                self.assertIn(f"port {first.port}: Address already in use", said)
                self.assertNotIn("Traceback", said)

    def test_oneWorkerIsNoWorker(self) -> None:
        with twistd("echo", LISTEN, "--workers=1") as server:
            server.waitFor("starting on")
            server.send(signal.SIGTERM)
            # So early the signal may not be ours yet, and ends the process.
            self.assertIn(server.ended(), (0, -signal.SIGTERM))
        self.assertIsNone(re.search(f"{SERVE}|Worker", "".join(server.said)))
