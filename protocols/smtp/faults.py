"""Faults on request, for people who test programs that send mail. Pure.

A rule is written ``WHEN [to=PATTERN] WHAT... [probability=P] [times=N]``::

    RCPT to=*@slow.example reply="451 4.3.0 later" probability=0.3
    DATA delay=2
    . reply="452 4.3.1 full" times=1
    connect reply="421 4.3.2 busy"
    connect disconnect-at=1000
    connect rate=500
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from random import Random

from protocols.smtp.replies import Reply

# When a rule may apply: a connection, a command, or the end of a message.
CONNECT, END = "CONNECT", "."
MOMENTS = (
    *(CONNECT, "HELO", "EHLO", "LHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"),
    *(END, "RSET", "NOOP", "VRFY", "QUIT"),
)

# Seconds of a delay: longer than any client waits (RFC 5321, section 4.5.3.2.6:
# ten minutes for the end of a message).
MAX_DELAY = 3600.0

_REPLY = re.compile(r"([2-5][0-9][0-9]) ?(?:([245]\.[0-9]{1,3}\.[0-9]{1,3}) ?)?(.*)")


class FaultError(ValueError):
    """A rule that can't be; the text says which part."""


@dataclass(frozen=True)
class FaultRule:
    """One rule.

    @ivar moment: one of L{MOMENTS}.
    @ivar to: what the argument's address is like; empty for any.
    @ivar reply: is said in place of what would be.
    @ivar delay: seconds before anything is said.
    @ivar disconnect: the connection is cut without a word.
    @ivar disconnectAt: it is cut behind so many octets from the client; 0: never.
    @ivar rate: octets a second that are read of the client; 0: no limit.
    @ivar probability: how often it applies, 0 to 1.
    @ivar times: how many times it applies at all; 0: always.
    """

    moment: str
    to: str = ""
    reply: Reply | None = None
    delay: float = 0.0
    disconnect: bool = False
    disconnectAt: int = 0
    rate: float = 0.0
    probability: float = 1.0
    times: int = 0

    @classmethod
    def read(cls, text: str) -> FaultRule:
        """The rule that C{text} is.

        @raise FaultError: it is none.
        """
        try:
            first, *words = shlex.split(text)
        except ValueError:
            raise FaultError(f"{text!r} is no rule: WHEN WHAT, quotes closed") from None
        moment = first.upper()
        if moment not in MOMENTS:
            raise FaultError(f"{first!r} is none of {', '.join(MOMENTS)}")
        fields: dict[str, object] = {}
        for word in words:
            name, value = _field(word)
            if name in fields:
                raise FaultError(f"{word!r}: said twice")
            fields[name] = value
        rule = cls(moment, **fields)  # type: ignore[arg-type]
        rule._check(text)
        return rule

    def fits(self, moment: str, addresses: Sequence[str]) -> bool:
        """Whether it may apply now."""
        if moment != self.moment:
            return False
        lowered = map(str.lower, addresses)
        return not self.to or any(fnmatchcase(each, self.to) for each in lowered)

    def _check(self, text: str) -> None:
        does = (self.reply, self.delay, self.disconnect, self.disconnectAt, self.rate)
        if not any(does):
            raise FaultError(f"{text!r}: nothing happens")
        if self.to and self.moment not in ("MAIL", "RCPT", END):
            raise FaultError(f"{text!r}: {self.moment} has no address")
        if self.moment != CONNECT and (self.disconnectAt or self.rate):
            raise FaultError(f"{text!r}: that is for connect alone")


class FaultRules:
    """Rules, and how often they have applied.

    @param rules: L{FaultRule}s.
    @param seed: of what is random; the same seed and the same conversations make
        the same faults.
    """

    def __init__(self, rules: Iterable[FaultRule] = (), seed: int = 0) -> None:
        self.rules = tuple(rules)
        self._random = Random(seed)
        self._applied = [0] * len(self.rules)

    @classmethod
    def fromTexts(cls, texts: Iterable[str], seed: int = 0) -> FaultRules:
        """The rules that these texts are.

        @raise FaultError: one is none.
        """
        return cls(map(FaultRule.read, texts), seed)

    def at(self, moment: str, addresses: Sequence[str] = ()) -> list[FaultRule]:
        """The rules that apply now.

        @param moment: one of L{MOMENTS}.
        @param addresses: the address of the command, or the recipients.
        """
        found: list[FaultRule] = []
        for number, rule in enumerate(self.rules):
            if not rule.fits(moment, addresses):
                continue
            if 0 < rule.times <= self._applied[number]:
                continue
            if rule.probability < 1 and self._random.random() >= rule.probability:
                continue
            self._applied[number] += 1
            found.append(rule)
        return found


def _field(word: str) -> tuple[str, object]:
    """A part of a rule: a field of L{FaultRule}, and its value."""
    name, equals, text = word.partition("=")
    if word == "disconnect":
        return "disconnect", True
    if name == "to" and text:
        return "to", text.lower()
    if name == "reply" and equals:
        return "reply", _reply(text)
    bounds = {
        "delay": ("delay", MAX_DELAY),
        "rate": ("rate", 1e9),
        "probability": ("probability", 1.0),
        "disconnect-at": ("disconnectAt", 1e12),
        "times": ("times", 1e9),
    }
    if name not in bounds:
        raise FaultError(f"{word!r} is not known")
    field, most = bounds[name]
    kind = float if name in ("delay", "rate", "probability") else int
    return field, _number(word, text, most, kind)


def _number(word: str, text: str, most: float, kind: type[float]) -> float:
    try:
        number = kind(text)
    except ValueError:
        number = -1.0
    if not 0 < number <= most:
        raise FaultError(f"{word!r}: a number above 0, up to {most:g}")
    return number


def _reply(text: str) -> Reply:
    found = _REPLY.fullmatch(text)
    if found is None or (found[2] and found[2][0] != found[1][0]):
        raise FaultError(f"reply={text!r} is not of the form '451 4.3.0 text'")
    return Reply(int(found[1]), found[3], found[2] or "")
