"""Opens a chat, with all that was kept of it, from what somebody has typed."""

from __future__ import annotations

from collections.abc import Callable
from time import time
from typing import Any

from protocols.chat.accounts import Accounts
from protocols.chat.audit import AuditLog
from protocols.chat.backplane.places import placeOf
from protocols.chat.hosts import ACCOUNT
from protocols.chat.house import House
from protocols.chat.lobby import Lobby
from protocols.chat.store import ChatStore
from protocols.chat.storeinterface import Store, StoreError
from protocols.chat.storememory import MemoryStore
from protocols.chat.storeretention import Retention
from protocols.chat.storeschema import InUseError, Lock
from protocols.chat.storesharing import whyNotShared
from protocols.sasl import PasswordFile, portalFor

# The word of --store for what ends with the process.
MEMORY = "memory"


def openStore(
    where: str, reactor: Any, retention: Retention, sharedBy: str = ""
) -> Store:
    """The store that C{where} names: C{memory}, or the path of an SQLite file.

    @param sharedBy: see L{ChatStore}; where a file can't be shared, it is not.
    @raise StoreError: it can't be opened; the text is one line.
    """
    if where == MEMORY:
        return MemoryStore()
    path = where.removeprefix("sqlite:")
    sharedBy = "" if whyNotShared(path) else sharedBy
    return ChatStore(path, reactor, retention=retention, now=time, sharedBy=sharedBy)


def isInUse(path: str) -> bool:
    """Whether another process has the file of a chat open."""
    try:
        Lock(path).release()
    except InUseError:
        return True
    except OSError:
        return False
    return False


def openHouse(
    options: Any,
    reactor: Any,
    lobby: Lobby | None = None,
    share: Callable[[Store], Store] = lambda store: store,
) -> House:
    """A chat, from parsed L{protocols.chat.options.Options}.

    @param lobby: its rooms; new ones if C{None}.
    @param share: has a store be one of which other processes have a part.
    @raise SystemExit: it can't be opened; the text says why, in one line.
    """
    lobby = lobby or Lobby(lambda function: reactor.callLater(0, function), time)
    lobby.later = reactor.callLater
    own, audit = _opened(options, reactor)
    if options["store"] == MEMORY:
        # Programs keep what they have seen, so no number is given twice.
        lobby.lastId = int(time() * 1000)
    store, names = share(own), _passwords(options["auth"], reactor)
    operators = _passwords(options["operators"], reactor)
    accounts = Accounts(store, reactor, checkers=[names] if names else [], now=time)
    house = House(
        lobby,
        store,
        accounts=accounts,
        operators=portalFor(operators) if operators else None,
        audit=audit,
        isKept=options["store"] != MEMORY,
    )
    house.showsAccounts = options["hosts"] == ACCOUNT
    files: tuple[Any, ...] = (names, operators, audit)
    house.reloads.extend([file.reload for file in files if file is not None])
    return house


def _opened(options: Any, reactor: Any) -> tuple[Store, AuditLog | None]:
    """What is written to: the store, and the log of operators' acts."""
    place = options["backplane"]
    meeting = placeOf(place).shown if place else ""
    path = options["audit"]
    try:
        # The store last, for it has to be closed again.
        audit = AuditLog(path, time) if path else None
        store = openStore(options["store"], reactor, options.retention, meeting)
    except StoreError as error:
        raise SystemExit(f"chat: --store {error}") from None
    except OSError as error:
        raise SystemExit(f"chat: --audit {path}: {error.strerror}") from None
    return store, audit


def _passwords(path: str | None, reactor: Any) -> PasswordFile | None:
    return PasswordFile(path, reactor=reactor) if path else None
