"""Logins by SASL (RFC 4422) through L{twisted.cred}, for any protocol.

An L{Authenticator} has a portal and offers the mechanisms that its checkers can
serve; each login is an L{Exchange} of steps, in octets::

    authenticator = Authenticator(portalFor(PasswordFile("passwords")))
    exchange = authenticator.begin("PLAIN")
    exchange.step(b"\\0alice\\0secret")   # a Deferred of Success

Base64, lines and replies are the protocol's.
"""

from __future__ import annotations

from protocols.sasl.anychecker import AnyChecker
from protocols.sasl.authenticator import Authenticator
from protocols.sasl.entries import PasswordFileError
from protocols.sasl.exchange import Exchange
from protocols.sasl.interfaces import (
    ICertificateCredentials,
    ILogin,
    IScramCredentials,
)
from protocols.sasl.outcomes import (
    MAX_RESPONSE,
    Challenge,
    SASLError,
    Success,
    UnknownMechanismError,
)
from protocols.sasl.passwordfile import PasswordFile
from protocols.sasl.realm import LoginRealm, portalFor
from protocols.sasl.records import Decoys, ScramRecord, secretFor
from protocols.sasl.saslprep import PreparationError, prepare

__all__ = [
    "MAX_RESPONSE",
    "AnyChecker",
    "Authenticator",
    "Challenge",
    "Decoys",
    "Exchange",
    "ICertificateCredentials",
    "ILogin",
    "IScramCredentials",
    "LoginRealm",
    "PasswordFile",
    "PasswordFileError",
    "PreparationError",
    "SASLError",
    "ScramRecord",
    "Success",
    "UnknownMechanismError",
    "portalFor",
    "prepare",
    "secretFor",
]
