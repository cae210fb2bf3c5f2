"""C{twistd suite}."""

from __future__ import annotations

from typing import Any, ClassVar

from twisted.application.service import IService, MultiService
from twisted.python import usage

from protocols.config import (
    KINDS,
    ConfigError,
    SuiteConfig,
    loadConfig,
    parseConfig,
    renderDefaults,
)
from protocols.logfile import LogFileService
from protocols.suite.service import SuiteService


class Options(usage.Options):
    """Options of the suite.

    @ivar otherwise: Keys above all tables that hold if nobody says otherwise.
    """

    synopsis = "[options]"
    longdesc = "Serve TCP echo, UDP echo, chat and mail from one TOML file."
    optFlags: ClassVar[list[Any]] = [
        ["check-config", None, "Check the file, say what is wrong with it, and end."],
        ["print-config", None, "Print a file of all defaults, explained, and end."],
    ]
    optParameters: ClassVar[list[Any]] = [
        [
            "config",
            None,
            None,
            "TOML file of the services to start; default: one of each on 127.0.0.1.",
        ],
        [
            "data-dir",
            None,
            None,
            "Directory that services keep data in; goes before the file's own.",
        ],
        [
            "log-json",
            None,
            None,
            (
                "Write log events to this file, one JSON object a line; - is standard "
                "output."
            ),
        ],
    ]

    def __init__(self) -> None:
        super().__init__()
        self.otherwise: dict[str, object] = {}

    def readConfig(self) -> SuiteConfig:
        """Read and check the file; without one, what is served by default.

        @raise ConfigError: It can not be used.
        """
        given = {"data-dir": self["data-dir"]} if self["data-dir"] else {}
        told = {"given": given, "otherwise": self.otherwise}
        if self["config"] is None:
            return parseConfig(self.withoutFile(), "defaults", **told)
        return loadConfig(self["config"], **told)

    def withoutFile(self) -> str:
        """What is served when no file is named, as the text of one."""
        return "".join(f"[{kind}]\n" for kind in KINDS)

    def refused(self, error: ConfigError) -> usage.UsageError:
        """What to say of a file that can not be used."""
        return usage.UsageError(str(error))

    def postOptions(self) -> None:
        """Check the file, and do what needs only the file.

        @raise usage.UsageError: The file can not be used; from L{refused}.
        @raise SystemExit: That was all there was to do.
        """
        if self["print-config"]:
            print(renderDefaults(), end="")
            raise SystemExit(0)
        try:
            config = self.readConfig()
        except ConfigError as error:
            if self["check-config"]:
                raise SystemExit(str(error)) from None
            raise self.refused(error) from None
        if self["check-config"]:
            print(f"{config.file}: {len(config.services)} services, no errors")
            raise SystemExit(0)


def makeService(options: Options, reactor: Any = None) -> IService:
    """All services of the file, from parsed L{Options}."""
    if reactor is None:
        from twisted.internet import reactor
    together = MultiService()
    if options["log-json"]:
        LogFileService(options["log-json"], reactor).setServiceParent(together)
    SuiteService(options.readConfig, reactor).setServiceParent(together)
    return together
