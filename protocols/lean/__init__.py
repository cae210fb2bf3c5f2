"""The lean reactor: Twisted's own for epoll, without what each message costs more
than it must.

C{twistd --reactor=lean}, or L{protocols.lean.reactor.install} before anything
imports C{twisted.internet.reactor}. Protocols, factories and endpoints stay as they
are. C{docs/reactor.md} tells what differs, and what it gains.
"""

from __future__ import annotations

from twisted.internet.error import ReactorAlreadyInstalledError


def installIfUsable() -> bool:
    """Make the lean reactor that of this process, if nothing speaks against it.

    @return: whether it was installed: there is epoll, the self-check has found no
        fault, and no other reactor was there before.
    """
    try:
        from protocols.lean import reactor
    except ImportError:
        return False
    try:
        reactor.install()
    except (reactor.UnusableError, ReactorAlreadyInstalledError):
        return False
    return True
