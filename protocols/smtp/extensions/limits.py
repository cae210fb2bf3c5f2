"""LIMITS (RFC 9422): limits that a client may keep without running into them."""

from __future__ import annotations

from typing import Any

from protocols.smtp.extension import Extension


def _offer(protocol: Any) -> str:
    """RCPTMAX (section 4.2): more recipients are answered 452 4.5.3."""
    return f"LIMITS RCPTMAX={protocol.policy.maxRecipients}"


LIMITS = Extension(_offer)
