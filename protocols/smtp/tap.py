"""C{twistd smtp}."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from twisted.application.service import IService

from protocols.sasl import AnyChecker, Authenticator, PasswordFile, portalFor
from protocols.service import StreamService, isFirst, serveStreams, withProcess
from protocols.smtp.factory import SMTPFactory
from protocols.smtp.faulty import faultyKind
from protocols.smtp.lmtp import LMTPProtocol
from protocols.smtp.opening import StoreError, openStore
from protocols.smtp.options import ANYBODY, Options
from protocols.workers import serveWorkers

__all__ = ["Options", "makeService"]


def openDelivery(options: Any, reactor: Any) -> Any:
    """The delivery that C{--store} names.

    @raise SystemExit: it can't be opened; the text says why, in one line.
    """
    bounds = {"inboxes": options.inboxes, "retention": options.retention}
    try:
        return openStore(options["store"], reactor, **bounds)
    except StoreError as error:
        raise SystemExit(f"smtp: --store {error}") from None


def makeFactory(options: Any, delivery: Any, reactor: Any) -> SMTPFactory:
    """A factory, from parsed L{Options}."""
    checker: Any = None
    if options["auth"] is not None:
        anybody = options["auth"] == ANYBODY
        checker = (
            AnyChecker() if anybody else PasswordFile(options["auth"], reactor=reactor)
        )
    hostname = options.policy.hostname
    factory = SMTPFactory(
        delivery,
        policy=options.policy,
        tls=options.tls,
        authenticator=checker and Authenticator(portalFor(checker), hostname=hostname),
        reloads=[checker.reload] if hasattr(checker, "reload") else (),
    )
    factory.faults = options.faults
    return factory


def _kind(protocol: Any, options: Any) -> Any:
    return faultyKind(protocol) if options.faults.rules else protocol


def _checker(auth: str | None, reactor: Any) -> Any:
    if auth in (None, ANYBODY):
        return None if auth is None else AnyChecker()
    return PasswordFile(str(auth), reactor=reactor)


class _LastOne:
    """Closes the delivery when the last of those who use it have finished."""

    def __init__(self, users: int, delivery: Any) -> None:
        self._users = users
        self._close = getattr(delivery, "close", lambda: None)

    def __call__(self) -> Any:
        self._users -= 1
        return None if self._users else self._close()


def makeService(options: Any, reactor: Any = None) -> IService:
    """The mail receiver, from parsed L{Options}."""
    if reactor is None:
        from twisted.internet import reactor
    if isFirst(options):
        return _withWorkers(options, reactor)
    delivery = openDelivery(options, reactor)
    factory = makeFactory(options, delivery, reactor)
    factory.protocol = _kind(options["protocol"], options)
    service: Any = serveStreams("smtp", factory, options, reactor)
    beside = _beside(options, delivery, reactor)
    closing = _LastOne(1 + len(beside), delivery)
    factory.drained = closing  # type: ignore[method-assign]
    for name, other in beside.items():
        other.drained = closing
        _serveBeside(name, other, options, reactor).setServiceParent(service)
    return service  # type: ignore[no-any-return]


def _withWorkers(options: Any, reactor: Any) -> IService:
    """What looks after workers; that their store can be had is found out first."""
    getattr(openDelivery(options, reactor), "close", lambda: None)()
    streams = [*options["listen"], *options["lmtp"], *options["pop3"]]
    workers = serveWorkers("smtp", options, reactor, streams=streams)
    return withProcess(workers, options, reactor)


def _beside(options: Any, delivery: Any, reactor: Any) -> dict[str, Any]:
    """The factories of what is served beside SMTP, from the same store."""
    beside: dict[str, Any] = {}
    if options["lmtp"]:
        house = makeFactory(options, delivery, reactor)
        house.policy = replace(options.policy, requireTLS=False, requireLogin=False)
        house.protocol = _kind(LMTPProtocol, options)
        beside["lmtp"] = house
    if options["pop3"]:
        # Not above: Twisted's POP3 installs the reactor.
        from protocols.smtp.pop3 import POP3Factory

        beside["pop3"] = POP3Factory(
            delivery,
            [_checker(options["auth"], reactor)],
            clock=reactor,
            inboxes=options.inboxes,
            tls=options.tls,
            loginInClear=options.policy.loginInClear,
            hostname=options.policy.hostname,
        )
    return beside


def _serveBeside(name: str, factory: Any, options: Any, reactor: Any) -> StreamService:
    return StreamService(
        name,
        factory,
        options[name],
        reactor=reactor,
        limits=options.limits,
        drainTimeout=options["drain-timeout"],
        proxies=options.proxies,
    )
