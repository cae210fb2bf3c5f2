"""What the `protocols` command is made of: its options, and how it starts and ends.

It needs neither `twistd` nor a file.  It serves the suite on loopback, and adds what
a person at a terminal wants: a table of what to type, errors in one line, a farewell.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from typing import Any

from twisted.application.service import MultiService
from twisted.internet.error import CannotListenError
from twisted.logger import globalLogBeginner
from twisted.python import usage

from protocols.chat.opening import isInUse
from protocols.config import KEPT_BY, KINDS, ConfigError
from protocols.listening import parseDescription
from protocols.logfile import STANDARD_OUTPUT, LogFileService
from protocols.logs import PlainLinesObserver
from protocols.places import userDataDir
from protocols.process import servicesBelow
from protocols.schema import showValue
from protocols.service import CannotServeError
from protocols.suite.service import SuiteService
from protocols.suite.tap import Options as SuiteOptions
from protocols.table import Row, renderTable, rowOf
from protocols.tls import TLS_KINDS

# Further doors of the chat, which nobody is asked to open in a file.
DOORS = {
    "irc": "tcp:7667:interface=127.0.0.1",
    "web": "tcp:7080:interface=127.0.0.1",
}

FAREWELL = "All have finished. Goodbye."


class Options(SuiteOptions):
    """Options of the `protocols` command.

    @ivar listens: What `--echo-listen` and its like gave, by kind of service.
    """

    synopsis = "Usage: protocols [options]"
    longdesc = (
        "Serve TCP echo, UDP echo, chat and mail on 127.0.0.1, and print what to type "
        "to try them. Ctrl-C ends it, a second one at once. "
        "'protocols mail --help' tells how to read the mail that was kept."
    )

    def __init__(self) -> None:
        super().__init__()
        self.listens: dict[str, list[str]] = {}
        self.otherwise = {"data-dir": str(userDataDir(os.environ))}

    def opt_echo_listen(self, where: str) -> None:
        """TCP echo's port on 127.0.0.1 (0: any free), or an endpoint; repeatable."""
        self._listen("echo", where, "tcp")

    def opt_udpecho_listen(self, where: str) -> None:
        """The same for UDP echo; its endpoints are udp:PORT:interface=ADDRESS."""
        self._listen("udpecho", where, "udp")

    def opt_chat_listen(self, where: str) -> None:
        """The same for chat."""
        self._listen("chat", where, "tcp")

    def opt_irc_listen(self, where: str) -> None:
        """The same for the chat's IRC clients."""
        self._listen("irc", where, "tcp")

    def opt_web_listen(self, where: str) -> None:
        """The same for the chat's page for browsers."""
        self._listen("web", where, "tcp")

    def opt_smtp_listen(self, where: str) -> None:
        """The same for mail."""
        self._listen("smtp", where, "tcp")

    def opt_version(self) -> None:
        """Print the version, and end."""
        from protocols import __version__

        print(f"protocols {__version__}")
        raise SystemExit(0)

    def parseArgs(self, *rest: str) -> None:
        """There is nothing but options.

        @raise usage.UsageError: There is.
        """
        if rest:
            raise usage.UsageError(f"options only, please: {rest[0]!r} is none")

    def withoutFile(self) -> str:
        """One of each kind, listening where the command line says."""
        tables = (f"[{kind}]\n{self._listenLine(kind)}" for kind in KINDS)
        return "".join(tables).replace("[chat]\n", f"[chat]\n{self._chatLines()}")

    def _chatLines(self) -> str:
        """The chat's further doors, unless it is elsewhere; and where it is kept.

        A second chat can't have the file of the first one.
        """
        usual = {} if "chat" in self.listens else DOORS
        lines = [
            f"{door} = {showValue(self.listens.get(door, [usual.get(door)]))}\n"
            for door in DOORS
            if door in self.listens or door in usual
        ]
        directory = self["data-dir"] or self.otherwise["data-dir"]
        if isInUse(os.path.join(str(directory), KEPT_BY["chat"]["store"])):
            lines.append('store = "memory"\n')
        return "".join(lines)

    def postOptions(self) -> None:
        """As for the suite; where to listen is said here or in a file, not in both."""
        if self["config"] is not None and self.listens:
            kind = next(iter(self.listens))
            raise usage.UsageError(
                f"--{kind}-listen: the file of --config says where {kind} listens"
            )
        super().postOptions()

    def refused(self, error: ConfigError) -> usage.UsageError:
        """A place that can't be listened on was given by option, if not by file."""
        kind, _, key = error.key.partition(".")
        if kind in self.listens and key == "listen":
            return usage.UsageError(f"--{kind}-listen: {error.reason}")
        return super().refused(error)

    def _listen(self, kind: str, where: str, transport: str) -> None:
        if where.isascii() and where.isdigit():
            where = f"{transport}:{where}:interface=127.0.0.1"
        self.listens.setdefault(kind, []).append(where)

    def _listenLine(self, kind: str) -> str:
        where = self.listens.get(kind)
        return f"listen = {showValue(where)}\n" if where else ""


class CannotStartError(Exception):
    """The services can not start; the text is one line for the user."""


def start(options: Options, reactor: Any) -> tuple[MultiService, SuiteService]:
    """Start all services.

    @return: What to stop, and the suite in it.
    @raise CannotStartError: One can not start; none is left running.
    """
    together = MultiService()
    try:
        suite = SuiteService(options.readConfig, reactor)
        if options["log-json"]:
            LogFileService(options["log-json"], reactor).setServiceParent(together)
        suite.setServiceParent(together)
        together.privilegedStartService()
        together.startService()
    except SystemExit as error:
        together.stopService()
        raise CannotStartError(_explained(error, options)) from None
    return together, suite


def rowsOf(suite: SuiteService) -> Iterator[Row]:
    """A row for each place that the suite's services listen at."""
    for config, service in suite.made():
        for each in servicesBelow(service):
            yield from _rowsOf(config.kind, config.name, each)


def _rowsOf(kind: str, name: str, service: Any) -> Iterator[Row]:
    """Rows of one service; one beside the table's own is named after both."""
    described = getattr(service, "descriptions", ())
    own = getattr(service, "name", kind)
    label = name if own == kind else f"{name} {own}"
    for text, port in zip(described, portsOf(service), strict=False):
        secure = parseDescription(text).kind in TLS_KINDS
        yield rowOf(own, label, port.getHost(), secure)


def portsOf(service: Any) -> list[Any]:
    """The ports that a service listens on itself, in the order it was told them."""
    return list(getattr(service, "ports", ()))


def run(options: Options, reactor: Any) -> None:
    """Serve until a signal comes, and see everybody off.

    @raise CannotStartError: A service can not start.
    """
    log = PlainLinesObserver(sys.stderr)
    globalLogBeginner.beginLoggingTo([log], redirectStandardIO=False)
    together, suite = start(options, reactor)
    reactor.addSystemEventTrigger("before", "shutdown", together.stopService)
    # Standard output is for the log alone, if it is there.
    told = sys.stderr if options["log-json"] == STANDARD_OUTPUT else sys.stdout
    print(renderTable(rowsOf(suite)), file=told)
    if suite.config.keepsIn is not None:
        print(f"Mail is kept in {suite.config.keepsIn}.", file=told)
    print("Ctrl-C ends it.", file=told, flush=True)
    reactor.run()
    print(FAREWELL, file=told, flush=True)


def _explained(error: SystemExit, options: Options) -> str:
    """Why a service can not start, in one line that names what to change."""
    cause = error.__context__
    if not (
        isinstance(error, CannotServeError) and isinstance(cause, CannotListenError)
    ):
        return str(error)
    where = str(cause.port)
    if isinstance(cause.port, int):
        where = f"port {cause.port} on {cause.interface or 'all addresses'}"
    taken = getattr(cause.socketError, "errno", None) == errno.EADDRINUSE
    reason = "is taken" if taken else f"can not be had ({cause.socketError})"
    change = f"--{error.service}-listen"
    if options["config"] is not None:
        change = f"{error.service}.listen in {options['config']}"
    return f"{where} {reason}: choose another with {change}"
