"""Base64 without leniency (RFC 4648, sections 3.2 and 3.3). Pure."""

from __future__ import annotations

from base64 import b64decode


def decodeBase64(text: str | bytes) -> bytes:
    """What C{text} stands for.

    Python 3.10 takes padding that is too much; here no version does.

    @raise ValueError: it holds other letters, or is padded wrongly.
    """
    if len(text) % 4:
        raise ValueError("base64 comes in fours")
    return b64decode(text, validate=True)
