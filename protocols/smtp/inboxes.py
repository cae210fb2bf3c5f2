"""Which inboxes a message is found in. Pure.

A rule is written C{NAME=KIND:PATTERN}: mail whose login, recipient or listener is
like the pattern (C{*}, C{?}; small and capital letters are alike) is in the inbox
of that name. C{{}} in a name stands for what matched, so that C{{}=login:*} gives
everybody who logs in an inbox of their own. The first rule that fits a recipient
(or the whole message) counts for it; what none fits is in L{INBOX}.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from protocols.smtp.message import Envelope
from protocols.smtp.reading import INBOX

# Characters of a name, which may become the name of a folder.
MAX_NAME = 128

KINDS = ("to", "login", "listener")

_RULE = re.compile(r"([^=]+)=([a-z]+):(.+)", re.DOTALL)
_UNSAFE = re.compile(r"[\x00-\x20/\\\x7f-\x9f]|^\.+$")


class InboxError(ValueError):
    """A rule that can't be; the text quotes it."""


@dataclass(frozen=True)
class InboxRule:
    """One rule.

    @ivar name: of the inbox, perhaps with C{{}}.
    @ivar kind: one of L{KINDS}.
    @ivar pattern: what the value has to be like.
    """

    name: str
    kind: str
    pattern: str

    @classmethod
    def read(cls, text: str) -> InboxRule:
        """The rule that C{text} is.

        @raise InboxError: it is none.
        """
        found = _RULE.fullmatch(text)
        if found is None:
            raise InboxError(f"{text!r} is not of the form NAME=KIND:PATTERN")
        name, kind, pattern = found.groups()
        if kind not in KINDS:
            raise InboxError(f"{text!r}: {kind!r} is none of {', '.join(KINDS)}")
        if safeName(name) != name.casefold():
            raise InboxError(f"{text!r}: {name!r} is no name for an inbox")
        return cls(name.casefold(), kind, pattern.lower())

    def inboxOf(self, value: str) -> str | None:
        """The inbox for a value of this kind; C{None} if it is not like it."""
        if not value or not fnmatchcase(value.lower(), self.pattern):
            return None
        return safeName(self.name.replace("{}", value))


class Inboxes:
    """Rules, in the order in which they are tried.

    @param rules: L{InboxRule}s.
    """

    def __init__(self, rules: Iterable[InboxRule] = ()) -> None:
        self.rules = tuple(rules)

    @classmethod
    def fromTexts(cls, texts: Iterable[str]) -> Inboxes:
        """The rules that these texts are.

        @raise InboxError: one is none.
        """
        return cls(map(InboxRule.read, texts))

    def of(self, envelope: Envelope) -> tuple[str, ...]:
        """The names of the inboxes that a message belongs into, sorted."""
        if not self.rules:
            return (INBOX,)
        found = {self._one(envelope, to) for to in envelope.recipients}
        return tuple(sorted(found)) or (INBOX,)

    def _one(self, envelope: Envelope, recipient: str) -> str:
        values = {
            "to": recipient,
            "login": envelope.login,
            "listener": envelope.listener,
        }
        for rule in self.rules:
            name = rule.inboxOf(values[rule.kind])
            if name is not None:
                return name
        return INBOX


def safeName(text: str) -> str:
    """C{text} as a name: case folded, bounded, nothing that a path would mind."""
    return _UNSAFE.sub("_", text.casefold())[:MAX_NAME] or "_"
