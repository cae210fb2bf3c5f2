"""Who is logging, worked out when something is logged.

Twisted puts a new dictionary with the name of a connection on a stack for each
event of it, in case something should be logged (C{log.callWithLogger}). Here one
dictionary is put there for a whole round of events; it is empty, and answers only
if it is asked.
"""

from __future__ import annotations

from typing import Any

from twisted.python import context, log
from twisted.python.log import ILogContext


class LogContext(dict[Any, Any]):
    """What C{twisted.python.context} finds while the reactor serves a descriptor.

    @ivar owner: the descriptor that is being served; C{None} between them.
    """

    __slots__ = ("owner",)

    def __init__(self) -> None:
        super().__init__()
        self.owner: Any = None

    def __missing__(self, key: object) -> dict[str, Any]:
        """The log context of the owner.

        @raise KeyError: it is something else that is sought, or nobody is served.
        """
        owner = self.owner
        if key is not ILogContext or owner is None:
            raise KeyError(key)
        self.owner = None  # what is below on the stack, and no endless recursion
        try:
            return dict(context.get(ILogContext), system=_prefixOf(owner))
        finally:
            self.owner = owner


def _prefixOf(owner: Any) -> str:
    """What the descriptor is called in the log, as in C{log.callWithLogger}."""
    try:
        prefix: str = owner.logPrefix()
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - as Twisted
        prefix = "(buggy logPrefix method)"
        log.err(system=prefix)
    return prefix
