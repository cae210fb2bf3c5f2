"""Which store a word of the command line means."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from importlib import import_module
from typing import Any

from protocols.smtp.delivery import (
    MAX_MESSAGES,
    MAX_OCTETS,
    DiscardingDelivery,
    MemoryDelivery,
)
from protocols.smtp.inboxes import Inboxes
from protocols.smtp.maildir import MaildirDelivery
from protocols.smtp.maildirreader import MaildirReader
from protocols.smtp.reader import SQLiteReader
from protocols.smtp.reading import MailStore, Query, Stored, StoreError
from protocols.smtp.retention import Retention
from protocols.smtp.schema import SchemaError
from protocols.smtp.store import SQLiteDelivery
from protocols.smtp.watching import waitForNext

__all__ = ["StoreError", "nameOf", "openReader", "openStore", "waiterFor"]

_SQLITE, _MAILDIR = "sqlite:", "maildir:"
_POSTGRESQL = ("postgresql://", "postgres://")


def openStore(
    where: str,
    reactor: Any,
    *,
    inboxes: Inboxes | None = None,
    retention: Retention | None = None,
) -> Any:
    """A store to deliver to and to read from.

    @param where: C{memory}; C{discard}; C{maildir:FOLDER}; C{postgresql://...}; or
        the path of an SQLite file, perhaps behind C{sqlite:}.
    @param reactor: an C{IReactorFromThreads}, C{IReactorThreads}, C{IReactorTime}.
    @raise StoreError: it can't be opened.
    """
    if where == "discard":
        return DiscardingDelivery()
    kept: dict[str, Any] = {"inboxes": inboxes, "retention": retention}
    if where == "memory":
        return MemoryDelivery(retention=_bounded(retention), inboxes=inboxes)
    if where.startswith(_POSTGRESQL):
        return _opened(
            where, _postgres("postgres", "PostgresDelivery"), where, reactor, **kept
        )
    if where.startswith(_MAILDIR):
        folder = where.removeprefix(_MAILDIR)
        return _opened(where, MaildirDelivery, folder, reactor, **kept)
    path = where.removeprefix(_SQLITE)
    return _opened(where, SQLiteDelivery, path, reactor, **kept)


def _bounded(asked: Retention | None) -> Retention:
    """What is not asked for is bounded by default: memory is."""
    asked = asked or Retention()
    messages, octets = asked.maxMessages, asked.maxOctets
    return Retention(messages or MAX_MESSAGES, asked.maxAge, octets or MAX_OCTETS)


def openReader(where: str) -> MailStore:
    """A store to read from, without a reactor: it must be there.

    @param where: as for L{openStore}, without those that keep nothing.
    @raise StoreError: it can't be opened.
    """
    kind: Any = SQLiteReader
    if where.startswith(_POSTGRESQL):
        kind = _postgres("postgresreader", "PostgresReader")
    elif where.startswith(_MAILDIR):
        kind = MaildirReader
    place = where.removeprefix(_MAILDIR).removeprefix(_SQLITE)
    reader: MailStore = _opened(where, kind, place)
    return reader


def waiterFor(where: str) -> Callable[[Any, Query, float], Stored | None]:
    """What waits for mail in that store, of whichever process; it blocks.

    PostgreSQL tells of a commit; other stores are looked at again.
    """
    if where.startswith(_POSTGRESQL):
        wait: Callable[[Any, Query, float], Stored | None]
        wait = _postgres("postgreswatching", "waitForNext")
        return wait
    return waitForNext


def nameOf(where: str) -> str:
    """How a store is called where others read it: a URL may hold a password."""
    return where.partition("://")[0] if "://" in where else repr(where)


def _postgres(module: str, name: str) -> Any:
    try:
        return getattr(import_module(f"protocols.smtp.{module}"), name)
    except ImportError:
        raise StoreError(
            "postgresql: needs psycopg: pip install 'txprotocols[postgresql]'"
        ) from None


def _opened(where: str, kind: Any, *args: object, **more: object) -> Any:
    """What C{kind} makes; a URL with a password is not quoted."""
    shown = nameOf(where)
    try:
        return kind(*args, **more)
    except StoreError as error:
        raise StoreError(f"{shown}: {error}") from None
    except FileNotFoundError:
        raise StoreError(f"no {shown}; is there any mail yet?") from None
    except (SchemaError, sqlite3.Error) as error:
        raise StoreError(f"{shown}: {error}") from None
    except OSError as error:
        raise StoreError(f"{shown}: {error.strerror or error}") from None
