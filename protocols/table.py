"""The table that the `protocols` command prints: what is where, and how to try it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from twisted.internet.address import UNIXAddress

HEADINGS = ("service", "address", "RFC", "to try it, type")
# Where to try a service that listens on every address.
TRY_AT = {"0.0.0.0": "127.0.0.1", "::": "::1"}
TRY_UNIX = "nc -NU {path}"
TRY_TLS = "openssl s_client -quiet -connect {at}"


class Kind(NamedTuple):
    """What is known of a kind of service.

    @ivar rfc: The number of the RFC that it follows.
    @ivar tries: Lines for a shell, each with {host} and {port}, or both as {at}.
    """

    rfc: str
    tries: tuple[str, ...]


ABOUT = {
    "echo": Kind("862", (r"printf 'hello\n' | nc -N {host} {port}",)),
    "udpecho": Kind("862", (r"printf 'hello\n' | nc -u -w 1 {host} {port}",)),
    "chat": Kind("-", ("nc {host} {port}",)),
    "irc": Kind("2812", ("irssi -c {host} -p {port}",)),
    "smtp": Kind(
        "5321",
        (
            "swaks --to you@example.org --server {at}",
            (
                r"printf 'Subject: hi\r\n\r\nhello\r\n' | curl smtp://{at} -T - "
                "--mail-from me@example.org --mail-rcpt you@example.org"
            ),
        ),
    ),
    "lmtp": Kind("2033", ("swaks --protocol LMTP --to you@example.org --server {at}",)),
    "web": Kind("6455", ("xdg-open http://{at}/",)),
    "pop3": Kind("1939", ("curl pop3://me:pass@{at}/",)),
}
UNKNOWN = Kind("-", ())


class Row(NamedTuple):
    """One place that a service listens at.

    @ivar address: C{host:port/tcp}, C{[host]:port/udp}, or a path.
    """

    service: str
    address: str
    rfc: str
    tries: tuple[str, ...]


def rowOf(kind: str, name: str, address: Any, secure: bool = False) -> Row:
    """The row of one port.

    @param address: What its C{getHost()} says.
    @param secure: Whether it speaks TLS.
    """
    about = ABOUT.get(kind, UNKNOWN)
    if isinstance(address, UNIXAddress):
        path = (address.name or b"").decode("utf-8", "replace")
        return Row(name, path, about.rfc, (TRY_UNIX.format(path=path),))
    host = TRY_AT.get(address.host, address.host)
    told = {"host": host, "port": address.port, "at": _at(host, address.port)}
    tries = (TRY_TLS,) if secure else about.tries
    where = f"{_at(address.host, address.port)}/{address.type.lower()}"
    return Row(name, where, about.rfc, tuple(each.format(**told) for each in tries))


def renderTable(rows: Iterable[Row]) -> str:
    """The rows below their headings; a second line to type has a row of its own."""
    lines = [HEADINGS, *(line for row in rows for line in _linesOf(row))]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    return "".join(
        "  ".join([*(line[at].ljust(widths[at]) for at in range(3)), line[3]]).rstrip()
        + "\n"
        for line in lines
    )


def _linesOf(row: Row) -> Iterator[tuple[str, str, str, str]]:
    first, *others = row.tries or ("",)
    yield row.service, row.address, row.rfc, first
    for each in others:
        yield "", "", "", each


def _at(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
