"""SASL (RFC 4422)."""

from __future__ import annotations

from dataclasses import dataclass


class SASLError(Exception):
    """A response is malformed."""


class UnknownMechanismError(SASLError):
    """There is no such mechanism here."""


@dataclass(frozen=True)
class Challenge:
    """What the client is asked."""

    data: bytes


@dataclass(frozen=True)
class Success:
    """The client is who it says."""

    login: str
    avatar: object
