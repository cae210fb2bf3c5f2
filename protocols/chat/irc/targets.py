"""CHATHISTORY TARGETS: where something was said lately (IRCv3's chathistory).

The client's rooms, and the talks of its account, or of its session if it has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, gatherResults

from protocols.chat.events import Posting
from protocols.chat.history import Span
from protocols.chat.irc.dialect import stamp
from protocols.chat.irc.readmarks import timeOf
from protocols.chat.irc.welcome import MAX_PAGE
from protocols.chat.irc.wire import Message
from protocols.chat.records import isSession, ownerCalled, ownerOf
from protocols.chat.spans import milliseconds

if TYPE_CHECKING:
    from protocols.chat.irc.protocol import IRCProtocol

# A place's name, and when something was said there for the last time.
Target = tuple[str, float]


def targets(irc: IRCProtocol, message: Message) -> Deferred[None] | None:
    """Places whose last word was said between two times, which don't belong to it."""
    words = [word.removeprefix("timestamp=") for word in message.params[1:3]]
    times = [time for word in words if (time := timeOf(word)) is not None]
    if len(times) != 2:
        text = "TARGETS needs two times"
        irc.fail("CHATHISTORY", "INVALID_PARAMS", "TARGETS", text)
        return None
    said = message[3]
    isNumber = said.isascii() and said.isdigit() and len(said) < 10
    most = min(int(said) if isNumber else MAX_PAGE, MAX_PAGE) or MAX_PAGE
    return _lastWords(irc).addCallback(_tell, irc, times, most)


def _lastWords(irc: IRCProtocol) -> Deferred[list[Target]]:
    """The last word in each place of the client's; of talks, in so many."""
    rooms = [room.name for room in irc.rooms.values()]
    pages = [irc.records.page(name, Span.latest(1)) for name in rooms]
    talks = irc.records.store.talks(ownerOf(irc), MAX_PAGE)
    both: Deferred[Any] = gatherResults([talks, *pages], consumeErrors=True)

    def found(results: list[list[Posting]]) -> list[Target]:
        said, *inRooms = results
        last = [posting for page in inRooms for posting in page]
        return [(each.room, each.time) for each in last] + _talksOf(irc, said)

    return both.addCallbacks(found, lambda failure: failure.value.subFailure)


def _talksOf(irc: IRCProtocol, said: list[Posting]) -> list[Target]:
    """With whom, as the client can ask for it again."""
    mine, here = ownerOf(irc), _namesHere(irc)
    found = []
    for posting in said:
        one, _, two = posting.room.partition("|")
        other = two if one == mine else one
        name = here.get(other) or _nameOf(posting, other)
        if name:
            found.append((name, posting.time))
    return found


def _namesHere(irc: IRCProtocol) -> dict[str, str]:
    """The names of all who are here, by what their talks are kept for."""
    people = irc.lobby.people.values()
    return {
        ownerCalled(person.account) if person.account else person.session: person.name
        for person in people
        if person.account or person.session
    }


def _nameOf(posting: Posting, owner: str) -> str:
    """An account's name; a session that is over can't be asked for."""
    if isSession(owner):
        return ""
    isTheirs = bool(posting.account) and ownerCalled(posting.account) == owner
    return posting.account if isTheirs else owner.replace(",", "|")


def _tell(found: list[Target], irc: IRCProtocol, times: list[float], most: int) -> None:
    """In the order of time; of too many, those that are next to the first time.

    Times are compared as they are told, in milliseconds.
    """
    low, high = sorted(map(milliseconds, times))
    between = [each for each in found if low < milliseconds(each[1]) < high]
    between.sort(key=lambda target: target[1])
    some = between[-most:] if times[0] > times[1] else between[:most]
    with irc.batch("draft/chathistory-targets"):
        for name, time in some:
            irc.fromServer("CHATHISTORY", "TARGETS", name, stamp(time))
