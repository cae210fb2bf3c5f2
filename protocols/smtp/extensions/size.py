"""SIZE (RFC 1870): how large a message may be, and how large one will be."""

from __future__ import annotations

import re
from typing import Any

from protocols.smtp.extension import Extension
from protocols.smtp.parameters import Parameter, ParameterError

# Section 3: 1 to 20 digits.
_SIZE = re.compile(r"[0-9]{1,20}")


def readSize(value: str | None) -> int:
    """Octets.

    @raise ParameterError: it is no number.
    """
    if not value or not _SIZE.fullmatch(value):
        raise ParameterError("SIZE is a number of octets")
    return int(value)


def _offer(protocol: Any) -> str:
    return f"SIZE {protocol.policy.maxSize}"


SIZE = Extension(_offer, mail={"SIZE": Parameter(readSize, "size")})
