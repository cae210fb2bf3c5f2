"""CHUNKING and BINARYMIME (RFC 3030): a message in chunks of known length.

Dots need no doubling and the end no searching. The octets of a chunk are taken
also when it is refused: they must never be read as commands (section 2).
"""

from __future__ import annotations

import re
from typing import Any

from protocols.hooks import Hooked
from protocols.smtp import replies
from protocols.smtp.commands import Command
from protocols.smtp.extension import Extension

# Octets of a chunk have at most so many digits: more than any message has.
_CHUNK = re.compile(r"([0-9]{1,18})( +LAST)?", re.IGNORECASE)


def bdat(protocol: Any, argument: str) -> Hooked:
    """BDAT octets [LAST] (section 2).

    Of a BDAT that can't be read it is not known how many octets follow: it is
    refused, and if anything but RSET or QUIT follows, the connection ends.
    """
    found = _CHUNK.fullmatch(argument)
    if found is None:
        protocol.loseCount(replies.BAD_CHUNK)
        return None
    hooked: Hooked = protocol.beginChunk(int(found[1]), last=found[2] is not None)
    return hooked


CHUNKING = Extension("CHUNKING", commands={"BDAT": Command(bdat, drains=True)})
BINARYMIME = Extension("BINARYMIME")
