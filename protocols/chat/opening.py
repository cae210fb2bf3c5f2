"""Opens what a chat is kept in, from what somebody has typed."""

from __future__ import annotations

from time import time
from typing import Any

from protocols.chat.store import ChatStore
from protocols.chat.storeinterface import Store
from protocols.chat.storememory import MemoryStore
from protocols.chat.storeretention import Retention


def openStore(where: str, reactor: Any, retention: Retention) -> Store:
    """The store that C{where} names: C{memory}, or the path of an SQLite file.

    @raise StoreError: it can't be opened; the text is one line.
    """
    if where == "memory":
        return MemoryStore()
    path = where.removeprefix("sqlite:")
    return ChatStore(path, reactor, retention=retention, now=time)
