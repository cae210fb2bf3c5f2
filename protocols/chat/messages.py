"""What is said, and how it is made readable: names that stood here before."""

from __future__ import annotations

from protocols.chat.events import Posting
from protocols.chat.text import namesIn, readable

__all__ = ["Posting", "namesIn", "readable"]
