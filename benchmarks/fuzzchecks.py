"""What has to be true of all that a chat says, whatever it was told."""

from __future__ import annotations

import re
from time import monotonic

# Octets of a message without its tags, and of tags that servers may send: their
# own and those of the client (message-tags, "Size limit").
MAX_MESSAGE = 512
MAX_TAGS = 8191

# Seconds after which all are told who came and went.
LATE = 0.5

_MESSAGE = re.compile(r"(?::[^ ]+ )?(?:[A-Z]+|[0-9]{3})(?: .*)?", re.DOTALL)

# C0 but for formats of IRC and CTCP's 0x01, DEL, C1, and what turns text around.
_OBEYED = re.compile(
    "[\0\x05-\x0e\x10\x12-\x15\x17-\x1c\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)
_OBEYED_BY_TERMINALS = re.compile("[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_TELNET = re.compile(rb"\xff[\xfb-\xfe].")
# Batches of what happened before.
_PAST = ("chathistory", "soju.im/search")
_WRONG = "Something went wrong"


class BrokenError(Exception):
    """It is not true."""


class Broken(list[str]):
    """What was found, each kind of it with its first lines only."""

    def tell(self, what: str, about: object) -> None:
        """It was."""
        if sum(each.startswith(what) for each in self) < 5:
            self.append(f"{what}: {about!r:.900}")


def lineProblem(line: bytes) -> str:
    """What is wrong with a line of the line door, if anything is."""
    if not line.endswith(b"\r\n"):
        return "a line without CRLF"
    try:
        text = _TELNET.sub(b"", line[:-2]).decode()
    except UnicodeDecodeError:
        return "a line that is not UTF-8"
    if _OBEYED_BY_TERMINALS.search(text):
        return "a line that terminals obey"
    return "something went wrong" if _WRONG in text else ""


def messageProblem(line: bytes) -> str:
    """What is wrong with a message of IRC, if anything is."""
    tags, _, rest = line.partition(b" ") if line.startswith(b"@") else (b"", b"", line)
    if not rest.endswith(b"\r\n") or b"\r" in rest[:-2] or not rest.strip():
        return "a message without CRLF"
    if len(rest) > MAX_MESSAGE or len(tags) >= MAX_TAGS:
        return f"a message of {len(tags)} and {len(rest)} octets"
    try:
        text = line[:-2].decode()
    except UnicodeDecodeError:
        return "a message that is not UTF-8"
    whole = text.partition(" ")[2] if tags else text
    if not _MESSAGE.fullmatch(whole):
        return "what is no message"
    if _OBEYED.search(text):
        return "a message with controls"
    return "something went wrong" if _WRONG in text else ""


class Witness:
    """What a client of IRC has been told, and whether it goes together.

    @ivar name: what the client is called, as far as it knows.
    @ivar labels: of commands that were not answered yet, and the commands.
    @ivar countsLabels: whether each answer has to be to one of them.
    """

    def __init__(self, broken: Broken) -> None:
        self._broken = broken
        self.name = ""
        self.labels: dict[str, bytes] = {}
        self.countsLabels = True
        self._answered: set[str] = set()
        self._rooms: dict[str, set[str]] = {}
        self._entered: set[str] = set()
        self._listed: dict[str, set[str]] = {}
        self._batches: dict[str, str] = {}
        self._strange: dict[str, bytes] = {}
        self._left: dict[str, float] = {}
        self._differ: dict[str, dict[str, float]] = {}
        self._last: dict[str, int] = {}

    def hear(self, line: bytes) -> None:
        """Look at a message."""
        if problem := messageProblem(line):
            self._broken.tell(problem, line)
            return
        text, tags = line.decode().rstrip("\r\n"), {}
        if text.startswith("@"):
            head, _, text = text.partition(" ")
            tags = dict(tag.partition("=")[::2] for tag in head[1:].split(";"))
        source, _, text = text.partition(" ") if text[0] == ":" else ("", "", text)
        head, colon, last = text.partition(" :")
        command, *params = [*head.split(), *([last] if colon else [])]
        name = source[1:].partition("!")[0]
        self._label(tags, line)
        if command == "BATCH":
            self._batch(params[0], params[1:])
        elif self._batches.get(tags.get("batch", "")) not in _PAST:
            self._told(command, name, params, tags, line)

    def finish(self) -> None:
        """All that was asked for has been answered."""
        if self.labels:
            self._broken.tell("a label without answer", self.labels)
        for line in self._strange.values():
            self._broken.tell("what happens where one is not", (self.name, line))

    def _label(self, tags: dict[str, str], line: bytes) -> None:
        label = tags.get("label")
        if label is None or not self.countsLabels:
            return
        if label not in self.labels:
            again = "a second answer" if label in self._answered else "an answer"
            self._broken.tell(f"{again} to no label", line)
        self.labels.pop(label, None)
        self._answered.add(label)

    def _batch(self, name: str, about: list[str]) -> None:
        if name[0] == "+":
            if name[1:] in self._batches:
                self._broken.tell("a batch in a batch of its name", name)
            self._batches[name[1:]] = about[0]
        elif name[1:] not in self._batches:
            self._broken.tell("the end of no batch", name)
        else:
            del self._batches[name[1:]]

    def _told(
        self,
        command: str,
        name: str,
        params: list[str],
        tags: dict[str, str],
        line: bytes,
    ) -> None:
        if command == "001":
            self.name = params[0]
        if command in ("PRIVMSG", "NOTICE") and "msgid" in tags:
            number, last = int(tags["msgid"]), self._last.get(params[0], 0)
            if number < last:
                self._broken.tell("a number that does not rise", (last, line))
            self._last[params[0]] = number
        elif command in ("JOIN", "PART", "KICK"):
            self._moved(command, name, params, line)
        elif command in ("NICK", "QUIT"):
            self._everywhere(command, name, params)
        elif command == "353":
            each = {word.lstrip("@+").partition("!")[0] for word in params[3].split()}
            self._listed.setdefault(params[2], set()).update(each)
        elif command == "366":
            self._compare(params[1])

    def _moved(self, command: str, name: str, params: list[str], line: bytes) -> None:
        room = params[0]
        who = params[1] if command == "KICK" else name
        if command == "JOIN" and who == self.name:
            self._rooms[room] = set()
            self._strange.pop(room, None)
            self._entered.add(room)
            return
        if room not in self._rooms:
            # An operator kicks from outside; and who joins, or has just left, may be
            # told in the same turn of what happens there.
            isLate = monotonic() - self._left.get(room, 0.0) < LATE
            if name != self.name and not isLate:
                self._strange.setdefault(room, line)
        elif who == self.name:
            del self._rooms[room]
            self._left[room] = monotonic()
        elif command == "JOIN":
            self._rooms[room].add(who)
        else:
            self._rooms[room].discard(who)

    def _everywhere(self, command: str, name: str, params: list[str]) -> None:
        self.name = params[0] if (command, name) == ("NICK", self.name) else self.name
        for members in self._rooms.values():
            if name in members:
                members.discard(name)
                if command == "NICK":
                    members.add(params[0])

    def _compare(self, room: str) -> None:
        """Comings and goings are told when the turn is over, and so may be late."""
        listed, known = self._listed.pop(room, set()), self._rooms.get(room)
        if known is None:
            return
        if room in self._entered:
            self._entered.discard(room)
            known.update(listed)
        now, before = monotonic(), self._differ.pop(room, {})
        differ = {name: before.get(name, now) for name in known ^ listed}
        self._differ[room] = differ
        late = [name for name, since in differ.items() if now - since > LATE]
        if late:
            self._broken.tell("NAMES that are not who came and went", (room, late))
