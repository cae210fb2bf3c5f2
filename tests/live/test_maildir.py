"""L{protocols.smtp.maildir} in a process that is killed while it writes."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from protocols.smtp.maildirreader import MaildirReader
from tests.folders import folderFor
from tests.live.servers import ROOT, TIMEOUT

ROUNDS = 5
MOST = 60

# Writes messages one behind the other, sixteen at a time, and says which were
# answered with 250.
_WRITER = """
import sys
from twisted.internet import reactor
from protocols.smtp.maildir import LARGE, MaildirDelivery
from protocols.smtp.message import Envelope, Message

delivery = MaildirDelivery(sys.argv[1], reactor)

def send(n):
    content = b"Subject: %d\\r\\n\\r\\n" % n
    content += b"x" * (LARGE + n if n % 7 == 0 else n)
    message = Message(Envelope(f"{n}@x.example", ("b@y.example",)), content)
    delivery.messageReceived(message).addCallback(kept, n)

def kept(reply, n):
    print(n, reply.text.split()[-1], flush=True)
    send(n + 16)

for n in range(16):
    reactor.callWhenRunning(send, n)
reactor.run()
"""


class CrashTests(SynchronousTestCase):
    def test_nothingIsLost(self) -> None:
        """What got a 250 is there, octet for octet; and none is there in part."""
        chance = random.Random(7)
        folder = str(Path(folderFor(self), "mail"))
        kept: dict[int, list[int]] = {}
        for _ in range(ROUNDS):
            for n, number in self.killed(folder, chance.randint(1, MOST)):
                kept.setdefault(n, []).append(number)
            reader = MaildirReader(folder)
            every = {each.id: each for each in reader.find()}
            for n, numbers in kept.items():
                self.assertLessEqual(set(numbers), set(every), n)
            for number, stored in every.items():
                n = int(stored.subject)
                self.assertEqual(stored.envelope.sender, f"{n}@x.example")
                self.assertEqual(len(reader.content(number)), stored.size)
                start = len(b"Subject: %d\r\n\r\n" % n)
                large = n % 7 == 0
                self.assertEqual(stored.size, start + n + large * 256 * 1024)

    def killed(self, folder: str, after: int) -> list[tuple[int, int]]:
        """What a process has said was kept, killed C{after} so many."""
        words = [sys.executable, "-c", _WRITER, folder]
        with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(after)]
            process.kill()
            # What is in the pipe was said before.
            lines += process.stdout.read().splitlines(keepends=True)
            process.wait(TIMEOUT)
        said = [line.split() for line in lines if line.endswith(b"\n")]
        self.assertGreaterEqual(len(said), after)
        return [(int(n), int(number)) for n, number in said]
