"""C{/history}, C{/since} and C{/search}: what was said before, at the line door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from protocols.chat.events import Posting
from protocols.chat.history import MAX_ID, Span
from protocols.chat.people import RefusedError
from protocols.chat.room import Room
from protocols.chat.storeinterface import StoreError
from protocols.chat.views import timed

if TYPE_CHECKING:
    from protocols.chat.protocol import ChatProtocol

# Postings of one answer: some screens full.
MAX_PAGE = 200
PAGE = 20

_ALL = frozenset(("id", "time"))


def history(protocol: ChatProtocol, rest: str) -> Deferred[None]:
    """The last words of a room: C{/history [n] [before ID]}."""
    count, _, before = rest.partition(" ")
    if count == "before":
        count, before = "", rest
    most = _number(count, "how many? Type /history 20") if count else PAGE
    last = MAX_ID
    if before:
        said = before.removeprefix("before").strip()
        last = _number(said, "before which? Type /history 20 before 123")
    span = Span.before(last, min(max(most, 1), MAX_PAGE))
    page = protocol.records.page(protocol.room.name, span)
    return _tell(protocol, page, "nothing was said before")


def since(protocol: ChatProtocol, rest: str) -> Deferred[None]:
    """What was said in one's rooms after a number: C{/since ID}."""
    last = _number(rest, "since which? Type /since 123")
    pages = Deferred.fromCoroutine(_since(protocol, last))
    return _tell(protocol, pages, "you have missed nothing")


async def _since(protocol: ChatProtocol, last: int) -> list[Posting]:
    """Of all rooms together the first ones, so that nothing is left out between."""
    span = Span.after(last, MAX_PAGE)
    found: list[Posting] = []
    for room in list(protocol.rooms.values()):
        found += await protocol.records.page(room.name, span)
    return sorted(found, key=lambda posting: posting.id)[:MAX_PAGE]


def search(protocol: ChatProtocol, rest: str) -> Deferred[None]:
    """Words in what was said in one's rooms."""
    if not rest:
        raise RefusedError("search for what? Type /search WORDS")
    rooms = [room.name for room in protocol.rooms.values()]
    found = protocol.records.store.search(rooms, rest, PAGE)
    return _tell(protocol, found, "nothing was found")


def tellLast(protocol: ChatProtocol, room: Room, most: int) -> Deferred[None]:
    """The last words of a room, for who has come; without numbers and times."""
    page = protocol.records.page(room.name, Span.latest(most))

    def tell(postings: list[Posting]) -> None:
        protocol.deliver(b"".join(map(protocol.dialect.write, postings)))

    return page.addCallback(tell).addErrback(_failed, protocol)


def _tell(
    protocol: ChatProtocol, page: Deferred[list[Posting]], nothing: str
) -> Deferred[None]:
    def tell(postings: list[Posting]) -> None:
        protocol.deliver(b"".join(timed(posting, _ALL) for posting in postings))
        last = postings[-1].id if postings else 0
        if len(postings) >= MAX_PAGE:
            protocol.tell(f"There may be more: /since {last}")
        elif postings:
            protocol.tell(f"That is all, up to {last}.")
        else:
            protocol.tell(f"{nothing[:1].upper()}{nothing[1:]}.")

    return page.addCallback(tell).addErrback(_failed, protocol)


def _failed(failure: Failure, protocol: ChatProtocol) -> None:
    failure.trap(StoreError)
    protocol.tell("What was said before can't be found just now; try again later.")


def _number(text: str, usage: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise RefusedError(usage)
    return int(text)
