"""What a service extension is (RFC 5321, section 2.2): a declaration.

Verbs, words of EHLO and parameters of MAIL and RCPT belong together, and so they
stand together: the extensions that are offered are in
L{protocols.smtp.extensions}, a module each, and a user's own is one more value in
C{SMTPProtocol.extensions}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from protocols.smtp.commands import Command
from protocols.smtp.parameters import Parameter

Offer = Callable[[Any], str]


@dataclass(frozen=True)
class Extension:
    """A service extension.

    @param offer: the line of EHLO, such as C{SIZE 1000}; or a function that makes
        it for a protocol, and makes it empty while the extension is not offered.
    @param commands: verbs that it adds.
    @param mail: parameters that it adds to MAIL, by keyword.
    @param rcpt: parameters that it adds to RCPT, likewise.
    """

    offer: str | Offer
    commands: Mapping[str, Command] = field(default_factory=dict)
    mail: Mapping[str, Parameter] = field(default_factory=dict)
    rcpt: Mapping[str, Parameter] = field(default_factory=dict)

    def offered(self, protocol: Any) -> str:
        """Its line of EHLO now; empty if it is not offered to this client."""
        return self.offer if isinstance(self.offer, str) else self.offer(protocol)


def commandsOf(extensions: Iterable[Extension]) -> dict[str, Command]:
    """All verbs of these extensions."""
    return {
        verb: command for each in extensions for verb, command in each.commands.items()
    }
