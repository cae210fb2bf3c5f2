"""Listening descriptions, checked before anything listens.

Streams use Twisted's own endpoint strings. Twisted has none for datagrams, so
C{udp:PORT:interface=ADDRESS} is read here, in the same grammar.
"""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass
from typing import Any

from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IStreamServerEndpoint
from twisted.internet.protocol import Factory

from protocols.certificates import DEVELOPMENT, developmentCertificate
from protocols.tls import TLS_KINDS, RenewableTLSEndpoint

# Where each kind has its port among the positional parts; the others have none.
_PORT_PLACES = {"tcp": 0, "tcp6": 0, "ssl": 0, "tls": 1, "udp": 0}
# An IPv6 address needs no escapes behind C{udp:PORT:interface=}: it comes last.
_UDP_ADDRESS = re.compile(r":interface=")
_UNESCAPED_COLON = re.compile(r"(?<!\\):")
_BACKLOG_PLACES = {"tcp": 2, "tcp6": 2, "ssl": 5}
_NEEDS_PORT = frozenset(("tcp", "tcp6", "ssl", "udp"))
_UDP_NAMES = ("port", "interface")

# Connections that wait to be accepted, instead of Twisted's 50: many come in a turn
# of a busy reactor, and one that finds no place there tries again a second later, or
# is reset (SYN cookies). Linux takes so many by default (net.core.somaxconn).
BACKLOG = 4096


class ListenError(ValueError):
    """A description can't be listened on; the message quotes the bad part."""


@dataclass(frozen=True)
class Description:
    """The parts of a description.

    @ivar text: as it was given.
    @ivar kind: what stands before the first colon.
    @ivar parts: the positional parts behind it.
    @ivar named: the C{name=value} parts.
    """

    text: str
    kind: str
    parts: tuple[str, ...]
    named: dict[str, str]

    @property
    def portText(self) -> str | None:
        """The part that is the port; C{None} for a kind without, or if missing."""
        place = _PORT_PLACES.get(self.kind)
        if place is None or "port" in self.named:
            return self.named.get("port")
        return self.parts[place] if place < len(self.parts) else None


def parseDescription(text: str) -> Description:
    """Take a description apart; C{\\:} stands for a colon within a part."""
    cut = _UDP_ADDRESS.split(text) if text.startswith("udp:") else [text]
    kind, *rest = (part.replace("\\:", ":") for part in _UNESCAPED_COLON.split(cut[0]))
    rest += ["interface=" + address.replace("\\", "") for address in cut[1:]]
    parts = tuple(part for part in rest if "=" not in part)
    named = dict(part.split("=", 1) for part in rest if "=" in part)
    return Description(text, kind, parts, named)


def portOf(description: Description) -> int:
    """The port, 0 to 65535.

    @raise ListenError: it is missing or no such number.
    """
    text = description.portText
    if text is None:
        raise ListenError(f"{description.text!r} names no port")
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise ListenError(f"port {text!r} is not a number from 0 to 65535")
    return int(text)


def streamEndpoint(reactor: Any, text: str) -> IStreamServerEndpoint:
    """The endpoint that C{text} describes; those with TLS can be renewed.

    @raise ListenError: the text is no server endpoint string, its port is none,
        or its keys and certificates can't be read.
    """
    description = parseDescription(text)
    if description.kind == "udp":
        raise ListenError(f"{text!r} is for datagrams, and this service has none")
    if description.portText is not None or description.kind in _NEEDS_PORT:
        portOf(description)
    try:
        if description.kind == "tls":
            os.stat(description.parts[0])
        queue = _queueOf(description)
        if description.kind in TLS_KINDS:
            return RenewableTLSEndpoint(reactor, _withCertificate(description) + queue)
        endpoint: IStreamServerEndpoint = serverFromString(reactor, text + queue)
        return endpoint
    except Exception as error:
        raise ListenError(_explained(text, error)) from error


def _queueOf(description: Description) -> str:
    """What is said about the backlog, unless the description says it itself."""
    place = _BACKLOG_PLACES.get(description.kind)
    if place is None or "backlog" in description.named:
        return ""
    return "" if len(description.parts) > place else f":backlog={BACKLOG}"


def _withCertificate(description: Description) -> str:
    """C{privateKey=development} stands for a certificate that is made for it."""
    word = f"privateKey={DEVELOPMENT}"
    if description.named.get("privateKey") != DEVELOPMENT:
        return description.text
    path = str(developmentCertificate()).replace(":", "\\:")
    return description.text.replace(word, f"privateKey={path}")


@dataclass(frozen=True)
class DatagramListen:
    """Where a datagram service listens.

    @ivar port: 0 (any) to 65535.
    @ivar interface: an IP address; empty for all of IPv4.
    @ivar inherited: the description of a socket inherited from systemd, to be
        used instead.
    """

    port: int
    interface: str = ""
    inherited: str = ""


def datagramListen(text: str) -> DatagramListen:
    """Read C{udp:PORT:interface=ADDRESS} or C{systemd:domain=INET:index=0}.

    @raise ListenError: it is neither, or a part of it is wrong.
    """
    description = parseDescription(text)
    if description.kind == "systemd":
        streamEndpoint(None, text)
        return DatagramListen(0, inherited=text)
    if description.kind != "udp":
        raise ListenError(f"{text!r} is not of the form udp:PORT:interface=ADDRESS")
    unknown = [*description.parts[1:], *(description.named.keys() - {*_UDP_NAMES})]
    if unknown:
        raise ListenError(f"{text!r} has a part that is not known: {unknown[0]!r}")
    interface = description.named.get("interface", "")
    if interface and not (isIPAddress(interface) or isIPv6Address(interface)):
        raise ListenError(f"interface {interface!r} is not an IP address")
    return DatagramListen(portOf(description), interface)


class _RecordingReactor:
    """Records the one descriptor that an endpoint wants to adopt."""

    descriptor: int

    def adoptStreamPort(self, fileDescriptor: int, *rest: Any) -> None:
        self.descriptor = os.dup(fileDescriptor)


def inheritedSocket(text: str) -> socket.socket:
    """The socket that C{systemd:domain=INET:index=0} stands for, whatever it is.

    Twisted reads the descriptors that systemd passes just once, in its own
    endpoint, so that endpoint is asked; it closes the original.
    """
    recording: Any = _RecordingReactor()
    serverFromString(recording, text).listen(Factory())
    return socket.socket(fileno=recording.descriptor)


def _explained(text: str, error: Exception) -> str:
    """Why Twisted refused a description, in a user's words."""
    said = str(error)
    kind = text.partition(":")[0]
    if "::" in text or "=:" in text:
        return f"{text!r}: a colon within a part is written \\: (an IPv6 address)"
    if isinstance(error, TypeError):
        quoted = re.findall(r"'([^']*)'", said)
        what = "needs" if "missing" in said else "does not know"
        return f"{text!r}: {kind} {what} {', '.join(map(repr, quoted)) or said}"
    if isinstance(error, OSError) and error.filename:
        return f"{text!r}: can't read {error.filename!r}: {error.strerror}"
    if kind == "systemd":
        return f"{text!r} names no socket inherited from systemd"
    if "Unknown endpoint type" in said:
        return f"{text!r}: {kind!r} is no kind of endpoint (tcp, ssl, unix, ...)"
    if kind in TLS_KINDS:
        return f"{text!r}: no key and certificate can be read there ({said or error!r})"
    return f"{text!r}: {said or error!r}"
