"""The option C{--workers}."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from twisted.python import usage

from protocols.options import Number
from protocols.workerlimits import suffices

# More than one a core gains nothing, and there are hardly larger machines.
MOST_WORKERS = 256

_COUNT = Number("workers", "processes", 1, MOST_WORKERS)


class WorkerOptions(usage.Options):
    """Adds C{--workers} to the options of a service.

    @ivar arguments: the command line, as it was parsed.
    @ivar folder: where it was parsed.
    @ivar worker: in a worker, its L{protocols.workerprocess.Worker}.
    """

    arguments: Sequence[str] = ()
    folder = "."
    worker: Any = None

    def __init__(self) -> None:
        super().__init__()
        self["workers"] = 1
        self.docs["workers"] = (
            "Processes that share the ports; --max-connections and --accept-rate are "
            "divided among them, what holds for one peer is each one's own."
        )
        self.defaults["workers"] = 1

    def opt_workers(self, count: str) -> None:
        """Processes that share the ports.

        @raise usage.UsageError: it is no such number, or the system has none.
        """
        self["workers"] = int(_COUNT(count))
        if self["workers"] > 1 and os.name != "posix":
            raise usage.UsageError("--workers: this system has no way to share ports")

    def parseOptions(self, options: Sequence[str] | None = None) -> None:
        """Keep the command line: workers are started with the same one."""
        self.arguments = list(sys.argv[1:] if options is None else options)
        self.folder = os.getcwd()
        super().parseOptions(options)

    def postOptions(self) -> None:
        """Check that there is a connection for each.

        @raise usage.UsageError: there is not.
        """
        super().postOptions()
        limits: Any = getattr(self, "limits", None)
        if limits is not None and not suffices(limits, self["workers"]):
            raise usage.UsageError(
                f"--max-connections: expected one for each of {self['workers']} "
                f"workers, got {limits.maxConnections}"
            )
